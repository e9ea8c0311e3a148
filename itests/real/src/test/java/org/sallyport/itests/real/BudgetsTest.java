package org.sallyport.itests.real;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.IntSupplier;
import java.util.function.IntUnaryOperator;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.sallyport.Engine;
import org.sallyport.GuestInterruptedException;
import org.sallyport.host.Budget;
import org.sallyport.host.BudgetExceededException;
import org.sallyport.host.EntryPolicy;
import org.sallyport.host.Plugin;
import org.sallyport.host.PluginEvent;
import org.sallyport.host.PluginManifest;
import org.sallyport.host.PluginUnavailableException;
import org.sallyport.host.plain.PlainPluginHost;
import org.sallyport.text.Wat;

/** What a plugin may use over all its instances and calls: observed, then enforced. */
@Timeout(120)
class BudgetsTest {
    /** Spins forever for 0, logs that many times for others; grows to 16 pages for -1. */
    private static final byte[] MODULE = Wat.compile("""
            (module (import "log" "info" (func $info (param i32)))
              (memory 1)
              (func (export "applyAsInt") (param $n i32) (result i32)
                (if (i32.eqz (local.get $n)) (then (loop $ever (br $ever))))
                (if (i32.eq (local.get $n) (i32.const -1)) (then (return (memory.grow (i32.const 15)))))
                (loop $again
                  (call $info (local.get $n))
                  (local.set $n (i32.sub (local.get $n) (i32.const 1)))
                  (br_if $again (local.get $n)))
                (i32.const 7)))
            """);

    interface Log {
        void info(int number);
    }

    private final Engine engine = Engine.create();
    private final List<PluginEvent> events = Collections.synchronizedList(new ArrayList<>());
    private final PlainPluginHost host = PlainPluginHost.builder(engine).listener(events::add).build();
    private volatile Runnable onLog = () -> {};

    @AfterEach
    void close() {
        host.close();
        engine.close();
    }

    private Plugin plugin(String... budget) {
        host.offer("log", Log.class, _ -> onLog.run(), Map.of(Budget.LOG, "true"));
        Map<String, String> grant = new HashMap<>(Map.of("plugin", "p", "allow", "(sallyport.module=log)"));
        for (int i = 0; i < budget.length; i += 2) {
            grant.put(budget[i], budget[i + 1]);
        }
        host.grant(grant);
        return host.install(PluginManifest.of("p").withPool(4).withPolicy(EntryPolicy.POOLED), MODULE, "test:1");
    }

    private List<PluginEvent.OverBudget> told() {
        return events.stream().filter(PluginEvent.OverBudget.class::isInstance).map(PluginEvent.OverBudget.class::cast).toList();
    }

    @Test
    void processorTimeOfACallIsEnforced() {
        Plugin plugin = plugin("budget.call-cpu", "20", "timeout", "60000");
        IntUnaryOperator calls = plugin.as(IntUnaryOperator.class);
        assertThat(calls.applyAsInt(3)).isEqualTo(7);

        BudgetExceededException over = catchThrowableOfType(BudgetExceededException.class, () -> calls.applyAsInt(0));
        assertThat(over.budget()).isEqualTo("budget.call-cpu");
        assertThat(over.used()).isGreaterThanOrEqualTo(20);
        assertThat(over).hasCauseInstanceOf(GuestInterruptedException.class);
        assertThat(calls.applyAsInt(3)).as("others go on").isEqualTo(7);
        assertThat(plugin.usage().processorNanos()).isGreaterThan(20_000_000);
        assertThat(told()).singleElement().satisfies(event -> assertThat(event.refused()).isTrue());
    }

    /** A plugin cannot do its work where nobody counts. */
    @Test
    void startFunctionsCount() {
        host.grant(Map.of("plugin", "p", "budget.call-cpu", "50", "timeout", "60000"));
        Plugin plugin = host.install(
                PluginManifest.of("p").withPolicy(EntryPolicy.FRESH),
                Wat.compile("(module (func $work (loop (br 0))) (start $work)"
                        + " (func (export \"getAsInt\") (result i32) i32.const 1))"),
                "test:1");
        assertThatThrownBy(() -> plugin.as(IntSupplier.class).getAsInt()).isInstanceOf(PluginUnavailableException.class);
        assertThat(plugin.usage().processorNanos()).isBetween(50_000_000L, 5_000_000_000L);
    }

