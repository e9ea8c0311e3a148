package org.sallyport.cdi;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.context.BeforeDestroyed;
import jakarta.enterprise.context.Dependent;
import jakarta.enterprise.context.Initialized;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Any;
import jakarta.enterprise.inject.Default;
import jakarta.enterprise.inject.spi.AfterBeanDiscovery;
import jakarta.enterprise.inject.spi.AfterDeploymentValidation;
import jakarta.enterprise.inject.spi.BeanManager;
import jakarta.enterprise.inject.spi.BeforeBeanDiscovery;
import jakarta.enterprise.inject.spi.BeforeShutdown;
import jakarta.enterprise.inject.spi.DeploymentException;
import jakarta.enterprise.inject.spi.Extension;
import jakarta.enterprise.inject.spi.InjectionPoint;
import jakarta.enterprise.inject.spi.ProcessBean;
import jakarta.enterprise.inject.spi.ProcessInjectionPoint;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.sallyport.Engine;
import org.sallyport.host.PluginHost;

/**
 * The portable extension: finds who wants plugins and who offers host modules, starts one {@link PluginRuntime} of the
 * application when its beans are there, and closes it with them. One for each application.
 */
public class SallyportExtension implements Extension {
    private final List<PluginRuntime.Point> points = new ArrayList<>();
    private final List<PluginRuntime.Offer> offers = new ArrayList<>();
    private @Nullable PluginRuntime runtime;

    void before(@Observes BeforeBeanDiscovery event) {
        event.addQualifier(Plugin.class);
        runtime = new PluginRuntime(PluginRuntime.application());
    }

    private PluginRuntime runtime() {
        return Objects.requireNonNull(runtime);
    }

    void point(@Observes ProcessInjectionPoint<?, ?> event) {
        PluginRuntime.Point point = PluginPoint.of(event.getInjectionPoint());
        if (point != null) {
            points.add(point);
        }
    }

    void bean(@Observes ProcessBean<?> event) {
        HostModule module = event.getAnnotated().getAnnotation(HostModule.class);
        if (module != null) {
            offers.add(new PluginRuntime.Offer(event.getBean(), module));
        }
    }

    void after(@Observes AfterBeanDiscovery event, BeanManager beans) {
        event.addBean()
                .id("org.sallyport.cdi/engine")
                .types(Engine.class, Object.class)
                .qualifiers(Default.Literal.INSTANCE, Any.Literal.INSTANCE)
                .scope(Dependent.class)
                .produceWith(_ -> runtime().engine());
        event.addBean()
                .id("org.sallyport.cdi/host")
                .types(PluginHost.class, Plugins.class, Object.class)
                .qualifiers(Default.Literal.INSTANCE, Any.Literal.INSTANCE)
                .scope(Dependent.class)
                .produceWith(_ -> runtime().host());
        event.addBean()
                .id("org.sallyport.cdi/plugin")
                .types(runtime().pluginTypes(points))
                .qualifiers(new Plugin.Literal(""), Any.Literal.INSTANCE)
                .scope(Dependent.class)
                .produceWith(lookup -> runtime().plugin(lookup.select(InjectionPoint.class).get(), beans))
                .disposeWith((plugin, _) -> PluginRuntime.release(plugin));
        if (runtime().hasPlugins()) {
            try {
                PluginHealth.addTo(event, runtime()::host);
            } catch (NoClassDefFoundError e) {
                // nobody asks for it
            }
        }
    }

    void validated(@Observes AfterDeploymentValidation event, BeanManager beans) {
        runtime().start(beans, points, offers)
                .forEach(problem -> event.addDeploymentProblem(new DeploymentException(problem)));
    }

    void begun(@Observes @Initialized(ApplicationScoped.class) Object event, BeanManager beans) {
        runtime().measure(beans);
    }

    /** Observers are beans: with them nobody is there to be told. */
    void ending(@Observes @BeforeDestroyed(ApplicationScoped.class) Object event) {
        runtime().closeRelay();
    }

    void shutdown(@Observes BeforeShutdown event) {
        runtime().close();
    }
}
