package org.sallyport.cdi;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.sallyport.host.Plugin;
import org.sallyport.host.PluginUnavailableException;

/** What is injected: follows the id, from one version of the plugin to the next. Thread-safe. */
final class PluginProxy implements InvocationHandler {
    /** A plugin, and the contract over its exports. */
    private record Target(Plugin plugin, Object object) {}

    private final String id;
    private final Class<?> contract;
    private final Function<String, Optional<Plugin>> plugins;
    private volatile @Nullable Target target;

    private PluginProxy(String id, Class<?> contract, Function<String, Optional<Plugin>> plugins) {
        this.id = id;
        this.contract = contract;
        this.plugins = plugins;
    }

    /** @param plugins who holds an id; an {@link OwnSession} is closed when the proxy is released */
    static <T> T of(String id, Class<T> contract, Function<String, Optional<Plugin>> plugins) {
        return contract.cast(Proxy.newProxyInstance(
                contract.getClassLoader(), new Class<?>[] {contract}, new PluginProxy(id, contract, plugins)));
    }

    /** What was injected is not needed any more. */
    static void release(Object injected) {
        if (Proxy.isProxyClass(injected.getClass())
                && Proxy.getInvocationHandler(injected) instanceof PluginProxy own
                && own.plugins instanceof OwnSession session) {
            session.close();
        }
    }

    @Override
    public @Nullable Object invoke(Object proxy, Method method, Object @Nullable [] arguments) throws Throwable {
        if (method.getDeclaringClass() == Object.class) {
            return switch (method.getName()) {
                case "equals" -> proxy == arguments[0];
                case "hashCode" -> System.identityHashCode(proxy);
                default -> "plugin " + id + " as " + contract.getName();
            };
        }
        if (method.isDefault() && contract != Plugin.class) {
            return InvocationHandler.invokeDefault(proxy, method, arguments);
        }
        method.trySetAccessible(); // an interface need not be public
        try {
            return method.invoke(target(), arguments);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }

    private Object target() {
        Plugin holder = plugins.apply(id)
                .orElseThrow(() -> new PluginUnavailableException("plugin " + id + " is not there", List.of()));
        Target known = target;
        if (known == null || known.plugin != holder) {
            known = new Target(holder, contract == Plugin.class ? holder : holder.as(contract));
            target = known;
        }
        return known.object;
    }
}
