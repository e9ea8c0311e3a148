package org.sallyport.cdi.lite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.context.Dependent;
import jakarta.enterprise.inject.Instance;
import jakarta.enterprise.inject.Produces;
import jakarta.enterprise.inject.se.SeContainer;
import jakarta.inject.Inject;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jboss.weld.environment.se.Weld;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sallyport.Engine;
import org.sallyport.StoreClosedException;
import org.sallyport.cdi.HostModule;
import org.sallyport.cdi.Plugin;
import org.sallyport.cdi.Plugins;
import org.sallyport.host.PluginHost;
import org.sallyport.text.Wat;

/** The build-compatible extension in Weld SE, without the portable one. */
class LiteTest {
    private static final String DISCOUNT = """
            (module
              (import "till" "note" (func $note (param i32)))
              (func (export "price") (param i32) (result i32)
                (call $note (local.get 0))
                (i32.sub (local.get 0) (i32.div_s (local.get 0) (i32.const %d)))))
            """;
    private static final String SETTINGS = """
            sallyport.plugin.discount.module=discount.wasm
            sallyport.grant.till.plugin=discount
            sallyport.grant.till.allow=(sallyport.module=%s)
            """;

    public interface Discount {
        int price(int cents);
    }

    public interface Till {
        void note(int cents);
    }

    @HostModule("till")
    @ApplicationScoped
    static class Notes implements Till {
        static final List<Integer> ALL = new CopyOnWriteArrayList<>();

        @Override
        public void note(int cents) {
            ALL.add(cents);
        }
    }

    @Dependent
    static class Producer {
        @Produces
        @ApplicationScoped
        @HostModule("till")
        Till till() {
            return cents -> Notes.ALL.add(-cents);
        }
    }

    @ApplicationScoped
    static class Shop {
        @Inject
        @Plugin("discount")
        Discount discount;

        @Inject
        @Plugin("discount")
        Instance<Discount> later;

        @Inject
        Engine engine;

        @Inject
        Plugins plugins;

        @Inject
        PluginHost host;

        int price(int cents) {
            return discount.price(cents);
        }

        int later(int cents) {
            return later.get().price(cents);
        }

        Engine engine() {
            return engine;
        }

        void replace(byte[] wasm) {
            plugins.replace("discount", wasm, "test:half");
        }

        int plugins() {
            return host.plugins().size();
        }
    }

    @TempDir
    Path folder;

    private interface Use {
        void of(SeContainer application) throws Exception;
    }

    @SuppressWarnings("unchecked") // an array of classes
    private void run(String granted, Class<?> till, Use use) throws Exception {
        Files.createDirectories(folder.resolve("META-INF"));
        Files.writeString(folder.resolve("META-INF/sallyport.properties"), SETTINGS.formatted(granted));
        Files.write(folder.resolve("discount.wasm"), Wat.compile(DISCOUNT.formatted(10)));
        Thread thread = Thread.currentThread();
        ClassLoader before = thread.getContextClassLoader();
        try (URLClassLoader loader = new URLClassLoader(new URL[] {folder.toUri().toURL()}, before)) {
            thread.setContextClassLoader(loader);
            Weld weld = new Weld().disableDiscovery().setClassLoader(loader).beanClasses(Shop.class, till);
            weld.addBuildCompatibleExtensions(PluginsExtension.class);
            try (SeContainer application = weld.initialize()) {
                use.of(application);
            }
        } finally {
            thread.setContextClassLoader(before);
        }
    }

    @Test
    void pluginsAreInjectedAndCallBeans() throws Exception {
        Notes.ALL.clear();
        Engine[] engine = new Engine[1];
        run("till", Notes.class, application -> {
            Shop shop = application.select(Shop.class).get();
            assertThat(shop.price(1000)).isEqualTo(900);
            assertThat(shop.later(50)).isEqualTo(45);
            assertThat(shop.plugins()).isEqualTo(1);
            assertThat(Notes.ALL).containsExactly(1000, 50);
            shop.replace(Wat.compile(DISCOUNT.formatted(2)));
            assertThat(shop.price(1000)).isEqualTo(500);
            engine[0] = shop.engine();
        });
        assertThatThrownBy(engine[0]::newStore).as("closed with the application").isInstanceOf(StoreClosedException.class);
    }

    @Test
    void producersOfferHostModules() throws Exception {
        Notes.ALL.clear();
        run("till", Producer.class, application -> {
            assertThat(application.select(Shop.class).get().price(10)).isEqualTo(9);
            assertThat(Notes.ALL).containsExactly(-10);
        });
    }

    @Test
    void whatIsNotGrantedFailsTheStart() {
        assertThatThrownBy(() -> run("other", Notes.class, application -> {}))
                .hasStackTraceContaining("\"till\" \"note\"")
                .hasStackTraceContaining("Shop");
    }
}
