package org.sallyport.engine;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;

import org.jspecify.annotations.Nullable;
import org.sallyport.ConcurrentEntryException;
import org.sallyport.GuestInterruptedException.Reason;
import org.sallyport.StoreClosedException;
import org.sallyport.spi.NativeMemory;
import org.sallyport.spi.StoreContext;

/**
 * Who is inside a store, and how he is made to leave.
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
 * <p><b>Stopping.</b> Whoever wants the owner to stop takes {@link #lock}, sets a bit in {@link #alarm} and the {@code
 * INTERRUPT} word that the signal handler reads, runs the {@linkplain ProcessBarrier process-wide barrier}, and then
 * looks where the owner is:
 * <ul>
 * <li>{@code THREAD} of the store context is not 0: it runs machine code. It gets the interruption signal. It cannot
 *     end before the signal is sent: after every return from machine code it reads {@code alarm}, and if that is not 0
 *     it takes the lock. (The exit stub clears {@code THREAD} before that read; by the barrier, either the read sees
 *     the bit or the sender sees the 0.)
 * <li>{@link #hosting}: it is in a host function, perhaps blocked. It is interrupted ({@link Thread#interrupt}); after
 *     the function it reads {@code alarm} again, by the same reasoning, and takes the interruption back.
 * <li>Neither: it is on its way and will read {@code alarm} or set one of the two. The {@link Watchdog} tries again
 *     every millisecond until the owner has answered or left.
 * </ul>
 */
abstract class Occupancy {
    // bits of alarm
    static final int INTERRUPTED = 1;
    static final int EXPIRED = 2;
    static final int CLOSING = 4;
    static final int POISONED = 8;
    private static final int STOP = INTERRUPTED | EXPIRED | CLOSING;

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

    /** How long {@link #close} waits before it leaves the rest to the watchdog. */
    private static final long PATIENCE = TimeUnit.SECONDS.toNanos(10);

    final EngineImpl engine;
    /** The native store context. */
    final long context;

    private final Object lock = new Object();
    /**
     * The thread inside, null, or {@link #CLOSED}. Not volatile: taken by compare-and-set, given back by a plain store
     * behind a release fence, so that even a thread without any stack left can do it.
     */
    @Nullable Object owner;
    /** The thread inside, if it entered by habit. Else null, but for a moment in which it tries to. */
    @Nullable Thread resident;
    /** Whether the thread inside entered by habit: which of the two fields above it gives back. Written by it. */
    boolean byHabit;
    /** The thread that may enter by habit. Set by itself when it is the owner, once; taken away under the lock. */
    private @Nullable Thread habitual;

    // written by the owner, not by who entered by habit
    private @Nullable Thread last;
    /** How often {@link #last} has entered with nobody between. */
    private int streak;

    /** Why the owner must stop or nobody may enter; written under the lock. */
    volatile int alarm;
    /** Whether the owner is in a host function; written by the owner. */
    boolean hosting;
    /** Number of entries, nested ones included; written by the owner. */
    int level;

    // guarded by lock
    private boolean hasDeadline;
    private long deadline;
    private boolean threadInterrupted;
    private boolean closeOnLeaving;
    private boolean freed;
    /** Whether there has been a habitual thread, or there must not be one any more. */
    private boolean habitDone;
    private @Nullable Reason stopped;

    Occupancy(EngineImpl engine, long context) {
        this.engine = engine;
        this.context = context;
    }

