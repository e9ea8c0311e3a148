package org.sallyport.itests.real;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.acme.Discount;
import com.acme.Discount.Item;
import java.io.IOException;
import java.io.StringReader;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.IntSupplier;
import java.util.Map;
import java.util.Properties;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.sallyport.Caller;
import org.sallyport.Config;
import org.sallyport.Engine;
import org.sallyport.GuestInterruptedException;
import org.sallyport.LimitExceededException;
import org.sallyport.MalformedModuleException;
import org.sallyport.OutOfFuelException;
import org.sallyport.TrapCode;
import org.sallyport.TrapException;
import org.sallyport.host.AccessDeniedException;
import org.sallyport.host.EntryPolicy;
import org.sallyport.host.HostModule;
import org.sallyport.host.Plugin;
import org.sallyport.host.PluginEvent;
import org.sallyport.host.PluginIdentity;
import org.sallyport.host.PluginManifest;
import org.sallyport.host.PluginState;
import org.sallyport.host.PluginUnavailableException;
import org.sallyport.host.UnsatisfiedImport;
import org.sallyport.host.plain.PlainPluginHost;
import org.sallyport.text.Wat;

/** Plugins in plain Java: what a grant says, and nothing else, whoever comes and goes. */
@Timeout(120)
class PlainPluginHostTest {
    /** The price of a basket in cents; tells the host module {@code log} of it. Its allocator bumps, and starts anew. */
    static final String DISCOUNT = """
            (module
              (import "log" "info" (func $info (param i32 i32)))
              (memory (export "memory") 1)
              (data (i32.const 16) "a basket")
              (global $top (mut i32) (i32.const 64))
              (func (export "sallyport_alloc") (param i32) (result i32)
                (global.get $top)
                (global.set $top (i32.and (i32.add (i32.add (global.get $top) (local.get 0)) (i32.const 7)) (i32.const -8))))
              (func (export "sallyport_free") (param i32 i32) (global.set $top (i32.const 64)))
              (func (export "priceOf") (param $at i32) (param $count i32) (result i64)
                (local $sum i64)
                (call $info (i32.const 16) (i32.const 8))
                (block $done (loop $next
                  (br_if $done (i32.eqz (local.get $count)))
                  (local.set $sum (i64.add (local.get $sum) (i64.mul
                    (i64.extend_i32_s (i32.load offset=8 (local.get $at))) (i64.load offset=16 (local.get $at)))))
                  (local.set $at (i32.add (local.get $at) (i32.const 24)))
                  (local.set $count (i32.sub (local.get $count) (i32.const 1)))
                  (br $next)))
                (local.get $sum))
              (func (export "trap") unreachable)
              (func (export "spin") (loop $l (br $l)))
              (func (export "grow") (result i32) (memory.grow (i32.const 100)))
              (func (export "often") (param i32) (loop $l
                (call $info (i32.const 16) (i32.const 8))
                (br_if $l (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))))
            """;

    interface Faults {
        void trap();

        void spin();

        int grow();

        void often(int times);
    }

    interface Log {
        void info(Caller caller, String message);
    }

    private static final List<Item> BASKET = List.of(new Item("tea", 2, 450), new Item("cup", 1, 800));
    private static final Map<String, String> GRANT = Map.of("plugin", "discount", "allow", "(sallyport.module=log)");

    private final Engine engine = Engine.create(Config.defaults().withFuel(true));
    private final List<String> logged = Collections.synchronizedList(new ArrayList<>());
    private final List<PluginEvent> events = Collections.synchronizedList(new ArrayList<>());
    private final PlainPluginHost host = PlainPluginHost.builder(engine).listener(events::add).build();

    @AfterEach
    void close() {
        host.close();
        engine.close();
        assertThat(host.plugins()).isEmpty();
    }

    @Test
    void aListenerThatFailsHarmsNobody() {
        byte[] wasm = Wat.compile("(module (func (export \"getAsInt\") (result i32) i32.const 1))");
        try (PlainPluginHost other = PlainPluginHost.builder(engine)
                .listener(_ -> {
                    throw new AssertionError("expected by the test");
                })
                .grant(Map.of("plugin", "p"))
                .build()) {
            Plugin plugin = other.install(PluginManifest.of("p"), wasm, "test:p");
            assertThat(plugin.as(IntSupplier.class).getAsInt()).isOne();
            assertThat(plugin.quarantinedBecause()).isNull();
        }
    }

