package org.sallyport.wasi.preview1;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.sallyport.wasi.fs.Waiting;

/**
 * A stream or channel of the embedder. Writing to it may wait, and an interruption may close it for everybody; so a
 * thread of {@link HostThreads} writes and the guest's call waits for that thread. What was handed over for a call that
 * was given up is still written.
 */
final class StreamSink extends Sink {
    private interface Target {
        void write(ByteBuffer bytes) throws IOException;
    }

    private static final long PAUSE = 1_000_000;

    private final Target target;
    private final boolean plain;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    // guarded by lock
    private boolean writing;
    private @Nullable IOException failure;

    /** @param plain whether writing only copies, so that no other thread is needed */
    private StreamSink(Target target, boolean plain) {
        this.target = target;
        this.plain = plain;
    }

    static StreamSink of(WritableByteChannel out) {
        return new StreamSink(
                bytes -> {
                    while (bytes.hasRemaining()) {
                        if (out.write(bytes) == 0) { // it does not block
                            LockSupport.parkNanos(PAUSE);
                        }
                    }
                },
                false);
    }

    /** Flushed after each write: what a guest has written is on its way. */
    static StreamSink of(OutputStream out) {
        return new StreamSink(
                bytes -> {
                    out.write(bytes.array(), bytes.arrayOffset() + bytes.position(), bytes.remaining());
                    out.flush();
                },
                out.getClass() == ByteArrayOutputStream.class);
    }

    @Override
    void awaitIdle() throws IOException {
        Waiting.lock(lock);
        try {
            while (writing) {
                Waiting.await(changed, Long.MAX_VALUE);
            }
            failure = null; // of a write that was given up
        } finally {
            lock.unlock();
        }
    }

    @Override
    void put(ByteBuffer bytes) throws IOException {
        if (plain) {
            target.write(bytes);
            return;
        }
        Waiting.lock(lock);
        try {
            writing = true;
            try {
                HostThreads.begin(() -> write(bytes), lock, changed, this::ended);
            } catch (IOException e) {
                writing = false;
                throw e;
            }
            while (writing) {
                Waiting.await(changed, Long.MAX_VALUE);
            }
            IOException failed = failure;
            failure = null;
            if (failed != null) {
                throw failed;
            }
        } finally {
            lock.unlock();
        }
    }

    /** In a thread of its own; {@code writing} keeps others from the buffer. */
    private int write(ByteBuffer bytes) throws IOException {
        target.write(bytes);
        return 0;
    }

    private void ended(int bytes, @Nullable IOException failed) {
        writing = false;
        failure = failed;
    }
}
