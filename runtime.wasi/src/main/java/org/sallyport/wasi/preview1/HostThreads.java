package org.sallyport.wasi.preview1;

import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.sallyport.wasi.fs.Errno;
import org.sallyport.wasi.fs.ErrnoException;

/**
 * Daemon threads in which the embedder's streams are read and written: such a call may wait for as long as it likes,
 * and an interruption may close the stream, which others use, too. Here nobody interrupts it; the guest's own thread
 * waits for the outcome, and stops waiting when its call is to end. A thread with nothing to do ends after a second.
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

    /** @throws ErrnoException {@code AGAIN} if there can be no thread for it now */
    static void run(Runnable work) throws ErrnoException {
        try {
            POOL.execute(work);
        } catch (RejectedExecutionException | OutOfMemoryError e) {
            throw Errno.AGAIN.exception();
        }
    }
}
