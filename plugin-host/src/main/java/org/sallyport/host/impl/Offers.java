package org.sallyport.host.impl;

import java.util.ArrayList;
import java.util.Dictionary;
import java.util.Hashtable;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceRegistration;
import org.sallyport.BindException;
import org.sallyport.host.Plugin;

/** The services that a plugin offers while it is active. Used by the thread that updates the plugin. */
final class Offers {
    private final BundleContext context;
    private final Function<Class<?>, Object> implement;
    private final List<ServiceRegistration<?>> registered = new ArrayList<>();

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
    @Nullable String register(String plugin, List<String> services) {
        Dictionary<String, Object> properties = new Hashtable<>();
        properties.put(Plugin.ID, plugin);
        String problem = null;
        for (String name : services) {
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

    void withdraw() {
        for (ServiceRegistration<?> registration : registered) {
            try {
                registration.unregister();
            } catch (IllegalStateException e) {
                // the bundle has stopped: the framework was faster
            }
        }
        registered.clear();
    }
}
