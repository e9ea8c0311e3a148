package org.sallyport.itests.felix;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.acme.itests.Adder;
import com.acme.itests.Gate;
import com.acme.itests.Worker;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.osgi.service.event.EventConstants;
import org.osgi.service.event.EventHandler;
import org.sallyport.CallContext;
import org.sallyport.GuestInterruptedException;
import org.sallyport.TrapCode;
import org.sallyport.TrapException;
import org.sallyport.host.PluginState;
import org.sallyport.host.PluginUnavailableException;
import org.sallyport.text.Wat;

/** What a plugin may take: the smallest of all limits counts. And what becomes of one that misbehaves. */
class LimitsTest extends PluginTest {
    @BeforeEach
    void offerGate() {
        offer("gate", Gate.class, ticket -> ticket);
    }

    private Worker worker(String attributes, Object... grant) throws Exception {
        grant("worker", "(sallyport.module=gate)", grant);
        start("worker", services(Worker.class) + attributes);
        return service(Worker.class, "worker");
    }

    private static Duration timeOf(Worker worker) {
        long start = System.nanoTime();
        assertThatThrownBy(worker::spin)
                .isInstanceOfSatisfying(GuestInterruptedException.class, e -> assertThat(e.reason())
                        .isEqualTo(GuestInterruptedException.Reason.DEADLINE));
        return Duration.ofNanos(System.nanoTime() - start);
    }

    @Test
    void timeoutOfTheManifest() throws Exception {
        assertThat(timeOf(worker(";timeout=60"))).isBetween(Duration.ofMillis(60), Duration.ofMillis(1000));
        assertThat(plugin("worker").counters().stops()).isEqualTo(1);
    }

    @Test
    void shorterTimeoutOfTheGrant() throws Exception {
        assertThat(timeOf(worker(";timeout=60000", "timeout", 60L)))
                .isBetween(Duration.ofMillis(60), Duration.ofMillis(1000));
    }

    @Test
    void shorterTimeoutOfTheManifest() throws Exception {
        assertThat(timeOf(worker(";timeout=60", "timeout", 60_000L)))
                .isBetween(Duration.ofMillis(60), Duration.ofMillis(1000));
    }

    @Test
    void shorterTimeoutOfTheCaller() throws Exception {
        Worker worker = worker(";timeout=60000");

        assertThat(CallContext.withTimeout(Duration.ofMillis(60), () -> timeOf(worker)))
                .isBetween(Duration.ofMillis(60), Duration.ofMillis(1000));
    }

    @Test
    void stoppedInstanceIsReplaced() throws Exception {
        Worker worker = worker(";timeout=60;pool=1");
        assertThat(worker.next()).isEqualTo(1);
        assertThat(worker.next()).isEqualTo(2);
        timeOf(worker);

        assertThat(worker.next()).as("a fresh instance").isEqualTo(1);
        assertThat(plugin("worker").counters().instances()).isEqualTo(1);
    }

    @Test
    void memoryOfTheManifest() throws Exception {
        assertThat(worker(";memory=1048576").eat()).isEqualTo(16);
    }

    @Test
    void smallestMemoryOfAllGrants() throws Exception {
        grant("work*", "", "memory", 5L * 65536);
        eventually(() -> context.getServiceReference(org.sallyport.host.Grant.class) != null);
        Worker worker = worker(";memory=1048576", "memory", 9L * 65536);
        eventually(() -> Long.valueOf(5 * 65536).equals(plugin("worker").rights().get("memory")));

        assertThat(worker.eat()).isEqualTo(5);
        assertThat(plugin("worker").counters().memoryBytes()).isEqualTo(5 * 65536);
    }

    /** Too little for even the module's first page. */
    @Test
    void memoryThatDoesNotSufficeKeepsThePluginFromStarting() throws Exception {
        grant("worker", "(sallyport.module=gate)");
        start("worker", services(Worker.class) + ";memory=65535");
        becomes("worker", PluginState.QUARANTINED);

        assertThat(plugin("worker").quarantinedBecause())
                .startsWith("it could not be started: ")
                .contains("memory bytes", "allowed 65535", "set by memory in the plugin's grant and manifest")
                .doesNotContain("StoreLimits");
        assertThat(services(Worker.class, "worker")).isEmpty();
        assertThat(plugin("worker").counters().instances()).isZero();
    }

    /** What nobody has said anything about is small. */
    @Test
    void withoutAnyLimitMemoryIsSmallAndThePoolToo() throws Exception {
        Worker worker = worker(";pool=1024");

        assertThat(plugin("worker").rights()).containsEntry("memory", 64L << 20);
        assertThat(worker.eat()).isEqualTo(1024);
    }

    @Test
    void grantMayGiveMoreThanTheDefault() throws Exception {
        assertThat(worker("", "memory", 100L << 20).eat()).isEqualTo(1600);
    }

