package org.sallyport.spi;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.sallyport.CallContext;
import org.sallyport.CompilationException;
import org.sallyport.CompilationException.Reason;
import org.sallyport.CompileLimits;
import org.sallyport.LimitExceededException;

/**
 * What is left of the {@link CompileLimits} of one compilation, and whether it must end. Back ends ask often: every few
 * milliseconds {@link #check}, and with each array that grows whether the memory is still allowed. Thread-safe.
 */
public final class CompileBudget {
    /** Functions that need more than this part of the memory are compiled one at a time. */
    private static final int SMALL = 8;
    private static final long PAUSE_MILLIS = 10;

    /** What the compilations of one engine share: the right to compile a large function. */
    public static final class Shared {
        private final ReentrantLock large = new ReentrantLock(true);
    }

    private final Shared shared;
    private final long memory;
    private final boolean hasDeadline;
    private final long deadline;
    private final @Nullable Thread caller;
    private final AtomicReference<@Nullable Reason> ended = new AtomicReference<>();
    private final AtomicLong code = new AtomicLong();
    private final BooleanSupplier stop;

    /** A class rather than a lambda, which may fail for good when it is first linked without memory. */
    private static final class Never implements BooleanSupplier {
        @Override
        public boolean getAsBoolean() {
            return false;
        }
    }

    private static final BooleanSupplier NEVER = new Never();

    private CompileBudget(
            Shared shared,
            long memory,
            boolean hasDeadline,
            long deadline,
            @Nullable Thread caller,
            BooleanSupplier stop) {
        this.stop = stop;
        this.shared = shared;
        this.memory = memory;
        this.hasDeadline = hasDeadline;
        this.deadline = deadline;
        this.caller = caller;
    }

    /**
     * Begins a compilation that this thread asks for: its interruption and its {@link CallContext} count.
     *
     * @param moduleBytes size of the module's binary
     */
    public static CompileBudget begin(CompileLimits limits, Shared shared, long moduleBytes) {
        return begin(limits, shared, moduleBytes, Thread.currentThread(), NEVER);
    }

    /**
     * Begins one in the middle of a call of a guest. What ends the call is known elsewhere: this thread's interruption
     * and {@link CallContext} do not count.
     *
     * @param moduleBytes size of the module's binary
     * @param stop whether the call must end; the compilation then ends as if it had been interrupted
     */
    public static CompileBudget begin(CompileLimits limits, Shared shared, long moduleBytes, BooleanSupplier stop) {
        return begin(limits, shared, moduleBytes, null, stop);
    }

    private static CompileBudget begin(
            CompileLimits limits, Shared shared, long moduleBytes, @Nullable Thread caller, BooleanSupplier stop) {
        CallContext context = caller == null ? null : CallContext.current();
        long deadline = System.nanoTime() + saturatedNanos(limits.timeFor(moduleBytes));
        if (context != null && context.deadlineNanos() - deadline < 0) {
            deadline = context.deadlineNanos();
        }
        long memory = limits.memoryBytes() == 0 ? Runtime.getRuntime().maxMemory() / 2 : limits.memoryBytes();
        return new CompileBudget(shared, memory, true, deadline, caller, stop);
    }

    /** One that only {@link #cancel} ends. */
    public static CompileBudget unlimited() {
        return new CompileBudget(new Shared(), Long.MAX_VALUE, false, 0, null, NEVER);
    }

    private static long saturatedNanos(Duration time) {
        long most = Long.MAX_VALUE / 2;
        return time.getSeconds() > most / 1_000_000_000 ? most : time.toNanos();
    }

    /** Makes the compilation end soon, wherever it is. The first reason counts. */
    public void cancel(Reason why) {
        ended.compareAndSet(null, why);
    }

    /** Called by who was interrupted where he waited for others: ends the compilation if it is his own. */
    public void interruptedInWaiting() {
        if (Thread.currentThread() == caller) {
            cancel(Reason.INTERRUPTED);
        }
    }

    /**
     * Goes on only if nothing is against it.
     *
     * @throws CompilationException if the deadline has passed, the caller was interrupted (he stays so), or
     *     {@link #cancel} was called
     */
    public void check() {
        if (ended.get() == null) {
            if (hasDeadline && System.nanoTime() - deadline >= 0) {
                cancel(Reason.DEADLINE);
            } else if (isInterrupted() || stop.getAsBoolean()) {
                cancel(Reason.INTERRUPTED);
            }
        }
        Reason why = ended.get();
        if (why != null) {
            throw new CompilationException(why);
        }
    }

    /** Asked by the caller only: a subclass of {@code Thread} may keep others who ask it. Where he waits he is told. */
    private boolean isInterrupted() {
        return caller == Thread.currentThread() && caller.isInterrupted();
    }

    /** Bytes that one function may take while others are compiled at the same time. */
    public long smallFunction() {
        return memory / SMALL;
    }

    /** Bytes that one function may take. */
    public long largeFunction() {
        return memory;
    }

    /**
     * Waits until no other large function of the engine is being compiled. {@link #endLarge} by the same thread ends it.
     *
     * @throws CompilationException as {@link #check}
     */
    public void beginLarge() {
        acquire(shared.large);
    }

    /**
     * Takes a lock that another compilation may hold; the caller unlocks it. An interruption stays with the thread.
     *
     * @throws CompilationException as {@link #check}
     */
    public void acquire(Lock lock) {
        boolean interrupted = false;
        try {
            while (true) {
                check();
                try {
                    if (lock.tryLock(PAUSE_MILLIS, TimeUnit.MILLISECONDS)) {
                        return;
                    }
                } catch (InterruptedException e) {
                    interrupted = true;
                    interruptedInWaiting();
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    public void endLarge() {
        shared.large.unlock();
    }

    /**
     * Machine code of the module that has been made, with its tables.
     *
     * @throws LimitExceededException if the module has too much of it
     */
    public void addCode(long bytes) {
        long sum = code.addAndGet(bytes);
        if (sum > memory / 2) { // joining needs it twice
            throw exceeded("bytes of machine code of one module", sum, memory / 2);
        }
    }

    /** The error for a function that needs more than {@link #largeFunction}. */
    public LimitExceededException tooLarge(String function, long bytes) {
        return exceeded("bytes for compiling one function (" + function + ")", bytes, memory);
    }

    private static LimitExceededException exceeded(String what, long asked, long allowed) {
        return new LimitExceededException(what, asked, allowed, "CompileLimits.memoryBytes");
    }
}
