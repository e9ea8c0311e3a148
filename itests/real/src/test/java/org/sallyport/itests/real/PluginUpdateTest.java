package org.sallyport.itests.real;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.acme.Answer;
import com.acme.Formatter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.IntSupplier;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.sallyport.BindException;
import org.sallyport.Engine;
import org.sallyport.Instance;
import org.sallyport.host.AdaptedBy;
import org.sallyport.host.EntryPolicy;
import org.sallyport.host.Plugin;
import org.sallyport.host.PluginAdapter;
import org.sallyport.host.PluginEvent;
import org.sallyport.host.PluginManifest;
import org.sallyport.host.PluginState;
import org.sallyport.host.PluginUpdate;
import org.sallyport.host.UpdateRefusedException;
import org.sallyport.host.plain.PlainPluginHost;
import org.sallyport.itests.inputs.RealInputs;
import org.sallyport.text.Wat;

/** Another version of a plugin takes its place, and nobody notices; what makes no plugin takes nobody's. */
@Timeout(300)
class PluginUpdateTest {
    /** Calls while versions change; a million by hand. */
    private static final int CALLS = Integer.getInteger("sallyport.update.calls", 30_000);
    private static final int CALLERS = 3;

    interface Version {
        int dprint_plugin_version_4();
    }

    interface Log {
        void info(int number);
    }

    private final Engine engine = Engine.create();
    private final List<PluginEvent> events = Collections.synchronizedList(new ArrayList<>());
    private final PlainPluginHost host = PlainPluginHost.builder(engine).listener(events::add).build();

    @AfterEach
    void close() {
        host.close();
        engine.close();
    }

    // ---- small ones

    private static byte[] answering(int number) {
        return Wat.compile("(module (func (export \"getAsInt\") (result i32) i32.const " + number + "))");
    }

    private static byte[] asking(String function, int number) {
        return Wat.compile("(module (import \"log\" \"" + function + "\" (func $f (param i32)))"
                + "(func (export \"getAsInt\") (result i32) (call $f (i32.const 1)) i32.const " + number + "))");
    }

    private Plugin install() {
        return host.install(PluginManifest.of("p"), answering(1), "test:1");
    }

    private PluginUpdate update(Plugin plugin, byte[] wasm) {
        return host.update(plugin, plugin.manifest(), wasm, "test:2");
    }

    private UpdateRefusedException refused(Plugin plugin, byte[] wasm) {
        return catchThrowableOfType(UpdateRefusedException.class, () -> update(plugin, wasm));
    }

    private static void eventually(BooleanSupplier condition) throws InterruptedException {
        while (!condition.getAsBoolean()) {
            Thread.sleep(1);
        }
    }

    @ParameterizedTest
    @EnumSource
    void takesThePlaceAndGoesBack(EntryPolicy policy) {
        Plugin plugin = host.install(PluginManifest.of("p").withPolicy(policy), answering(1), "test:1");
        IntSupplier object = plugin.as(IntSupplier.class);
        assertThat(object.getAsInt()).isOne();
        assertThat(plugin.hasPrevious()).isFalse();
        assertThatThrownBy(() -> host.rollback(plugin)).isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("nothing to roll back to");

        assertThat(update(plugin, answering(2)).state()).isEqualTo(PluginState.ACTIVE);
        assertThat(object.getAsInt()).isEqualTo(2);
        assertThat(plugin.origin().location()).isEqualTo("test:2");
        assertThat(plugin.counters().calls()).isEqualTo(2);
        assertThat(host.plugins()).containsExactly(plugin);
        assertThat(host.candidates()).isEmpty();
        assertThat(events).anyMatch(event -> event instanceof PluginEvent.Updated updated
                && updated.state() == PluginState.ACTIVE && updated.source().contains("test:2"));

        assertThat(host.rollback(plugin).state()).isEqualTo(PluginState.ACTIVE);
        assertThat(object.getAsInt()).isOne();
        assertThat(plugin.origin().location()).isEqualTo("test:1");
        host.rollback(plugin);
        assertThat(object.getAsInt()).isEqualTo(2);
        update(plugin, answering(3));
        host.rollback(plugin);
        assertThat(object.getAsInt()).isEqualTo(2);
    }

