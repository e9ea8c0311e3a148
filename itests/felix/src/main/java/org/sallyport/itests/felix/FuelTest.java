package org.sallyport.itests.felix;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.acme.itests.Gate;
import com.acme.itests.Worker;
import java.util.Hashtable;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.osgi.framework.ServiceReference;
import org.osgi.service.cm.Configuration;
import org.sallyport.CallContext;
import org.sallyport.Engine;
import org.sallyport.OutOfFuelException;
import org.sallyport.OutOfFuelException.Budget;
import org.sallyport.host.PluginState;
import org.sallyport.host.osgi.BundlePluginHost;

/** Plugins in an engine that counts: fuel of grants, manifests and callers, also through host functions. */
class FuelTest extends PluginTest {
    private final List<Integer> passed = new CopyOnWriteArrayList<>();

    @BeforeEach
    void count() throws Exception {
        Configuration engine = configurations.getConfiguration("org.sallyport.engine", "?");
        engine.update(new Hashtable<>(Map.of("fuel", "true")));
        host = hostOf(true);
        afterwards(() -> {
            eventually(() -> host.plugins().isEmpty());
            engine.delete();
            host = hostOf(false);
            return null;
        });
        offer("gate", Gate.class, ticket -> {
            passed.add(ticket);
            return ticket;
        });
    }

    /** The plugin host over an engine that counts, or not. */
    private BundlePluginHost hostOf(boolean counts) throws Exception {
        eventually(() -> {
            ServiceReference<Engine> reference = context.getServiceReference(Engine.class);
            Engine engine = reference == null ? null : context.getService(reference);
            return engine != null && engine.config().compile().fuel() == counts
                    && context.getServiceReference(BundlePluginHost.class) != null;
        });
        return context.getService(context.getServiceReference(BundlePluginHost.class));
    }

    private Worker worker(String attributes, Object... grant) throws Exception {
        grant("worker", "(sallyport.module=gate)", grant);
        start("worker", services(Worker.class) + attributes);
        return service(Worker.class, "worker");
    }

    private static void runsOut(Worker worker) {
        assertThatThrownBy(worker::spin)
                .isInstanceOfSatisfying(OutOfFuelException.class, e -> assertThat(e.budget()).isEqualTo(Budget.CALL));
    }

    @Test
    void eachCallHasTheFuelOfTheGrant() throws Exception {
        Worker worker = worker("", "fuel", 10_000L);
        assertThat(plugin("worker").rights()).containsEntry("fuel", 10_000L);
        for (int i = 0; i < 20; i++) {
            assertThat(worker.deepDown(100)).isEqualTo(100);
        }
        runsOut(worker);
        assertThat(passed).as("before it is used up").isNotEmpty();
        assertThat(plugin("worker").counters().stops()).isEqualTo(1);
        assertThat(worker.next()).as("a fresh instance").isEqualTo(1);
    }

    @Test
    void theSmallestCounts() throws Exception {
        worker(";fuel=300", "fuel", 10_000L);
        assertThat(plugin("worker").rights()).containsEntry("fuel", 300L);
    }

    @Test
    void whoRunsOutTooOftenIsQuarantined() throws Exception {
        Worker worker = worker(";max-traps=2;fuel=1000");
        runsOut(worker);
        runsOut(worker);
        becomes("worker", PluginState.QUARANTINED);
        assertThat(plugin("worker").quarantinedBecause()).contains("the call's fuel is used up");
    }

    @Test
    void fuelOfTheCallerIsNoFaultOfThePlugin() throws Exception {
        Worker worker = worker(";max-traps=2;fuel=1000000");
        for (int i = 0; i < 5; i++) {
            CallContext.withFuel(1000, () -> {
                runsOut(worker);
                return assertThat(CallContext.current().remainingFuel()).isZero();
            });
        }
        assertThat(plugin("worker").state()).isEqualTo(PluginState.ACTIVE);
    }

    /** Plugin, host, plugin: the inner call takes from what the outer one has. */
    @Test
    void nestedCallsTakeFromOneBudget() throws Exception {
        start("nested", services(Worker.class), PluginBundles.wasm("worker"));
        grant("nested", "(sallyport.module=gate)");
        Worker inner = service(Worker.class, "nested");
        Worker worker = worker(";fuel=100000");
        assertThat(worker.deepDown(1000)).isEqualTo(1000);
        List<Long> left = new CopyOnWriteArrayList<>();
        offer("gate", Gate.class, ticket -> {
            left.add(CallContext.current().remainingFuel());
            inner.deepDown(1000);
            left.add(CallContext.current().remainingFuel());
            return ticket;
        }, "service.ranking", 10);
        assertThat(worker.passTwice(7)).isPositive();
        assertThat(left).hasSize(4);
        long first = left.get(0) - left.get(1);
        assertThat(first).isGreaterThan(5000).isEqualTo(left.get(2) - left.get(3));
        assertThat(left.get(1) - left.get(2)).isBetween(1L, 20L);
    }
}
