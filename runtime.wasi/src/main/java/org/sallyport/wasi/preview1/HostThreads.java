package org.sallyport.wasi.preview1;

import java.io.IOException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.sallyport.wasi.fs.Errno;
import org.sallyport.wasi.fs.ErrnoException;

/**
 * Daemon threads in which the embedder's streams are read and written, and files are brought to the disk: such a call
 * may wait for as long as it likes, and an interruption may close the stream, which others use, too. Here nobody
 * interrupts it; the guest's own thread waits for the outcome, and stops waiting when its call is to end. A thread with
 * nothing to do ends after a second.
 */
final class HostThreads {
    /** So many streams can be waited for at a time; a guest that wants one more gets {@code AGAIN}. */
    private static final int MOST = 4096;

    private static final AtomicInteger NUMBER = new AtomicInteger();
    private static final ThreadPoolExecutor POOL = new ThreadPoolExecutor(
            0, MOST, 1, TimeUnit.SECONDS, new SynchronousQueue<>(), HostThreads::thread);

    private HostThreads() {}

    private static Thread thread(Runnable work) {
        return Thread.ofPlatform()
                .daemon()
                .inheritInheritableThreadLocals(false)
                .name("sallyport-stream-" + NUMBER.incrementAndGet())
                .unstarted(work);
    }

    /** What a thread of this class does once. */
    interface Transfer {
        /** @return number of bytes, or below 0 */
        int run() throws IOException;
    }

    /** How it ended. */
    interface Ending {
        /** Called with the lock. @param failure null if the transfer returned {@code bytes}, which is else -1 */
        void end(int bytes, @Nullable IOException failure);
    }

    /**
     * Begins a transfer, whose end whoever began it waits for at {@code changed} for as long as he likes.
     *
     * @param lock of {@code changed}, and taken for the ending
     * @throws ErrnoException {@code AGAIN} if there can be no thread for it now; then the transfer has not begun
     */
    static void begin(Transfer transfer, ReentrantLock lock, Condition changed, Ending ending) throws ErrnoException {
        try {
            POOL.execute(() -> run(transfer, lock, changed, ending));
        } catch (RejectedExecutionException | OutOfMemoryError e) {
            throw Errno.AGAIN.exception();
        }
    }

    private static void run(Transfer transfer, ReentrantLock lock, Condition changed, Ending ending) {
        int bytes = -1;
        IOException failure = null;
        try {
            bytes = transfer.run();
        } catch (IOException e) {
            failure = e;
        } catch (Throwable e) {
            failure = new IOException(e);
        }
        lock.lock();
        try {
            ending.end(bytes, failure);
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
