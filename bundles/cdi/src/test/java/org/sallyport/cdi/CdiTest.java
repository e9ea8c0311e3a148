package org.sallyport.cdi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jakarta.annotation.PostConstruct;
import jakarta.annotation.PreDestroy;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.context.Dependent;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.event.ObservesAsync;
import jakarta.enterprise.inject.Any;
import jakarta.enterprise.inject.Instance;
import jakarta.enterprise.inject.Produces;
import jakarta.enterprise.inject.Typed;
import jakarta.enterprise.inject.spi.DeploymentException;
import jakarta.inject.Inject;
import jakarta.interceptor.AroundInvoke;
import jakarta.interceptor.Interceptor;
import jakarta.interceptor.InterceptorBinding;
import jakarta.interceptor.InvocationContext;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sallyport.Config;
import org.sallyport.Engine;
import org.sallyport.StoreClosedException;
import org.sallyport.TrapException;
import org.sallyport.host.PluginEvent;
import org.sallyport.host.PluginHost;
import org.sallyport.host.PluginState;
import org.sallyport.host.PluginUnavailableException;
import org.sallyport.host.UpdateRefusedException;
import org.sallyport.text.Wat;

/** Plugins in beans, beans as host modules, in Weld SE. */
class CdiTest {
    /** Takes a part of the price, and tells the host. */
    private static final String DISCOUNT = """
            (module
              (import "till" "note" (func $note (param i32)))
              (func (export "price") (param i32) (result i32)
                (call $note (local.get 0))
                (i32.sub (local.get 0) (i32.div_s (local.get 0) (i32.const 10)))))
            """;
    private static final String HALF = DISCOUNT.replace("i32.const 10", "i32.const 2");
    private static final Map<String, String> MODULES = Map.of("plugins/discount.wasm", DISCOUNT);
    private static final Map<String, String> SETTINGS = Map.of(
            "sallyport.plugin.acme.discount.module", "plugins/discount.wasm",
            "sallyport.grant.till.plugin", "acme.discount",
            "sallyport.grant.till.allow", "(sallyport.module=till)");

    public interface Discount {
        int price(int cents);
    }

    public interface Till {
        void note(int cents);
    }

    @HostModule("till")
    @ApplicationScoped
    static class Notes implements Till {
        final List<Integer> notes = new CopyOnWriteArrayList<>();

        @Override
        public void note(int cents) {
            notes.add(cents);
        }

        List<Integer> all() {
            return notes;
        }
    }

    @ApplicationScoped
    static class Shop {
        @Inject
        @Plugin("acme.discount")
        Discount discount;

        @Inject
        @Plugin("acme.discount")
        Instance<Discount> later;

        @Inject
        @Plugin("acme.discount")
        org.sallyport.host.Plugin plugin;

        @Inject
        Engine engine;

        @Inject
        Plugins plugins;

        @Inject
        PluginHost host;

        int price(int cents) {
            return discount.price(cents);
        }
    }

    @TempDir
    Path folder;

    @Test
    void pluginsAreInjectedAndCallBeans() {
        Engine engine;
        try (Application application = new Application(folder, SETTINGS, MODULES, Shop.class, Look.class, Notes.class)) {
            Shop shop = application.get(Shop.class);
            assertThat(shop.price(1000)).isEqualTo(900);
            assertThat(real(application).later.get().price(50)).isEqualTo(45);
            assertThat(application.get(Notes.class).all()).containsExactly(1000, 50);
            assertThat(application.container().select(Discount.class, new Plugin.Literal("acme.discount")).get().price(10))
                    .isEqualTo(9);
            Shop real = real(application);
            assertThat(real.plugin.state()).isEqualTo(PluginState.ACTIVE);
            assertThat(real.plugin.counters().calls()).isEqualTo(3);
            assertThat(real.host.plugins()).extracting(org.sallyport.host.Plugin::id).containsExactly("acme.discount");
            engine = real.engine;
            assertThat(engine.newStore()).isNotNull();
        }
        assertThatThrownBy(engine::newStore).as("closed with the application").isInstanceOf(StoreClosedException.class);
    }

    /** A shop without a client proxy in front: its fields can be read. */
    private static Shop real(Application application) {
        return application.get(Look.class).shop;
    }

    @Dependent
    @Typed(Look.class)
    static class Look extends Shop {
        final Shop shop = this;
    }

    @Test
    void whatIsNotGrantedFailsTheDeploymentAndNamesTheInjectionPoint() {
        Map<String, String> settings = new HashMap<>(SETTINGS);
        settings.put("sallyport.grant.till.allow", "(sallyport.module=other)");
        assertThatThrownBy(() -> new Application(folder, settings, MODULES, Shop.class, Notes.class).close())
                .isInstanceOf(DeploymentException.class)
                .hasMessageContaining("acme.discount")
                .hasMessageContaining("\"till\" \"note\"")
                .hasMessageContaining("Shop.discount");
    }

