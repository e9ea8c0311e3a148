package org.sallyport.host.core;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.sallyport.BindException;
import org.sallyport.host.Plugin;

/**
 * The services that a plugin offers while it is active. Registered and withdrawn by the thread that updates the plugin.
 */
final class Offers {
    /** Service property: the one with the greatest is taken first. As OSGi calls it. */
    static final String RANKING = "service.ranking";

    private final Surroundings surroundings;
    private final Function<Class<?>, Object> implement;
    private final List<Surroundings.Registration> registered = new ArrayList<>();
    private @Nullable Offering present;

    /** @param implement makes the service object of an interface, or throws {@link BindException} */
    Offers(Surroundings surroundings, Function<Class<?>, Object> implement) {
        this.surroundings = surroundings;
        this.implement = implement;
    }

    /**
     * An implementation of each interface, in that interface's class loader, by the name of the interface.
     *
     * @throws BindException if the exports do not fit
     * @throws ContractNotSeenException if an interface is not there
     */
    Map<String, Object> implement(Collection<String> services) {
        Map<String, Object> made = new LinkedHashMap<>();
        services.forEach(name -> made.put(name, implement.apply(surroundings.contract(name))));
        return made;
    }

    void register(String plugin, Offering offering, Map<String, Object> services) {
        present = offering;
        Map<String, Object> properties = properties(plugin, offering);
        services.forEach((name, service) -> registered.add(surroundings.offer(name, service, properties)));
    }

    /** Ranking and properties as they are now. */
    void adjust(String plugin, Offering offering) {
        if (!offering.equals(present)) {
            present = offering;
            registered.forEach(registration -> registration.update(properties(plugin, offering)));
        }
    }

    private static Map<String, Object> properties(String plugin, Offering offering) {
        Map<String, Object> properties = new HashMap<>(offering.properties());
        properties.put(RANKING, offering.ranking());
        properties.put(Plugin.ID, plugin);
        return properties;
    }

    /** All of them, whatever becomes of one. */
    void withdraw() {
        Throwable failure = null;
        for (int i = 0; i < registered.size(); i++) {
            try {
                registered.get(i).withdraw();
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
