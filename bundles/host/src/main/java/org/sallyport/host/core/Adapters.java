package org.sallyport.host.core;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import org.jspecify.annotations.Nullable;
import org.sallyport.host.AdaptedBy;
import org.sallyport.host.Plugin;
import org.sallyport.host.PluginAdapter;

/** Interfaces that bring along what implements them by a plugin. */
final class Adapters {
    private Adapters() {}

    /** The plugin, but with what an adapter looks at as that edition has it. */
    static Plugin withEdition(Plugin plugin, Edition edition) {
        return (Plugin) Proxy.newProxyInstance(
                Plugin.class.getClassLoader(), new Class<?>[] {Plugin.class}, (_, method, args) -> switch (method.getName()) {
                    case "module" -> edition.module();
                    case "manifest" -> edition.manifest();
                    case "origin" -> edition.origin();
                    default -> {
                        try {
                            yield method.invoke(plugin, args);
                        } catch (InvocationTargetException e) {
                            throw e.getCause();
                        }
                    }
                });
    }

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