    @Test
    void aMissingPluginFailsTheDeployment() {
        assertThatThrownBy(() -> new Application(folder, Map.of(), Map.of(), Shop.class, Notes.class).close())
                .isInstanceOf(DeploymentException.class)
                .hasMessageContaining("set sallyport.plugin.acme.discount.module")
                .hasMessageContaining("Shop.discount");
    }

    public interface Other {
        long price(String text);
    }

    @Dependent
    static class Misfit {
        @Inject
        @Plugin("acme.discount")
        Other other;
    }

    @Test
    void anInterfaceThatDoesNotFitFailsTheDeployment() {
        assertThatThrownBy(() -> new Application(folder, SETTINGS, MODULES, Misfit.class, Notes.class).close())
                .isInstanceOf(DeploymentException.class)
                .hasMessageContaining("does not fit " + Other.class.getName())
                .hasMessageContaining("Misfit.other");
    }

    @Dependent
    static class NoInterface {
        @Inject
        @Plugin("acme.discount")
        String text;
    }

    @Test
    void aPluginIsAnInterface() {
        assertThatThrownBy(() -> new Application(folder, SETTINGS, MODULES, NoInterface.class, Notes.class).close())
                .isInstanceOf(RuntimeException.class)
                .hasMessageContaining("NoInterface.text");
    }

    @Test
    void aModuleMayBeText() {
        Map<String, String> settings = new HashMap<>(SETTINGS);
        settings.put("sallyport.plugin.acme.discount.module", "discount.wat");
        Map<String, String> modules = Map.of("discount.wat", DISCOUNT);
        try (Application application = new Application(folder, settings, modules, Shop.class, Notes.class)) {
            assertThat(application.get(Shop.class).price(10)).isEqualTo(9);
        }
        Map<String, String> broken = Map.of("discount.wat", "(module (func $f (i32.const)))");
        assertThatThrownBy(() -> new Application(folder, settings, broken, Shop.class, Notes.class).close())
                .isInstanceOf(DeploymentException.class)
                .hasMessageContaining("sallyport.plugin.acme.discount.module=discount.wat")
                .hasMessageContaining("discount.wat:1:28");
    }

    @Test
    void aBrokenModuleFailsTheDeployment() {
        Map<String, String> settings = new HashMap<>(SETTINGS);
        settings.put("sallyport.plugin.acme.discount.module", Settings.FILE);
        assertThatThrownBy(() -> new Application(folder, settings, MODULES, Shop.class, Notes.class).close())
                .isInstanceOf(DeploymentException.class)
                .hasMessageContaining("sallyport.plugin.acme.discount.module=" + Settings.FILE)
                .hasMessageContaining("magic");
        settings.put("sallyport.plugin.acme.discount.module", "nowhere.wasm");
        assertThatThrownBy(() -> new Application(folder, settings, MODULES, Shop.class, Notes.class).close())
                .hasMessageContaining("nowhere.wasm")
                .hasMessageContaining("neither a resource");
    }

    @Test
    void unknownKeysFailTheDeployment() {
        Map<String, String> settings = new HashMap<>(SETTINGS);
        settings.put("sallyport.plugin.acme.discount.timeuot", "5");
        assertThatThrownBy(() -> new Application(folder, settings, MODULES, Shop.class, Notes.class).close())
                .hasMessageContaining("timeuot")
                .hasMessageContaining("timeout");
        Map<String, String> lost = new HashMap<>(SETTINGS);
        lost.put("sallyport.grant.nobody.allow", "(sallyport.module=till)");
        assertThatThrownBy(() -> new Application(folder, lost, MODULES, Shop.class, Notes.class).close())
                .hasMessageContaining("sallyport.grant.nobody.allow");
    }

    @HostModule("till")
    @Dependent
    static class Bare {
        public void note(int cents) {}
    }

    @Test
    void aHostModuleWithoutAnInterfaceIsRefused() {
        assertThatThrownBy(() -> new Application(folder, SETTINGS, MODULES, Shop.class, Bare.class).close())
                .hasMessageContaining("Bare")
                .hasMessageContaining("interface");
    }

    @Dependent
    static class Producers {
        static final List<Integer> NOTES = new CopyOnWriteArrayList<>();

        @Produces
        @ApplicationScoped
        @HostModule(value = "till", properties = "level=high")
        Till till() {
            return NOTES::add;
        }