    private void log(Caller caller, String message) {
        logged.add(caller.attachment(PluginIdentity.class).id() + ": " + message);
    }

    private static byte[] wasm() {
        return Wat.compile(DISCOUNT);
    }

    private Plugin install() {
        return host.install(PluginManifest.of("discount"), wasm(), "test:discount");
    }

    private PlainPluginHost.Registration offer() {
        return host.offer("log", Log.class, this::log, Map.of("level", "info"));
    }

    private static void eventually(BooleanSupplier condition) throws InterruptedException {
        while (!condition.getAsBoolean()) {
            Thread.sleep(1);
        }
    }

    @Test
    void doesWhatItIsGranted() {
        offer();
        host.grant(GRANT);

        assertThat(install().as(Discount.class).priceOf(BASKET)).isEqualTo(1700);
        assertThat(logged).containsExactly("discount: a basket");
        assertThat(host.plugin("discount").orElseThrow().counters().calls()).isEqualTo(1);
    }

    @Test
    void getsNothingThatIsNotGranted() throws Exception {
        offer();
        Plugin plugin = install();
        assertThat(plugin.state()).isEqualTo(PluginState.UNSATISFIED);
        assertThat(plugin.unsatisfied()).singleElement().satisfies(missing -> {
            assertThat(missing.kind()).isEqualTo(UnsatisfiedImport.Kind.NOT_GRANTED);
            assertThat(missing.toString()).contains("the application offers it, but there is no grant for plugin discount",
                            "; a grant with plugin=discount and allow=(sallyport.module=log) would")
                    .doesNotContain("configuration", "service");
        });
        Discount discount = plugin.as(Discount.class);
        assertThatThrownBy(() -> discount.priceOf(BASKET)).isInstanceOf(PluginUnavailableException.class);

        for (Map<String, String> other : List.of(
                Map.of("plugin", "other", "allow", "(sallyport.module=log)"),
                Map.of("plugin", "discount", "allow", "(sallyport.module=files)"),
                Map.of("plugin", "discount", "allow", "(&(sallyport.module=log)(level=debug))"),
                Map.of("plugin", "discount", "allow", "(sallyport.module=log)", "functions", "warn"),
                Map.of("plugin", "discount", "allow", "(sallyport.module=log)", "location", "file:*"),
                Map.of("plugin", "discount", "allow", "(sallyport.module=log)", "digest", "0".repeat(64)))) {
            host.grant(other);
        }
        Thread.sleep(50);
        assertThat(plugin.state()).isEqualTo(PluginState.UNSATISFIED);
        assertThat(logged).isEmpty();

        host.grant(Map.of("plugin", "disc*", "allow", "(&(sallyport.module=log)(level=info))", "location", "test:*"));
        eventually(() -> plugin.state() == PluginState.ACTIVE);
        assertThat(discount.priceOf(BASKET)).isEqualTo(1700);
    }

    @Test
    void losesWhatIsWithdrawn() throws Exception {
        offer();
        PlainPluginHost.GrantRegistration grant = host.grant(GRANT);
        Plugin plugin = install();
        Discount discount = plugin.as(Discount.class);
        assertThat(discount.priceOf(BASKET)).isEqualTo(1700);

        grant.close();
        assertThatThrownBy(() -> discount.priceOf(BASKET)).isInstanceOfAny(
                AccessDeniedException.class, PluginUnavailableException.class);
        eventually(() -> plugin.state() == PluginState.UNSATISFIED);
        assertThat(logged).hasSize(1);
        host.grant(GRANT);
        eventually(() -> plugin.state() == PluginState.ACTIVE);
        assertThat(discount.priceOf(BASKET)).isEqualTo(1700);
    }

    /** A guest in mid-call is ended at its next host call. */
    @Test
    void losesItInTheMiddleOfACall() {
        PlainPluginHost.GrantRegistration[] grant = new PlainPluginHost.GrantRegistration[1];
        host.offer("log", Log.class, (caller, message) -> {
            log(caller, message);
            grant[0].close();
        }, Map.of());
        grant[0] = host.grant(GRANT);
        Faults faults = install().as(Faults.class);

        assertThatThrownBy(() -> faults.often(5)).isInstanceOf(AccessDeniedException.class);
        assertThat(logged).hasSize(1);
        assertThat(events).anyMatch(event -> event instanceof PluginEvent.Denied denied && denied.wanted().name().equals("info"));
    }

