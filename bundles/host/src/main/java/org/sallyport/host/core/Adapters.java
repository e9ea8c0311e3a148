package org.sallyport.host.core;

import org.jspecify.annotations.Nullable;
import org.sallyport.host.AdaptedBy;
import org.sallyport.host.Plugin;
import org.sallyport.host.PluginAdapter;

/** Interfaces that bring along what implements them by a plugin. */
final class Adapters {
    private Adapters() {}

    /**
     * @return null if methods of the interface are exports
     * @throws IllegalArgumentException if what the interface names is no adapter for it
     */
    static <T> @Nullable T adapt(Class<T> contract, Plugin plugin) {
        AdaptedBy named = contract.getAnnotation(AdaptedBy.class);
        if (named == null) {
            return null;
        }
        PluginAdapter<?> adapter;
        try {
            adapter = named.value().getConstructor().newInstance();
        } catch (ReflectiveOperationException e) {
            throw new IllegalArgumentException(
                    contract.getName() + " is adapted by " + named.value().getName()
                            + ", which cannot be made: it needs a public constructor without parameters",
                    e);
        }
        Object made = adapter.adapt(plugin);
        if (!contract.isInstance(made)) {
            throw new IllegalArgumentException(named.value().getName() + " made no " + contract.getName() + " but " + made);
        }
        return contract.cast(made);
    }
}
