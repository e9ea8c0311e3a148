package org.sallyport.cdi;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.context.spi.CreationalContext;
import jakarta.enterprise.inject.Instance;
import jakarta.enterprise.inject.spi.Bean;
import jakarta.enterprise.inject.spi.BeanContainer;
import jakarta.enterprise.inject.spi.BeanManager;
import jakarta.enterprise.inject.spi.InjectionPoint;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.sallyport.Config;
import org.sallyport.Engine;
import org.sallyport.SallyportException;
import org.sallyport.host.PluginEvent;
import org.sallyport.host.PluginHost;

/**
 * What the plugins of one application need while it runs, whatever kind of extension has found its beans: for extensions.
 * Made when the application is deployed, {@linkplain #start started} when its beans are there, closed with them. Thread-safe.
 */
public final class PluginRuntime implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger("org.sallyport.cdi");

    private final ClassLoader application;
    private @Nullable Settings settings;
    /** Why there are no settings. */
    private @Nullable IllegalArgumentException unreadable;
    private @Nullable BeanContainer beans;
    private @Nullable Engine engine;
    private @Nullable EventRelay relay;
    /** Where somebody asks for them. */
    private @Nullable AutoCloseable metrics;
    private volatile @Nullable Deployment deployment;

    /**
     * Where a plugin is injected.
     *
     * @param id of the plugin
     * @param type that is asked for; of an {@code Instance} or {@code Provider} the type that it provides
     * @param place for people
     */
    public record Point(String id, Type type, String place) {
        /** The interface that is asked for, or null if it is none. */
        @Nullable Class<?> contract() {
            return type instanceof Class<?> contract && contract.isInterface() ? contract : null;
        }
    }

    /** A bean that plugins may call. */
    public record Offer(Bean<?> bean, HostModule module) {}

    /** @param application finds the application's classes, resources and settings; faults of these are told at the start */
    public PluginRuntime(ClassLoader application) {
        this.application = application;
        try {
            settings = Settings.of(application);
            settings.plugins();
            settings.grants();
        } catch (IllegalArgumentException e) {
            unreadable = e;
        }
    }

    /** The class loader that finds the application's classes: the thread's, or else our own. */
    public static ClassLoader application() {
        ClassLoader context = Thread.currentThread().getContextClassLoader();
        return context != null ? context : PluginRuntime.class.getClassLoader();
    }

    /** Whether the application has plugins. */
    public boolean hasPlugins() {
        return settings != null && unreadable == null && !settings.plugins().isEmpty();
    }

    /** Every type that a plugin is injected as; of injection points that the server hides those that the settings name. */
    public Set<Type> pluginTypes(Collection<Point> points) {
        Set<Type> types = new LinkedHashSet<>(Set.of(Object.class, org.sallyport.host.Plugin.class));
        points.stream().map(Point::contract).filter(contract -> contract != null).forEach(types::add);
        if (settings != null && unreadable == null) {
            for (Map<String, String> terms : settings.plugins().values()) {
                for (String name : terms.getOrDefault("services", "").split("[,\\s]+")) {
                    try {
                        types.add(Class.forName(name, false, application));
                    } catch (ClassNotFoundException | LinkageError e) {
                        // told when the plugin is installed
                    }
                }
            }
        }
        return types;
    }

    /** What is injected at that point, to be {@linkplain #release released}. */
    public Object plugin(InjectionPoint point, BeanContainer manager) {
        Point wanted = PluginPoint.of(point);
        if (wanted == null || wanted.contract() == null) {
            throw new IllegalStateException("a plugin is an interface: " + point);
        }
        Object plugin = PluginProxy.of(wanted.id(), wanted.contract(), isOfOneClient(point, manager)
                ? new OwnSession(deployment()::plugin)
                : deployment()::plugin);
        return Interception.around(plugin, wanted.contract(), manager);
    }

    /** Whether it is injected into a bean of a request, session or the like. */
    private static boolean isOfOneClient(InjectionPoint point, BeanContainer beans) {
        Bean<?> bean = point.getBean();
        return bean != null && bean.getScope() != ApplicationScoped.class && beans.isNormalScope(bean.getScope());
    }

    /** It is not needed any more. */
    public static void release(Object injected) {
        PluginProxy.release(Interception.release(injected));
    }

    /**
     * Brings the plugins into service.
     *
     * @return why that cannot be, with injection points; empty if all is well, or there are no plugins. After a failure all is
     *     closed again
     */
    public List<String> start(BeanContainer container, List<Point> points, List<Offer> offers) {
        beans = container;
        if (unreadable != null) {
            return List.of(String.valueOf(unreadable.getMessage()));
        }
        Settings found = settings;
        if (found == null || points.isEmpty() && found.plugins().isEmpty()) {
            return List.of(); // nothing is made for an application that has no plugins
        }
        Set<String> missing = new TreeSet<>();
        for (Point point : points) {
            problem(found, point).ifPresent(problem -> missing.add(problem + " (injected at " + point.place() + ")"));
        }
        missing.addAll(missing.isEmpty() ? install(container, found, points, offers) : List.of());
        if (missing.isEmpty()) {
            points.forEach(point -> fit(point, points).ifPresent(missing::add));
        }
        if (!missing.isEmpty()) {
            close();
        } else if (relay != null) {
            relay.open(); // nobody hears of a deployment that fails
        }
        return List.copyOf(missing);
    }

    /** The application has begun: puts its plugins into MicroProfile Metrics, where there is that. Once, after the start. */
    public synchronized void measure(BeanManager manager) {
        Deployment running = deployment;
        if (running == null || metrics != null || !hasPlugins()) {
            return;
        }
        try {
            metrics = PluginMetrics.of(manager, Objects.requireNonNull(settings).plugins().keySet(), running::plugin);
        } catch (NoClassDefFoundError e) {
            // nobody asks for them
        } catch (RuntimeException e) { // an application must not fail for want of figures
            LOG.log(System.Logger.Level.WARNING, "plugins are not in MicroProfile Metrics", e);
        }
    }

    private static Optional<String> problem(Settings settings, Point point) {
        if (point.contract() == null) {
            return Optional.of("@Plugin(\"" + point.id() + "\"): a plugin is injected as a Java interface or as "
                    + org.sallyport.host.Plugin.class.getName() + ", not as " + point.type().getTypeName());
        }
        if (!settings.plugins().containsKey(point.id())) {
            return Optional.of("@Plugin(\"" + point.id() + "\"): there is no such plugin, found " + settings.plugins().keySet()
                    + "; set " + Settings.PLUGIN + point.id() + ".module");
        }
        return Optional.empty();
    }

    /** Whether the exports fit the interface. */
    private Optional<String> fit(Point point, List<Point> points) {
        try {
            if (point.contract() != org.sallyport.host.Plugin.class) {
                deployment().plugin(point.id()).orElseThrow().as(point.contract());
            }
            return Optional.empty();
        } catch (SallyportException | IllegalArgumentException e) {
            return Optional.of("plugin " + point.id() + " does not fit " + point.contract().getName() + ": " + e.getMessage()
                    + places(point.id(), points));
        }
    }

    private String places(String id, List<Point> points) {
        List<String> places = points.stream().filter(point -> point.id().equals(id)).map(Point::place).toList();
        return places.isEmpty() ? "" : " (injected at " + String.join(", ", places) + ")";
    }

    /** Why each plugin that is not ready is not. */
    private List<String> install(BeanContainer container, Settings found, List<Point> points, List<Offer> offers) {
        List<String> failed = new ArrayList<>();
        try {
            EventRelay events = new EventRelay(container.getEvent().select(PluginEvent.class), application);
            relay = events;
            deployment = new Deployment(engine(), found, modules(container, offers), application, events::accept);
        } catch (IllegalArgumentException e) {
            return List.of(String.valueOf(e.getMessage())); // of no plugin in particular
        }
        found.plugins().forEach((id, terms) -> {
            String why = deployment.install(id, terms);
            if (why != null) {
                failed.add("plugin " + id + ": " + why + places(id, points));
            }
        });
        return failed;
    }

    private static List<BeanModule> modules(BeanContainer container, List<Offer> offers) {
        CreationalContext<?> all = container.createCreationalContext(null);
        List<BeanModule> found = new ArrayList<>();
        for (Offer offer : offers) {
            Bean<?> bean = offer.bean();
            found.add(new BeanModule(
                    offer.module(), container.getReference(bean, Object.class, all), bean.getTypes(), bean.toString()));
        }
        return found;
    }

    /** The application's plugins, also by the interface {@link Plugins}. */
    public PluginHost host() {
        return deployment();
    }

    private Deployment deployment() {
        Deployment found = deployment;
        if (found == null) {
            throw new IllegalStateException("plugins are ready when the application is deployed, and until it is undeployed");
        }
        return found;
    }

    /** The application's engine, made when it is first needed. */
    public synchronized Engine engine() {
        if (engine == null) {
            Instance<Config> config = Objects.requireNonNull(beans).createInstance().select(Config.class);
            engine = Engine.create(config.isResolvable() ? config.get() : Config.defaults());
        }
        return engine;
    }

    /** Observers are beans: without them nobody is there to be told. */
    public synchronized void closeRelay() {
        if (relay != null) {
            relay.close();
            relay = null;
        }
    }

    private void closeMetrics() {
        if (metrics != null) {
            try {
                metrics.close();
            } catch (Exception e) { // the server's affair; the rest is ours
                LOG.log(System.Logger.Level.WARNING, "the metrics of plugins could not be taken away", e);
            }
            metrics = null;
        }
    }

    @Override
    public synchronized void close() {
        closeRelay();
        closeMetrics();
        if (deployment != null) {
            deployment.close();
            deployment = null;
        }
        if (engine != null) {
            engine.close();
            engine = null;
        }
    }
}
