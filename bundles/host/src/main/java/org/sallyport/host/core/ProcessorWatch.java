package org.sallyport.host.core;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongPredicate;
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
        private final LongPredicate charge;
        private final Thread thread = Thread.currentThread();
        private final long allowed;
        private final long begun = now();
        // guarded by this
        private boolean over;
        private boolean ended;
        private long used;

        private Call(Store store, long allowed, LongPredicate charge) {
            this.store = store;
            this.allowed = allowed;
            this.charge = charge;
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
            if (!ended && !over && (charge() || used > allowed)) {
                over = true;
                store.interrupt();
            }
        }

        /** Whether nothing is left for anybody. */
        private boolean charge() {
            long before = used;
            used = now() - begun;
            return charge.test(used - before);
        }

        /** Its processor time, in nanoseconds, as far as it was looked at. */
        synchronized long used() {
            return used;
        }

        /** Whether it was stopped. */
        synchronized boolean isOver() {
            return over;
        }

        private synchronized void end() {
            ended = true;
            charge();
        }
    }

    /**
     * The current thread begins a call.
     *
     * @param allowed nanoseconds
     * @param charge is given the nanoseconds that were used, bit by bit, as others use theirs at the same time; returns whether
     *     the call is to be stopped
     */
    Call begin(Store store, long allowed, LongPredicate charge) {
        Call call = new Call(store, allowed, charge);
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
        if (now == null || !now.isAlive()) {
            synchronized (this) {
                if ((watcher == null || !watcher.isAlive()) && !closed) {
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
                lookAtAll();
            }
        }
    }

    /** Whatever becomes of one: when there is no heap, it is looked at again in a moment. */
    private void lookAtAll() {
        try {
            calls.forEach(Call::look);
        } catch (RuntimeException | Error e) {
            Thread.onSpinWait();
        }
    }

    @Override
    public void close() {
        closed = true;
        LockSupport.unpark(watcher);
    }
}
