package org.sallyport.itests.felix;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.acme.itests.Adder;
import com.acme.itests.Gate;
import com.acme.itests.Notes;
import com.acme.itests.Worker;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.osgi.service.cm.Configuration;
import org.sallyport.host.AccessDeniedException;
import org.sallyport.host.Grant;
import org.sallyport.host.HostModule;
import org.sallyport.host.Plugin;
import org.sallyport.host.PluginIdentity;
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
        eventually(() -> context.getServiceReference(Grant.class) != null);
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

    /**
     * A guest in mid-call, two grants that allow it the same. One of them is deleted, and what follows does not go well:
     * a host module keeps everybody waiting when it is asked anew, or memory or stack run out.
     */
    @ParameterizedTest
    @ValueSource(classes = {Thread.class, OutOfMemoryError.class, StackOverflowError.class})
    void withdrawnGrantIsOutOfReachWhateverFollows(Class<?> trouble) throws Exception {
        Passage passage = new Passage(trouble);
        offer("gate", HostModule.class, passage);
        start("worker", services(Worker.class));
        grant("worker", "(sallyport.module=gate)");
        Configuration second = grant("worker", "(sallyport.module=gat*)");
        Worker worker = service(Worker.class, "worker");
        eventually(() -> plugin("worker").rights().get("allow") instanceof List<?> both && both.size() == 2);
        CompletableFuture<Integer> call = CompletableFuture.supplyAsync(() -> worker.passTwice(7));
        passage.inside.await();

        passage.troubled = true;
        second.delete();
        passage.askedAnew.await();
        passage.goOn.countDown();

        assertThatThrownBy(() -> call.get(10, TimeUnit.SECONDS)).cause().isInstanceOf(AccessDeniedException.class);
        assertThat(passage.passed).containsExactly(7);
        passage.over.countDown();
        if (trouble != Thread.class) {
            becomes("worker", PluginState.QUARANTINED);
        }
        passage.troubled = false;
        plugin("worker").restart();
        becomes("worker", PluginState.ACTIVE);
        eventually(() -> { // another thread may still be at the update that makes new instances
            try {
                return service(Worker.class, "worker").passTwice(1) == 3;
            } catch (AccessDeniedException | PluginUnavailableException e) {
                return false;
            }
        });
    }

    /** What one plugin waits for holds up neither the withdrawal of another's grant nor a new one. */
    @Test
    void slowHostModuleHoldsUpItsOwnPluginOnly() throws Exception {
        Passage slow = new Passage(Thread.class);
        offer("gate", HostModule.class, slow);
        start("worker", services(Worker.class));
        grant("worker", "(sallyport.module=gate)");
        Configuration second = grant("worker", "(sallyport.module=gat*)");
        eventually(() -> plugin("worker").rights().get("allow") instanceof List<?> both && both.size() == 2);
        slow.troubled = true;
        second.delete();
        slow.askedAnew.await();
        try {
            start("adder", services(Adder.class));
            Configuration grant = grant("adder", "(sallyport.module=notes)");
            Adder adder = service(Adder.class, "adder");
            grant.delete();
            becomes("adder", PluginState.UNSATISFIED);
            assertThatThrownBy(() -> adder.add(1, 1)).isInstanceOf(PluginUnavailableException.class);
        } finally {
            slow.troubled = false;
            slow.over.countDown();
        }
        becomes("worker", PluginState.ACTIVE);
    }

    private static final class Passage implements HostModule {
        final Class<?> trouble;
        final CountDownLatch inside = new CountDownLatch(1);
        final CountDownLatch goOn = new CountDownLatch(1);
        final CountDownLatch askedAnew = new CountDownLatch(1);
        final CountDownLatch over = new CountDownLatch(1);
        final List<Integer> passed = new CopyOnWriteArrayList<>();
        volatile boolean troubled;

        Passage(Class<?> trouble) {
            this.trouble = trouble;
        }

        int pass(int ticket) {
            passed.add(ticket);
            inside.countDown();
            await(goOn);
            return ticket;
        }

        @Override
        public Map<String, MethodHandle> functions(PluginIdentity plugin) {
            if (troubled) {
                askedAnew.countDown();
                if (trouble == OutOfMemoryError.class) {
                    throw new OutOfMemoryError("as if");
                } else if (trouble == StackOverflowError.class) {
                    throw new StackOverflowError();
                }
                await(over);
            }
            try {
                return Map.of("pass", MethodHandles.lookup().bind(
                        this, "pass", MethodType.methodType(int.class, int.class)));
            } catch (ReflectiveOperationException e) {
                throw new AssertionError(e);
            }
        }
    }

    /** An edit that leaves what is within reach as it was disturbs no call in flight. */
    @Test
    void editThatChangesNothingWithinReachDisturbsNobody() throws Exception {
        Passage passage = new Passage(Thread.class);
        offer("gate", HostModule.class, passage);
        start("worker", services(Worker.class));
        Configuration grant = grant("worker", "(sallyport.module=gate)", "attribute.colour", "blue");
        Worker worker = service(Worker.class, "worker");
        CompletableFuture<Integer> call = CompletableFuture.supplyAsync(() -> worker.passTwice(7));
        passage.inside.await();
        update(grant, "worker", "(sallyport.module=gate)", "attribute.colour", "blue");
        grant("other", "(sallyport.module=gate)");
        eventually(() -> context.getServiceReferences(Grant.class, "(plugin=other)").size() == 1);
        passage.goOn.countDown();

        assertThat(call.get(10, TimeUnit.SECONDS)).isEqualTo(7 + 8);
    }

    /** An edit ends the calls that run, once; calls that come while it takes effect are made under the new rights. */
    @Test
    void callsGoOnWhileGrantsAreEdited() throws Exception {
        start("adder", services(Adder.class));
        Configuration grant = grant("adder", "(sallyport.module=notes)", "attribute.colour", 0);
        Adder adder = service(Adder.class, "adder");
        for (int i = 1; i <= 20; i++) {
            update(grant, "adder", "(sallyport.module=notes)", "attribute.colour", i);
            int denied = 0;
            do {
                try {
                    assertThat(adder.add(1, 1)).isEqualTo(2);
                } catch (AccessDeniedException e) {
                    denied++;
                }
            } while (!Integer.valueOf(i).equals(plugin("adder").rights().get("colour")));
            assertThat(denied).as("calls ended by an edit").isLessThan(5);
        }
    }

    @Test
    void onlyTheFunctionsThatAGrantNamesAreWithinReach() throws Exception {
        start("adder", services(Adder.class));
        Configuration grant = grant("adder", "(sallyport.module=notes)", "functions", "read, erase");
        eventually(() -> plugin("adder").unsatisfied().getFirst().reason().contains("name other functions"));
        assertThat(plugin("adder").unsatisfied()).singleElement().satisfies(missing -> {
            assertThat(missing.kind()).isEqualTo(UnsatisfiedImport.Kind.NOT_GRANTED);
            assertThat(missing.reason()).contains("note among the functions= of such a grant would");
        });

        update(grant, "adder", "(sallyport.module=notes)", "functions", new String[] {"read", "note"});
        Adder adder = service(Adder.class, "adder");
        assertThat(adder.add(1, 2)).isEqualTo(3);
        assertThat(plugin("adder").rights().get("allow")).isEqualTo(List.of("(sallyport.module=notes) only [note, read]"));

        update(grant, "adder", "(level=debug)");
        grant("adder", "(sallyport.module=notes)", "functions", "read");
        becomes("adder", PluginState.UNSATISFIED);
        assertThatThrownBy(() -> adder.add(1, 1)).isInstanceOf(PluginUnavailableException.class);
    }

    /** What narrows a grant is not lost to a slip of the pen. */
    @ParameterizedTest
    @CsvSource({"functions,''", "location,' '", "Location,test:adder", "digest,abc", "signer,'O=ACME;=;'"})
    void conditionThatMakesNoSenseGrantsNothing(String key, String value) throws Exception {
        start("adder", services(Adder.class));
        grant("adder", "(sallyport.module=notes)", key, value);

        stays(() -> plugin("adder").state() == PluginState.UNSATISFIED);
        assertThat(context.getServiceReferences(Grant.class, "(plugin=adder)")).allSatisfy(
                reference -> assertThat(context.getService(reference).problem()).isNotEmpty());
    }

    @Test
    void grantMayNameTheOrigin() throws Exception {
        byte[] wasm = PluginBundles.wasm("adder");
        String digest = HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(wasm));
        start("adder", services(Adder.class));
        Configuration grant = grant("adder", "(sallyport.module=notes)", "location", "test:*", "digest", digest);
        service(Adder.class, "adder");
        assertThat(plugin("adder").origin().location()).isEqualTo("test:adder");
        assertThat(plugin("adder").origin().digest()).isEqualTo(digest);

        update(grant, "adder", "(sallyport.module=notes)", "location", "file:*", "digest", digest);
        becomes("adder", PluginState.UNSATISFIED);
        eventually(() -> plugin("adder").unsatisfied().getFirst().reason()
                .contains("names the location file:*, and the plugin's is test:adder"));
        update(grant, "adder", "(sallyport.module=notes)", "location", "*:add*r", "digest", digest.toUpperCase());
        becomes("adder", PluginState.ACTIVE);
        update(grant, "adder", "(sallyport.module=notes)", "digest", "0".repeat(64));
        becomes("adder", PluginState.UNSATISFIED);
        update(grant, "adder", "(sallyport.module=notes)", "signer", "*;-");
        stays(() -> plugin("adder").state() == PluginState.UNSATISFIED);
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

        update(grant, "adder", "(sallyport.module=notes)", "timeout", 4000L, "attribute.colour", "blue");
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
