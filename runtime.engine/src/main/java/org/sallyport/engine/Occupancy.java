package org.sallyport.engine;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;

import org.jspecify.annotations.Nullable;
import org.sallyport.ConcurrentEntryException;
import org.sallyport.StoreClosedException;
import org.sallyport.engine.process.ProcessBarrier;

/**
 * Who is inside a store, and how he is made to leave ({@link Stoppable}).
 *
 * <p><b>Entering.</b> One compare-and-set of {@link #owner} per outermost entry; nested entries by the same thread are
 * free. A second thread is refused. Leaving is a plain release store: nobody waits for it, a closer polls.
 *
 * <p><b>Entering by habit.</b> A compare-and-set costs as much as all else that Java does for a short call, and most
 * stores belong to one thread. So a thread that has entered {@link #STREAK} times with nobody between becomes the
 * store's {@link #habitual} one: it writes itself into {@link #resident}, reads that it still is the habitual one, and
 * is in. The processor may swap the two, which nobody needs who leaves that thread alone; another thread that wants in
 * (or wants to close) first ends the habit, for good, and runs the {@linkplain ProcessBarrier process-wide barrier}:
 * afterwards either the habitual thread sees that it is none any more, or the other sees it inside. The two accesses
 * are opaque, which is what keeps compilers from swapping them.
 *
 * <p>A thread may run out of stack anywhere, and calls nothing then. Where that must not leave the store occupied for
 * ever, handlers give it back by storing to {@link #owner} or {@link #resident}, and {@link #level}, themselves.
 *
 * <p><b>Closing.</b> Whoever puts {@link #CLOSED} into {@code owner} gives the store's memory back. What that needs may
 * be in use, such as a segment in a read that blocks. Then he tries again for a while, and leaves the rest to the {@link
 * Keeper}. One thread at a time goes on where the one before stopped.
 */
abstract class Occupancy extends Stoppable {
    /** In {@link #owner}: nobody enters any more. */
    private static final Object CLOSED = new Object();

    /** Entries in a row after which a thread is the habitual one. */
    static final int STREAK = 100;
    /** Looks at a resident that may be about to see that it must not enter. */
    private static final int GLANCES = 100;

