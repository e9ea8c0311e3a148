package org.sallyport.wasi.fs;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * An array of {@code struct iovec} for one transfer: what is left of some buffers, at most {@link Waiting#PIECE} bytes. The
 * system sees those in native memory themselves and copies of others: an array of Java's has no address.
 */
record IoArray(MemorySegment array, int count, long bytes, List<Copy> copies) {
    private static final int SIZE = 16;

    /** @param before bytes of the transfer that come before it */
    private record Copy(MemorySegment original, MemorySegment copy, long before) {
        void take() {
            copy.copyFrom(original);
        }

        void give(long transferred) {
            long n = Math.clamp(transferred - before, 0, copy.byteSize());
            MemorySegment.copy(copy, 0, original, 0, n);
        }
    }

    /** @param from index of the first buffer that may have bytes left */
    static IoArray of(Arena arena, ByteBuffer[] buffers, int from) {
        MemorySegment array = arena.allocate((long) SIZE * (buffers.length - from), 8);
        List<Copy> copies = new ArrayList<>();
        int count = 0;
        long bytes = 0;
        for (int i = from; i < buffers.length && bytes < Waiting.PIECE; i++) {
            long n = Math.min(buffers[i].remaining(), Waiting.PIECE - bytes);
            if (n > 0) {
                MemorySegment piece = MemorySegment.ofBuffer(buffers[i]).asSlice(0, n);
                if (!piece.isNative()) {
                    MemorySegment copy = arena.allocate(n);
                    copies.add(new Copy(piece, copy, bytes));
                    piece = copy;
                }
                array.set(ValueLayout.JAVA_LONG, (long) SIZE * count, piece.address());
                array.set(ValueLayout.JAVA_LONG, (long) SIZE * count + 8, n);
                count++;
                bytes += n;
            }
        }
        return new IoArray(array, count, bytes, copies);
    }

    /** The system is about to read from the buffers. */
    void beforeWrite() {
        copies.forEach(Copy::take);
    }

    /** The system has written so many bytes to the buffers. */
    void afterRead(long transferred) {
        copies.forEach(copy -> copy.give(transferred));
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
