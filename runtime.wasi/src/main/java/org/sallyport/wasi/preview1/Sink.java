package org.sallyport.wasi.preview1;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.sallyport.wasi.fs.Waiting;

/**
 * What output is written to, one guest's write at a time. Bytes are copied into a buffer of fixed size first: the
 * embedder's code never holds a guest's memory, however long it waits.
 */
abstract class Sink {
    static final int BUFFER = 1 << 16;

    private final ReentrantLock turn = new ReentrantLock();
    private @Nullable ByteBuffer buffer;

    /** @return bytes written; after a failure those before it, if there are some */
    long write(ByteBuffer[] pieces, @Nullable ControlFilter filter) throws IOException {
        Waiting.lock(turn);
        try {
            return writeInTurn(pieces, filter);
        } finally {
            turn.unlock();
        }
    }

    private long writeInTurn(ByteBuffer[] pieces, @Nullable ControlFilter filter) throws IOException {
        long done = 0;
        int next = 0;
        while (next < pieces.length) {
            Waiting.check();
            awaitIdle();
            ByteBuffer filled = emptyBuffer();
            long taken = 0;
            while (next < pieces.length && filled.remaining() > ControlFilter.MOST) {
                taken += take(pieces[next], filled, filter);
                next += pieces[next].hasRemaining() ? 0 : 1;
            }
            try {
                put(filled.flip());
            } catch (IOException e) {
                done += filter == null ? filled.position() : 0;
                if (done == 0) {
                    throw e;
                }
                return done;
            }
            done += taken;
        }
        return done;
    }

    private ByteBuffer emptyBuffer() {
        ByteBuffer ready = buffer;
        if (ready == null) {
            ready = newBuffer();
            buffer = ready;
        }
        return ready.clear();
    }

    ByteBuffer newBuffer() {
        return ByteBuffer.allocate(BUFFER);
    }

    /** Moves bytes as far as there is room. @return bytes of the source */
    private static int take(ByteBuffer source, ByteBuffer target, @Nullable ControlFilter filter) {
        int before = source.position();
        if (filter != null) {
            filter.filter(source, target);
        } else {
            int n = Math.min(source.remaining(), target.remaining());
            target.put(source.slice(before, n));
            source.position(before + n);
        }
        return source.position() - before;
    }

    /** Waits until the buffer is no longer used for a write that was given up. */
    void awaitIdle() throws IOException {}

    /**
     * Writes all of the buffer; after a failure its position tells how much.
     *
     * @throws org.sallyport.GuestInterruptedException if the call is to end; some may have been written then
     */
    abstract void put(ByteBuffer bytes) throws IOException;
}
