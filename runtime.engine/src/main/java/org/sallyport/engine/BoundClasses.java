package org.sallyport.engine;

import java.util.Collections;
import java.util.Set;
import java.util.WeakHashMap;

import org.jspecify.annotations.Nullable;

/**
 * What one engine has made of interfaces that instances are bound to. Each interface keeps what was made of it (a {@link
 * ClassValue}), so that it goes with the interface's loader; {@link #close} takes it away, so that what was made, which
 * names classes of the engine's loader, does not keep that loader for an interface that stays. Leads to no engine.
 * Thread-safe.
 */
final class BoundClasses {
    private final ClassValue<Contract> contracts = new ClassValue<>() {
        @Override
        protected Contract computeValue(Class<?> type) {
            return JavaStack.withRoom(() -> new Contract(type));
        }
    };

    /** Interfaces that may keep something; they need not live for it. Null when closed. */
    private volatile @Nullable Set<Class<?>> interfaces =
            Collections.synchronizedSet(Collections.newSetFromMap(new WeakHashMap<>()));

    /** What binding needs of an interface, made for the first who asks. */
    Contract contract(Class<?> type) {
        Set<Class<?>> known = interfaces;
        if (known == null) {
            return new Contract(type);
        }
        known.add(type);
        Contract contract = contracts.get(type);
        if (interfaces == null) {
            contracts.remove(type);
        }
        return contract;
    }

    /** Afterwards no interface keeps anything. */
    void close() {
        Set<Class<?>> known = interfaces;
        interfaces = null;
        if (known != null) {
            synchronized (known) {
                known.forEach(contracts::remove);
            }
        }
    }
}