    @Test
    void hostModulesComeAndGo() throws Exception {
        host.grant(GRANT);
        Plugin plugin = install();
        assertThat(plugin.unsatisfied()).singleElement().satisfies(missing -> assertThat(missing.kind())
                .isEqualTo(UnsatisfiedImport.Kind.NO_SERVICE));
        PlainPluginHost.Registration log = offer();
        eventually(() -> plugin.state() == PluginState.ACTIVE);
        plugin.as(Discount.class).priceOf(BASKET);
        PlainPluginHost.Registration better = host.offer(
                "log", Log.class, (_, message) -> logged.add("better: " + message), Map.of("service.ranking", 1));
        plugin.as(Discount.class).priceOf(BASKET);
        better.close();
        plugin.as(Discount.class).priceOf(BASKET);
        assertThat(logged).containsExactly("discount: a basket", "better: a basket", "discount: a basket");
        log.close();
        assertThatThrownBy(() -> plugin.as(Discount.class).priceOf(BASKET)).isInstanceOfAny(
                AccessDeniedException.class, PluginUnavailableException.class);
        assertThat(plugin.state()).isEqualTo(PluginState.UNSATISFIED);
    }

    @Test
    void hostModulesMakeSlices() throws Exception {
        MethodHandle add = MethodHandles.lookup()
                .findVirtual(List.class, "add", MethodType.methodType(boolean.class, Object.class))
                .bindTo(logged)
                .asType(MethodType.methodType(void.class, String.class));
        MethodHandle concat = MethodHandles.lookup()
                .findVirtual(String.class, "concat", MethodType.methodType(String.class, String.class));
        HostModule slices = plugin -> Map.of(
                "info", MethodHandles.filterArguments(add, 0, concat.bindTo(plugin.attribute("prefix") + ": ")));
        host.offer("log", slices, Map.of());
        host.grant(Map.of("plugin", "discount", "allow", "(sallyport.module=log)", "attribute.prefix", "slice"));
        install().as(Discount.class).priceOf(BASKET);
        assertThat(logged).containsExactly("slice: a basket");
    }

    @Test
    void limitsAreThoseOfGrantsReadFromProperties() throws Exception {
        offer();
        Properties grant = new Properties();
        grant.load(new StringReader("""
                plugin = discount
                allow = (sallyport.module=log)
                timeout = 2000
                memory = 131072
                max-traps = 3
                """));
        host.grant(grant);
        Plugin plugin = install();
        Faults faults = plugin.as(Faults.class);

        assertThat(faults.grow()).isEqualTo(-1);
        assertThatThrownBy(faults::spin).isInstanceOf(GuestInterruptedException.class);
        assertThatThrownBy(faults::trap).isInstanceOf(TrapException.class);
        assertThat(plugin.state()).isEqualTo(PluginState.ACTIVE);
        assertThatThrownBy(faults::trap).isInstanceOf(TrapException.class);
        assertThat(plugin.state()).isEqualTo(PluginState.QUARANTINED);
        assertThat(events).anyMatch(event -> event instanceof PluginEvent.Stopped stopped && stopped.ownLimit());
        assertThat(events).anyMatch(event -> event instanceof PluginEvent.Trapped trapped
                && trapped.code() == TrapCode.UNREACHABLE && trapped.plugin().equals("discount"));
        assertThat(events).anyMatch(event -> event instanceof PluginEvent.StateChanged changed
                && changed.state() == PluginState.QUARANTINED && changed.message().contains("it failed 3 times"));
        plugin.restart();
        assertThat(plugin.as(Discount.class).priceOf(List.of())).isZero();
    }

    @Test
    void fuelIsGrantedToo() {
        offer();
        host.grant(Map.of("plugin", "discount", "allow", "(sallyport.module=log)", "fuel", 10_000));
        Plugin plugin = install();
        assertThatThrownBy(() -> plugin.as(Faults.class).spin()).isInstanceOf(OutOfFuelException.class);
        assertThat(plugin.as(Discount.class).priceOf(BASKET)).isEqualTo(1700);
    }