        @Produces
        Config config() {
            return Config.defaults().withFuel(true);
        }
    }

    @Test
    void producersOfferHostModulesAndTheEnginesConfiguration() {
        Map<String, String> settings = new HashMap<>(SETTINGS);
        settings.put("sallyport.grant.till.allow", "(&(sallyport.module=till)(level=high))");
        settings.put("sallyport.grant.till.fuel", "1000");
        Producers.NOTES.clear();
        try (Application application = new Application(folder, settings, MODULES, Shop.class, Producers.class)) {
            assertThat(application.get(Shop.class).price(10)).isEqualTo(9);
            assertThat(Producers.NOTES).containsExactly(10);
        }
    }

    @ApplicationScoped
    static class Watcher {
        final LinkedBlockingQueue<PluginEvent> seen = new LinkedBlockingQueue<>();
        final CompletableFuture<PluginEvent.Trapped> trapped = new CompletableFuture<>();

        void on(@Observes PluginEvent event) {
            seen.add(event);
        }

        void later(@ObservesAsync PluginEvent.Trapped event) {
            trapped.complete(event);
        }

        PluginEvent next() throws InterruptedException {
            return seen.poll(10, TimeUnit.SECONDS);
        }

        PluginEvent.Trapped trapped() throws Exception {
            return trapped.get(10, TimeUnit.SECONDS);
        }
    }

    @Test
    void observersHearOfPlugins() throws Exception {
        Map<String, String> modules = Map.of("plugins/discount.wasm", """
                (module (func (export "price") (param i32) (result i32) unreachable))
                """);
        try (Application application = new Application(folder, SETTINGS, modules, Shop.class, Watcher.class)) {
            Shop shop = application.get(Shop.class);
            assertThatThrownBy(() -> shop.price(1)).isInstanceOf(TrapException.class);
            Watcher watcher = application.get(Watcher.class);
            assertThat(watcher.trapped().plugin()).isEqualTo("acme.discount");
            PluginEvent event = watcher.next();
            assertThat(event).isInstanceOfAny(PluginEvent.StateChanged.class, PluginEvent.Granted.class);
            while (!(event instanceof PluginEvent.Trapped)) {
                event = watcher.next();
                assertThat(event).isNotNull();
            }
        }
    }

    @InterceptorBinding
    @Retention(RetentionPolicy.RUNTIME)
    @interface Audited {}

    @Dependent
    static class Pen {
        @PreDestroy
        void end() {
            Auditor.SEEN.add("end");
        }
    }

    @Audited
    @Interceptor
    @Priority(Interceptor.Priority.APPLICATION)
    static class Auditor {
        static final List<String> SEEN = new CopyOnWriteArrayList<>();

        @Inject
        Pen pen;

        @AroundInvoke
        Object around(InvocationContext call) throws Exception {
            call.setParameters(new Object[] {2 * (int) call.getParameters()[0]});
            Object result = call.proceed();
            SEEN.add(call.getMethod().getName() + " " + result);
            return result;
        }
    }

    interface AuditedDiscount {
        @Audited
        int price(int cents);
    }

    @Dependent
    static class AuditedShop {
        @Inject
        @Plugin("acme.discount")
        AuditedDiscount discount;

        @Inject
        @Plugin("acme.discount")
        Discount plain;
    }

    @Test
    void interceptorsAreAroundPlugins() {
        Auditor.SEEN.clear();
        try (Application application =
                new Application(folder, SETTINGS, MODULES, AuditedShop.class, Auditor.class, Pen.class, Notes.class)) {
            Instance.Handle<AuditedShop> handle = application.container().select(AuditedShop.class).getHandle();
            AuditedShop shop = handle.get();
            assertThat(shop.discount.price(10)).isEqualTo(18);
            assertThat(shop.plain.price(10)).as("nothing is bound to this one").isEqualTo(9);
            assertThat(shop.discount).isEqualTo(shop.discount).isNotEqualTo(shop.plain);
            assertThat(Auditor.SEEN).containsExactly("price 18");
            handle.destroy();
            assertThat(Auditor.SEEN).as("gone with the bean").containsExactly("price 18", "end");
        }
    }