    @Test
    void deepRecursionTraps() throws Exception {
        Worker worker = worker("");

        assertThat(worker.deepDown(1000)).isEqualTo(1000);
        assertThatThrownBy(() -> worker.deepDown(Integer.MAX_VALUE))
                .isInstanceOfSatisfying(
                        TrapException.class, e -> assertThat(e.code()).isEqualTo(TrapCode.STACK_OVERFLOW));
        assertThat(worker.deepDown(1000)).isEqualTo(1000);
    }

    @Test
    void quarantineAfterSoManyTraps() throws Exception {
        List<String> events = new CopyOnWriteArrayList<>();
        var handler = context.registerService(
                EventHandler.class,
                event -> events.add(event.getTopic().replace("org/sallyport/plugin/", "") + " "
                        + event.getProperty("state") + " " + event.getProperty("code")),
                new java.util.Hashtable<>(java.util.Map.of(EventConstants.EVENT_TOPIC, "org/sallyport/plugin/*")));
        afterwards(() -> {
            handler.unregister();
            return null;
        });
        Worker worker = worker(";max-traps=3");
        for (int i = 0; i < 3; i++) {
            assertThatThrownBy(worker::trap).isInstanceOf(TrapException.class);
        }

        becomes("worker", PluginState.QUARANTINED);
        assertThat(plugin("worker").quarantinedBecause()).isEqualTo("it failed 3 times, last: unreachable");
        assertThat(services(Worker.class, "worker")).isEmpty();
        assertThatThrownBy(worker::next)
                .isInstanceOf(PluginUnavailableException.class)
                .hasMessageContaining("QUARANTINED because it failed 3 times");
        assertThat(plugin("worker").counters().instances()).isZero();
        // Event Admin keeps the order of each thread only, and events of the test before may still be on their way.
        eventually(() -> Collections.frequency(events, "TRAP null UNREACHABLE") >= 3
                && events.contains("STATE QUARANTINED null")
                && events.contains("STATE ACTIVE null"));
    }

    /** Whoever always needs too long is no better than one that traps. */
    @Test
    void quarantineAfterSoManyStops() throws Exception {
        Worker worker = worker(";max-traps=2;timeout=20");
        timeOf(worker);
        timeOf(worker);

        becomes("worker", PluginState.QUARANTINED);
    }

    /** What cannot be kept is not promised; {@code FuelTest} has an engine that counts. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void limitedFuelNeedsAnEngineThatCounts(boolean granted) throws Exception {
        grant("worker", "(sallyport.module=gate)", granted ? new Object[] {"fuel", 1000L} : new Object[0]);
        start("worker", services(Worker.class) + (granted ? "" : ";fuel=1000"));
        becomes("worker", PluginState.QUARANTINED);

        assertThat(plugin("worker").quarantinedBecause())
                .isEqualTo("its fuel is limited, and this engine does not count fuel: set fuel=true in the configuration"
                        + " org.sallyport.engine, or Config.withFuel");
        assertThat(services(Worker.class, "worker")).isEmpty();
    }

    /** How long a caller has says nothing about the plugin, whether or not it has a time of its own. */
    @ParameterizedTest
    @ValueSource(strings = {"", ";timeout=60000"})
    void stopsAtTheCallersDeadlineAreNoFaults(String timeout) throws Exception {
        Worker worker = worker(";max-traps=2" + timeout);
        for (int i = 0; i < 5; i++) {
            CallContext.withTimeout(Duration.ofMillis(20), () -> timeOf(worker));
            assertThatThrownBy(() -> CallContext.withTimeout(Duration.ofMillis(20), () -> plugin("worker").use(
                            instance -> instance.func("spin").handle().invokeWithArguments())))
                    .isInstanceOf(GuestInterruptedException.class);
        }
        assertThat(plugin("worker").counters().stops()).isEqualTo(10);
        assertThat(plugin("worker").state()).isEqualTo(PluginState.ACTIVE);
        assertThat(worker.next()).isEqualTo(1);
    }

    /** A caller with more time than the plugin has does not shield it. */
    @Test
    void stopsAtThePluginsDeadlineAreFaultsWhateverTheCallerHas() throws Exception {
        Worker worker = worker(";max-traps=2;timeout=20");
        CallContext.withTimeout(Duration.ofSeconds(60), () -> timeOf(worker));
        assertThatThrownBy(() -> CallContext.withTimeout(Duration.ofSeconds(60), () -> plugin("worker").use(
                        instance -> instance.func("spin").handle().invokeWithArguments())))
                .isInstanceOf(GuestInterruptedException.class);

        becomes("worker", PluginState.QUARANTINED);
    }