    /** Gives all native memory back; called once, when nobody can enter any more. */
    abstract void free();

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
            } else if (++streak == STREAK) {
                beginHabit(me);
            }
        } catch (Throwable t) {
            owner = null;
            throw t;
        }
        return true;
    }

    private void beginHabit(Thread me) {
        synchronized (lock) {
            if (!habitDone) {
                habitDone = true;
                habitual = me;
            }
        }
    }

    /** Afterwards nobody enters by habit any more; who has done it is seen as {@link #resident}. */
    private void endHabit() {
        synchronized (lock) {
            habitDone = true;
            Thread thread = habitual;
            habitual = null;
            if (thread != null && thread != Thread.currentThread()) {
                engine.codeSpace().barrier().run();
            }
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

    /** The thread inside, as others see it. */
    private @Nullable Thread inside() {
        Object now = byHabit ? RESIDENT.getAcquire(this) : OWNER.getAcquire(this);
        return now instanceof Thread thread ? thread : null;
    }

    /** Whether the calling thread is inside. */
    final boolean isInside() {
        Thread me = Thread.currentThread();
        return owner == me || resident == me;
    }

    final boolean isClosed() {
        return OWNER.getVolatile(this) == CLOSED;
    }

    /**
     * Called at an outermost entry that found {@link #alarm} not 0. What asked an earlier call to stop came too late
     * for that one, which had read {@code alarm} for the last time before, and is not meant for this one.
     *
     * @throws StoreClosedException if nobody may enter
     */
    private void refuseEntry() {
        String why = null;
        synchronized (lock) {
            alarm &= ~(INTERRUPTED | EXPIRED);
            NativeMemory.putLong(context + StoreContext.INTERRUPT, alarm & STOP);
            if ((alarm & CLOSING) != 0) {
                why = "the store is closed";
            } else if ((alarm & POISONED) != 0) {
                why = stopReason();
            }
        }
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

    private void giveBack() {
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
    final <T extends @Nullable Object> T stay(Supplier<T> action) {
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
        boolean close;
        synchronized (lock) {
            takeInterruptBack();
            if ((alarm & INTERRUPTED) != 0) {
                alarm &= ~INTERRUPTED; // it came too late for the call, and is not meant for the next one
                NativeMemory.putLong(context + StoreContext.INTERRUPT, alarm & STOP);
            }
            close = closeOnLeaving;
            giveBack();
        }
        if (close) {
            tryClose(); // or the watchdog does it
        }
    }

    // ---- the owner answers

    /**
     * Called by the owner when it saw that {@link #alarm} is not 0. Waits until whoever raised it has done his work.
     *
     * @return why the guest must not go on, or null if it may
     */
    final @Nullable Reason answer() {
        synchronized (lock) {
            takeInterruptBack();
            int bits = alarm;
            if ((bits & CLOSING) != 0) {
                return Reason.CLOSE;
            }
            if ((bits & POISONED) != 0) {
                return stopped;
            }
            if ((bits & STOP) == 0) {
                return null;
            }
            stopped = (bits & EXPIRED) != 0 ? Reason.DEADLINE : Reason.INTERRUPT;
            alarm = POISONED;
            NativeMemory.putLong(context + StoreContext.INTERRUPT, 0);
            return stopped;
        }
    }

    private void takeInterruptBack() {
        if (threadInterrupted) {
            threadInterrupted = false;
            Thread.interrupted();
        }
    }

    final @Nullable String stopReason() {
        synchronized (lock) {
            return stopped == null
                    ? null
                    : switch (stopped) {
                        case DEADLINE -> "the store is poisoned: a call was stopped at its deadline";
                        case INTERRUPT -> "the store is poisoned: a call was interrupted";
                        case CLOSE -> "the store is closed";
                    };
        }
    }

    // ---- deadlines, set by the owner

    /** The deadline now in force, if {@link #hasDeadline}. */
    final long deadline() {
        return deadline;
    }

    final boolean hasDeadline() {
        return hasDeadline;
    }

    /** Sets the deadline of the entry that begins, on the scale of {@link System#nanoTime}. */
    final void setDeadline(long nanos) {
        synchronized (lock) {
            hasDeadline = true;
            deadline = nanos;
        }
        engine.watchdog().watch(this, nanos);
    }

    /** Puts the deadline of the entry around back. An expiry that nobody has noticed yet is forgotten. */
    final void resetDeadline(boolean had, long nanos) {
        synchronized (lock) {
            hasDeadline = had;
            deadline = nanos;
            if ((alarm & EXPIRED) != 0 && !(had && nanos - System.nanoTime() <= 0)) {
                alarm &= ~EXPIRED;
                if ((alarm & STOP) == 0) {
                    NativeMemory.putLong(context + StoreContext.INTERRUPT, 0);
                }
                takeInterruptBack();
            }
        }
    }

    // ---- other threads

    /**
     * Called by the watchdog: stops the call inside if its deadline has passed.
     *
     * @return the deadline, if the call inside has one that has not passed; else {@code none}
     */
    final long checkDeadline(long now, long none) {
        Thread inside;
        synchronized (lock) {
            if (!hasDeadline || freed || (alarm & STOP) != 0) {
                return none;
            }
            if (deadline - now > 0) {
                return deadline;
            }
            inside = raise(EXPIRED);
        }
        stopNested(inside);
        engine.watchdog().pursue(this);
        return none;
    }

    /** Asks the call inside, if any, to stop. Any thread. */
    final void interruptInside() {
        Thread inside;
        synchronized (lock) {
            if (freed || inside() == null) {
                return;
            }
            inside = raise(INTERRUPTED);
        }
        stopNested(inside);
        engine.watchdog().pursue(this);
    }

    private @Nullable Thread raise(int bit) {
        alarm |= bit;
        NativeMemory.putLong(context + StoreContext.INTERRUPT, 1);
        return prod();
    }

    /** @return the owner if it is in a host function, where it may be inside another store */
    private @Nullable Thread prod() {
        CodeSpace space = engine.codeSpace();
        space.barrier().run();
        long thread = NativeMemory.getLong(context + StoreContext.THREAD);
        if (thread != 0) {
            LinuxProcess.Threads.signal(thread, space.interruptSignal());
            return null;
        }
        Thread inside = hosting ? inside() : null;
        if (inside != null) {
            threadInterrupted = true;
            inside.interrupt();
        }
        return inside;
    }

    /** Called without the lock: stops the call that a host function of this store's call made into another store. */
    private void stopNested(@Nullable Thread inside) {
        if (inside != null) {
            for (Occupancy other : engine.stores()) {
                if (other != this) {
                    other.interruptInside(inside, this);
                }
            }
        }
    }

    /**
     * Stops the call of that thread if it runs machine code of this store now, which makes it the thread's innermost
     * call, and if the other store still waits for this thread to come out of a host function: the thread may have
     * answered meanwhile and be in a call that has nothing to do with it. Once the bit is set and the barrier run, it
     * cannot get out of here without the lock, so what is seen of the other store then stays true.
     */
    private void interruptInside(Thread inside, Occupancy outer) {
        synchronized (lock) {
            if (freed || inside() != inside || (alarm & STOP) != 0) {
                return;
            }
            alarm |= INTERRUPTED;
            engine.codeSpace().barrier().run();
            if (NativeMemory.getLong(context + StoreContext.THREAD) == 0 || !outer.waitsForHost(inside)) {
                alarm &= ~INTERRUPTED;
                return;
            }
            raise(INTERRUPTED);
        }
        engine.watchdog().pursue(this);
    }

    private boolean waitsForHost(Thread inside) {
        return hosting && (alarm & STOP) != 0 && inside() == inside;
    }

    /** Called by the watchdog again and again. @return whether the owner has not answered yet */
    final boolean pursue() {
        Thread inside;
        synchronized (lock) {
            if (freed || (alarm & STOP) == 0 || inside() == null) {
                return false;
            }
            inside = prod();
        }
        stopNested(inside);
        return true;
    }

    // ---- closing

    /** See {@link org.sallyport.Store#close}. */
    final void closeOccupied() {
        if (!isInside() && tryClose()) {
            return;
        }
        Thread inside;
        synchronized (lock) {
            if (freed) {
                return;
            }
            if (isInside()) {
                closeOnLeaving = true;
                alarm |= CLOSING;
                inside = null;
            } else {
                inside = raise(CLOSING);
            }
        }
        if (isInside()) {
            engine.watchdog().closeLater(this); // if this thread should leave without a trace
            return;
        }
        stopNested(inside);
        Watchdog watchdog = engine.watchdog();
        watchdog.pursue(this);
        long start = System.nanoTime();
        long pause = 20_000;
        while (!tryClose()) {
            if (System.nanoTime() - start > PATIENCE) {
                watchdog.closeLater(this);
                return;
            }
            LockSupport.parkNanos(pause);
            pause = Math.min(2 * pause, 1_000_000);
        }
    }

    /** @return whether the store is closed and its memory given back */
    final boolean tryClose() {
        endHabit();
        if (residentForLong() == null && OWNER.compareAndSet(this, (Object) null, CLOSED)) {
            freeOnce();
            return true;
        }
        synchronized (lock) {
            return freed;
        }
    }

    private void freeOnce() {
        synchronized (lock) {
            if (freed) {
                return;
            }
            freed = true;
            alarm |= CLOSING;
        }
        free();
    }
}
