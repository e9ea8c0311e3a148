package org.sallyport.cdi;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.context.BeforeDestroyed;
import jakarta.enterprise.context.Dependent;
import jakarta.enterprise.context.spi.CreationalContext;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Any;
import jakarta.enterprise.inject.Default;
import jakarta.enterprise.inject.Instance;
import jakarta.enterprise.inject.spi.AfterBeanDiscovery;
import jakarta.enterprise.inject.spi.AfterDeploymentValidation;
import jakarta.enterprise.inject.spi.Bean;
import jakarta.enterprise.inject.spi.BeanManager;
import jakarta.enterprise.inject.spi.BeforeBeanDiscovery;
import jakarta.enterprise.inject.spi.BeforeShutdown;
import jakarta.enterprise.inject.spi.DeploymentException;
import jakarta.enterprise.inject.spi.Extension;
import jakarta.enterprise.inject.spi.InjectionPoint;
import jakarta.enterprise.inject.spi.ProcessBean;
import jakarta.enterprise.inject.spi.ProcessInjectionPoint;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.LinkedHashMap;
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
 * The portable extension: finds who wants plugins and who offers host modules, makes one {@link Deployment} of the application
 * when its beans are there, and closes it with them. One for each application.
 */
public class SallyportExtension implements Extension {
    private static final System.Logger LOG = System.getLogger("org.sallyport.cdi");

    private final List<PluginPoint> points = new ArrayList<>();
    private final Map<Bean<?>, HostModule> modules = new LinkedHashMap<>();
    private ClassLoader application = SallyportExtension.class.getClassLoader();
    private @Nullable Settings settings;
    /** Why there are no settings. */
    private @Nullable IllegalArgumentException unreadable;
    private @Nullable BeanManager beans;
    private @Nullable Engine engine;
    private @Nullable EventRelay relay;
    /** Where somebody asks for them. */
    private @Nullable AutoCloseable metrics;
    private volatile @Nullable Deployment deployment;

    void before(@Observes BeforeBeanDiscovery event, BeanManager beans) {
        this.beans = beans;
        ClassLoader context = Thread.currentThread().getContextClassLoader();
        if (context != null) {
            application = context;
        }
        event.addQualifier(Plugin.class);
        try {
            settings = Settings.of(application);
            settings.plugins();
            settings.grants();
        } catch (IllegalArgumentException e) {
            unreadable = e;
        }
    }

    void point(@Observes ProcessInjectionPoint<?, ?> event) {
        PluginPoint point = PluginPoint.of(event.getInjectionPoint());
        if (point != null) {
            points.add(point);
        }
    }

    void bean(@Observes ProcessBean<?> event) {
        HostModule module = event.getAnnotated().getAnnotation(HostModule.class);
        if (module != null) {
            modules.put(event.getBean(), module);
        }
    }

    void after(@Observes AfterBeanDiscovery event) {
        event.addBean()
                .id("org.sallyport.cdi/engine")
                .types(Engine.class, Object.class)
                .qualifiers(Default.Literal.INSTANCE, Any.Literal.INSTANCE)
                .scope(Dependent.class)
                .produceWith(instance -> engine());
        event.addBean()
                .id("org.sallyport.cdi/host")
                .types(PluginHost.class, Plugins.class, Object.class)
                .qualifiers(Default.Literal.INSTANCE, Any.Literal.INSTANCE)
                .scope(Dependent.class)
                .produceWith(instance -> deployment());
        event.addBean()
                .id("org.sallyport.cdi/plugin")
                .types(pluginTypes())
                .qualifiers(new Plugin.Literal(""), Any.Literal.INSTANCE)
                .scope(Dependent.class)
                .produceWith(this::plugin)
                .disposeWith((plugin, _) -> PluginProxy.release(Interception.release(plugin)));
        if (settings != null && unreadable == null && !settings.plugins().isEmpty()) {
            try {
                PluginHealth.addTo(event, this::deployment);
            } catch (NoClassDefFoundError e) {
                // nobody asks for it
            }
        }
    }