    @Test
    void grantsThatCannotBeReadGrantNothing() throws Exception {
        offer();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> host.grant(Map.of("plugin", "discount", "Allow", "(sallyport.module=log)")))
                .withMessage("grant for discount grants nothing: write allow instead of Allow");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> host.grant(Map.of("plugin", "discount", "signer", "*")))
                .withMessageContaining("signers are verified in OSGi only");
        assertThatIllegalArgumentException().isThrownBy(() -> PlainPluginHost.builder(engine)
                .grant(Map.of("plugin", "discount", "timeout", "soon")).build());
        assertThatIllegalArgumentException()
                .isThrownBy(() -> PlainPluginHost.builder(engine).settings(Map.of("memori", 1, "pool", "many")))
                .withMessageContaining("memori").withMessageContaining("pool must be a number from 1");

        PlainPluginHost.GrantRegistration grant = host.grant(GRANT);
        Plugin plugin = install();
        assertThatIllegalArgumentException().isThrownBy(() -> grant.update(Map.of("plugin", "discount", "memory", "-1")));
        eventually(() -> plugin.state() == PluginState.UNSATISFIED);
        grant.update(GRANT);
        eventually(() -> plugin.state() == PluginState.ACTIVE);
    }

    @Test
    void servicesNeedAGrant() throws Exception {
        offer();
        host.grant(GRANT);
        Plugin plugin = host.install(PluginManifest.of("discount", Discount.class.getName()), wasm(), "test:a");
        assertThat(plugin.unsatisfiedOffers()).hasSize(1);
        assertThat(host.service(Discount.class)).isEmpty();
        PlainPluginHost.Registration grant = host.grant(Map.of("plugin", "discount", "offer", Discount.class.getName()));
        eventually(() -> host.service(Discount.class).isPresent());
        assertThat(host.service(Discount.class).orElseThrow().priceOf(BASKET)).isEqualTo(1700);
        grant.close();
        eventually(() -> host.service(Discount.class).isEmpty());
    }

    @Test
    void theFirstHoldsAnId() throws Exception {
        offer();
        host.grant(GRANT);
        Plugin first = install();
        Plugin second = host.install(PluginManifest.of("discount"), wasm(), "test:other");
        assertThat(second.state()).isEqualTo(PluginState.CONFLICT);
        assertThat(host.plugins()).containsExactly(first, second);
        host.uninstall(first);
        eventually(() -> second.state() == PluginState.ACTIVE);
        assertThat(second.as(Discount.class).priceOf(BASKET)).isEqualTo(1700);
    }

    @Test
    void instancesThatUsersShareNothingOf() {
        offer();
        host.grant(GRANT);
        Plugin plugin = host.install(PluginManifest.of("discount").withPolicy(EntryPolicy.FRESH), wasm(), "test:a");
        for (int i = 0; i < 20; i++) {
            int top = plugin.use(instance -> (int) instance.func("sallyport_alloc").call(1000)[0]);
            assertThat(top).isEqualTo(64);
        }
    }

    @Test
    void modulesAreFilesToo(@TempDir Path folder) throws IOException {
        offer();
        Path file = folder.resolve("discount.wasm");
        Files.write(file, wasm());
        host.grant(Map.of("plugin", "discount", "allow", "(sallyport.module=log)", "location", folder.toUri() + "*"));
        assertThat(host.install(PluginManifest.of("discount"), file).as(Discount.class).priceOf(BASKET)).isEqualTo(1700);
        Files.writeString(file, "(module)", StandardCharsets.UTF_8);
        assertThatIllegalArgumentException().isThrownBy(() -> host.install(PluginManifest.of("text"), file))
                .withMessageContaining("a plugin is a module in the binary format");
        assertThatThrownBy(() -> host.install(PluginManifest.of("broken"), new byte[] {0, 1}, "test:broken"))
                .isInstanceOf(MalformedModuleException.class);
        try (PlainPluginHost small = PlainPluginHost.builder(engine).settings(Map.of("moduleBytes", 100)).build()) {
            assertThatThrownBy(() -> small.install(PluginManifest.of("large"), wasm(), "test:large"))
                    .isInstanceOf(LimitExceededException.class);
        }
    }

    @Test
    void givesEverythingBack() {
        offer();
        host.grant(GRANT);
        Plugin plugin = install();
        plugin.as(Discount.class).priceOf(BASKET);
        host.close();
        assertThat(plugin.state()).isEqualTo(PluginState.UNINSTALLED);
        assertThatThrownBy(() -> plugin.as(Discount.class).priceOf(BASKET)).isInstanceOf(PluginUnavailableException.class);
        assertThatThrownBy(this::install).isInstanceOf(IllegalStateException.class);
    }
}
