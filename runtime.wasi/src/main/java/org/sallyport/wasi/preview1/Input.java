package org.sallyport.wasi.preview1;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A stream of the embedder as a guest's input. {@link InputStream#read} cannot be interrupted and cannot be asked
 * whether it would block; so where no bytes are known to be there, a daemon thread reads one portion ahead and the
 * guest's call waits for that thread. What was read for a call that was given up is kept for the next one.
 * Thread-safe.
 */
public final class Input {
    /** No bytes at all. */
    public static final Input EMPTY = new Input(InputStream.nullInputStream(), false);

    private static final int PORTION = 1 << 16;

    private final InputStream in;
    private final boolean terminal;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private byte[] portion = new byte[0];
    private int start;
    private int end;
    private boolean reading;
    private boolean ended;
    private @Nullable IOException failure;

    /** @param terminal whether guests are told that it is a terminal */
    public Input(InputStream in, boolean terminal) {
        this.in = in;
        this.terminal = terminal;
    }

    boolean isTerminal() {
        return terminal;
    }

    /**
     * Reads what is there, at least one byte; waits for it.
     *
     * @return number of bytes, or -1 at the end
     */
    int read(ByteBuffer target) throws IOException {
        lock.lock();
        try {
            if (start == end && !reading && !ended && in.available() > 0) {
                return readDirectly(target);
            }
            while (!await(Long.MAX_VALUE)) {
                Waiting.check();
            }
            return take(target);
        } finally {
            lock.unlock();
        }
    }

    /**
     * Bytes that can be read without waiting, at least 1 also at the end or after a failure; 0 if a read would wait.
     */
    long ready() throws IOException {
        lock.lock();
        try {
            if (start < end) {
                return end - start;
            }
            if (ended || failure != null) {
                return 1;
            }
            return reading ? 0 : in.available();
        } finally {
            lock.unlock();
        }
    }

    boolean isAtEnd() {
        lock.lock();
        try {
            return ended && start == end;
        } finally {
            lock.unlock();
        }
    }

    /** Waits until a read would not wait, at most {@code nanos}; whether it is so. */
    boolean awaitReady(long nanos) throws IOException {
        lock.lock();
        try {
            return !reading && in.available() > 0 || await(nanos);
        } finally {
            lock.unlock();
        }
    }

    private int readDirectly(ByteBuffer target) throws IOException {
        byte[] bytes = new byte[Math.min(Math.min(target.remaining(), PORTION), in.available())];
        int n = in.read(bytes);
        if (n > 0) {
            target.put(bytes, 0, n);
        }
        return n;
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

    private boolean await(long nanos) {
        long left = Waiting.cap(nanos);
        long deadline = System.nanoTime() + left;
        while (start == end && !ended && failure == null) {
            if (!reading) {
                reading = true;
                Thread.ofPlatform().daemon().name("sallyport-input").start(this::readAhead);
            }
            try {
                if (left <= 0) {
                    Waiting.check();
                    return false;
                }
                changed.awaitNanos(left);
                left = left == Long.MAX_VALUE ? left : deadline - System.nanoTime();
            } catch (InterruptedException e) {
                throw Waiting.interrupted();
            }
        }
        return true;
    }

    /** In the daemon thread; {@code reading} keeps others from the portion. */
    private void readAhead() {
        byte[] bytes = portion.length == 0 ? new byte[PORTION] : portion;
        int n = -1;
        IOException failed = null;
        try {
            n = in.read(bytes);
        } catch (IOException e) {
            failed = e;
        } catch (RuntimeException e) {
            failed = new IOException(e);
        }
        lock.lock();
        try {
            portion = bytes;
            start = 0;
            end = Math.max(n, 0);
            ended = n < 0 && failed == null;
            failure = failed;
            reading = false;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
