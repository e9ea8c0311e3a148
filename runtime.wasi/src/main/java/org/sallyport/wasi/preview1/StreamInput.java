package org.sallyport.wasi.preview1;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.sallyport.wasi.fs.Waiting;

/**
 * A stream of the embedder as a guest's input. A call of {@link InputStream} may wait, cannot be stopped, and may close
 * the stream when its thread is interrupted; so a thread of {@link HostThreads} makes it and the guest's call waits for
 * that thread. What was read for a call that was given up is kept for the next one.
 */
final class StreamInput extends Input {
    private static final int PORTION = 1 << 16;
    /** Read for a guest that only wants to know whether there is something. */
    private static final int TASTE = 1 << 12;

    private final InputStream in;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    // guarded by lock
    private byte[] portion = new byte[0];
    private int start;
    private int end;
    /** Whether a thread reads; the portion is then its own. */
    private boolean reading;
    /** Whether that thread is about to read what is said to be there, and so will not wait. */
    private boolean prompt;
    private boolean ended;
    private @Nullable IOException failure;

    StreamInput(InputStream in, boolean terminal) {
        super(terminal);
        this.in = in;
    }

    /** Whether the stream only copies, so that no other thread is needed. */
    private boolean isPlain() {
        return in.getClass() == ByteArrayInputStream.class;
    }

    @Override
    int read(ByteBuffer target) throws IOException {
        Waiting.lock(lock);
        try {
            while (isEmpty()) {
                begin(target.remaining());
                if (reading) {
                    Waiting.await(changed, Long.MAX_VALUE);
                }
            }
            return take(target);
        } finally {
            lock.unlock();
        }
    }

    @Override
    long ready() throws IOException {
        Waiting.lock(lock);
        try {
            settle();
            if (start < end) {
                return end - start;
            }
            return isEmpty() ? 0 : 1;
        } finally {
            lock.unlock();
        }
    }

    @Override
    boolean isAtEnd() {
        lock.lock();
        try {
            return ended && start == end;
        } finally {
            lock.unlock();
        }
    }

    @Override
    boolean awaitReady(long nanos) throws IOException {
        long deadline = System.nanoTime() + nanos;
        Waiting.lock(lock);
        try {
            settle();
            long left = nanos;
            while (isEmpty() && left > 0) {
                begin(TASTE);
                if (reading) {
                    Waiting.await(changed, left);
                }
                left = nanos == Long.MAX_VALUE ? nanos : deadline - System.nanoTime();
            }
            return !isEmpty();
        } finally {
            lock.unlock();
        }
    }

    private boolean isEmpty() {
        return start == end && !ended && failure == null;
    }

    /** Sees to it that what is there now is known; does not wait for more. */
    private void settle() throws IOException {
        if (isEmpty()) {
            begin(TASTE);
        }
        while (isEmpty() && reading && prompt) {
            Waiting.await(changed, Long.MAX_VALUE);
        }
    }

    private void begin(int wanted) throws IOException {
        if (reading) {
            return;
        }
        int length = Math.clamp(wanted, 1, PORTION);
        if (portion.length < length) {
            portion = new byte[length];
        }
        byte[] bytes = portion;
        if (isPlain()) {
            ended(in.read(bytes, 0, length), null);
            return;
        }
        reading = true;
        prompt = true;
        try {
            HostThreads.begin(() -> readAhead(bytes, length), lock, changed, this::ended);
        } catch (IOException e) {
            reading = false;
            throw e;
        }
    }

    /** In a thread of its own; {@code reading} keeps others from the portion. */
    private int readAhead(byte[] bytes, int length) throws IOException {
        if (in.available() <= 0) {
            lock.lock();
            try {
                prompt = false;
                changed.signalAll();
            } finally {
                lock.unlock();
            }
        }
        return in.read(bytes, 0, length);
    }

    private void ended(int n, @Nullable IOException failed) {
        reading = false;
        start = 0;
        end = Math.max(n, 0);
        ended = n < 0 && failed == null;
        failure = failed;
    }

    private int take(ByteBuffer target) throws IOException {
        if (start < end) {
            int n = Math.min(target.remaining(), end - start);
            target.put(portion, start, n);
            start += n;
            return n;
        }
        IOException failed = failure;
        if (failed != null) {
            failure = null;
            throw failed;
        }
        return -1;
    }
}
