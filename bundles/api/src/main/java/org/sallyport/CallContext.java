package org.sallyport;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What a call carries through nested plugin, host and plugin calls: the deadline. Bound to a scope, so that an inner
 * call inherits the outer deadline and can only shorten it.
 *
 * @param deadlineNanos on the scale of {@link System#nanoTime}
 */
public record CallContext(long deadlineNanos) {
    private static final ScopedValue<CallContext> CURRENT = ScopedValue.newInstance();
    /**
     * Set before the first context is bound, and never reset: saves calls the look-up in programs without deadlines.
     * Whoever runs in a scope runs after the binding, so it needs no ordering.
     */
    private static boolean everBound;

    /** Times on the scale of {@link System#nanoTime} are compared by their difference, which must fit. */
    private static final Duration LONGEST = Duration.ofNanos(Long.MAX_VALUE / 4);

    /** The context of this thread's current scope, or null. */
    public static @Nullable CallContext current() {
        return everBound && CURRENT.isBound() ? CURRENT.get() : null;
    }

    /**
     * Runs {@code action} so that guest calls inside are stopped after {@code timeout}: at once if that is negative,
     * never in effect if it is longer than 70 years.
     *
     * @throws GuestInterruptedException from a call that was stopped
     */
    public static <R, X extends Throwable> R withTimeout(Duration timeout, ScopedValue.CallableOp<R, X> action)
            throws X {
        Duration span = timeout.isNegative() ? Duration.ZERO : timeout.compareTo(LONGEST) < 0 ? timeout : LONGEST;
        long deadline = System.nanoTime() + span.toNanos();
        CallContext outer = current();
        if (outer != null && outer.deadlineNanos - deadline < 0) {
            deadline = outer.deadlineNanos;
        }
        everBound = true;
        return ScopedValue.where(CURRENT, new CallContext(deadline)).call(action);
    }

    /** Nanoseconds left; negative when the deadline has passed. */
    public long remainingNanos() {
        return deadlineNanos - System.nanoTime();
    }
}
