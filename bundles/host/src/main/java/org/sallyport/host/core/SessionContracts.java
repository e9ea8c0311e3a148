package org.sallyport.host.core;

import java.lang.ref.SoftReference;
import java.util.Map;
import java.util.WeakHashMap;
import java.util.function.Function;
import java.util.function.ToIntFunction;

/**
 * The classes by which sessions of one plugin are called: one for each interface, as a session may last for one request only.
 * They go with the interface, or when memory is short. Used with a lock of the plugin.
 */
final class SessionContracts {
    private final String name;
    private final Map<Class<?>, SoftReference<Function<PluginCalls.Gate, ?>>> classes = new WeakHashMap<>();

    /** @param name what {@code toString} of the objects returns */
    SessionContracts(String name) {
        this.name = name;
    }

    /** @throws org.sallyport.BindException lists every method without a fitting export */
    <T> T implement(Class<T> contract, PluginCalls.Gate gate, Rehearsal rehearsal, ToIntFunction<String> indices) {
        SoftReference<Function<PluginCalls.Gate, ?>> known = classes.get(contract);
        Function<PluginCalls.Gate, ?> constructor = known == null ? null : known.get();
        if (constructor == null) {
            constructor = rehearsal.define(contract, indices, gate, name);
            classes.put(contract, new SoftReference<>(constructor));
        }
        return contract.cast(constructor.apply(gate));
    }
}
