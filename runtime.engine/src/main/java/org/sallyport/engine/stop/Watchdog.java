package org.sallyport.engine.stop;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

import org.jspecify.annotations.Nullable;
import org.sallyport.engine.process.Barrier;
import org.sallyport.engine.process.ProcessBarrier;
import org.sallyport.engine.threads.OnDemandThread;

/**
 * The thread of an engine that makes calls stop at their deadlines, and asks those again that do not answer.
 *
 * <p><b>Nothing that a tenant controls runs on this thread, blocks it or ends it.</b> It compares times, sets bits, runs
 * the {@linkplain ProcessBarrier barrier} and sends signals. It waits for no lock: a store that somebody else works on
 * at the moment is looked at again a little later. It allocates nothing, starts no threads, and goes on whatever is
 * thrown. What may block is left to the {@code Keeper}, which also looks whether this thread still works, and replaces
 * it by another watchdog if not.
 *
 * <p><b>Who is watched.</b> A call with a deadline usually costs no queue operation. It writes the deadline to its store
 * and reads when the watchdog looks at that anyway ({@link Watch#at}); only if that is too late it puts the store into
 * the list of those who {@linkplain #ask ask}. The watchdog sorts them into a {@link DeadlineWheel}. When a store is due
 * and its call has ended it goes out of the wheel; so idle stores cost nothing, and are not held for more than a second.
 *
 * <p>The two meet without a fence of the call's: the watchdog first marks that it does not look any more, runs the
 * barrier, and then reads the deadline. Either it sees the new one, or the call sees that it must ask.
 */
public final class Watchdog extends OnDemandThread {
    /** Nanoseconds after which it looks again at those that did not answer. */
    public static final long AGAIN = 1_000_000;
    /** Between two rounds at least, so that who asks often does not take a processor. */
    private static final long REST = 50_000;
    /** The longest pause without work; the thread may end after it. */
    private static final long LONGEST = TimeUnit.SECONDS.toNanos(1);
    /** So much behind its own plan, it is taken for stuck. */
    private static final long STUCK = TimeUnit.SECONDS.toNanos(2);
    private static final VarHandle ASKING;

    static {
        try {
            ASKING = MethodHandles.lookup().findVarHandle(Watchdog.class, "asking", Watch.class);
        } catch (ReflectiveOperationException e) {
            throw new AssertionError("BUG: asking", e);
        }
    }

    private final Barrier barrier;
    private final DeadlineWheel wheel = new DeadlineWheel(System.nanoTime());
    /** Those who ask, newest first. */
    private volatile @Nullable Watch asking;
    /** When it will look again by itself; in the past while it is awake. */
    private volatile long next = System.nanoTime();

    // used by the thread itself
    /** Taken out of the wheel and not put back yet. */
    private @Nullable Watch due;
    private long begun = next - REST;

    /**
     * @param barrier of the engine
     * @param holder see {@link OnDemandThread}
     */
    public Watchdog(String name, Barrier barrier, Consumer<Thread> holder) {
        super(name, holder);
        this.barrier = barrier;
    }

    /** What passed before it was started was not its to do. */
    @Override
    public void starts() {
        next = System.nanoTime();
    }

    /** Makes the system calls that it will need, so that nothing of theirs is missing when memory has run out. */
    @Override
    public void prepare() {
        barrier.prepareWatchdog();
    }

    /**
     * Asks it to look at the store, not later than it {@linkplain Watched#nextLook wants}. Any thread; after that the
     * caller makes sure that this thread runs.
     *
     * @param time at which the store wants to be looked at
     */
    public void ask(Watch watch, long time) {
        VarHandle.fullFence(); // what the store wants is seen by whoever clears the mark of asking
        if (watch.ask()) {
            Watch first;
            do {
                first = asking;
                watch.nextAsked = first;
            } while (!ASKING.compareAndSet(this, first, watch));
        }
        if (time - next < 0) {
            wake();
        }
    }

    @Override
    public boolean hasWork() {
        return asking != null || !wheel.isEmpty() || due != null;
    }

    /** Whether it should have done something for a long time; for other threads. */
    public boolean isStuck() {
        return hasWork() && System.nanoTime() - next > STUCK;
    }

    /** How many stores it looks after; for other threads, which may see an old number. */
    public int watched() {
        return wheel.count();
    }

    @Override
    public long round() {
        next = begun; // awake: nobody needs to wake it
        long rest = begun + REST - System.nanoTime();
        if (rest > 0) {
            LockSupport.parkNanos(this, rest);
        }
        long now = System.nanoTime();
        begun = now;
        due = wheel.due(now, due);
        if (due != null) {
            actOnDue(now);
        }
        takeAsking(now);
        long planned = wheel.earliest(now + LONGEST);
        next = planned;
        return asking == null ? planned - System.nanoTime() : 0;
    }

    /** Whoever is in the chain stays in it until he is in the wheel again or need not be. */
    private void actOnDue(long now) {
        barrier.runForWatchdog();
        boolean marked = false;
        for (Watch watch = due; watch != null; watch = watch.nextDue) {
            marked |= mark(watch, now);
        }
        if (marked) {
            barrier.runForWatchdog();
        }
        for (Watch watch = due; watch != null; watch = due) {
            long again = act(watch, now);
            due = watch.nextDue;
            watch.nextDue = null;
            if (again != Watched.NEVER) {
                wheel.put(watch, again, now);
            }
        }
    }

    private boolean mark(Watch watch, long now) {
        try {
            return watch.store.mark(now);
        } catch (Throwable t) { // the others are looked at all the same
            failed(t);
            return true;
        }
    }

    private long act(Watch watch, long now) {
        try {
            return watch.store.act(now);
        } catch (Throwable t) {
            failed(t);
            return now + AGAIN;
        }
    }

    private void takeAsking(long now) {
        Watch watch = (Watch) ASKING.getAndSet(this, (Watch) null);
        while (watch != null) {
            Watch following = watch.nextAsked;
            watch.nextAsked = null;
            watch.answered();
            long wanted = nextLook(watch, now);
            if (wanted != Watched.NEVER && (watch.slot < 0 || wanted - watch.at < 0)) {
                wheel.put(watch, wanted, now);
            }
            watch = following;
        }
    }

    private long nextLook(Watch watch, long now) {
        try {
            return watch.store.nextLook(now);
        } catch (Throwable t) {
            failed(t);
            return now + AGAIN;
        }
    }
}
