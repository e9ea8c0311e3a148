package org.sallyport.host.core;

import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
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
    /** By interface. */
    private final Map<String, Surroundings.Registration> registered = new LinkedHashMap<>();
    private @Nullable Offering present;

    Offers(Surroundings surroundings) {
        this.surroundings = surroundings;
    }

    /**
     * An implementation of each interface, in that interface's class loader, by the name of the interface.
     *
     * @param implement makes the service object of an interface, or throws {@link BindException}
     * @throws BindException if the exports do not fit
     * @throws ContractNotSeenException if an interface is not there
     */
    Map<String, Object> implement(Collection<String> services, Function<Class<?>, Object> implement) {
        Map<String, Object> made = new LinkedHashMap<>();
        services.forEach(name -> made.put(name, implement.apply(surroundings.contract(name))));
        return made;
    }

    void register(String plugin, Offering offering, Map<String, Object> services) {
        present = offering;
        services.forEach((name, service) ->
                registered.put(name, surroundings.offer(name, service, properties(plugin, offering, name))));
    }

    /** What another edition offers: what both do stays where it is, the rest comes before the rest goes. */
    void replace(String plugin, Offering offering, Map<String, Object> services) {
        Map<String, Object> more = new LinkedHashMap<>(services);
        more.keySet().removeAll(registered.keySet());
        Map<String, Surroundings.Registration> less = new LinkedHashMap<>(registered);
        less.keySet().removeAll(services.keySet());
        adjust(plugin, offering);
        register(plugin, offering, more);
        registered.keySet().removeAll(less.keySet());
        withdraw(less.values());
    }

    /** Ranking and properties as they are now. */
    void adjust(String plugin, Offering offering) {
        if (!offering.equals(present)) {
            present = offering;
            registered.forEach((name, registration) -> registration.update(properties(plugin, offering, name)));
        }
    }

    private static Map<String, Object> properties(String plugin, Offering offering, String contract) {
        Map<String, Object> properties = new HashMap<>(offering.properties());
        properties.putAll(offering.exported().getOrDefault(contract, Map.of()));
        properties.put(RANKING, offering.ranking());
        properties.put(Plugin.ID, plugin);
        return properties;
    }

    /** All of them, whatever becomes of one. */
    void withdraw() {
        try {
            withdraw(registered.values());
        } finally {
            registered.clear();
        }
    }

    private static void withdraw(Collection<Surroundings.Registration> all) {
        Throwable failure = null;
        for (Surroundings.Registration registration : all) {
            try {
                registration.withdraw();
            } catch (RuntimeException | Error e) {
                failure = e;
            }
        }
        if (failure instanceof Error error) {
            throw error;
        } else if (failure instanceof RuntimeException exception) {
            throw exception;
        }
    }
}