    @Test
    void changesNothingWhenItIsRefused() {
        Plugin plugin = install();
        IntSupplier object = plugin.as(IntSupplier.class);
        object.getAsInt();
        byte[] whole = answering(2);
        String trap = "(module (func $f unreachable) (start $f) (func (export \"getAsInt\") (result i32) i32.const 2))";

        assertThat(refused(plugin, Arrays.copyOf(whole, whole.length - 3))).hasMessageContaining("is REFUSED because")
                .hasMessageContaining("test:2");
        assertThat(refused(plugin, "(module)".getBytes())).isNotNull();
        assertThat(refused(plugin, Wat.compile(trap)))
                .hasMessageContaining("could not be started").hasMessageContaining("unreachable");
        assertThat(refused(plugin, Wat.compile("(module)"))).hasMessageContaining("fit the interfaces");
        assertThat(refused(plugin, Wat.compile("(module (memory 2000) (func (export \"getAsInt\") (result i32) i32.const 1))")))
                .hasMessageContaining("memory in the plugin's grant");
        assertThat(refused(plugin, Wat.compile("(module (func (export \"getAsInt\") (result i64) i64.const 1))")))
                .hasMessageContaining("does not fit the interfaces").hasMessageContaining("wanted () -> (i32)");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> host.update(plugin, PluginManifest.of("q"), whole, "test:2"))
                .withMessageContaining("calls itself q");