    @Test
    void restartEndsQuarantineAndCountsAnew() throws Exception {
        Worker worker = worker(";max-traps=2");
        for (int round = 0; round < 3; round++) {
            assertThatThrownBy(worker::trap).isInstanceOf(TrapException.class);
            assertThat(worker.next()).isEqualTo(1);
            assertThatThrownBy(worker::trap).isInstanceOf(TrapException.class);
            becomes("worker", PluginState.QUARANTINED);
            plugin("worker").restart();
            becomes("worker", PluginState.ACTIVE);
        }
        assertThat(plugin("worker").counters().traps()).isEqualTo(6);
    }

    /** The count begins before anybody can call it: not even who is told of the state at once fails for nothing. */
    @Test
    void whatFailsAsSoonAsItIsActiveCounts() throws Exception {
        Worker worker = worker(";max-traps=2");
        for (int i = 0; i < 2; i++) {
            assertThatThrownBy(worker::trap).isInstanceOf(TrapException.class);
        }
        becomes("worker", PluginState.QUARANTINED);
        AtomicInteger failed = new AtomicInteger();
        atOnce("plugin worker is ACTIVE", () -> {
            assertThatThrownBy(worker::trap).isInstanceOf(TrapException.class);
            failed.incrementAndGet();
        });
        plugin("worker").restart();
        Worker again = service(Worker.class, "worker");
        assertThat(failed).hasValue(1);

        assertThatThrownBy(again::trap).isInstanceOf(TrapException.class);
        becomes("worker", PluginState.QUARANTINED);
        assertThat(plugin("worker").quarantinedBecause()).startsWith("it failed 2 times");
    }

    /** Has the thread that logs this do that. */
    private void atOnce(String message, Runnable action) {
        Logger log = Logger.getLogger("org.sallyport.host");
        Level before = log.getLevel();
        Handler handler = new Handler() {
            @Override
            public void publish(LogRecord line) {
                if (line.getMessage().equals(message)) {
                    action.run();
                }
            }

            @Override
            public void flush() {}

            @Override
            public void close() {}
        };
        log.setUseParentHandlers(false);
        log.addHandler(handler);
        log.setLevel(Level.INFO);
        afterwards(() -> {
            log.removeHandler(handler);
            log.setLevel(before);
            log.setUseParentHandlers(true);
            return null;
        });
    }

    /** Threads in other stores could use it. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void sharedMemoriesNeedAGrant(boolean granted) throws Exception {
        grant("adder", "", granted ? new Object[] {"shared-memory", "true"} : new Object[0]);
        start("adder", services(Adder.class), Wat.compile("""
                (module
                  (memory 1 2 shared)
                  (func (export "add") (param i32 i32) (result i32)
                    (drop (i32.atomic.rmw.add (i32.const 8) (local.get 0)))
                    (drop (i32.atomic.rmw.add (i32.const 8) (local.get 1)))
                    (i32.atomic.rmw.xchg (i32.const 8) (i32.const 0))))
                """));
        if (granted) {
            assertThat(service(Adder.class, "adder").add(3, 4)).isEqualTo(7);
            assertThat(plugin("adder").rights()).containsEntry("shared-memory", true);
            return;
        }
        becomes("adder", PluginState.QUARANTINED);
        assertThat(plugin("adder").quarantinedBecause())
                .startsWith("it could not be started: ")
                .contains("shared memories", "allowed 0", "set by shared-memory=true in the plugin's grant")
                .doesNotContain("StoreLimits");
        assertThat(plugin("adder").rights()).doesNotContainKey("shared-memory");
        assertThat(services(Adder.class, "adder")).isEmpty();
    }

    @Test
    void otherGrantsEndQuarantineToo() throws Exception {
        Worker worker = worker(";max-traps=1");
        assertThatThrownBy(worker::trap).isInstanceOf(TrapException.class);
        becomes("worker", PluginState.QUARANTINED);

        grant("worker", "", "attribute.note", "looked at");
        becomes("worker", PluginState.ACTIVE);
        assertThat(service(Worker.class, "worker").next()).isEqualTo(1);
    }

    /** What a manifest says never loosens a limit. */
    @ParameterizedTest
    @ValueSource(strings = {"0", "100000"})
    void manifestCannotSwitchQuarantineOff(String asked) throws Exception {
        Worker worker = worker(";max-traps=" + asked);
        for (int i = 0; i < 100; i++) {
            assertThatThrownBy(worker::trap).isInstanceOf(TrapException.class);
        }

        assertThat(plugin("worker").state()).isEqualTo(PluginState.QUARANTINED);
        assertThat(plugin("worker").rights()).containsEntry("max-traps", 100);
    }

    @Test
    void grantMaySwitchQuarantineOff() throws Exception {
        Worker worker = worker("", "max-traps", 0);
        for (int i = 0; i < 150; i++) {
            assertThatThrownBy(worker::trap).isInstanceOf(TrapException.class);
        }

        assertThat(plugin("worker").state()).isEqualTo(PluginState.ACTIVE);
    }
}
