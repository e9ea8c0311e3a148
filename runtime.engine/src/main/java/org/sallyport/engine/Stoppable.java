package org.sallyport.engine;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

import org.jspecify.annotations.Nullable;
import org.sallyport.GuestInterruptedException;
import org.sallyport.GuestInterruptedException.Reason;
import org.sallyport.engine.process.Barrier;
import org.sallyport.engine.process.ProcessBarrier;
import org.sallyport.engine.stop.Watch;
import org.sallyport.engine.stop.Watchdog;
import org.sallyport.engine.stop.Watched;
import org.sallyport.engine.threads.SpinLock;
import org.sallyport.engine.threads.ThreadMarks;
import org.sallyport.spi.SentryBlock;

/**
 * How a call inside a store is made to stop.
 *
 * <p>Whoever wants the owner of a store (the thread inside it) to stop takes {@link #guard}, sets a bit in {@link #alarm}
 * and the {@code INTERRUPT} word that the signal handler reads, runs the {@linkplain ProcessBarrier process-wide
 * barrier}, and then looks where the owner is:
 * <ul>
 * <li>{@code THREAD} of the store context is not 0: it runs machine code. It gets the interruption signal. It cannot
 *     end before the signal is sent: after every return from machine code it reads {@code alarm}, and if that is not 0
 *     it takes the guard. (The exit stub clears {@code THREAD} before that read; by the barrier, either the read sees
 *     the bit or the sender sees the 0.)
 * <li>{@link #hosting}: it is in a host function, perhaps blocked. A thread of the {@link Keeper} interrupts it; after
 *     the function it reads {@code alarm} again, by the same reasoning, and takes the interruption back.
 * <li>Neither: it is on its way and will read {@code alarm} or set one of the two. The {@link Watchdog} tries again
 *     after a millisecond, and so on until the owner has answered or left.
 * </ul>
 *
 * <p><b>Deadlines</b> are one word, written by the owner without the guard. The watchdog that finds it in the past sets
 * {@link #EXPIRED}, runs the barrier and reads it once more: either it sees that the owner has gone on to something
 * else, and takes the bit back, or the owner sees the bit when it goes on.
 *
 * <p><b>An interruption of the owner's thread</b> by somebody else, in a store that is to answer it, is found by the watchdog,
 * which looks again and again while anybody is inside: it sets {@link #MARKED} as it does {@code EXPIRED}, and who sees the bit
 * asks once more whether the thread inside is interrupted.
 *
 * <p><b>{@link Thread#interrupt}</b> runs what others wrote: a subclass of {@code Thread} may override it, and the channel
 * that the thread is blocked in is closed by it, which may take as long as a transfer. So it is called neither with the
 * guard held nor by the watchdog, and never twice at a time for one store. The owner waits for it where it takes the
 * interruption back: else that might hit what the thread does next.
 *
 * <p>The guard is a {@link SpinLock}; nothing else is done with it held than what is said here.
 */
public abstract class Stoppable implements Watched {
    // bits of alarm
    static final int INTERRUPTED = 1;
    static final int EXPIRED = 2;
    static final int CLOSING = 4;
    static final int POISONED = 8;
    /** The owner's thread is interrupted. */
    static final int MARKED = 16;
    static final int STOP = INTERRUPTED | EXPIRED | CLOSING | MARKED;

    /** In {@link #deadline}. */
    static final long NO_DEADLINE = SentryBlock.NO_DEADLINE;

    // states of interruption
    private static final int NONE = 0;
    /** Somebody of the keeper's will interrupt the owner. */
    private static final int WANTED = 1;
    /** Somebody does. */
    private static final int RUNNING = 2;
    /** The same, and the owner has not waited for it. */
    private static final int LEFT_ALONE = 3;

    /** Nanoseconds until the watchdog tries again where somebody else had the guard. */
    private static final long BUSY = 100_000;
    /** So often in a row it tries again after {@link Watchdog#AGAIN}, then after twice the time each time. */
    private static final int PROMPT = 8;
    /** 8 ms: signals that are not answered heap up in the kernel. */
    private static final int MOST_DOUBLINGS_FOR_CODE = 3;
    /** A second: host functions that take no notice are many perhaps. */
    private static final int MOST_DOUBLINGS_FOR_HOSTS = 10;

    /** Nanoseconds between two looks at whether the owner's thread is interrupted. */
    static final long THREAD_LOOK = TimeUnit.MILLISECONDS.toNanos(10);

