package org.sallyport.cdi;

import jakarta.enterprise.inject.spi.InjectionPoint;
import jakarta.inject.Provider;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import org.jspecify.annotations.Nullable;

/**
 * Where a plugin is injected.
 *
 * @param id of the plugin
 * @param type that is asked for; of an {@code Instance} or {@code Provider} the type that it provides
 * @param place for people
 */
record PluginPoint(String id, Type type, String place) {
    /** Null if it is not for a plugin. */
    static @Nullable PluginPoint of(InjectionPoint point) {
        Plugin plugin = qualifier(point);
        return plugin == null ? null : new PluginPoint(plugin.value(), provided(point.getType()), point.toString());
    }

    private static @Nullable Plugin qualifier(InjectionPoint point) {
        return point.getQualifiers().stream()
                .filter(Plugin.class::isInstance)
                .map(Plugin.class::cast)
                .findFirst()
                .orElse(null);
    }

    private static Type provided(Type type) {
        return type instanceof ParameterizedType generic
                        && generic.getRawType() instanceof Class<?> raw
                        && Provider.class.isAssignableFrom(raw)
                ? generic.getActualTypeArguments()[0]
                : type;
    }

    /** The interface that is asked for, or null if it is none. */
    @Nullable Class<?> contract() {
        return type instanceof Class<?> contract && contract.isInterface() ? contract : null;
    }
}
