package org.sallyport.wasi.preview1;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.sallyport.wasi.fs.Errno;
import org.sallyport.wasi.fs.ErrnoException;

/** Reads arrays of {@code iovec} and {@code ciovec}: {address, length}, 4 bytes each. */
final class IoVectors {
    /** {@code IOV_MAX}; more is {@code EINVAL}. */
    static final int MAX = 1024;

    private static final int SIZE = 8;

    private IoVectors() {}

    /**
     * Views of all buffers, empty ones left out; together {@link GuestMemory#MAX_VIEW} bytes at most, what is behind is
     * left out. Every range is checked before anything is transferred.
     *
     * @throws ErrnoException {@code INVAL} if there are too many or their lengths do not sum up to an i32,
     *     {@code FAULT}
     */
    static ByteBuffer[] read(GuestMemory memory, int address, int count) throws ErrnoException {
        if (Integer.compareUnsigned(count, MAX) > 0) {
            throw Errno.INVAL.exception();
        }
        memory.check(address, (long) count * SIZE);
        ByteBuffer[] views = new ByteBuffer[count];
        int used = 0;
        long total = 0;
        long room = GuestMemory.MAX_VIEW;
        for (int i = 0; i < count; i++) {
            int start = memory.getInt(address + i * SIZE);
            int length = memory.getInt(address + i * SIZE + 4);
            total += Integer.toUnsignedLong(length);
            if (total > 0xFFFF_FFFFL) {
                throw Errno.INVAL.exception();
            }
            ByteBuffer view = memory.view(start, length);
            if (view.hasRemaining() && room > 0) {
                view.limit((int) Math.min(room, view.limit()));
                views[used++] = view;
                room -= view.remaining();
            }
        }
        return used == count ? views : Arrays.copyOf(views, used);
    }

    static long remaining(ByteBuffer[] views) {
        long sum = 0;
        for (ByteBuffer view : views) {
            sum += view.remaining();
        }
        return sum;
    }
}
