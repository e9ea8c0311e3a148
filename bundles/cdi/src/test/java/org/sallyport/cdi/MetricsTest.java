package org.sallyport.cdi;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Produces;
import jakarta.enterprise.inject.spi.InjectionPoint;
import jakarta.inject.Inject;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Supplier;
import org.eclipse.microprofile.metrics.Metadata;
import org.eclipse.microprofile.metrics.MetricID;
import org.eclipse.microprofile.metrics.MetricRegistry;
import org.eclipse.microprofile.metrics.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Where there is MicroProfile Metrics, plugins are in it from deployment to undeployment. */
class MetricsTest {
    private static final Map<String, String> SETTINGS = Map.of("sallyport.plugin.a.b.module", "one.wasm");
    private static final Map<String, String> MODULES =
            Map.of("one.wasm", "(module (memory 1) (func (export \"one\") (result i32) (i32.const 1)))");
    /** Gauges by name and tag. */
    private static final Map<String, Supplier<Number>> GAUGES = new TreeMap<>();

    public interface One {
        int one();
    }

    @ApplicationScoped
    static class Server {
        @Produces
        @ApplicationScoped
        MetricRegistry registry() {
            return (MetricRegistry) Proxy.newProxyInstance(
                    MetricRegistry.class.getClassLoader(), new Class<?>[] {MetricRegistry.class}, (_, method, args) -> {
                        switch (method.getName()) {
                            case "gauge" -> add((Metadata) args[0], args[1], args[2], (Tag[]) args[3]);
                            case "remove" -> GAUGES.remove(name((MetricID) args[0]));
                            default -> throw new UnsupportedOperationException(method.toString());
                        }
                        return method.getReturnType() == boolean.class ? true : null;
                    });
        }

        @SuppressWarnings("unchecked")
        private static void add(Metadata metadata, Object of, Object figure, Tag... tags) {
            GAUGES.put(
                    metadata.getName() + "{" + tags[0].getTagName() + "=" + tags[0].getTagValue() + "}" + metadata.getUnit(),
                    () -> ((Function<Object, Number>) figure).apply(of));
        }

        private static String name(MetricID id) {
            return GAUGES.keySet().stream()
                    .filter(name -> name.startsWith(id.getName() + "{" + id.getTagsAsString().replace("\"", "") + "}"))
                    .findFirst()
                    .orElseThrow();
        }
    }

    @ApplicationScoped
    static class Caller {
        @Inject
        @Plugin("a.b")
        One plugin;

        int call() {
            return plugin.one();
        }
    }

    /** One that has the interfaces, and no registry at the time. */
    @ApplicationScoped
    static class Empty {
        @Produces
        MetricRegistry registry() {
            return null;
        }
    }

    /** One whose producer looks at the place where it is injected, as servers do, and does not like it. */
    @ApplicationScoped
    static class Broken {
        static String place = "";

        @Produces
        MetricRegistry registry(InjectionPoint point) {
            place = point.getAnnotated().getBaseType().getTypeName() + " of " + point.getMember().getName();
            throw new IllegalStateException("no metrics today");
        }
    }

    @TempDir
    Path folder;

    @Test
    void anApplicationDoesNotFailForWantOfFigures() {
        for (Class<?> server : List.of(Empty.class, Broken.class)) {
            try (Application application = new Application(folder, SETTINGS, MODULES, server, Caller.class)) {
                assertThat(application.get(Caller.class).call()).isEqualTo(1);
            }
        }
        assertThat(Broken.place).isEqualTo(MetricRegistry.class.getName() + " of registry");
    }

    @Test
    void figuresOfPluginsAreGauges() {
        GAUGES.clear();
        try (Application application = new Application(folder, SETTINGS, MODULES, Server.class, Caller.class)) {
            application.get(Caller.class).call();
            application.get(Caller.class).call();
            assertThat(GAUGES).hasSize(7);
            assertThat(value("calls{plugin=a.b}none")).isEqualTo(2L);
            assertThat(value("traps{plugin=a.b}none")).isEqualTo(0L);
            assertThat(value("instances{plugin=a.b}none")).isEqualTo(1L);
            assertThat(value("memory{plugin=a.b}bytes")).isEqualTo(65536L);
            assertThat(value("active{plugin=a.b}none")).isEqualTo(1L);
        }
        assertThat(GAUGES).as("gone with the application").isEmpty();
    }

    private static Number value(String gauge) {
        return GAUGES.get("sallyport.plugin." + gauge).get();
    }
}
