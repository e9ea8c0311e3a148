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
 * <p>A thread may run out of stack anywhere, and calls nothing then. Where that must not leave the store occupied for
 * ever, handlers give it back by storing to {@link #owner} and {@link #level} themselves.
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

    private static final VarHandle OWNER;

    static {
        try {
            OWNER = MethodHandles.lookup().findVarHandle(Occupancy.class, "owner", Object.class);
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
        if (OWNER.compareAndSet(this, (Object) null, (Object) me)) {
            if (alarm != 0) {
                try {
                    refuseEntry();
                } catch (Throwable t) {
                    owner = null;
                    throw t;
                }
            }
            return true;
        }
        if (owner == me) {
            return false;
        }
        Object inside = OWNER.getVolatile(this);
        if (inside == null) {
            return occupy(); // it has just left
        }
        throw refusal(inside, me);
    }

    /** Whether the calling thread is inside. */
    final boolean isInside() {
        return owner == Thread.currentThread();
    }

    final boolean isClosed() {
        return OWNER.getVolatile(this) == CLOSED;
    }

    private void refuseEntry() {
        String why = null;
        synchronized (lock) {
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
        } else {
            VarHandle.releaseFence();
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
                owner = null;
            }
            throw t;
        }
    }

    private void vacateSlowly() {
        boolean free;
        synchronized (lock) {
            takeInterruptBack();
            free = closeOnLeaving;
            owner = free ? CLOSED : null;
        }
        if (free) {
            freeOnce();
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
            if (freed || !(OWNER.getVolatile(this) instanceof Thread)) {
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
        } else if (hosting && OWNER.getVolatile(this) instanceof Thread inside) {
            threadInterrupted = true;
            inside.interrupt();
            return inside;
        }
        return null;
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
            if (freed || OWNER.getVolatile(this) != inside || (alarm & STOP) != 0) {
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
        return hosting && (alarm & STOP) != 0 && OWNER.getVolatile(this) == inside;
    }

    /** Called by the watchdog again and again. @return whether the owner has not answered yet */
    final boolean pursue() {
        Thread inside;
        synchronized (lock) {
            if (freed || (alarm & STOP) == 0 || !(OWNER.getVolatile(this) instanceof Thread)) {
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
        Thread inside;
        synchronized (lock) {
            if (freed) {
                return;
            }
            if (owner == Thread.currentThread()) {
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
        if (tryClose()) {
            return;
        }
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
        if (OWNER.compareAndSet(this, (Object) null, CLOSED)) {
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
