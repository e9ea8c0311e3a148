package org.sallyport.host.impl;

import java.util.ArrayList;
import java.util.Dictionary;
import java.util.Hashtable;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;
import org.osgi.framework.ServiceRegistration;
import org.sallyport.BindException;
import org.sallyport.host.Plugin;

/** The services that a plugin offers while it is active. Used by the thread that updates the plugin. */
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
     * One registration per interface, each with an implementation in that interface's class loader.
     *
     * @return why an interface could not be offered, or null
     */
    @Nullable String register(String plugin, Offering offering) {
        present = offering;
        Dictionary<String, Object> properties = properties(plugin, offering);
        String problem = null;
        for (String name : offering.services()) {
            try {
                Object service = implement.apply(context.getBundle().loadClass(name));
                registered.add(context.registerService(name, service, properties));
            } catch (ClassNotFoundException e) {
                problem = "bundle " + context.getBundle().getSymbolicName() + " does not see the interface " + name;
            } catch (BindException e) {
                problem = e.getMessage();
            }
        }
        return problem;
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
