package org.sallyport.engine.threads;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.lang.ref.WeakReference;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

import org.jspecify.annotations.Nullable;

/**
 * A daemon thread that works in rounds, starts when it is first needed and ends when it has had nothing to do for some
 * time. Nothing that a round throws ends it. It inherits nothing from whoever starts it, and holds nothing while it
 * pauses: a forgotten engine can be reclaimed, and the thread then ends as soon as somebody wakes it ({@code
 * EngineHoldings}).
 */
public abstract class OnDemandThread {
    /** Instead of a pause: the thread ends. */
    private static final long END = -1;
    /** After this long without work it ends. */
    private static final long IDLE = TimeUnit.SECONDS.toNanos(3);
    /** Nanoseconds before the round after one that failed. */
    private static final long AFTER_FAILURE = 1_000_000;
    private static final VarHandle THREAD;

    static {
        try {
            THREAD = MethodHandles.lookup().findVarHandle(OnDemandThread.class, "thread", Thread.class);
        } catch (ReflectiveOperationException e) {
            throw new AssertionError("BUG: thread", e);
        }
    }

    private final String name;
    private final Consumer<Thread> holder;
    private final ReentrantLock starting = new ReentrantLock();
    /** Null before it has started and after it has ended. */
    private volatile @Nullable Thread thread;
    private volatile boolean stopped;
    /** What went wrong in rounds; for who looks after this thread. */
    private volatile @Nullable Throwable failure;

    // of the thread itself
    private boolean prepared;
    private long busy;

    /** @param holder gets the thread when it is made, to wake it when this object is no more */
    public OnDemandThread(String name, Consumer<Thread> holder) {
        this.name = name;
        this.holder = holder;
    }

    /** Does what there is to do. @return nanoseconds to pause then, if nobody wakes it */
    public abstract long round();

    /** Whether there is something to do, now or later. */
    public abstract boolean hasWork();

    /** Called once before the first round. */
    public void prepare() {}

    /** Called by who starts the thread, just before. */
    public void starts() {}

    /**
     * Makes sure that the thread runs: after work was left where {@link #hasWork} finds it. Not called by the watchdog.
     *
     * @throws OutOfMemoryError if no thread can be started
     */
    public final void ensure() {
        Thread running = thread;
        if ((running == null || !running.isAlive()) && !stopped) {
            start();
        }
    }

    private void start() {
        starting.lock();
        try {
            Thread before = thread;
            if (before != null && before.isAlive()) {
                return;
            }
            Thread fresh = EngineThreads.unstarted(name, new Rounds(this));
            if (THREAD.compareAndSet(this, before, fresh)) {
                try {
                    starts();
                    holder.accept(fresh);
                    fresh.start();
                } catch (Throwable t) {
                    THREAD.compareAndSet(this, fresh, (Thread) null);
                    throw t;
                }
            }
        } finally {
            starting.unlock();
        }
    }

    public final boolean isRunning() {
        Thread running = thread;
        return running != null && running.isAlive();
    }

    /** Whether it was started and ended without having meant to. */
    public final boolean isDead() {
        Thread running = thread;
        return running != null && running.getState() == Thread.State.TERMINATED;
    }

    /** Ends the pause that it is in, or the next one. */
    public final void wake() {
        Thread running = thread;
        if (running != null) {
            LockSupport.unpark(running);
        }
    }

    /** It ends after this round, and does not start again. */
    public final void stop() {
        stopped = true;
        wake();
    }

    public final boolean isStopped() {
        return stopped;
    }

    /** What went wrong since this was last asked, or null. */
    public final @Nullable Throwable takeFailure() {
        Throwable last = failure;
        if (last != null) {
            failure = null;
        }
        return last;
    }

    public final void failed(Throwable t) {
        failure = t;
    }

    private record Rounds(WeakReference<OnDemandThread> owner) implements Runnable {
        Rounds(OnDemandThread owner) {
            this(new WeakReference<>(owner));
        }

        @Override
        public void run() {
            long pause = round();
            while (pause != END) {
                if (pause > 0) {
                    LockSupport.parkNanos(this, pause);
                }
                pause = round();
            }
        }

        /** Apart, so that no local variable outlives it. */
        private long round() {
            OnDemandThread mine = owner.get();
            return mine == null ? END : mine.work();
        }
    }

    /** @return nanoseconds to pause, or {@link #END} */
    private long work() {
        if (stopped) {
            thread = null;
            return END;
        }
        try {
            if (!prepared) {
                prepared = true;
                prepare();
            }
            long pause = Math.max(0, round());
            if (hasWork()) {
                busy = System.nanoTime();
            } else if (System.nanoTime() - busy > IDLE && ends()) {
                return END;
            }
            return pause;
        } catch (Throwable t) { // whatever it is: this thread goes on
            failure = t;
            return AFTER_FAILURE;
        }
    }

    /** @return whether this thread ends, because there is nothing to do or another one does it */
    private boolean ends() {
        thread = null;
        return !hasWork() || !THREAD.compareAndSet(this, (Thread) null, Thread.currentThread());
    }
}
