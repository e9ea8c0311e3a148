package org.sallyport.host.impl;

import java.util.Dictionary;
import java.util.Hashtable;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Filter;
import org.osgi.framework.FrameworkUtil;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.framework.ServiceReference;
import org.osgi.framework.ServiceRegistration;
import org.osgi.util.tracker.ServiceTracker;
import org.osgi.util.tracker.ServiceTrackerCustomizer;
import org.sallyport.host.Grant;
import org.sallyport.host.core.HostOffer;
import org.sallyport.host.core.ModuleWish;
import org.sallyport.host.core.Surroundings;

/** The services of a framework, as the bundle of a plugin sees them. A watch is one tracker on its context. */
final class BundleSurroundings implements Surroundings {
    private final BundleContext context;

    /** @param context of the bundle that answers for the plugin */
    BundleSurroundings(BundleContext context) {
        this.context = context;
    }

    @Override
    public AutoCloseable watch(ModuleWish wish, Listener listener) {
        ServiceTracker<Object, HostOffer> tracker =
                new ServiceTracker<>(context, filter(wish.filter()), new Told(listener));
        tracker.open();
        return tracker::close;
    }

    /** @param text made of parts that were checked before */
    static Filter filter(String text) {
        try {
            return FrameworkUtil.createFilter(text);
        } catch (InvalidSyntaxException e) {
            throw new IllegalStateException("the framework does not take the filter " + text, e);
        }
    }

    private final class Told implements ServiceTrackerCustomizer<Object, HostOffer> {
        private final Listener listener;

        Told(Listener listener) {
            this.listener = listener;
        }

        @Override
        public @Nullable HostOffer addingService(ServiceReference<Object> reference) {
            Object service = context.getService(reference);
            if (service == null) {
                return null;
            }
            HostOffer offer = new ServiceOffer(reference, service);
            listener.added(offer);
            return offer;
        }

        @Override
        public void modifiedService(ServiceReference<Object> reference, HostOffer offer) {
            listener.changed();
        }

        @Override
        public void removedService(ServiceReference<Object> reference, HostOffer offer) {
            listener.removed(offer);
            try {
                context.ungetService(reference);
            } catch (IllegalStateException e) {
                // the plugin's bundle has stopped: the framework was faster
            }
        }
    }

    @Override
    public @Nullable HostOffer any(ModuleWish wish) {
        try {
            ServiceReference<?>[] found = context.getAllServiceReferences(null, wish.asked());
            return found == null ? null : new ServiceOffer(found[0], null);
        } catch (InvalidSyntaxException e) {
            throw new IllegalStateException("the framework does not take the filter " + wish.asked(), e);
        } catch (IllegalStateException e) {
            return null; // the plugin's bundle has stopped
        }
    }

    @Override
    public String aGrant() {
        return "a configuration of " + Grant.FACTORY_PID;
    }

    @Override
    public Class<?> contract(String name) {
        try {
            return context.getBundle().loadClass(name);
        } catch (ClassNotFoundException e) {
            throw new InterfaceNotSeenException(name, context, e);
        }
    }

    @Override
    public Registration offer(String contract, Object service, Map<String, Object> properties) {
        return new Registered(context.registerService(contract, service, dictionary(properties)));
    }

    /** A service of ours. */
    record Registered(ServiceRegistration<?> registration) implements Registration {
        @Override
        public void update(Map<String, Object> properties) {
            registration.setProperties(dictionary(properties));
        }

        @Override
        public void withdraw() {
            try {
                registration.unregister();
            } catch (IllegalStateException e) {
                // the bundle has stopped: the framework was faster
            }
        }
    }

    static Dictionary<String, Object> dictionary(Map<String, Object> properties) {
        return new Hashtable<>(properties);
    }
}
