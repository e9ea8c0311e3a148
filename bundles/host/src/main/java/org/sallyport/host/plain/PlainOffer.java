package org.sallyport.host.plain;

import java.util.List;
import java.util.Map;
import org.sallyport.host.ModuleFilter;
import org.sallyport.host.core.HostOffer;

/** A host module of a plain host. */
final class PlainOffer implements HostOffer {
    private final Object service;
    private final List<Class<?>> contracts;
    private final Map<String, Object> properties;
    private final long number;
    private volatile boolean left;

    /** @param number later ones have greater numbers */
    PlainOffer(Object service, List<Class<?>> contracts, Map<String, Object> properties, long number) {
        this.service = service;
        this.contracts = contracts;
        this.properties = properties;
        this.number = number;
    }

    @Override
    public Object service() {
        return service;
    }

    @Override
    public List<Class<?>> contracts() {
        return contracts;
    }

    Map<String, Object> properties() {
        return properties;
    }

    @Override
    public boolean matches(ModuleFilter filter) {
        return filter.matches(properties);
    }

    @Override
    public String owner() {
        return "the application";
    }

    void leave() {
        left = true;
    }

    boolean hasLeft() {
        return left;
    }

    private int ranking() {
        return properties.get("service.ranking") instanceof Integer ranking ? ranking : 0;
    }

    @Override
    public int compareTo(HostOffer other) {
        PlainOffer one = (PlainOffer) other;
        int order = Integer.compare(ranking(), one.ranking());
        return order != 0 ? order : Long.compare(one.number, number);
    }

    @Override
    public String toString() {
        return service.getClass().getName() + properties;
    }
}
