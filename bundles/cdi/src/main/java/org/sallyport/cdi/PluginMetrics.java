package org.sallyport.cdi;

import jakarta.enterprise.inject.spi.AnnotatedField;
import jakarta.enterprise.inject.spi.BeanManager;
import jakarta.enterprise.inject.spi.InjectionPoint;
import jakarta.inject.Inject;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.ToLongFunction;
import org.eclipse.microprofile.metrics.Metadata;
import org.eclipse.microprofile.metrics.MetricID;
import org.eclipse.microprofile.metrics.MetricRegistry;
import org.eclipse.microprofile.metrics.MetricUnits;
import org.eclipse.microprofile.metrics.Tag;
import org.jspecify.annotations.Nullable;
import org.sallyport.host.Plugin;
import org.sallyport.host.PluginState;

/**
 * The application's plugins in MicroProfile Metrics, each figure with the tag {@code plugin}: gauges, as the plugin host counts
 * already. Only where the server has that. They go with the application: closed before the plugins.
 */
final class PluginMetrics implements AutoCloseable {
    private static final String TAG = "plugin";

    /** A figure of a plugin. */
    private enum Figure {
        CALLS    ("calls",     "finished calls, failed ones included",   plugin -> plugin.counters().calls()),
        TRAPS    ("traps",     "calls that trapped",                     plugin -> plugin.counters().traps()),
        STOPS    ("stops",     "calls stopped at their deadline",        plugin -> plugin.counters().stops()),
        DENIALS  ("denials",   "host calls refused for want of a grant", plugin -> plugin.counters().denials()),
        INSTANCES("instances", "live instances",                         plugin -> plugin.counters().instances()),
        MEMORY   ("memory",    "memory of the live instances",           plugin -> plugin.counters().memoryBytes()),
        ACTIVE   ("active",    "1 while the plugin is active, else 0",   plugin -> plugin.state() == PluginState.ACTIVE ? 1 : 0);

        private final Metadata metadata;
        private final ToLongFunction<Plugin> value;

        Figure(String name, String description, ToLongFunction<Plugin> value) {
            this.metadata = Metadata.builder()
                    .withName("sallyport.plugin." + name)
                    .withDescription(description)
                    .withUnit(name.equals("memory") ? MetricUnits.BYTES : MetricUnits.NONE)
                    .build();
            this.value = value;
        }
    }

    private final MetricRegistry registry;
    private final List<MetricID> metrics = new ArrayList<>();

    /** Where a registry is injected: producers of servers look at what stands there, and a look-up has no such place. */
    private static final class Place {
        @Inject
        @SuppressWarnings("unused") // by its annotations
        private @Nullable MetricRegistry registry;
    }

    /**
     * When the application has begun: before, some servers have no registry yet.
     *
     * @param ids of the plugins
     * @param plugins who holds an id
     * @return null if the server has the interfaces but nothing behind them
     * @throws NoClassDefFoundError if there is no MicroProfile Metrics
     */
    static @Nullable PluginMetrics of(BeanManager beans, Set<String> ids, Function<String, Optional<Plugin>> plugins) {
        // first: where there are no interfaces, this says so, and no container has to log that it could not load a class of ours
        if (beans.getBeans(MetricRegistry.class).isEmpty()) {
            return null;
        }
        AnnotatedField<? super Place> field = beans.createAnnotatedType(Place.class).getFields().iterator().next();
        InjectionPoint point = beans.createInjectionPoint(field);
        Object registry = beans.getInjectableReference(point, beans.createCreationalContext(null));
        return registry == null ? null : new PluginMetrics((MetricRegistry) registry, ids, plugins);
    }

    private PluginMetrics(MetricRegistry registry, Set<String> ids, Function<String, Optional<Plugin>> plugins) {
        this.registry = registry;
        for (String id : ids) {
            Tag tag = new Tag(TAG, id);
            for (Figure figure : Figure.values()) {
                registry.gauge(
                        figure.metadata, plugins, all -> all.apply(id).map(figure.value::applyAsLong).orElse(0L), tag);
                metrics.add(new MetricID(figure.metadata.getName(), tag));
            }
        }
    }

    @Override
    public void close() {
        metrics.forEach(registry::remove);
    }
}
