package org.sallyport.cdi;

import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Type;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.sallyport.host.plain.PlainPluginHost;

/**
 * A bean that is a host module.
 *
 * @param object the bean, or its client proxy
 * @param types the bean's
 * @param owner the bean, for people
 */
record BeanModule(HostModule module, Object object, Collection<Type> types, String owner) {
    /** @throws IllegalArgumentException if the annotation's properties cannot be read, or there is no interface */
    void offerTo(PlainPluginHost host) {
        Map<String, String> properties = properties();
        if (object instanceof org.sallyport.host.HostModule slices) {
            host.offer(module.value(), slices, properties);
            return;
        }
        List<Class<?>> contracts = contracts();
        if (contracts.isEmpty()) {
            throw new IllegalArgumentException(this + ": the bean has no interface with abstract methods, so that plugins would"
                    + " get nothing; declare the functions in an interface that it implements");
        }
        contracts.forEach(contract -> offer(host, contract, properties));
    }

    private <T> void offer(PlainPluginHost host, Class<T> contract, Map<String, String> properties) {
        host.offer(module.value(), contract, contract.cast(object), properties);
    }

    private Map<String, String> properties() {
        Map<String, String> properties = new HashMap<>();
        for (String property : module.properties()) {
            int equals = property.indexOf('=');
            if (equals < 1) {
                throw new IllegalArgumentException(this + ": property \"" + property + "\" is not of the form NAME=VALUE");
            }
            properties.put(property.substring(0, equals), property.substring(equals + 1));
        }
        return properties;
    }

    private List<Class<?>> contracts() {
        return types.stream()
                .filter(type -> type instanceof Class<?> contract && contract.isInterface() && hasFunctions(contract))
                .<Class<?>>map(type -> (Class<?>) type)
                .toList();
    }

    private static boolean hasFunctions(Class<?> contract) {
        return Arrays.stream(contract.getMethods()).mapToInt(Method::getModifiers).anyMatch(Modifier::isAbstract);
    }

    @Override
    public String toString() {
        return "@HostModule(\"" + module.value() + "\") of " + owner;
    }
}
