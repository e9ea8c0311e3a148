package org.sallyport.itests.felix;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.acme.itests.Adder;
import com.acme.itests.Gate;
import com.acme.itests.Notes;
import com.acme.itests.Worker;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.osgi.framework.Bundle;
import org.sallyport.GuestInterruptedException;
import org.sallyport.MalformedModuleException;
import org.sallyport.host.Plugin;
import org.sallyport.host.PluginManifest;
import org.sallyport.host.PluginState;
import org.sallyport.host.PluginUnavailableException;
import org.sallyport.host.osgi.BundlePluginHost;
import org.sallyport.text.Wat;

/** Plugins are installed, updated and taken out, also while calls run, and leave nothing behind. */
class LifecycleTest extends PluginTest {
    private Worker worker() throws Exception {
        grant("worker", "(sallyport.module=gate)");
        return service(Worker.class, "worker");
    }

    @Test
    void callsInFlightMayFinishDuringUninstall() throws Exception {
        CountDownLatch inside = new CountDownLatch(1);
        offer("gate", Gate.class, ticket -> {
            inside.countDown();
            sleep(150);
            return ticket;
        });
        Bundle bundle = start("worker", services(Worker.class));
        Worker worker = worker();
        CompletableFuture<Integer> call = CompletableFuture.supplyAsync(worker::next)
                .thenCombine(CompletableFuture.supplyAsync(() -> worker.passTwice(3)), Integer::sum);
        inside.await();
        bundle.uninstall();

        assertThat(host.plugin("worker")).isEmpty();
        assertThatThrownBy(worker::next)
                .isInstanceOf(PluginUnavailableException.class)
                .hasMessage("plugin worker is UNINSTALLED");
        assertThat(call.get(10, TimeUnit.SECONDS)).isEqualTo(1 + 3 + 4);
    }