    /** What is edited while calls run is in force for the next ones; nobody is quarantined for others' instances. */
    @Test
    void rightsChangeWhileTheBudgetIsInUse() throws Exception {
        Plugin plugin = plugin("budget.instances", "1");
        IntUnaryOperator calls = plugin.as(IntUnaryOperator.class);
        assertThat(calls.applyAsInt(1)).isEqualTo(7);
        CountDownLatch inside = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        onLog = () -> {
            inside.countDown();
            try {
                go.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        };
        Thread caller = Thread.ofPlatform().start(() -> {
            try {
                calls.applyAsInt(1);
            } catch (RuntimeException e) {
                // under the rights of before
            }
        });
        inside.await();
        host.grant(Map.of("plugin", "p", "timeout", "30000"));
        for (int i = 0; i < 500 && !Objects.equals(plugin.rights().get("timeout"), 30_000L); i++) {
            Thread.sleep(10);
        }
        Thread.sleep(100);
        onLog = () -> {};
        go.countDown();
        caller.join();
        assertThat(plugin.quarantinedBecause()).isNull();
        assertThat(calls.applyAsInt(1)).isEqualTo(7);
    }

    /** Processor time, not time on the clock. */
    @Test
    void whoWaitsTakesNone() {
        onLog = () -> {
            try {
                Thread.sleep(100);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        };
        Plugin plugin = plugin("budget.call-cpu", "60");
        assertThat(plugin.as(IntUnaryOperator.class).applyAsInt(2)).isEqualTo(7);
    }

    @Test
    void aMinutesProcessorTimeIsUsedUp() {
        IntUnaryOperator calls = plugin("budget.minute-cpu", "30").as(IntUnaryOperator.class);
        calls.applyAsInt(1);
        assertThatThrownBy(() -> calls.applyAsInt(0)).isInstanceOf(BudgetExceededException.class)
                .hasMessageContaining("budget.minute-cpu");
        assertThatThrownBy(() -> calls.applyAsInt(1)).as("does not begin").isInstanceOf(BudgetExceededException.class)
                .hasNoCause();
    }

    @Test
    void hostCallsAndLogLinesAreRefused() throws Exception {
        Plugin plugin = plugin("budget.host-calls", "50", "budget.log-lines", "1000000");
        IntUnaryOperator calls = plugin.as(IntUnaryOperator.class);
        assertThat(calls.applyAsInt(50)).isEqualTo(7);
        assertThatThrownBy(() -> calls.applyAsInt(1_000_000)).isInstanceOf(BudgetExceededException.class)
                .hasMessageContaining("budget.host-calls");
        assertThat(plugin.usage().logLines()).isGreaterThanOrEqualTo(50);

        MBeanServer beans = ManagementFactory.getPlatformMBeanServer();
        ObjectName name = new ObjectName("org.sallyport:type=Plugin,id=\"p\"");
        assertThat(beans.getAttribute(name, "State")).isEqualTo("ACTIVE");
        assertThat(beans.getAttribute(name, "Calls")).isEqualTo(2L);
        assertThat((long) beans.getAttribute(name, "HostCalls")).isGreaterThan(50);
        assertThat((long) beans.getAttribute(name, "OverBudget")).isPositive();
        assertThat((double) beans.getAttribute(name, "MedianMicros")).isPositive();
        host.uninstall(plugin);
        assertThat(beans.isRegistered(name)).isFalse();
    }

    @Test
    void observedAtFirst() {
        Plugin plugin = plugin("budget", "observe", "budget.log-lines", "5", "budget.call-cpu", "1", "budget.instances", "9");
        assertThat(plugin.as(IntUnaryOperator.class).applyAsInt(200_000)).isEqualTo(7);
        assertThat(told()).anySatisfy(event -> {
            assertThat(event.budget()).isEqualTo("budget.log-lines");
            assertThat(event.message()).contains("only observed");
        });
        assertThat(plugin.rights()).containsEntry("budget", "observe").containsEntry("budget.log-lines", 5L);
        assertThat(plugin.counters().traps()).isZero();
    }

    @Test
    void instancesAndMemoryOfAll() throws Exception {
        Plugin plugin = plugin("budget.instances", "2", "budget.memory", "1500000");
        IntUnaryOperator calls = plugin.as(IntUnaryOperator.class);
        CountDownLatch inside = new CountDownLatch(2);
        CountDownLatch go = new CountDownLatch(1);
        onLog = () -> {
            inside.countDown();
            try {
                go.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        };
        List<Thread> callers = new ArrayList<>();
        AtomicReference<Throwable> failed = new AtomicReference<>();
        for (int i = 0; i < 2; i++) {
            callers.add(Thread.ofPlatform().start(() -> {
                try {
                    calls.applyAsInt(1);
                } catch (Throwable e) {
                    failed.set(e);
                }
            }));
        }
        inside.await();
        assertThatThrownBy(() -> calls.applyAsInt(1)).isInstanceOf(BudgetExceededException.class)
                .hasMessageContaining("3 of 2 allowed by budget.instances");
        go.countDown();
        for (Thread caller : callers) {
            caller.join();
        }
        assertThat(failed).hasNullValue();

        assertThat(calls.applyAsInt(-1)).as("grows in the budget").isOne();
        assertThat(plugin.counters().memoryBytes()).isLessThan(1_500_000);
    }
}
