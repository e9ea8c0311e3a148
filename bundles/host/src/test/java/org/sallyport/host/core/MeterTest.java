package org.sallyport.host.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.sallyport.host.Budget;
import org.sallyport.host.BudgetExceededException;
import org.sallyport.host.PluginEvent;

class MeterTest {
    private static final long SECOND = 1_000_000_000;
    private static final long MILLI = 1_000_000;

    private final AtomicLong clock = new AtomicLong();
    private final AtomicLong memory = new AtomicLong();
    private final List<PluginEvent> told = new ArrayList<>();
    private final Meter meter = new Meter("p", told::add, memory::get, clock::get);

    private static Budget budget(boolean enforced) {
        return new Budget(enforced, 1_000, 2, 5, 100, 3, 1);
    }

    @Test
    void hostCallsOfASecond() {
        for (int i = 0; i < 3; i++) {
            meter.hostCall(budget(true), false);
        }
        assertThatExceptionOfType(BudgetExceededException.class)
                .isThrownBy(() -> meter.hostCall(budget(true), false))
                .withMessage("plugin p is over its budget: 4 of 3 allowed by budget.host-calls in its grants")
                .satisfies(e -> assertThat(e.allowed()).isEqualTo(3));
        assertThatExceptionOfType(BudgetExceededException.class).isThrownBy(() -> meter.hostCall(budget(true), false));
        assertThat(told).as("once in a second").hasSize(1);
        clock.set(SECOND);
        meter.hostCall(budget(true), false);
        assertThat(meter.usage().hostCalls()).isEqualTo(6);
        assertThat(meter.usage().overBudget()).isEqualTo(2);
    }

    @Test
    void observedOnly() {
        for (int i = 0; i < 5; i++) {
            meter.hostCall(budget(false), true);
        }
        assertThat(meter.charge(budget(false), 200 * MILLI)).as("only observed").isFalse();
        meter.end(budget(false), 200 * MILLI);
        meter.begin(budget(false), () -> {});
        assertThat(meter.instance(budget(false), 9)).isEqualTo(Long.MAX_VALUE);
        assertThat(told).extracting(event -> ((PluginEvent.OverBudget) event).budget())
                .containsExactly("budget.log-lines", "budget.host-calls", "budget.call-cpu", "budget.minute-cpu");
        assertThat(told).allSatisfy(event -> assertThat(event.message()).endsWith("only observed"));
        assertThat(meter.usage().logLines()).isEqualTo(5);
        assertThat(meter.usage().processorNanos()).isEqualTo(200 * MILLI);
    }

    /** Each call may take what is left, but all together no more than that. */
    @Test
    void callsAtATimeShareTheMinute() {
        long each = meter.timeOfCall(new Budget(true, -1, -1, -1, 100, -1, -1));
        assertThat(each).isEqualTo(100 * MILLI);
        Budget budget = new Budget(true, -1, -1, -1, 100, -1, -1);
        assertThat(meter.charge(budget, 60 * MILLI)).isFalse();
        assertThat(meter.charge(budget, 60 * MILLI)).as("of another call").isTrue();
        assertThat(meter.charge(budget, MILLI)).isTrue();
        clock.set(60 * SECOND);
        assertThat(meter.charge(budget, MILLI)).isFalse();
    }

    @Test
    void whatIsOnlyObservedDisturbsNobody() {
        memory.set(1_001);
        meter.begin(budget(false), () -> {
            throw new AssertionError("instances are thrown away");
        });
        assertThat(told).hasSize(1);
    }

    @Test
    void memoryOfAllInstances() {
        memory.set(1_001);
        AtomicLong madeRoom = new AtomicLong();
        assertThatExceptionOfType(BudgetExceededException.class)
                .isThrownBy(() -> meter.begin(budget(true), madeRoom::incrementAndGet))
                .withMessageContaining("1001 of 1000 allowed by budget.memory");
        meter.begin(budget(true), () -> memory.set(400));
        assertThat(madeRoom).hasValue(1);
        assertThat(meter.instance(budget(true), 2)).isEqualTo(600);
        assertThatExceptionOfType(BudgetExceededException.class)
                .isThrownBy(() -> meter.instance(budget(true), 3)).withMessageContaining("3 of 2 allowed by budget.instances");
    }

    @Test
    void processorTimeOfAMinute() {
        assertThat(meter.timeOfCall(budget(true))).isEqualTo(5 * MILLI);
        assertThat(meter.charge(budget(true), 97 * MILLI)).isFalse();
        assertThat(meter.timeOfCall(budget(true))).isEqualTo(3 * MILLI);
        assertThat(meter.stopped(budget(true), 3 * MILLI, new RuntimeException()).budget()).isEqualTo("budget.minute-cpu");
        assertThat(meter.stopped(budget(true), 6 * MILLI, new RuntimeException()).budget()).isEqualTo("budget.call-cpu");
        assertThat(meter.charge(budget(true), 3 * MILLI)).isFalse();
        assertThatExceptionOfType(BudgetExceededException.class)
                .isThrownBy(() -> meter.begin(budget(true), () -> {})).withMessageContaining("budget.minute-cpu");
        clock.set(60 * SECOND);
        meter.begin(budget(true), () -> {});
    }

    @Test
    void theSmallerOneOfTwoBudgetsCounts() {
        Budget both = budget(false).and(new Budget(true, -1, 1, 50, -1, -1, 0));
        assertThat(both).isEqualTo(new Budget(true, 1_000, 1, 5, 100, 3, 0));
        assertThat(Budget.NONE.and(Budget.NONE)).isEqualTo(Budget.NONE);
        assertThat(Budget.NONE.and(budget(false)).enforced()).isFalse();
        assertThat(Budget.NONE.describe()).isEmpty();
    }

    @Test
    void latencies() {
        for (int i = 0; i < 99; i++) {
            meter.took(1_000);
        }
        meter.took(SECOND);
        assertThat(meter.latency().calls()).isEqualTo(100);
        assertThat(meter.latency().below(0.5)).isEqualTo(Duration.ofNanos(1_024));
        assertThat(meter.latency().below(1)).isEqualTo(Duration.ofNanos(1 << 30));
    }
}