    private static final VarHandle OWNER;
    private static final VarHandle HABITUAL;
    private static final VarHandle RESIDENT;

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            OWNER = lookup.findVarHandle(Occupancy.class, "owner", Object.class);
            HABITUAL = lookup.findVarHandle(Occupancy.class, "habitual", Thread.class);
            RESIDENT = lookup.findVarHandle(Occupancy.class, "resident", Thread.class);
        } catch (ReflectiveOperationException e) {
            throw new AssertionError("BUG: owner", e);
        }
    }

    /** How long closing waits before it leaves the rest to the keeper. */
    static final long PATIENCE = TimeUnit.SECONDS.toNanos(10);

    // states of closing
    private static final int OPEN = 0;
    /** A thread gives memory back. */
    private static final int AT_WORK = 1;
    /** The next one who comes goes on. */
    private static final int WAITING = 2;
    private static final int DONE = 3;

    /**
     * The thread inside, null, or {@link #CLOSED}. Not volatile: taken by compare-and-set, given back by a plain store
     * behind a release fence, so that even a thread without any stack left can do it.
     */
    @Nullable Object owner;
    /** The thread inside, if it entered by habit. Else null, but for a moment in which it tries to. */
    @Nullable Thread resident;
    /** Whether the thread inside entered by habit: which of the two fields above it gives back. Written by it. */
    boolean byHabit;
    /** The thread that may enter by habit. Set by itself when it is the owner, once; taken away with the guard. */
    private @Nullable Thread habitual;

    // written by the owner, not by who entered by habit
    private @Nullable Thread last;
    /** How often {@link #last} has entered with nobody between. */
    private int streak;

    /** Number of entries, nested ones included; written by the owner. */
    public int level;

    // written with the guard
    private boolean closeOnLeaving;
    private volatile int closing = OPEN;
    /** Whether there has been a habitual thread, or there must not be one any more. */
    private boolean habitDone;

    Occupancy(EngineImpl engine) {
        super(engine);
    }

    /**
     * Gives native memory back, as far as that can be done at once. Called when nobody can enter any more, by one thread
     * at a time, again until it has done all.
     *
     * @return whether all is done
     */
    abstract boolean free();

    /** Nothing is left of the store. Called again if it fails. */
    abstract void finish();

    /** Closes what was attached: foreign code. Called once, after all else. */
    abstract void closeAttached();

    /** Has what was attached closed by another thread. @return whether that will happen */
    abstract boolean closeAttachedElsewhere();

    // ---- entering and leaving

    /**
     * Enters.
     *
     * @return whether this is the outermost entry
     * @throws ConcurrentEntryException if another thread is inside
     * @throws StoreClosedException if the store is closed or poisoned
     */
    final boolean occupy() {
        Thread me = Thread.currentThread();
        if (habitual == me) {
            if (resident == me || owner == me) {
                return false;
            }
            if (enterByHabit(me)) {
                return true;
            }
        }
        return occupySlowly(me);
    }

    private boolean enterByHabit(Thread me) {
        try {
            RESIDENT.setOpaque(this, me);
            if ((Thread) HABITUAL.getOpaque(this) != me) {
                RESIDENT.setOpaque(this, (Thread) null);
                return false;
            }
            byHabit = true;
            if (alarm != 0) {
                refuseEntry();
            }
            return true;
        } catch (Throwable t) {
            resident = null;
            throw t;
        }
    }

    private boolean occupySlowly(Thread me) {
        if (owner == me || resident == me) {
            return false;
        }
        while (!OWNER.compareAndSet(this, (Object) null, (Object) me)) {
            Object inside = OWNER.getVolatile(this);
            if (inside != null) { // else it has just left
                throw refusal(inside, me);
            }
        }
        try {
            if (habitual != null || resident != null) {
                endHabit();
                Thread inside = residentForLong();
                if (inside != null) {
                    throw refusal(inside, me);
                }
            }
            byHabit = false;
            if (alarm != 0) {
                refuseEntry();
            }
            if (last != me) {
                last = me;
                streak = 0;
            } else if (++streak == STREAK && !fences) {
                beginHabit(me);
            }
        } catch (Throwable t) {
            owner = null;
            throw t;
        }
        return true;
    }

    private void beginHabit(Thread me) {
        guard.take();
        try {
            if (!habitDone) {
                habitDone = true;
                habitual = me;
            }
        } finally {
            guard.taken = 0;
        }
    }

    /** Afterwards nobody enters by habit any more; who has done it is seen as {@link #resident}. */
    private void endHabit() {
        guard.take();
        try {
            habitDone = true;
            Thread thread = habitual;
            habitual = null;
            if (thread != null && thread != Thread.currentThread()) {
                engine.barrier().run();
            }
        } finally {
            guard.taken = 0;
        }
    }

    /** Who is inside by habit: not who only tried and is about to see that it must not. After {@link #endHabit}. */
    private @Nullable Thread residentForLong() {
        Thread inside = (Thread) RESIDENT.getAcquire(this);
        for (int i = 0; i < GLANCES && inside != null; i++) {
            Thread.onSpinWait();
            inside = (Thread) RESIDENT.getAcquire(this);
        }
        return inside;
    }

    @Override
    public final @Nullable Thread inside() {
        Object now = byHabit ? RESIDENT.getAcquire(this) : OWNER.getAcquire(this);
        return now instanceof Thread thread ? thread : null;
    }

    /** Whether the calling thread is inside. */
    public final boolean isInside() {
        Thread me = Thread.currentThread();
        return owner == me || resident == me;
    }

    final boolean isClosed() {
        return OWNER.getVolatile(this) == CLOSED;
    }

    /**
     * Called at an outermost entry that found {@link #alarm} not 0.
     *
     * @throws StoreClosedException if nobody may enter
     */
    private void refuseEntry() {
        int bits;
        guard.take();
        try {
            forgetStops();
            bits = alarm;
        } finally {
            guard.taken = 0;
        }
        if ((bits & CLOSING) != 0) {
            throw new StoreClosedException("the store is closed");
        }
        String why = (bits & POISONED) != 0 ? stopReason() : null;
        if (why != null) {
            throw new StoreClosedException(why);
        }
    }

    private static RuntimeException refusal(Object inside, Thread me) {
        return inside instanceof Thread other
                ? new ConcurrentEntryException(nameOf(other), nameOf(me))
                : new StoreClosedException("the store is closed");
    }

    private static String nameOf(Thread thread) {
        return thread.getName().isEmpty() ? thread.toString() : thread.getName();
    }

    /** The outermost entry ends. */
    final void vacate() {
        if (alarm != 0) {
            vacateSlowly();
            return;
        }
        VarHandle.releaseFence();
        giveBack();
    }

    @Override
    final void giveBack() {
        if (byHabit) {
            resident = null;
        } else {
            owner = null;
        }
    }

    /**
     * Runs something inside the store, in a stay of its own unless this thread is inside already. It must not call
     * guests.
     */
    public final <T extends @Nullable Object> T stay(Supplier<T> action) {
        if (!occupy()) {
            return action.get();
        }
        try {
            T result = action.get();
            vacate();
            return result;
        } catch (Throwable t) {
            try {
                vacate();
            } catch (StackOverflowError e) {
                if (byHabit) {
                    resident = null;
                } else {
                    owner = null;
                }
            }
            throw t;
        }
    }

    private void vacateSlowly() {
        boolean close = closeOnLeaving; // it was this thread that wanted it
        leaveGuarded();
        if (close) {
            tryClose(true); // or the keeper does it
        }
    }

    // ---- closing

    /** See {@link org.sallyport.Store#close}. */
    final void closeOccupied() {
        if (beginClosing()) {
            finishClosing(System.nanoTime() + PATIENCE, true);
        }
    }

    /**
     * Asks the call inside to stop, and lets nobody in any more.
     *
     * @return whether {@link #finishClosing} must follow: this thread is not inside
     */
    final boolean beginClosing() {
        boolean mine = isInside();
        if (inside() != null) {
            engine.barrier().prepareStops();
        }
        guard.take();
        try {
            if (closing == DONE) {
                return false;
            }
            if (mine) {
                closeOnLeaving = true;
                alarm |= CLOSING;
            } else if (freed || inside() == null) {
                alarm |= CLOSING;
            } else {
                raise(CLOSING);
            }
        } finally {
            guard.taken = 0;
        }
        if (mine) {
            engine.keeper().closeLater(this); // if this thread should leave without a trace
        }
        return !mine;
    }

    /**
     * Closes the store when nobody is inside any more, or leaves that to the keeper.
     *
     * @param end how long to wait, on the scale of {@link System#nanoTime}
     * @param here whether this thread closes what was attached, when all else is done
     */
    final void finishClosing(long end, boolean here) {
        try {
            if (tryClose(here)) {
                return;
            }
            engine.keeper().pursue(this);
            long pause = 20_000;
            while (!tryClose(here)) {
                if (System.nanoTime() - end > 0) {
                    engine.keeper().closeLater(this);
                    return;
                }
                LockSupport.parkNanos(this, pause);
                pause = Math.min(2 * pause, 1_000_000);
            }
        } catch (Throwable t) {
            engine.keeper().closeLater(this); // it goes on where this thread failed
            throw t;
        }
    }

    /**
     * Closes the store if nobody is inside, or goes on with what is left to do.
     *
     * @param here see {@link #finishClosing}
     * @return whether the store is closed and its memory given back
     */
    final boolean tryClose(boolean here) {
        endHabit();
        boolean first = residentForLong() == null && OWNER.compareAndSet(this, (Object) null, CLOSED);
        if (!takeClosing(first)) {
            return closing == DONE;
        }
        boolean done = false;
        try {
            done = free() && (here || closeAttachedElsewhere());
        } finally {
            setClosing(done ? DONE : WAITING);
        }
        if (done) {
            finish();
            if (here) {
                closeAttached();
            }
        }
        return done;
    }

    /** @return whether this thread is the one who closes now */
    private boolean takeClosing(boolean first) {
        guard.take();
        try {
            if (first) {
                freed = true;
                alarm |= CLOSING;
            }
            if (first || closing == WAITING) {
                closing = AT_WORK;
                return true;
            }
            return false;
        } finally {
            guard.taken = 0;
        }
    }

    private void setClosing(int state) {
        guard.take();
        closing = state;
        guard.taken = 0;
    }
}
