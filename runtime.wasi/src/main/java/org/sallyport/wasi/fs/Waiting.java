package org.sallyport.wasi.fs;

import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.sallyport.CallContext;
import org.sallyport.GuestInterruptedException.Reason;
import org.sallyport.GuestInterruptedException;

/**
 * Rules for host calls that wait or work long: they end at the call's deadline and when their thread is interrupted.
 * What a guest sizes is done in pieces of at most {@link #PIECE} bytes with {@link #check} before each.
 */
public final class Waiting {
    /** Most bytes in one transfer of the host's. */
    public static final int PIECE = 1 << 20;

    private Waiting() {}

    /** The shorter of {@code nanos} and what the call's deadline leaves; at least 0. */
    public static long cap(long nanos) {
        CallContext context = CallContext.current();
        return Math.max(0, context == null ? nanos : Math.min(nanos, context.remainingNanos()));
    }

    /** @throws GuestInterruptedException if the call is to end */
    public static void check() {
        CallContext context = CallContext.current();
        if (context != null && context.remainingNanos() <= 0) {
            throw new GuestInterruptedException(Reason.DEADLINE, List.of());
        }
        if (Thread.currentThread().isInterrupted()) {
            throw new GuestInterruptedException(Reason.INTERRUPT, List.of());
        }
    }

    /** What an interrupted wait throws; the thread stays marked as interrupted. */
    public static GuestInterruptedException interrupted() {
        Thread.currentThread().interrupt();
        CallContext context = CallContext.current();
        boolean late = context != null && context.remainingNanos() <= 0;
        return new GuestInterruptedException(late ? Reason.DEADLINE : Reason.INTERRUPT, List.of());
    }

    /** Takes a lock that others may hold for long. @throws GuestInterruptedException if the call is to end before */
    public static void lock(ReentrantLock lock) {
        try {
            while (!lock.tryLock(cap(TimeUnit.HOURS.toNanos(1)), TimeUnit.NANOSECONDS)) {
                check();
            }
        } catch (InterruptedException e) {
            throw interrupted();
        }
    }

    /**
     * Waits for a signal, or until some time has passed; it may come back early.
     *
     * @throws GuestInterruptedException if the call is to end
     */
    public static void await(Condition condition, long nanos) {
        try {
            if (condition.awaitNanos(cap(nanos)) <= 0) {
                check();
            }
        } catch (InterruptedException e) {
            throw interrupted();
        }
    }
}