    private static void sleep(long millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void callsThatDoNotFinishAreEnded() throws Exception {
        CountDownLatch inside = new CountDownLatch(1);
        offer("gate", Gate.class, ticket -> {
            inside.countDown();
            return ticket;
        });
        Bundle bundle = start("worker", services(Worker.class));
        Worker worker = worker();
        CompletableFuture<Void> call = CompletableFuture.runAsync(worker::spin);
        inside.await();
        Plugin plugin = plugin("worker");
        long start = System.nanoTime();
        bundle.uninstall();

        assertThat(System.nanoTime() - start).isBetween(900_000_000L, 8_000_000_000L);
        assertThatThrownBy(() -> call.get(10, TimeUnit.SECONDS))
                .cause()
                .isInstanceOfSatisfying(GuestInterruptedException.class, e -> assertThat(e.reason())
                        .isEqualTo(GuestInterruptedException.Reason.CLOSE));
        assertThat(plugin.state()).isEqualTo(PluginState.UNINSTALLED);
        assertThat(plugin.counters().instances()).isZero();
    }

    /** A plugin that has itself taken out: by a host function that it called. */
    @Test
    void mayBeUninstalledFromInsideOfItsOwnCall() throws Exception {
        Bundle[] bundle = new Bundle[1];
        offer("gate", Gate.class, ticket -> {
            try {
                bundle[0].uninstall();
                return ticket;
            } catch (Exception e) {
                throw new CompletionException(e);
            }
        });
        bundle[0] = start("worker", services(Worker.class));
        Worker worker = worker();
        long start = System.nanoTime();

        assertThatThrownBy(() -> worker.passTwice(1)).isInstanceOf(RuntimeException.class);
        assertThat(System.nanoTime() - start).isLessThan(8_000_000_000L);
        assertThat(host.plugin("worker")).isEmpty();
        assertThat(bundle[0].getState()).isEqualTo(Bundle.UNINSTALLED);
    }

    @Test
    void updateSwapsTheCodeUnderRunningCalls() throws Exception {
        offer("notes", Notes.class, (caller, value) -> {});
        grant("adder", "(sallyport.module=notes)");
        Bundle bundle = start("adder", services(Adder.class));
        service(Adder.class, "adder");
        boolean[] done = new boolean[1];
        CompletableFuture<int[]> calling = CompletableFuture.supplyAsync(() -> {
            int[] seen = new int[3]; // old results, new results, calls refused
            while (!done[0] || seen[1] == 0) {
                try {
                    for (Adder adder : services(Adder.class, "adder")) {
                        int sum = adder.add(20, 3);
                        seen[sum == 23 ? 0 : 1]++;
                        assertThat(sum).isIn(23, 17);
                    }
                } catch (PluginUnavailableException e) {
                    seen[2]++;
                }
                Thread.yield();
            }
            return seen;
        });
        eventually(() -> plugin("adder").counters().calls() > 100);
        byte[] subtracts = Wat.compile("""
                (module (import "notes" "note" (func (param i32)))
                  (func (export "add") (param i32 i32) (result i32) (i32.sub (local.get 0) (local.get 1))))
                """);
        bundle.update(PluginBundles.bundle("test.adder", "adder" + services(Adder.class), subtracts));
        assertThat(service(Adder.class, "adder").add(20, 3)).isEqualTo(17);
        done[0] = true;

        assertThat(calling.get(20, TimeUnit.SECONDS)).satisfies(seen -> {
            assertThat(seen[0]).isGreaterThan(50);
            assertThat(seen[1]).isPositive();
        });
    }

    @Test
    void stoppedBundleHasNoPlugin() throws Exception {
        offer("notes", Notes.class, (caller, value) -> {});
        grant("adder", "(sallyport.module=notes)");
        Bundle bundle = start("adder", services(Adder.class));
        service(Adder.class, "adder");
        bundle.stop();
        assertThat(host.plugins()).isEmpty();
        assertThat(services(Adder.class, "adder")).isEmpty();

        bundle.start();
        assertThat(service(Adder.class, "adder").add(1, 1)).isEqualTo(2);
    }

    @Test
    void nativeMemoryIsGivenBack() throws Exception {
        offer("gate", Gate.class, ticket -> ticket);
        grant("worker", "(sallyport.module=gate)");
        long before = 0;
        for (int i = 0; i < 12; i++) {
            if (i == 2) {
                before = mappedBytes(); // pools and stubs are there now
            }
            Bundle bundle = start("worker", services(Worker.class) + ";memory=20000000");
            Worker worker = service(Worker.class, "worker");
            assertThat(worker.eat()).isEqualTo(20_000_000 / 65536);
            assertThat(plugin("worker").counters().memoryBytes()).isGreaterThan(19_000_000);
            bundle.uninstall();
        }

        assertThat(mappedBytes() - before).as("bytes of address space more than before").isLessThan(1L << 30);
    }

    @Test
    void hostThatGoesTakesItsPluginsAlong() throws Exception {
        offer("notes", Notes.class, (caller, value) -> {});
        grant("adder", "(sallyport.module=notes)");
        start("adder", services(Adder.class));
        service(Adder.class, "adder");
        Bundle hostBundle = Arrays.stream(context.getBundles())
                .filter(b -> b.getSymbolicName().equals("org.sallyport.host.osgi"))
                .findFirst()
                .orElseThrow();
        hostBundle.stop();
        try {
            assertThat(services(Adder.class, "adder")).isEmpty();
            assertThat(context.getServiceReference(BundlePluginHost.class)).isNull();
        } finally {
            hostBundle.start();
        }
        eventually(() -> context.getServiceReference(BundlePluginHost.class) != null);
        host = context.getService(context.getServiceReference(BundlePluginHost.class));
        assertThat(service(Adder.class, "adder").add(1, 1)).isEqualTo(2);
    }

    @Test
    void brokenPluginsAreNotInstalled() throws Exception {
        start("empty", "", new byte[0]);
        start("adder", ";nonsense=1");
        start("bad-policy", ";policy=whatever", PluginBundles.wasm("adder"));

        stays(() -> host.plugins().isEmpty());
        assertThatThrownBy(() -> host.install(PluginManifest.of("x"), new byte[] {1, 2, 3}, context))
                .isInstanceOf(MalformedModuleException.class);
    }

    @Test
    void interfaceThatTheBundleDoesNotSeeOrThatDoesNotFitIsNamed() throws Exception {
        offer("notes", Notes.class, (caller, value) -> {});
        grant("*", "(sallyport.module=notes)", "offer", "*");
        start("one", ";services=\"com.acme.Absent\"", PluginBundles.wasm("adder"));
        start("two", services(Worker.class), PluginBundles.wasm("adder"));
        becomes("one", PluginState.QUARANTINED);
        becomes("two", PluginState.QUARANTINED);

        assertThat(plugin("one").quarantinedBecause())
                .isEqualTo("bundle test.one does not see the interface com.acme.Absent: it does not import the package"
                        + " com.acme; its manifest needs \"Import-Package: com.acme\" (in bnd.bnd: \"Import-Package: com.acme,"
                        + " *\"), and some bundle must export that package: none does now");
        assertThat(plugin("two").quarantinedBecause())
                .contains("Worker does not fit")
                .contains("no exported function \"deep-down\" (i32) -> (i32)");
        assertThat(services(Worker.class, "two")).isEmpty();
    }
}
