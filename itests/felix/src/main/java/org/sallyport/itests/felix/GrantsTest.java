package org.sallyport.itests.felix;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.acme.itests.Adder;
import com.acme.itests.Gate;
import com.acme.itests.Notes;
import com.acme.itests.Worker;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.osgi.service.cm.Configuration;
import org.sallyport.host.AccessDeniedException;
import org.sallyport.host.Plugin;
import org.sallyport.host.PluginState;
import org.sallyport.host.PluginUnavailableException;
import org.sallyport.host.UnsatisfiedImport;

/** A plugin reaches what is granted, from the moment of the grant to the moment it goes. */
class GrantsTest extends PluginTest {
    private final List<Integer> noted = new CopyOnWriteArrayList<>();

    @BeforeEach
    void offerNotes() {
        offer("notes", Notes.class, (caller, value) -> noted.add(value), "level", "info");
    }

    @Test
    void withoutGrantNothingIsBoundAndThePluginSaysWhy() throws Exception {
        start("adder", services(Adder.class));

        assertThat(plugin("adder").state()).isEqualTo(PluginState.UNSATISFIED);
        assertThat(services(Adder.class, "adder")).isEmpty();
        assertThat(plugin("adder").unsatisfied()).singleElement().satisfies(missing -> {
            assertThat(missing.kind()).isEqualTo(UnsatisfiedImport.Kind.NOT_GRANTED);
            assertThat(missing.wanted().toString()).isEqualTo("\"notes\" \"note\": func (i32) -> ()");
            assertThat(missing.reason())
                    .contains("org.sallyport.itests.felix offers it")
                    .contains("there is no grant for plugin adder")
                    .contains("plugin=adder and allow=(sallyport.module=notes)");
        });
        assertThatThrownBy(() -> plugin("adder").as(Adder.class).add(1, 2))
                .isInstanceOfSatisfying(PluginUnavailableException.class, e -> assertThat(e.unsatisfied()).hasSize(1))
                .hasMessageStartingWith("plugin adder is UNSATISFIED");
        assertThat(context.getServiceReference(Notes.class).getUsingBundles())
                .as("bundles that got hold of the service")
                .isNull();
    }

    @Test
    void serviceComesAndGoesWithTheGrant() throws Exception {
        start("adder", services(Adder.class));
        Configuration grant = grant("adder", "(sallyport.module=notes)");
        Adder adder = service(Adder.class, "adder");

        assertThat(adder.add(20, 22)).isEqualTo(42);
        assertThat(adder.add(-1, 1)).isZero();
        assertThat(noted).containsExactly(42, 0);
        assertThat(adder).hasToString("plugin adder");

        grant.delete();
        becomes("adder", PluginState.UNSATISFIED);
        assertThat(services(Adder.class, "adder")).isEmpty();
        assertThatThrownBy(() -> adder.add(1, 1)).isInstanceOf(PluginUnavailableException.class);
        assertThat(noted).hasSize(2);

        grant("adder", "(sallyport.module=notes)");
        assertThat(service(Adder.class, "adder").add(1, 1)).isEqualTo(2);
        assertThat(adder.add(2, 2)).as("an old service object, after the grant is back").isEqualTo(4);
    }

    @Test
    void grantMayBeThereFirst() throws Exception {
        grant("adder", "(sallyport.module=notes)");
        eventually(() -> context.getServiceReference(org.sallyport.host.Grant.class) != null);
        start("adder", services(Adder.class));

        assertThat(service(Adder.class, "adder").add(1, 2)).isEqualTo(3);
    }

