package org.sallyport.cdi;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.context.RequestScoped;
import jakarta.enterprise.context.control.RequestContextController;
import jakarta.inject.Inject;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.IntSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sallyport.host.PluginHost;
import org.sallyport.text.Wat;

/** Beans of one request have plugins to themselves; the others share them. */
class ScopesTest {
    private static final String COUNTER = """
            (module
              (global $n (mut i32) (i32.const %d))
              (func (export "next") (result i32)
                (global.set $n (i32.add (global.get $n) (i32.const 1)))
                (global.get $n)))
            """;
    private static final Map<String, String> SETTINGS = Map.of(
            "sallyport.plugin.counter.module", "counter.wasm", "sallyport.plugin.counter.pool", "1");

    public interface Counter {
        int next();
    }

    @RequestScoped
    static class Basket {
        @Inject
        @Plugin("counter")
        Counter counter;

        int next() {
            return counter.next();
        }
    }

    @ApplicationScoped
    static class Shop {
        @Inject
        @Plugin("counter")
        Counter counter;

        @Inject
        PluginHost host;

        @Inject
        Plugins plugins;

        int next() {
            return counter.next();
        }

        int instances() {
            return host.plugin("counter").orElseThrow().counters().instances();
        }

        void replace(byte[] wasm) {
            plugins.replace("counter", wasm, "test:next");
        }
    }

    @TempDir
    Path folder;

    @Test
    void aRequestHasAnInstanceOfItsOwn() {
        Map<String, String> modules = Map.of("counter.wasm", COUNTER.formatted(0));
        try (Application application = new Application(folder, SETTINGS, modules, Shop.class, Basket.class)) {
            Shop shop = application.get(Shop.class);
            Basket basket = application.get(Basket.class);
            assertThat(shop.next()).isEqualTo(1);
            request(application, () -> {
                assertThat(shop.instances()).as("none before the first call").isEqualTo(1);
                assertThat(basket.next()).isEqualTo(1);
                assertThat(basket.next()).isEqualTo(2);
                assertThat(shop.instances()).isEqualTo(2);
                assertThat(shop.next()).isEqualTo(2);
                return 0;
            });
            assertThat(shop.instances()).as("gone with the request").isEqualTo(1);
            assertThat(request(application, basket::next)).as("the next request").isEqualTo(1);
            request(application, () -> {
                basket.next();
                shop.replace(Wat.compile(COUNTER.formatted(10)));
                assertThat(basket.next()).as("of the version in service").isEqualTo(11);
                return 0;
            });
        }
    }

    private static int request(Application application, IntSupplier work) {
        RequestContextController requests = application.get(RequestContextController.class);
        requests.activate();
        try {
            return work.getAsInt();
        } finally {
            requests.deactivate();
        }
    }
}