    /** Every type that a plugin is injected as; servers that hide injection points leave those that the settings name. */
    private Set<Type> pluginTypes() {
        Set<Type> types = new LinkedHashSet<>(Set.of(Object.class, org.sallyport.host.Plugin.class));
        points.stream().map(PluginPoint::contract).filter(contract -> contract != null).forEach(types::add);
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

    private Object plugin(Instance<Object> lookup) {
        InjectionPoint point = lookup.select(InjectionPoint.class).get();
        PluginPoint wanted = PluginPoint.of(point);
        if (wanted == null || wanted.contract() == null) {
            throw new IllegalStateException("a plugin is an interface: " + point);
        }
        BeanManager manager = Objects.requireNonNull(beans);
        Object plugin = PluginProxy.of(wanted.id(), wanted.contract(), isOfOneClient(point, manager)
                ? new OwnSession(deployment()::plugin)
                : deployment()::plugin);
        return Interception.around(plugin, wanted.contract(), manager);
    }

    /** Whether it is injected into a bean of a request, session or the like. */
    private static boolean isOfOneClient(InjectionPoint point, BeanManager beans) {
        Bean<?> bean = point.getBean();
        return bean != null && bean.getScope() != ApplicationScoped.class && beans.isNormalScope(bean.getScope());
    }

    void validated(@Observes AfterDeploymentValidation event) {
        if (unreadable != null) {
            event.addDeploymentProblem(new DeploymentException(unreadable.getMessage(), unreadable));
            return;
        }
        Settings found = settings;
        if (found == null || points.isEmpty() && found.plugins().isEmpty()) {
            return; // nothing is made for an application that has no plugins
        }
        Set<String> missing = new TreeSet<>();
        for (PluginPoint point : points) {
            problem(found, point).ifPresent(problem -> missing.add(problem + " (injected at " + point.place() + ")"));
        }
        missing.addAll(missing.isEmpty() ? install(found) : List.of());
        if (missing.isEmpty()) {
            points.forEach(point -> fit(point).ifPresent(missing::add));
        }
        missing.forEach(problem -> event.addDeploymentProblem(new DeploymentException(problem)));
        if (!missing.isEmpty()) {
            close();
        } else {
            open(found.plugins().keySet());
        }
    }

    /** The deployment is well: nobody hears of one that fails. */
    private void open(Set<String> ids) {
        if (relay != null) {
            relay.open();
        }
        try {
            metrics = PluginMetrics.of(Objects.requireNonNull(beans), ids, deployment()::plugin);
        } catch (NoClassDefFoundError e) {
            // nobody asks for them
        }
    }

    private static Optional<String> problem(Settings settings, PluginPoint point) {
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
    private Optional<String> fit(PluginPoint point) {
        try {
            if (point.contract() != org.sallyport.host.Plugin.class) {
                deployment().plugin(point.id()).orElseThrow().as(point.contract());
            }
            return Optional.empty();
        } catch (SallyportException | IllegalArgumentException e) {
            return Optional.of("plugin " + point.id() + " does not fit " + point.contract().getName() + ": " + e.getMessage()
                    + places(point.id()));
        }
    }

    private String places(String id) {
        List<String> places = points.stream().filter(point -> point.id().equals(id)).map(PluginPoint::place).toList();
        return places.isEmpty() ? "" : " (injected at " + String.join(", ", places) + ")";
    }

    /** Why each plugin that is not ready is not. */
    private List<String> install(Settings found) {
        List<String> failed = new ArrayList<>();
        try {
            EventRelay events = new EventRelay(beans.getEvent().select(PluginEvent.class), application);
            relay = events;
            deployment = new Deployment(engine(), found, modules(), application, events::accept);
        } catch (IllegalArgumentException e) {
            return List.of(String.valueOf(e.getMessage())); // of no plugin in particular
        }
        found.plugins().forEach((id, terms) -> {
            String why = deployment.install(id, terms);
            if (why != null) {
                failed.add("plugin " + id + ": " + why + places(id));
            }
        });
        return failed;
    }

    private List<BeanModule> modules() {
        CreationalContext<?> all = beans.createCreationalContext(null);
        List<BeanModule> found = new ArrayList<>();
        modules.forEach((bean, module) -> found.add(
                new BeanModule(module, beans.getReference(bean, Object.class, all), bean.getTypes(), bean.toString())));
        return found;
    }

    private Deployment deployment() {
        Deployment found = deployment;
        if (found == null) {
            throw new IllegalStateException("plugins are ready when the application is deployed, and until it is undeployed");
        }
        return found;
    }

    private synchronized Engine engine() {
        if (engine == null) {
            Instance<Config> config = beans.createInstance().select(Config.class);
            engine = Engine.create(config.isResolvable() ? config.get() : Config.defaults());
        }
        return engine;
    }

    /** Observers are beans: with them nobody is there to be told. */
    void ending(@Observes @BeforeDestroyed(ApplicationScoped.class) Object event) {
        closeRelay();
    }

    void shutdown(@Observes BeforeShutdown event) {
        close();
    }

    private synchronized void closeRelay() {
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

    private synchronized void close() {
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