    @Test
    void callInFlightIsEndedAtItsNextHostCall() throws Exception {
        CountDownLatch inside = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        List<Integer> passed = new CopyOnWriteArrayList<>();
        offer("gate", Gate.class, ticket -> {
            passed.add(ticket);
            inside.countDown();
            await(goOn);
            return ticket;
        });
        start("worker", services(Worker.class));
        Configuration grant = grant("worker", "(sallyport.module=gate)");
        Worker worker = service(Worker.class, "worker");

        CompletableFuture<Integer> call = CompletableFuture.supplyAsync(() -> worker.passTwice(7));
        inside.await();
        grant.delete();
        becomes("worker", PluginState.UNSATISFIED);
        goOn.countDown();

        assertThatThrownBy(() -> call.get(10, TimeUnit.SECONDS))
                .cause()
                .isInstanceOfSatisfying(AccessDeniedException.class, e -> {
                    assertThat(e.plugin()).isEqualTo("worker");
                    assertThat(e.function()).isEqualTo("gate.pass");
                });
        assertThat(passed).containsExactly(7);
        assertThat(plugin("worker").counters().denials()).isEqualTo(1);
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void filterThatMatchesAnotherServiceGrantsNothing() throws Exception {
        grant("adder", "(&(sallyport.module=notes)(level=debug))");
        start("adder", services(Adder.class));

        eventually(() -> plugin("adder").unsatisfied().stream()
                .anyMatch(m -> m.reason().contains("no grant of plugin adder allows that service")));
        assertThat(plugin("adder").unsatisfied()).singleElement().satisfies(missing -> assertThat(missing.kind())
                .isEqualTo(UnsatisfiedImport.Kind.NOT_GRANTED));
    }

    @Test
    void grantForAnotherPluginGrantsNothing() throws Exception {
        grant("adder2", "(sallyport.module=*)");
        grant("add", "(sallyport.module=*)");
        grant("other*", "(sallyport.module=*)");
        start("adder", services(Adder.class));

        stays(() -> plugin("adder").state() == PluginState.UNSATISFIED);
    }

    @Test
    void starAtTheEndMatchesAnyRest() throws Exception {
        grant("add*", "(level=info)");
        start("adder", services(Adder.class));

        assertThat(service(Adder.class, "adder").add(1, 2)).isEqualTo(3);
    }

    @Test
    void bothTheAskAndAGrantMustMatch() throws Exception {
        offer("notes", Notes.class, (caller, value) -> noted.add(-value), "level", "debug");
        grant("adder", "(level=info)");
        start("adder", services(Adder.class) + ";ask.notes=\"(level=debug)\"");
        stays(() -> plugin("adder").state() == PluginState.UNSATISFIED);

        grant("adder", "(level=*)");
        assertThat(service(Adder.class, "adder").add(1, 2)).isEqualTo(3);
        assertThat(noted).as("asked for debug, so it is debug").containsExactly(-3);
    }

    @Test
    void grantThatMakesNoSenseGrantsNothing() throws Exception {
        start("adder", services(Adder.class));
        Configuration broken = grant("adder", "(sallyport.module=notes");
        grant("", "(sallyport.module=notes)");
        stays(() -> plugin("adder").state() == PluginState.UNSATISFIED);

        update(broken, "adder", "(sallyport.module=notes)");
        Adder adder = service(Adder.class, "adder");
        update(broken, "adder", "sallyport.module=notes)(");
        becomes("adder", PluginState.UNSATISFIED);
        assertThatThrownBy(() -> adder.add(1, 1)).isInstanceOf(PluginUnavailableException.class);
    }

    /** An edit that leaves the rights to a service as they are does not take the plugin out of service. */
    @Test
    void editOfAGrantIsSeamless() throws Exception {
        start("adder", services(Adder.class));
        Configuration grant = grant("adder", "(sallyport.module=notes)", "timeout", 5000L);
        Adder adder = service(Adder.class, "adder");
        var reference = context.getServiceReference(Adder.class);
        assertThat(adder.add(1, 1)).isEqualTo(2);

        update(grant, "adder", "(sallyport.module=notes)", "timeout", 4000L, "colour", "blue");
        eventually(() -> Long.valueOf(4000).equals(plugin("adder").rights().get("timeout")));
        assertThat(plugin("adder").rights()).containsEntry("colour", "blue");
        assertThat(adder.add(2, 2)).isEqualTo(4);
        assertThat(context.getServiceReference(Adder.class)).isEqualTo(reference);
    }

    @Test
    void grantMayMoveToAnotherPlugin() throws Exception {
        start("adder", services(Adder.class));
        start("adder2", services(Adder.class), PluginBundles.wasm("adder"));
        Configuration grant = grant("adder", "(sallyport.module=notes)");
        becomes("adder", PluginState.ACTIVE);

        update(grant, "adder2", "(sallyport.module=notes)");
        becomes("adder2", PluginState.ACTIVE);
        becomes("adder", PluginState.UNSATISFIED);
    }

    @Test
    void pluginIsAService() throws Exception {
        start("adder", "");

        Plugin plugin = service(Plugin.class, "adder");
        assertThat(plugin.id()).isEqualTo("adder");
        assertThat(host.plugins()).containsExactly(plugin);
        assertThat(plugin.rights()).containsEntry("allow", List.of());
    }
}