        assertThat(object.getAsInt()).isOne();
        assertThat(plugin.state()).isEqualTo(PluginState.ACTIVE);
        assertThat(plugin.counters().instances()).isOne();
        assertThat(host.candidates()).singleElement().satisfies(candidate -> {
            assertThat(candidate.state()).isEqualTo(PluginState.REFUSED);
            assertThat(candidate.source()).contains("update from test:2");
            assertThat(candidate.reason()).contains("does not fit the interfaces");
        });
        assertThat(events).filteredOn(PluginEvent.Refused.class::isInstance).hasSize(6);
        update(plugin, whole);
        assertThat(object.getAsInt()).isEqualTo(2);
        assertThat(host.candidates()).isEmpty();
    }

    @Test
    void waitsForConsentToWhatItAsksForMore() throws Exception {
        host.offer("log", Log.class, _ -> {}, Map.of());
        host.grant(Map.of("plugin", "p", "allow", "(sallyport.module=none)"));
        Plugin plugin = install();
        IntSupplier object = plugin.as(IntSupplier.class);

        PluginUpdate waiting = update(plugin, asking("info", 2));
        assertThat(waiting.state()).isEqualTo(PluginState.WAITING);
        assertThat(waiting.reason()).contains("not granted").contains("allow=(sallyport.module=log)");
        assertThat(object.getAsInt()).isOne();
        assertThat(plugin.state()).isEqualTo(PluginState.ACTIVE);
        assertThat(host.candidates()).singleElement()
                .satisfies(candidate -> assertThat(candidate.state()).isEqualTo(PluginState.WAITING));

        PlainPluginHost.Registration grant = host.grant(Map.of("plugin", "p", "allow", "(sallyport.module=log)"));
        eventually(() -> object.getAsInt() == 2);
        eventually(() -> plugin.update().state() == PluginState.ACTIVE);
        assertThat(host.candidates()).isEmpty();

        grant.close();
        eventually(() -> plugin.state() == PluginState.UNSATISFIED);
        assertThat(host.rollback(plugin).state()).isEqualTo(PluginState.ACTIVE);
        assertThat(object.getAsInt()).isOne();
    }

    /** Who was granted what by whom, and what was withdrawn: as events, and for the Flight Recorder. */
    @Test
    void grantsAreTold(@TempDir Path folder) throws Exception {
        Path file = folder.resolve("audit.jfr");
        try (Recording recording = new Recording()) {
            recording.start();
            host.offer("log", Log.class, _ -> {}, Map.of());
            Plugin plugin = host.install(PluginManifest.of("p"), asking("info", 1), "test:1");
            assertThat(events).noneMatch(PluginEvent.Granted.class::isInstance);
            PlainPluginHost.Registration grant = host.grant(Map.of("plugin", "p", "allow", "(sallyport.module=log)"));
            eventually(() -> plugin.state() == PluginState.ACTIVE);
            grant.close();
            eventually(() -> plugin.state() == PluginState.UNSATISFIED);
            recording.dump(file);
        }
        assertThat(events.stream().filter(PluginEvent.Granted.class::isInstance).map(PluginEvent::message)).satisfiesExactly(
                given -> assertThat(given).startsWith("is granted {allow=[(sallyport.module=log)]").endsWith(" by grant for p"),
                taken -> assertThat(taken).isEqualTo("is granted nothing any more by grant for p"));
        assertThat(RecordingFile.readAllEvents(file))
                .filteredOn(event -> event.getEventType().getName().equals("org.sallyport.Plugin"))
                .filteredOn(event -> event.getString("kind").equals("Granted"))
                .extracting(event -> event.getString("plugin")).containsExactly("p", "p");
    }

    @Test
    void anotherUpdateComesBeforeOneThatWaits() {
        Plugin plugin = install();
        IntSupplier object = plugin.as(IntSupplier.class);
        assertThat(update(plugin, asking("info", 2)).state()).isEqualTo(PluginState.WAITING);
        assertThat(update(plugin, answering(3)).state()).isEqualTo(PluginState.ACTIVE);
        host.offer("log", Log.class, _ -> {}, Map.of());
        host.grant(Map.of("plugin", "p", "allow", "(sallyport.module=log)"));
        assertThat(object.getAsInt()).isEqualTo(3);
        assertThat(plugin.module().imports()).isEmpty();
    }

    /** What was in flight ends where it began, and sees what is withdrawn from it. */
    @Test
    void callsInFlightEndInTheOldOne() throws Exception {
        CountDownLatch inside = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        AtomicInteger calls = new AtomicInteger();
        host.offer("log", Log.class, _ -> {
            if (calls.incrementAndGet() == 1) {
                inside.countDown();
                try {
                    go.await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            }
        }, Map.of());
        host.grant(Map.of("plugin", "p", "allow", "(sallyport.module=log)"));
        Plugin plugin = host.install(PluginManifest.of("p"), asking("info", 1), "test:1");
        IntSupplier object = plugin.as(IntSupplier.class);
        AtomicInteger result = new AtomicInteger();
        Thread caller = Thread.ofVirtual().start(() -> result.set(object.getAsInt()));
        inside.await();

        update(plugin, asking("info", 2));
        assertThat(object.getAsInt()).isEqualTo(2);
        assertThat(plugin.counters().instances()).isEqualTo(2);
        go.countDown();
        caller.join();
        assertThat(result).hasValue(1);
        eventually(() -> plugin.counters().instances() == 1);
        assertThat(plugin.counters().calls()).isEqualTo(2);
    }

    @Test
    void itsServicesStayWhereTheyAre() throws Exception {
        byte[] second = Wat.compile("(module (func (export \"getAsInt\") (result i32) i32.const 2)"
                + "(func (export \"dprint_plugin_version_4\") (result i32) i32.const 4))");
        host.grant(Map.of("plugin", "p", "offer", "com.acme.*"));
        Plugin plugin = host.install(PluginManifest.of("p", Answer.class.getName()), answering(1), "test:1");
        eventually(() -> host.service(Answer.class).isPresent());
        Answer service = host.service(Answer.class).orElseThrow();
        assertThat(service.getAsInt()).isOne();

        PluginManifest manifest = PluginManifest.of("p", Answer.class.getName(), Formatter.class.getName());
        assertThat(host.update(plugin, manifest, second, "test:2").state()).isEqualTo(PluginState.ACTIVE);
        assertThat(host.services(Answer.class)).containsExactly(service);
        assertThat(service.getAsInt()).isEqualTo(2);
        assertThat(host.service(Formatter.class).orElseThrow().dprint_plugin_version_4()).isEqualTo(4);
        assertThatThrownBy(() -> host.rollback(plugin)).as("somebody may have got the second service")
                .isInstanceOf(UpdateRefusedException.class);
        assertThat(host.services(Formatter.class)).hasSize(1);
    }

    /** By an ABI of its own: an export with a name that no method has. */
    @AdaptedBy(Doubled.Adapter.class)
    public interface Doubled {
        int twice();

        final class Adapter implements PluginAdapter<Doubled> {
            @Override
            public Doubled adapt(Plugin plugin) {
                if (plugin.module().exports().stream().noneMatch(export -> export.name().equals("getAsInt"))) {
                    throw new BindException(Doubled.class, plugin.id(), List.of("exports no getAsInt"));
                }
                return () -> 2 * plugin.<Integer, RuntimeException>use(instance -> (Integer) instance.func("getAsInt").call()[0]);
            }
        }
    }

    /** The adapter looks at the module that is to come, not at the one in service. */
    @Test
    void mustFitAdaptersToo() {
        Plugin plugin = install();
        Doubled object = plugin.as(Doubled.class);
        assertThat(object.twice()).isEqualTo(2);

        assertThat(refused(plugin, Wat.compile("(module)"))).hasMessageContaining("does not fit the interfaces")
                .hasMessageContaining("exports no getAsInt");
        assertThat(object.twice()).isEqualTo(2);
        update(plugin, answering(3));
        assertThat(object.twice()).isEqualTo(6);
    }

    /** Overtaken in its start function: it reaches the host no more, and nobody is told of a denial. */
    @Test
    void whatIsOvertakenWhileItStartsIsCutOffAtOnce() throws Exception {
        CountDownLatch inside = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        AtomicInteger calls = new AtomicInteger();
        host.offer("log", Log.class, _ -> {
            calls.incrementAndGet();
            inside.countDown();
            boolean waits = true;
            while (waits) { // it does not answer an interruption, so the guest goes on when it returns
                try {
                    go.await();
                    waits = false;
                } catch (InterruptedException e) {
                    Thread.onSpinWait();
                }
            }
        }, Map.of());
        host.grant(Map.of("plugin", "p", "allow", "(sallyport.module=log)"));
        Plugin plugin = install();
        byte[] starting = Wat.compile("""
                (module (import "log" "info" (func $f (param i32)))
                  (func $start (loop $again (call $f (i32.const 1)) (br $again))) (start $start)
                  (func (export "getAsInt") (result i32) i32.const 2))""");
        Thread updating = Thread.ofVirtual().start(() -> refused(plugin, starting));
        inside.await();
        assertThat(update(plugin, answering(3)).state()).isEqualTo(PluginState.ACTIVE);
        go.countDown();
        updating.join();
        eventually(() -> plugin.counters().instances() == 1);

        assertThat(calls).hasValue(1);
        assertThat(plugin.counters().denials()).isZero();
        assertThat(events).noneMatch(PluginEvent.Denied.class::isInstance);
        assertThat(plugin.as(IntSupplier.class).getAsInt()).isEqualTo(3);
    }

    // ---- a real one, under load

    private static byte[] renamed(byte[] module) {
        byte[] more = Arrays.copyOf(module, module.length + 4);
        more[module.length] = 0; // a custom section of two bytes: the name "v"
        more[module.length + 1] = 2;
        more[module.length + 2] = 1;
        more[module.length + 3] = 'v';
        return more;
    }

    private static String formatted(Instance instance) {
        DprintPlugin formatter = instance.store().attachment(DprintPlugin.class);
        if (formatter == null) {
            formatter = new DprintPlugin(instance);
            instance.store().attach(DprintPlugin.class, formatter);
        }
        return formatter.format("a.json", "{\"a\":1}").text();
    }

    @Test
    void noCallFailsWhileVersionsChange() throws Exception {
        byte[] first = RealInputs.dprintJson();
        byte[] second = renamed(first);
        host.grant(Map.of("plugin", "json", "timeout", "30000"));
        Plugin plugin = host.install(PluginManifest.of("json").withPool(4), first, "test:1");
        Version version = plugin.as(Version.class);
        String text = plugin.use(PluginUpdateTest::formatted);
        assertThat(text).isEqualTo("{ \"a\": 1 }\n");

        List<Throwable> failures = Collections.synchronizedList(new ArrayList<>());
        AtomicLong done = new AtomicLong();
        CountDownLatch changed = new CountDownLatch(1);
        List<Thread> callers = new ArrayList<>();
        for (int i = 0; i < CALLERS; i++) {
            boolean formats = i == 0;
            callers.add(Thread.ofPlatform().start(() -> {
                while (done.incrementAndGet() < CALLS || changed.getCount() > 0) {
                    if (done.get() > CALLS) { // it is enough; who changes versions needs a processor, too
                        LockSupport.parkNanos(1_000_000);
                    }
                    try {
                        if (formats) {
                            assertThat(plugin.use(PluginUpdateTest::formatted)).isEqualTo(text);
                        } else {
                            assertThat(version.dprint_plugin_version_4()).isEqualTo(4);
                        }
                    } catch (Throwable e) {
                        failures.add(e);
                    }
                }
            }));
        }
        long deadline = System.nanoTime();
        int updates = 0;
        do {
            assertThat(host.update(plugin, plugin.manifest(), second, "test:2").state()).isEqualTo(PluginState.ACTIVE);
            UpdateRefusedException truncated = catchThrowableOfType(UpdateRefusedException.class, () ->
                    host.update(plugin, plugin.manifest(), Arrays.copyOf(first, first.length / 2), "test:3"));
            assertThat(truncated.update().state()).isEqualTo(PluginState.REFUSED);
            assertThat(plugin.origin().location()).isEqualTo("test:2");
            assertThat(host.rollback(plugin).state()).isEqualTo(PluginState.ACTIVE);
            assertThat(plugin.origin().location()).isEqualTo("test:1");
            updates++;
        } while (done.get() < CALLS);
        changed.countDown();
        for (Thread caller : callers) {
            caller.join();
        }
        System.out.printf("%d calls, %d updates, refusals and rollbacks of dprint's JSON formatter in %d ms: %d calls failed%n",
                done.get(), updates, (System.nanoTime() - deadline) / 1_000_000, failures.size());
        assertThat(failures).isEmpty();
        eventually(() -> plugin.counters().instances() <= 4);
    }
}
