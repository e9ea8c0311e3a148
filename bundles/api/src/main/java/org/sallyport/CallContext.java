package org.sallyport;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * What a call carries through nested plugin, host and plugin calls: the deadline, and the fuel. Bound to a scope, so
 * that an inner call inherits what the outer one has, and can only have less: a shorter time, and a part of the fuel.
 */
public final class CallContext {
    private static final ScopedValue<CallContext> CURRENT = ScopedValue.newInstance();
    /**
     * Set before the first context is bound, and never reset: saves calls the look-up in programs without deadlines.
     * Whoever runs in a scope runs after the binding, so it needs no ordering.
     */
    private static boolean everBound;

    /** Times on the scale of {@link System#nanoTime} are compared by their difference, which must fit. */
    private static final Duration LONGEST = Duration.ofNanos(Long.MAX_VALUE / 4);

    private final boolean hasDeadline;
    private final long deadlineNanos;
    private final @Nullable Tank tank;

    /** Fuel of a scope. What is taken from it is taken from those around, too. */
    private record Tank(AtomicLong left, @Nullable Tank around) {}

    private CallContext(boolean hasDeadline, long deadlineNanos, @Nullable Tank tank) {
        this.hasDeadline = hasDeadline;
        this.deadlineNanos = deadlineNanos;
        this.tank = tank;
    }

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
        if (outer != null && outer.hasDeadline && outer.deadlineNanos - deadline < 0) {
            deadline = outer.deadlineNanos;
        }
        return run(new CallContext(true, deadline, outer == null ? null : outer.tank), action);
    }

    /**
     * Runs {@code action} so that all guest calls inside, in whichever stores, execute no more than {@code fuel}
     * instructions together ({@link Config#withFuel}), nor more than what a scope around has left, which pays for them,
     * too. Calls of several threads in one scope pay when they leave their guest: each of them may use what was left when
     * it entered.
     *
     * @throws IllegalArgumentException if {@code fuel} is negative
     * @throws OutOfFuelException from a call that was stopped
     * @throws IllegalStateException from a call into a store whose engine does not count
     */
    public static <R, X extends Throwable> R withFuel(long fuel, ScopedValue.CallableOp<R, X> action) throws X {
        if (fuel < 0) {
            throw new IllegalArgumentException("negative fuel: " + fuel);
        }
        CallContext outer = current();
        Tank tank = new Tank(new AtomicLong(fuel), outer == null ? null : outer.tank);
        return outer == null
                ? run(new CallContext(false, System.nanoTime() + LONGEST.toNanos(), tank), action)
                : run(new CallContext(outer.hasDeadline, outer.deadlineNanos, tank), action);
    }

    private static <R, X extends Throwable> R run(CallContext context, ScopedValue.CallableOp<R, X> action) throws X {
        everBound = true;
        return ScopedValue.where(CURRENT, context).call(action);
    }

    // ---- time

    public boolean hasDeadline() {
        return hasDeadline;
    }

    /** On the scale of {@link System#nanoTime}; far in the future if there is none. */
    public long deadlineNanos() {
        return deadlineNanos;
    }

    /** Nanoseconds left; negative when the deadline has passed. */
    public long remainingNanos() {
        return deadlineNanos - System.nanoTime();
    }

    // ---- fuel

    public boolean limitsFuel() {
        return tank != null;
    }

    /** What calls in this scope may still use, 0 and up; {@link StoreLimits#UNLIMITED_FUEL} if it is not limited. */
    public long remainingFuel() {
        long least = StoreLimits.UNLIMITED_FUEL;
        for (Tank t = tank; t != null; t = t.around) {
            least = Math.min(least, t.left.getPlain());
        }
        return Math.max(0, least);
    }

    /**
     * Notes that calls in this scope have used so much. For engines; who wants a guest to pay for something uses {@link
     * Caller#consumeFuel}.
     *
     * @param fuel 0 and up
     */
    public void takeFuel(long fuel) {
        for (Tank t = tank; t != null; t = t.around) {
            t.left.getAndAdd(-fuel);
        }
    }
}
