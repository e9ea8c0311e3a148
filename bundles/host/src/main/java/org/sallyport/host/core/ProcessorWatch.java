package org.sallyport.host.core;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.sallyport.Store;

/**
 * Stops calls whose processor time is up: one thread looks every few milliseconds, as long as there are such calls. What a call
 * has others do in its thread, host functions and plugins that it reaches through them, is its own; where it waits it takes none.
 * Thread-safe.
 */
final class ProcessorWatch implements AutoCloseable {
    private static final long LOOK_NANOS = 2_000_000;
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    private final Set<Call> calls = ConcurrentHashMap.newKeySet();
    private volatile @Nullable Thread watcher;
    private volatile boolean closed;

    /** A call that is being watched. Compared by identity. */
    static final class Call {
        private final Store store;
        private final Thread thread = Thread.currentThread();
        private final long allowed;
        private final long begun = now();
        // guarded by this
        private boolean over;
        private boolean ended;
        // of the thread that makes it
        private long used;

        private Call(Store store, long allowed) {
            this.store = store;
            this.allowed = allowed;
        }

        private long now() {
            if (thread.isVirtual()) {
                return System.nanoTime();
            }
            long time = thread == Thread.currentThread() && THREADS.isCurrentThreadCpuTimeSupported()
                    ? THREADS.getCurrentThreadCpuTime()
                    : THREADS.isThreadCpuTimeSupported() ? THREADS.getThreadCpuTime(thread.threadId()) : -1;
            return time >= 0 ? time : System.nanoTime();
        }

        /** It may have ended meanwhile, and another one begun in the store. */
        private synchronized void look() {
            if (!ended && !over && now() - begun > allowed) {
                over = true;
                store.interrupt();
            }
        }

        /** Its processor time, in nanoseconds; 0 before it has ended. */
        long used() {
            return used;
        }

        /** Whether it was stopped. */
        synchronized boolean isOver() {
            return over;
        }

        private synchronized void end() {
            ended = true;
            used = now() - begun;
        }
    }

    /**
     * The current thread begins a call.
     *
     * @param allowed nanoseconds
     */
    Call begin(Store store, long allowed) {
        Call call = new Call(store, allowed);
        if (allowed != Long.MAX_VALUE) {
            calls.add(call);
            wake();
        }
        return call;
    }

    void end(Call call) {
        calls.remove(call);
        call.end();
    }

    private void wake() {
        Thread now = watcher;
        if (now == null) {
            synchronized (this) {
                if (watcher == null && !closed) {
                    watcher = Thread.ofPlatform().daemon().name("sallyport-budgets").start(this::watch);
                }
                now = watcher;
            }
        }
        LockSupport.unpark(now);
    }

    private void watch() {
        while (!closed) {
            if (calls.isEmpty()) {
                LockSupport.park(this);
            } else {
                LockSupport.parkNanos(this, LOOK_NANOS);
                calls.forEach(Call::look);
            }
        }
    }

    @Override
    public void close() {
        closed = true;
        LockSupport.unpark(watcher);
    }
}
