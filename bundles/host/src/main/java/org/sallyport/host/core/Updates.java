package org.sallyport.host.core;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * Work that one thread at a time does, again and again as long as somebody asks for it: others leave their request
 * with the one that is at it and go on. So no lock is held while the work runs, and what it causes is seen in order.
 * Thread-safe.
 *
 * <p>Whatever the work throws, also where memory or stack has run out, the next request is served: giving up the work is
 * one store to a field.
 */
final class Updates {
    private static final VarHandle ASKED;
    private static final VarHandle BUSY;

    static {
        try {
            ASKED = MethodHandles.lookup().findVarHandle(Updates.class, "asked", int.class);
            BUSY = MethodHandles.lookup().findVarHandle(Updates.class, "busy", boolean.class);
        } catch (ReflectiveOperationException e) {
            throw new AssertionError("BUG: own fields", e);
        }
    }

    private final Runnable work;
    private volatile int asked;
    private volatile boolean busy;
    private volatile @Nullable Thread worker;

    /** @param work looks at everything anew and does what is due */
    Updates(Runnable work) {
        this.work = work;
    }

    /**
     * Has the work done once more, by this thread or by the one that is at it.
     *
     * @throws RuntimeException what the work has thrown; likewise an {@code Error}
     */
    void request() {
        ASKED.getAndAdd(this, 1);
        int seen;
        do {
            if (!BUSY.compareAndSet(this, false, true)) {
                return; // the other one looks at the requests again after it has given up the work
            }
            try {
                worker = Thread.currentThread();
                do {
                    seen = asked;
                    work.run();
                } while (seen != asked);
            } finally {
                worker = null;
                busy = false;
            }
        } while (seen != asked);
    }

    /** Called from inside of the work: once more when it is done. */
    void again() {
        ASKED.getAndAdd(this, 1);
    }

    /** Whether the current thread is at work, so that it must not wait for the work to be done. */
    boolean isWorker() {
        return worker == Thread.currentThread();
    }
}
