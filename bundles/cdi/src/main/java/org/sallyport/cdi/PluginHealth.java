package org.sallyport.cdi;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Any;
import jakarta.enterprise.inject.spi.AfterBeanDiscovery;
import java.util.function.Supplier;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.HealthCheckResponseBuilder;
import org.eclipse.microprofile.health.Readiness;
import org.sallyport.host.Plugin;
import org.sallyport.host.PluginHost;
import org.sallyport.host.PluginState;

/** The application's plugins in MicroProfile Health: it is ready while all of them are active. Only where the server has that. */
final class PluginHealth {
    static final String NAME = "sallyport-plugins";

    private PluginHealth() {}

    /**
     * @param host the plugins, once the application is deployed
     * @throws NoClassDefFoundError if there is no MicroProfile Health
     */
    static void addTo(AfterBeanDiscovery event, Supplier<? extends PluginHost> host) {
        event.addBean()
                .id("org.sallyport.cdi/health")
                .types(HealthCheck.class, Object.class)
                .qualifiers(Readiness.Literal.INSTANCE, Any.Literal.INSTANCE)
                .scope(ApplicationScoped.class)
                .produceWith(_ -> (HealthCheck) () -> look(host.get()));
    }

    private static HealthCheckResponse look(PluginHost host) {
        HealthCheckResponseBuilder answer = HealthCheckResponse.named(NAME);
        boolean isReady = true;
        for (Plugin plugin : host.plugins()) {
            isReady &= plugin.state() == PluginState.ACTIVE;
            answer.withData(plugin.id(), plugin.state().toString());
        }
        return answer.status(isReady).build();
    }
}