    @Test
    void healthSaysWhichPluginIsNotActive() {
        Map<String, String> modules = Map.of("plugins/discount.wasm", """
                (module (func (export "price") (param i32) (result i32) unreachable))
                """);
        Map<String, String> settings = new HashMap<>(SETTINGS);
        settings.put("sallyport.grant.till.max-traps", "1");
        HealthCheckResponse.setResponseProvider(HealthAnswer::new);
        try (Application application = new Application(folder, settings, modules, Shop.class, Notes.class)) {
            HealthCheck check = application.container().select(HealthCheck.class, Readiness.Literal.INSTANCE).get();
            HealthCheckResponse well = check.call();
            assertThat(well.getStatus()).isEqualTo(HealthCheckResponse.Status.UP);
            assertThat(well.getData().orElseThrow()).containsEntry("acme.discount", "ACTIVE");
            assertThatThrownBy(() -> application.get(Shop.class).price(1)).isInstanceOf(TrapException.class);
            HealthCheckResponse ill = check.call();
            assertThat(ill.getStatus()).isEqualTo(HealthCheckResponse.Status.DOWN);
            assertThat(ill.getData().orElseThrow()).containsEntry("acme.discount", "QUARANTINED");
        }
    }

    interface Hidden {
        int price(int cents);
    }

    @Dependent
    static class HiddenShop {
        @Inject
        @Plugin("acme.discount")
        Hidden discount;
    }

    @Test
    void anInterfaceNeedNotBePublic() {
        try (Application application = new Application(folder, SETTINGS, MODULES, HiddenShop.class, Notes.class)) {
            assertThat(application.get(HiddenShop.class).discount.price(10)).isEqualTo(9);
        }
    }

    @ApplicationScoped
    static class Lives {
        static final List<String> SEEN = new CopyOnWriteArrayList<>();

        @PostConstruct
        void up() {
            SEEN.add("up");
        }

        @PreDestroy
        void down() {
            SEEN.add("down");
        }

        void on(@Observes PluginEvent event) {
            SEEN.add("event");
        }
    }

    @Test
    void observersAreNotRevived() throws Exception {
        for (int i = 0; i < 20; i++) {
            Lives.SEEN.clear();
            try (Application application = new Application(folder, SETTINGS, MODULES, Shop.class, Lives.class, Notes.class)) {
                assertThat(application.get(Shop.class).price(10)).isEqualTo(9);
                long end = System.nanoTime() + 10_000_000_000L;
                while (!Lives.SEEN.contains("event") && System.nanoTime() < end) {
                    Thread.sleep(1);
                }
            }
            assertThat(Lives.SEEN).startsWith("up", "event").endsWith("down").containsOnlyOnce("up", "down");
        }
    }

    @Test
    void nobodyHearsOfADeploymentThatFails() {
        Map<String, String> settings = new HashMap<>(SETTINGS);
        settings.put("sallyport.grant.till.allow", "(sallyport.module=other)");
        Lives.SEEN.clear();
        assertThatThrownBy(() -> new Application(folder, settings, MODULES, Shop.class, Lives.class, Notes.class).close())
                .isInstanceOf(DeploymentException.class);
        assertThat(Lives.SEEN).isEmpty();
    }

    @Test
    void whatIsInjectedFollowsTheIdFromVersionToVersion() {
        try (Application application = new Application(folder, SETTINGS, MODULES, Shop.class, Look.class, Notes.class)) {
            Shop shop = application.get(Shop.class);
            assertThat(shop.price(100)).isEqualTo(90);
            Plugins plugins = real(application).plugins;
            plugins.replace("acme.discount", Wat.compile(HALF), "test:half");
            assertThat(shop.price(100)).isEqualTo(50);
            assertThatThrownBy(() -> plugins.replace("acme.discount", new byte[] {1, 2, 3}, "test:broken"))
                    .isInstanceOf(UpdateRefusedException.class)
                    .hasCauseInstanceOf(org.sallyport.SallyportException.class);
            assertThatThrownBy(() -> plugins.replace("acme.discount", Wat.compile("(module)"), "test:misfit"))
                    .isInstanceOf(UpdateRefusedException.class)
                    .hasMessageContaining(Discount.class.getName());
            assertThat(shop.price(100)).as("the old one stays").isEqualTo(50);
            plugins.rollback("acme.discount");
            assertThat(shop.price(100)).isEqualTo(90);
            assertThatThrownBy(() -> plugins.replace("other", Wat.compile(HALF), "test:half"))
                    .isInstanceOf(IllegalArgumentException.class);
            PluginHost host = real(application).host;
            host.uninstall(host.plugin("acme.discount").orElseThrow());
            assertThatThrownBy(() -> shop.price(100)).isInstanceOf(PluginUnavailableException.class);
        }
    }

    @Test
    void anApplicationWithoutPluginsMakesNoEngine() {
        try (Application application = new Application(folder, Map.of(), Map.of(), Notes.class)) {
            assertThat(application.container().select(Notes.class, Any.Literal.INSTANCE).isResolvable()).isTrue();
            assertThat(Thread.getAllStackTraces().keySet()).noneMatch(thread -> thread.getName().startsWith("sallyport-cdi"));
        }
    }
}
