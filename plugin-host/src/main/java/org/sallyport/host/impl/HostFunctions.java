package org.sallyport.host.impl;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.HashMap;
import java.util.Map;
import org.osgi.framework.Constants;
import org.osgi.framework.ServiceReference;
import org.sallyport.WasmName;
import org.sallyport.host.HostModule;
import org.sallyport.host.PluginIdentity;

/** The functions that a host module service offers to one plugin, over wasm types with a {@code Caller} in front. */
final class HostFunctions {
    private HostFunctions() {}

    /** By wasm name. Methods whose types have no wasm counterpart are no functions. */
    static Map<String, MethodHandle> of(ServiceReference<?> reference, Object service, PluginIdentity plugin) {
        Map<String, MethodHandle> functions = new HashMap<>();
        if (service instanceof HostModule module) {
            module.functions(plugin).forEach((name, handle) -> put(functions, name, handle));
            return functions;
        }
        for (String name : (String[]) reference.getProperty(Constants.OBJECTCLASS)) {
            Class<?> contract = contract(service.getClass(), name);
            if (contract != null) {
                addMethods(functions, contract, service);
            }
        }
        return functions;
    }

    private static void addMethods(Map<String, MethodHandle> functions, Class<?> contract, Object service) {
        for (Method method : contract.getMethods()) {
            if (!Modifier.isAbstract(method.getModifiers())) {
                continue;
            }
            WasmName name = method.getAnnotation(WasmName.class);
            try {
                MethodHandle handle = MethodHandles.publicLookup().unreflect(method).bindTo(service);
                put(functions, name == null ? method.getName() : name.value(), handle);
            } catch (IllegalAccessException e) {
                throw new IllegalArgumentException(
                        "host contract " + contract.getName() + " must be a public interface in an exported package", e);
            }
        }
    }

    private static void put(Map<String, MethodHandle> functions, String name, MethodHandle handle) {
        try {
            functions.put(name, Abi.toRaw(handle));
        } catch (IllegalArgumentException e) {
            System.getLogger(HostFunctions.class.getName())
                    .log(System.Logger.Level.DEBUG, () -> "not a host function: " + name + ": " + e.getMessage());
        }
    }

    /** The interface of that name among all that the class implements, or null: no class loading by name. */
    private static @org.jspecify.annotations.Nullable Class<?> contract(Class<?> type, String name) {
        for (Class<?> c = type; c != null; c = c.getSuperclass()) {
            for (Class<?> i : c.getInterfaces()) {
                Class<?> found = i.getName().equals(name) ? i : contract(i, name);
                if (found != null) {
                    return found;
                }
            }
        }
        return null;
    }
}
