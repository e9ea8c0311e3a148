package org.sallyport.host.core;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.sallyport.host.Budget;
import org.sallyport.host.BudgetExceededException;
import org.sallyport.host.Latency;
import org.sallyport.host.Plugin;
import org.sallyport.host.PluginEvent;

/**
 * What a plugin uses, against its {@link Budget}. What is beyond is told once in each second or minute, and refused if the budget
 * is enforced. Thread-safe.
 */
final class Meter {
    private static final long SECOND = 1_000_000_000;
    private static final long MILLI = 1_000_000;
    /** Powers of two of nanoseconds. */
    private static final int TIMES = 48;

    private final String plugin;
    private final Consumer<PluginEvent> events;
    private final LongSupplier memory;
    private final AtomicLongArray times = new AtomicLongArray(TIMES);
    private final LongAdder hostCalls = new LongAdder();
    private final LongAdder logLines = new LongAdder();
    private final LongAdder processor = new LongAdder();
    private final LongAdder beyond = new LongAdder();
    private final Window hostCallsOfASecond;
    private final Window logLinesOfASecond;
    private final Window processorOfAMinute;
    private final Window others;

    /**
     * @param memory bytes of all live instances
     * @param nanos a clock that never goes back
     */
    Meter(String plugin, Consumer<PluginEvent> events, LongSupplier memory, LongSupplier nanos) {
        this.plugin = plugin;
        this.events = events;
        this.memory = memory;
        hostCallsOfASecond = new Window(SECOND, nanos);
        logLinesOfASecond = new Window(SECOND, nanos);
        processorOfAMinute = new Window(60 * SECOND, nanos);
        others = new Window(SECOND, nanos);
    }

    /** A call took so long. */
    void took(long nanos) {
        times.incrementAndGet(Math.clamp(63 - Long.numberOfLeadingZeros(nanos | 1), 0, TIMES - 1));
    }

    /**
     * A call is to begin.
     *
     * @param makeRoom gives back what is not in use
     * @throws BudgetExceededException if the memory, or the minute's processor time, is used up already
     */
    void begin(Budget budget, Runnable makeRoom) {
        if (budget.memoryBytes() >= 0 && memory.getAsLong() > budget.memoryBytes()) {
            if (budget.enforced()) {
                makeRoom.run();
            }
            check(budget, "budget.memory", memory.getAsLong(), budget.memoryBytes(), others);
        }
        if (budget.minuteMillis() >= 0) {
            long used = processorOfAMinute.add(0);
            if (used >= budget.minuteMillis() * MILLI) {
                check(budget, "budget.minute-cpu", Math.max(used / MILLI, budget.minuteMillis() + 1), budget.minuteMillis(),
                        processorOfAMinute);
            }
        }
    }

    /** Nanoseconds of processor time that a call may take which begins now. */
    long timeOfCall(Budget budget) {
        long call = budget.callMillis() < 0 ? Long.MAX_VALUE : budget.callMillis() * MILLI;
        return budget.minuteMillis() < 0
                ? call
                : Math.min(call, Math.max(0, budget.minuteMillis() * MILLI - processorOfAMinute.add(0)));
    }

    /**
     * A call, or the making of an instance, has used so much more processor time.
     *
     * @return whether an enforced budget has nothing left of this minute
     */
    boolean charge(Budget budget, long nanos) {
        processor.add(nanos);
        long minute = processorOfAMinute.add(nanos);
        return budget.enforced() && budget.minuteMillis() >= 0 && minute > budget.minuteMillis() * MILLI;
    }

    /** A call has ended, after so much processor time in all, which was charged. */
    void end(Budget budget, long nanos) {
        if (!budget.enforced()) {
            check(budget, "budget.call-cpu", nanos / MILLI, budget.callMillis(), others);
            check(budget, "budget.minute-cpu", processorOfAMinute.add(0) / MILLI, budget.minuteMillis(), processorOfAMinute);
        }
    }

    /** A call was stopped for its processor time. */
    BudgetExceededException stopped(Budget budget, long nanos, Throwable cause) {
        boolean call = budget.callMillis() >= 0 && nanos >= budget.callMillis() * MILLI;
        String key = call ? "budget.call-cpu" : "budget.minute-cpu";
        long allowed = call ? budget.callMillis() : budget.minuteMillis();
        long used = call ? nanos / MILLI : processorOfAMinute.add(0) / MILLI;
        return beyond(budget, key, used, allowed, call ? others : processorOfAMinute, cause);
    }

    /**
     * An instance is to be made.
     *
     * @param instances that there are, with this one
     * @return bytes of memory that are left for it
     */
    long instance(Budget budget, int instances) {
        check(budget, "budget.instances", instances, budget.instances(), others);
        if (budget.memoryBytes() < 0 || !budget.enforced()) {
            return Long.MAX_VALUE;
        }
        long used = memory.getAsLong();
        check(budget, "budget.memory", used, budget.memoryBytes(), others);
        return budget.memoryBytes() - used;
    }

    /** A guest calls the host. */
    void hostCall(Budget budget, boolean logs) {
        if (budget.hostCalls() >= 0) {
            hostCalls.increment();
            check(budget, "budget.host-calls", hostCallsOfASecond.add(1), budget.hostCalls(), hostCallsOfASecond);
        }
        if (logs && budget.logLines() >= 0) {
            logLines.increment();
            check(budget, "budget.log-lines", logLinesOfASecond.add(1), budget.logLines(), logLinesOfASecond);
        }
    }

    private void check(Budget budget, String key, long used, long allowed, Window window) {
        if (allowed >= 0 && used > allowed) {
            BudgetExceededException refusal = beyond(budget, key, used, allowed, window, null);
            if (budget.enforced()) {
                throw refusal;
            }
        }
    }

    private BudgetExceededException beyond(
            Budget budget, String key, long used, long allowed, Window window, @Nullable Throwable cause) {
        beyond.increment();
        if (window.isFirst()) {
            events.accept(new PluginEvent.OverBudget(plugin, key, budget.enforced(), "is over its budget: " + used + " of "
                    + allowed + " allowed by " + key + (budget.enforced() ? "; refused" : "; only observed")));
        }
        return new BudgetExceededException(plugin, key, used, allowed, cause);
    }

    Plugin.Usage usage() {
        return new Plugin.Usage(hostCalls.sum(), logLines.sum(), processor.sum(), beyond.sum());
    }

    Latency latency() {
        List<Long> counts = new ArrayList<>();
        for (int i = 0; i < TIMES; i++) {
            counts.add(times.get(i));
        }
        return new Latency(counts);
    }
}
