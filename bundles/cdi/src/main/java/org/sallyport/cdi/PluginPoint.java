package org.sallyport.cdi;

import jakarta.enterprise.inject.spi.InjectionPoint;
import jakarta.inject.Provider;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import org.jspecify.annotations.Nullable;

/** Reads injection points. */
final class PluginPoint {
    private PluginPoint() {}

    /** Null if it is not for a plugin. */
    static PluginRuntime.@Nullable Point of(InjectionPoint point) {
        Plugin plugin = qualifier(point);
        return plugin == null ? null : new PluginRuntime.Point(plugin.value(), provided(point.getType()), point.toString());
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
}
