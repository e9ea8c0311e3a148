package org.sallyport.host.impl;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Dictionary;
import java.util.Hashtable;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;
import org.osgi.framework.ServiceRegistration;
import org.sallyport.BindException;
import org.sallyport.host.Plugin;

/**
 * The services that a plugin offers while it is active. Registered and withdrawn by the thread that updates the plugin.
 */
final class Offers {
    private final BundleContext context;
    private final Function<Class<?>, Object> implement;
    private final List<ServiceRegistration<?>> registered = new ArrayList<>();
    private @Nullable Offering present;

    /** @param implement makes the service object of an interface, or throws {@link BindException} */
    Offers(BundleContext context, Function<Class<?>, Object> implement) {
        this.context = context;
        this.implement = implement;
    }

    /**
     * An implementation of each interface, in that interface's class loader, by the name of the interface.
     *
     * @throws BindException if the exports do not fit
     * @throws InterfaceNotSeenException if the bundle does not see an interface
     */
    Map<String, Object> implement(Collection<String> services) {
        Map<String, Object> made = new LinkedHashMap<>();
        for (String name : services) {
            try {
                made.put(name, implement.apply(context.getBundle().loadClass(name)));
            } catch (ClassNotFoundException e) {
                throw new InterfaceNotSeenException(name, context, e);
            }
        }
        return made;
    }

    void register(String plugin, Offering offering, Map<String, Object> services) {
        present = offering;
        Dictionary<String, Object> properties = properties(plugin, offering);
        services.forEach((name, service) -> registered.add(context.registerService(name, service, properties)));
    }

    /** Ranking and properties as they are now. */
    void adjust(String plugin, Offering offering) {
        if (!offering.equals(present)) {
            present = offering;
            registered.forEach(registration -> registration.setProperties(properties(plugin, offering)));
        }
    }

    private static Dictionary<String, Object> properties(String plugin, Offering offering) {
        Dictionary<String, Object> properties = new Hashtable<>();
        offering.properties().forEach(properties::put);
        properties.put(Constants.SERVICE_RANKING, offering.ranking());
        properties.put(Plugin.ID, plugin);
        return properties;
    }

    /** All of them, whatever becomes of one. */
    void withdraw() {
        Throwable failure = null;
        for (int i = 0; i < registered.size(); i++) {
            try {
                registered.get(i).unregister();
            } catch (IllegalStateException e) {
                // the bundle has stopped: the framework was faster
            } catch (RuntimeException | Error e) {
                failure = e;
            }
        }
        registered.clear();
        if (failure instanceof Error error) {
            throw error;
        } else if (failure instanceof RuntimeException exception) {
            throw exception;
        }
    }
}
