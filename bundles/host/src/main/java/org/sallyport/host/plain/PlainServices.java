package org.sallyport.host.plain;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.sallyport.host.core.Surroundings;

/** What plugins of a plain host offer. Thread-safe. */
final class PlainServices {
    /** Of what nobody looks for. */
    static final Surroundings.Registration NOBODY = new Surroundings.Registration() {
        @Override
        public void update(Map<String, Object> properties) {}

        @Override
        public void withdraw() {}
    };

    /** Guarded by this; the oldest first. */
    private final List<Service> services = new ArrayList<>();

    private final class Service implements Surroundings.Registration {
        private final Object object;
        private int ranking;

        Service(Object object, int ranking) {
            this.object = object;
            this.ranking = ranking;
        }

        @Override
        public void update(Map<String, Object> properties) {
            synchronized (PlainServices.this) {
                ranking = PlainServices.ranking(properties);
            }
        }

        @Override
        public void withdraw() {
            synchronized (PlainServices.this) {
                services.remove(this);
            }
        }
    }

    synchronized Surroundings.Registration add(Object object, Map<String, Object> properties) {
        Service service = new Service(object, ranking(properties));
        services.add(service);
        return service;
    }

    private static int ranking(Map<String, Object> properties) {
        return properties.get("service.ranking") instanceof Integer ranking ? ranking : 0;
    }

    synchronized <T> List<T> all(Class<T> contract) {
        return services.stream()
                .filter(service -> contract.isInstance(service.object))
                .sorted(Comparator.comparingInt((Service service) -> service.ranking).reversed())
                .map(service -> contract.cast(service.object))
                .toList();
    }
}
