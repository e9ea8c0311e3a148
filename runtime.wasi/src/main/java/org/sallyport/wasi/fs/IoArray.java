package org.sallyport.wasi.fs;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;

/**
 * An array of {@code struct iovec} for one transfer: what is left of some direct buffers, at most
 * {@link Waiting#PIECE} bytes.
 */
record IoArray(MemorySegment array, int count, long bytes) {
    private static final int SIZE = 16;

    /** @param from index of the first buffer that may have bytes left */
    static IoArray of(Arena arena, ByteBuffer[] buffers, int from) {
        MemorySegment array = arena.allocate((long) SIZE * (buffers.length - from), 8);
        int count = 0;
        long bytes = 0;
        for (int i = from; i < buffers.length && bytes < Waiting.PIECE; i++) {
            long n = Math.min(buffers[i].remaining(), Waiting.PIECE - bytes);
            if (n > 0) {
                array.set(ValueLayout.JAVA_LONG, (long) SIZE * count, MemorySegment.ofBuffer(buffers[i]).address());
                array.set(ValueLayout.JAVA_LONG, (long) SIZE * count + 8, n);
                count++;
                bytes += n;
            }
        }
        return new IoArray(array, count, bytes);
    }

    /** Moves the positions of the buffers on by {@code transferred} bytes. @return the first that has bytes left */
    static int advance(ByteBuffer[] buffers, int from, long transferred) {
        int i = from;
        long left = transferred;
        while (i < buffers.length && left >= buffers[i].remaining()) {
            left -= buffers[i].remaining();
            buffers[i].position(buffers[i].limit());
            i++;
        }
        if (left > 0) {
            buffers[i].position(buffers[i].position() + (int) left);
        }
        return i;
    }
}
