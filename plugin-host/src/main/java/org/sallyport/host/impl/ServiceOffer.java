package org.sallyport.host.impl;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.Bundle;
import org.osgi.framework.Constants;
import org.osgi.framework.ServiceReference;
import org.sallyport.host.ModuleFilter;
import org.sallyport.host.core.HostOffer;

/** A service that is a host module. Its rank is that of services: the higher ranking, then the older one. */
final class ServiceOffer implements HostOffer {
    private final ServiceReference<?> reference;
    private final @Nullable Object service;

    /** @param service null where nobody asks for it */
    ServiceOffer(ServiceReference<?> reference, @Nullable Object service) {
        this.reference = reference;
        this.service = service;
    }

    @Override
    public Object service() {
        return Objects.requireNonNull(service);
    }

    @Override
    public List<Class<?>> contracts() {
        List<Class<?>> contracts = new ArrayList<>();
        for (String name : (String[]) reference.getProperty(Constants.OBJECTCLASS)) {
            Class<?> contract = contract(service().getClass(), name);
            if (contract != null) {
                contracts.add(contract);
            }
        }
        return contracts;
    }

    /** The interface of that name among all that the class implements, or null: no class loading by name. */
    private static @Nullable Class<?> contract(Class<?> type, String name) {
        for (Class<?> c = type; c != null; c = c.getSuperclass()) {
            for (Class<?> i : c.getInterfaces()) {
                Class<?> found = i.getName().equals(name) ? i : contract(i, name);
                if (found != null) {
                    return found;
                }
            }
        }
        return null;
    }

    @Override
    public boolean matches(ModuleFilter filter) {
        return BundleSurroundings.filter(filter.toString()).match(reference);
    }

    @Override
    public String owner() {
        Bundle bundle = reference.getBundle();
        return bundle == null ? "a service" : String.valueOf(bundle.getSymbolicName());
    }

    @Override
    public int compareTo(HostOffer other) {
        return reference.compareTo(((ServiceOffer) other).reference);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof ServiceOffer offer && offer.reference.equals(reference);
    }

    @Override
    public int hashCode() {
        return reference.hashCode();
    }

    @Override
    public String toString() {
        return reference.toString();
    }
}
