package org.sallyport.itests;

import static org.assertj.core.api.Assertions.assertThat;

import com.acme.itests.Adder;
import java.io.ByteArrayInputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.osgi.framework.Bundle;
import org.osgi.framework.ServiceReference;
import org.sallyport.text.Wat;

/**
 * Plugins come, change and go, and our own bundles are refreshed, while another plugin is called; in the end there are as many
 * class loaders, threads, descriptors and mappings as after the first rounds.
 */
@Timeout(1_200)
class CyclesIT {
    /** The long run: {@code -Dsallyport.cycles=200 -Dsallyport.refreshes=50}. */
    private static final int CYCLES = Integer.getInteger("sallyport.cycles", 6);
    private static final int REFRESHES = Integer.getInteger("sallyport.refreshes", 1);
    private static final int WARM_UP = 3;
    private static final int CALLERS = 2;
    private static final String SERVICES = ";services=\"" + Adder.class.getName() + "\";timeout=20000";

    @TempDir
    Path storage;

    private final List<Thread> callers = new ArrayList<>();
    private final AtomicLong calls = new AtomicLong();
    private final AtomicLong missed = new AtomicLong();
    private final AtomicReference<Throwable> wrong = new AtomicReference<>();
    private volatile boolean done;

    private static byte[] adding(int more) {
        return Wat.compile("(module (memory 1) (func (export \"add\") (param i32 i32) (result i32)"
                + " (i32.add (i32.const " + more + ") (i32.add (local.get 0) (local.get 1)))))");
    }

    /** Looks the service up for each call, as a consumer without a tracker does. */
    private void callAllTheTime(EmbeddedHost host) {
        for (int i = 0; i < CALLERS; i++) {
            callers.add(Thread.ofPlatform().name("caller-" + i).start(() -> {
                while (!done) {
                    callOnce(host);
                    LockSupport.parkNanos(100_000);
                }
            }));
        }
    }

    private void callOnce(EmbeddedHost host) {
        try {
            ServiceReference<Adder> reference = host.context()
                    .getServiceReferences(Adder.class, "(sallyport.plugin=steady)").stream().findFirst().orElse(null);
            Adder adder = reference == null ? null : host.context().getService(reference);
            if (adder == null) {
                missed.incrementAndGet();
                return;
            }
            try {
                assertThat(adder.add(40, 2)).isEqualTo(42);
                calls.incrementAndGet();
            } finally {
                host.context().ungetService(reference);
            }
        } catch (AssertionError e) {
            wrong.compareAndSet(null, e);
        } catch (Exception | LinkageError e) {
            missed.incrementAndGet();
        }
    }

    @AfterEach
    void endCallers() throws InterruptedException {
        done = true;
        for (Thread caller : callers) {
            caller.join();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"felix", "equinox"})
    void leaveNothingBehind(String framework) throws Exception {
        try (EmbeddedHost host = new EmbeddedHost(framework, storage)) {
            host.grant("plugin", "*", "allow", "", "offer", "com.acme.itests.*");
            host.install("steady", SERVICES + ";policy=pooled;pool=2", adding(0)).start();
            host.service(Adder.class, "steady");
            callAllTheTime(host);
            cycle(host, WARM_UP);
            Leftovers afterWarmUp = settled(framework, null, 0);

            long before = missed.get();
            cycle(host, CYCLES);
            assertThat(missed.get() - before).as("calls of the other plugin that failed meanwhile").isZero();
            Leftovers afterCycles = settled(framework, afterWarmUp, 0);

            refresh(host, REFRESHES);
            // Equinox, or Java softly, keeps the one before the last here and there; it does not grow with the refreshes
            int kept = framework.equals("equinox") ? host.ours().size() : 0;
            Leftovers afterRefreshes = settled(framework, afterWarmUp, kept);

            assertThat(wrong.get()).isNull();
            assertThat(calls.get()).isPositive();
            System.out.printf("%s: %d calls, %d found no plugin during refreshes%n  at first      %s%n  %3d cycles    %s%n"
                            + "  %3d refreshes %s%n",
                    framework, calls.get(), missed.get(), afterWarmUp, CYCLES, afterCycles, REFRESHES, afterRefreshes);
        }
    }

    private static void cycle(EmbeddedHost host, int times) throws Exception {
        for (int i = 0; i < times; i++) {
            Bundle bundle = host.install("passing", SERVICES, adding(i));
            bundle.start();
            assertThat(host.service(Adder.class, "passing").add(1, 2)).isEqualTo(3 + i);
            bundle.update(new ByteArrayInputStream(EmbeddedHost.bundle("passing", SERVICES, adding(-i - 1))));
            assertThat(host.service(Adder.class, "passing").add(1, 2)).isEqualTo(2 - i);
            bundle.uninstall();
        }
    }

    private static void refresh(EmbeddedHost host, int times) throws Exception {
        for (int i = 0; i < times; i++) {
            host.refreshOurs();
            assertThat(host.service(Adder.class, "steady").add(1, 2)).isEqualTo(3);
        }
    }

    /** Threads without work end within seconds, and what the collector finds it tells of later. */
    private static Leftovers settled(String framework, Leftovers before, int moreLoaders) throws Exception {
        Leftovers now = Leftovers.now(framework);
        for (int i = 0; before != null && i < 60 && !now.isNoMoreThan(before, moreLoaders); i++) {
            Thread.sleep(500);
            now = Leftovers.now(framework);
        }
        if (before != null) {
            assertThat(now.isNoMoreThan(before, moreLoaders)).as("before: %s%nafter: %s", before, now).isTrue();
        }
        return now;
    }
}