    /** How long the owner waits for who interrupts it. */
    private static final long INTERRUPTER_PATIENCE = TimeUnit.SECONDS.toNanos(10);
    private static final long INTERRUPTER_PAUSE = 50_000;
    private static final int SPINS = 2_000;

    private static final VarHandle DEADLINE;
    private static final VarHandle ERRANDS;

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            DEADLINE = lookup.findVarHandle(Stoppable.class, "deadline", long.class);
            ERRANDS = lookup.findVarHandle(Stoppable.class, "errands", int.class);
        } catch (ReflectiveOperationException e) {
            throw new AssertionError("BUG: deadline", e);
        }
    }

    final EngineImpl engine;
    /** Whether the owner needs a fence between what it writes and what it reads: see {@link Barrier}. */
    final boolean fences;
    final SpinLock guard = new SpinLock();

    /** Why the owner must stop or nobody may enter; written with the guard. */
    volatile int alarm;
    /** Whether the owner is in a host function; written by the owner. */
    public boolean hosting;
    /** On the scale of {@link System#nanoTime}; written by the owner. */
    private long deadline = NO_DEADLINE;
    /** Whether an interruption of the owner's thread is for the guest, too; written by the owner. */
    private boolean interruptible;
    /**
     * The thread inside, if it may be asked whether it is interrupted ({@link ThreadMarks}); null else and while the store does
     * not answer interruptions. Written by the owner.
     */
    private volatile @Nullable Thread watched;
    /** This store's place with the watchdog. */
    private volatile @Nullable Watch watch;

    // written with the guard
    /** Whether nothing native may be touched any more. */
    boolean freed;
    private volatile int interruption;
    /** Whether the owner was interrupted since it last took that back. */
    private boolean wasInterrupted;
    /** How often the call was asked to stop. */
    private int asked;
    /** When it was first asked, on the scale of {@link System#nanoTime}; 0 before. */
    private volatile long told;
    private volatile @Nullable Reason stopped;

    /** What ends the calls of the owner, from the innermost outwards; written by the owner. */
    @Nullable GuestInterruptedException ending;

    // of the keeper
    /** What the keeper is to do for this store; in its list if not 0. */
    @SuppressWarnings("unused") // by VarHandle
    private volatile int errands;
    @Nullable Stoppable nextErrand;

    Stoppable(EngineImpl engine) {
        this.engine = engine;
        fences = !engine.barrier().isOneSided();
    }

    // ---- what depends on how guests run

    /** Sets or clears what the guest's code, or what interrupts it, finds when it is asked to stop. With the guard. */
    protected abstract void setInterrupt(boolean on);

    /** Whether the owner runs code of the guest, where {@link #prod} reaches it. */
    protected abstract boolean isInCode();

    /**
     * If the owner runs code of the guest, interrupts that. With the guard.
     *
     * @return whether it does
     */
    protected abstract boolean prod();

    /** The thread inside, as others see it. */
    abstract @Nullable Thread inside();

    /** Shows the owner's deadline, or that he has none, to who ends guests while no Java runs. By the owner. */
    protected abstract void showDeadline(long time);

    /** Has those look early enough for a deadline that was shown. By the owner; it may fail, and throws nothing. */
    protected abstract void attend(long time);

    // ---- the owner

    /**
     * Takes the guard when nobody interrupts the owner at the moment. Called by the owner when it saw that {@link
     * #alarm} is not 0: whoever raised that has done his work then.
     */
    private void takeGuardAsOwner() {
        while (true) {
            awaitInterrupter();
            guard.take();
            if (interruption != RUNNING) {
                return;
            }
            guard.taken = 0;
        }
    }

    private void awaitInterrupter() {
        long start = 0;
        for (int i = 0; interruption == RUNNING; i++) {
            if (i < SPINS) {
                Thread.onSpinWait();
                continue;
            }
            long now = System.nanoTime();
            start = i == SPINS ? now : start;
            if (now - start > INTERRUPTER_PATIENCE) {
                leaveInterrupterAlone();
            }
            Thread.interrupted(); // it would end the pause, and is to be taken back
            LockSupport.parkNanos(this, INTERRUPTER_PAUSE);
        }
    }

    private void leaveInterrupterAlone() {
        guard.take();
        try {
            if (interruption == RUNNING) {
                interruption = LEFT_ALONE;
                wasInterrupted = true;
            }
        } finally {
            guard.taken = 0;
        }
    }

    /** With the guard. */
    private void takeInterruptBack() {
        if (interruption == WANTED) {
            interruption = NONE;
        }
        if (wasInterrupted) {
            wasInterrupted = false;
            Thread.interrupted();
        }
    }

    /**
     * Called by the owner when it saw that {@link #alarm} is not 0.
     *
     * @return why the guest must not go on, or null if it may
     */
    final @Nullable Reason answer() {
        takeGuardAsOwner();
        try {
            takeMarkBack();
            takeInterruptBack();
            takeExpiryBack(System.nanoTime());
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
            stopped = (bits & EXPIRED) != 0
                    ? Reason.DEADLINE
                    : (bits & INTERRUPTED) != 0 ? Reason.INTERRUPT : Reason.THREAD;
            alarm = POISONED;
            setInterrupt(false);
            return stopped;
        } finally {
            guard.taken = 0;
        }
    }

    /**
     * At an outermost entry that found {@link #alarm} not 0: what asked an earlier call to stop came too late for that
     * one, which had read {@code alarm} for the last time before, and is not meant for this one. With the guard.
     */
    final void forgetStops() {
        if (interruption == WANTED) {
            interruption = NONE;
        }
        wasInterrupted = false; // another thread, or so long ago that it is not ours to take back
        clearStops();
    }

    private void clearStops() {
        alarm &= ~(INTERRUPTED | EXPIRED | MARKED);
        setInterrupt((alarm & STOP) != 0);
    }

    /** The outermost entry ends, and {@link #alarm} is not 0. */
    final void leaveGuarded() {
        takeGuardAsOwner();
        try {
            ending = null;
            takeInterruptBack();
            clearStops();
            giveBack();
        } finally {
            guard.taken = 0;
        }
    }

    /** Gives the store back to whoever wants it; the owner has done all else. */
    abstract void giveBack();

    /** Why the store is closed or poisoned, or null. */
    final @Nullable String stopReason() {
        Reason why = stopped;
        return why == null
                ? null
                : switch (why) {
                    case DEADLINE -> "the store is poisoned: a call was stopped at its deadline";
                    case INTERRUPT -> "the store is poisoned: a call was interrupted";
                    case THREAD -> "the store is poisoned: the thread of a call was interrupted";
                    case CLOSE -> "the store is closed";
                };
    }

    // ---- interruptions of the owner's thread

    /** By the owner, or while there is none. */
    final void setInterruptible(boolean on) {
        interruptible = on;
        if (!on) {
            watched = null;
        } else if (inside() == Thread.currentThread()) {
            attendToThread();
        }
    }

    final boolean isInterruptible() {
        return interruptible;
    }

    /**
     * Has the watchdog look at the thread that has entered, if it does not look at this store anyway, and if asking that thread
     * runs nothing foreign.
     *
     * @throws OutOfMemoryError if nobody can watch it
     */
    final void attendToThread() {
        Thread thread = Thread.currentThread();
        if (!ThreadMarks.areJavasOwn(thread)) {
            return;
        }
        watched = thread;
        if (fences) {
            VarHandle.fullFence();
        }
        Watch known = watch;
        if (known == null || !known.isPlanned()) {
            engine.keeper().watch(this, System.nanoTime() + THREAD_LOOK);
        }
    }

    /** The thread leaves. */
    final void leaveThread() {
        watched = null;
    }

    /** Whether the thread inside is interrupted, and that is for the guest. */
    private boolean isThreadInterrupted() {
        Thread thread = watched;
        return thread != null && thread == inside() && thread.isInterrupted();
    }

    /** Unless the thread inside is interrupted. With the guard. */
    private void takeMarkBack() {
        if ((alarm & MARKED) != 0 && !isThreadInterrupted()) {
            alarm &= ~MARKED;
            if ((alarm & STOP) == 0) {
                setInterrupt(false);
            }
        }
    }

    // ---- deadlines, set by the owner

    /**
     * A signal has ended the guest's code. By the owner, who is about to answer.
     *
     * @param when on the scale of {@link System#nanoTime}
     * @param hasExpired whether that was because the deadline in force has passed, which nobody may have noticed yet
     */
    final void wasEnded(long when, boolean hasExpired) {
        for (int i = 0; hasExpired && i < SPINS && !isDue(System.nanoTime()); i++) {
            Thread.onSpinWait(); // another processor's clock is a moment ahead
        }
        guard.take();
        told = when;
        if (hasExpired) {
            alarm |= EXPIRED;
        }
        guard.taken = 0;
    }

    /** The deadline now in force, or {@link #NO_DEADLINE}. */
    final long deadline() {
        return deadline;
    }

    final boolean hasDeadline() {
        return deadline != NO_DEADLINE;
    }

    /**
     * Sets the deadline of the entry that begins, on the scale of {@link System#nanoTime}.
     *
     * @throws OutOfMemoryError if nobody can watch it; then the one before is still in force
     */
    final void setDeadline(long nanos) {
        long before = deadline;
        long time = nanos == NO_DEADLINE ? nanos + 1 : nanos;
        DEADLINE.setOpaque(this, time);
        if (fences) {
            VarHandle.fullFence();
        }
        Watch known = watch;
        if (known == null || !known.covers(time)) {
            try {
                engine.keeper().watch(this, time);
            } catch (Throwable t) {
                deadline = before;
                throw t;
            }
        }
        attend(time);
    }

    /** Puts the deadline of the entry around back. An expiry that nobody has noticed yet is forgotten. */
    final void resetDeadline(long outer) {
        showDeadline(outer); // first: if there is no stack, this one is still in force, and is put back again
        DEADLINE.setOpaque(this, outer);
        if (outer != NO_DEADLINE) {
            attend(outer);
        }
        if ((alarm & EXPIRED) != 0) {
            takeGuardAsOwner();
            try {
                takeExpiryBack(System.nanoTime());
                if ((alarm & STOP) == 0) {
                    takeInterruptBack();
                }
            } finally {
                guard.taken = 0;
            }
        }
    }

    /** Unless the deadline in force has passed. With the guard. */
    private void takeExpiryBack(long now) {
        if ((alarm & EXPIRED) != 0 && !isDue(now)) {
            alarm &= ~EXPIRED;
            if ((alarm & STOP) == 0) {
                setInterrupt(false);
            }
        }
    }

    private boolean isDue(long now) {
        long time = (long) DEADLINE.getOpaque(this);
        return time != NO_DEADLINE && time - now <= 0;
    }

    // ---- the watchdog

    @Override
    public final long nextLook(long now) {
        long time = (long) DEADLINE.getOpaque(this);
        if ((alarm & STOP) != 0) {
            return now + Watchdog.AGAIN;
        }
        if (watched != null && inside() != null && (time == NO_DEADLINE || time - now > THREAD_LOOK)) {
            return now + THREAD_LOOK;
        }
        return time == NO_DEADLINE ? NEVER : time;
    }

    @Override
    public final boolean mark(long now) {
        boolean isDue = isDue(now);
        if (!isDue && watched == null || (alarm & STOP) != 0 || !guard.tryTake()) {
            return false;
        }
        try {
            if (freed || (alarm & STOP) != 0 || inside() == null || !isDue && !(isInCode() && isThreadInterrupted())) {
                return false;
            }
            alarm |= isDue ? EXPIRED : MARKED;
            asked = 0;
            if ((alarm & POISONED) == 0) { // else the guest has ended, and what is told is the host
                told = 0;
            }
            return true;
        } finally {
            guard.taken = 0;
        }
    }

    @Override
    public final long act(long now) {
        if ((alarm & STOP) == 0) {
            return isDue(now) ? afterDeadline(now) : nextLook(now);
        }
        if (!guard.tryTake()) {
            return now + BUSY;
        }
        try {
            if (freed || inside() == null) {
                return NEVER;
            }
            takeExpiryBack(now);
            takeMarkBack();
            if ((alarm & STOP) == 0) {
                return nextLook(now);
            }
            setInterrupt(true);
            return now + tell();
        } finally {
            guard.taken = 0;
        }
    }

    /** The deadline has passed and nobody is asked to stop: nobody is inside, or {@link #mark} did not get the guard. */
    private long afterDeadline(long now) {
        return inside() == null ? NEVER : now + BUSY;
    }

    // ---- other threads

    /** Asks the call inside, if any, to stop. Any thread. */
    final void interruptInside() {
        engine.barrier().prepareStops();
        guard.take();
        try {
            if (freed || inside() == null) {
                return;
            }
            raise(INTERRUPTED);
        } finally {
            guard.taken = 0;
        }
        engine.keeper().pursue(this);
    }

    /** With the guard. */
    final void raise(int bit) {
        if ((alarm & STOP) == 0) {
            asked = 0;
            told = 0;
        }
        alarm |= bit;
        setInterrupt(true);
        engine.barrier().run();
        tell();
    }

    /**
     * Tells the owner, where it is just now, to stop. With the guard, after a bit was set and the barrier has run.
     *
     * @return nanoseconds after which it should be told again, if it has not answered
     */
    private long tell() {
        int doublings = Math.max(0, asked - PROMPT);
        asked++;
        if (prod()) {
            noteTold();
        } else if (hosting) {
            noteTold();
            if ((alarm & STOP) != MARKED) { // else it is interrupted already
                wantInterruption();
            }
            return Watchdog.AGAIN << Math.min(doublings, MOST_DOUBLINGS_FOR_HOSTS);
        }
        return Watchdog.AGAIN << Math.min(doublings, MOST_DOUBLINGS_FOR_CODE);
    }

    private void noteTold() {
        if (told == 0) {
            told = System.nanoTime();
        }
    }

    /**
     * When a call was last made to stop, on the scale of {@link System#nanoTime}; 0 if none was. Machine code that a signal
     * has ended ran no instruction more from then on, whatever keeps its caller from seeing that; a host function was told.
     */
    final long told() {
        return told;
    }

    private void wantInterruption() {
        if (interruption == NONE) {
            interruption = WANTED;
        }
        engine.keeper().hand(this, interruption == WANTED ? Keeper.INTERRUPT | Keeper.NESTED : Keeper.NESTED);
    }

    /**
     * Stops the call of that thread if it runs machine code of this store now, which makes it the thread's innermost
     * call, and if the other store still waits for this thread to come out of a host function: the thread may have
     * answered meanwhile and be in a call that has nothing to do with it. Once the bit is set and the barrier run, it
     * cannot get out of here without the guard, so what is seen of the other store then stays true.
     */
    final void interruptInside(Thread inside, Stoppable outer) {
        guard.take();
        try {
            if (freed || inside() != inside || (alarm & STOP) != 0) {
                return;
            }
            alarm |= INTERRUPTED;
            engine.barrier().run();
            if (!isInCode() || !outer.waitsForHost(inside)) {
                alarm &= ~INTERRUPTED;
                return;
            }
            raise(INTERRUPTED);
        } finally {
            guard.taken = 0;
        }
        engine.keeper().pursue(this);
    }

    private boolean waitsForHost(Thread inside) {
        return inside == waitingHost();
    }

    /** The owner, if it was told to stop and is in a host function, where it may be inside another store. */
    final @Nullable Thread waitingHost() {
        return hosting && (alarm & STOP) != 0 ? inside() : null;
    }

    /** Interrupts the owner if it is in a host function and was told to stop. By a thread that may be kept for long. */
    final void interruptOwner() {
        Thread owner;
        guard.take();
        try {
            if (interruption != WANTED) {
                return;
            }
            owner = freed ? null : waitingHost();
            interruption = owner == null ? NONE : RUNNING;
        } finally {
            guard.taken = 0;
        }
        if (owner != null) {
            try {
                owner.interrupt();
            } finally {
                interrupted();
            }
        }
    }

    private void interrupted() {
        guard.take();
        try {
            wasInterrupted |= interruption == RUNNING;
            interruption = NONE;
        } finally {
            guard.taken = 0;
        }
    }

    // ---- for the keeper

    /** The place of this store with that watchdog; null if it has none yet. */
    final @Nullable Watch watch(Watchdog watchdog) {
        Watch known = watch;
        return known == null || known.watchdog != watchdog ? null : known;
    }

    /** @return the place of this store with the fresh one's watchdog, which may have been made by somebody else */
    final Watch setWatch(Watch fresh) {
        guard.take();
        try {
            Watch known = watch(fresh.watchdog);
            if (known == null) {
                watch = fresh;
                known = fresh;
            }
            return known;
        } finally {
            guard.taken = 0;
        }
    }

    /** @return whether there was nothing to be done for the store before */
    final boolean addErrands(int bits) {
        return (int) ERRANDS.getAndBitwiseOr(this, bits) == 0;
    }

    final int takeErrands() {
        return (int) ERRANDS.getAndSet(this, 0);
    }
}
