package org.sallyport.cdi;

import jakarta.enterprise.context.spi.CreationalContext;
import jakarta.enterprise.inject.spi.BeanContainer;
import jakarta.enterprise.inject.spi.InterceptionType;
import jakarta.enterprise.inject.spi.Interceptor;
import jakarta.interceptor.InvocationContext;
import java.lang.annotation.Annotation;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Interceptors around a plugin that is injected as an interface: the bindings stand on the interface or on its methods, as on
 * a bean's class. Each object that is injected has interceptors of its own, as a dependent bean has.
 */
final class Interception implements InvocationHandler {
    /** An interceptor and its instance. */
    private record Link<T>(Interceptor<T> interceptor, T instance, CreationalContext<T> context) {
        static <T> Link<T> of(Interceptor<T> interceptor, BeanContainer beans) {
            CreationalContext<T> context = beans.createCreationalContext(interceptor);
            return new Link<>(interceptor, interceptor.create(context), context);
        }

        @Nullable Object intercept(InvocationContext call) throws Exception {
            return interceptor.intercept(InterceptionType.AROUND_INVOKE, instance, call);
        }

        void release() {
            interceptor.destroy(instance, context);
        }
    }

    private final Object plugin;
    private final Map<Method, List<Link<?>>> chains;
    private final Collection<Link<?>> links;

    private Interception(Object plugin, Map<Method, List<Link<?>>> chains, Collection<Link<?>> links) {
        this.plugin = plugin;
        this.chains = chains;
        this.links = links;
    }

    /** The plugin itself if nothing is bound to its interface. */
    static Object around(Object plugin, Class<?> contract, BeanContainer beans) {
        Map<Interceptor<?>, Link<?>> links = new HashMap<>();
        Map<Method, List<Link<?>>> chains = new HashMap<>();
        for (Method method : contract.getMethods()) {
            Annotation[] bindings = bindings(contract, method, beans);
            if (bindings.length > 0) {
                List<Link<?>> chain = new ArrayList<>();
                for (Interceptor<?> found : beans.resolveInterceptors(InterceptionType.AROUND_INVOKE, bindings)) {
                    chain.add(links.computeIfAbsent(found, interceptor -> Link.of(interceptor, beans)));
                }
                chains.put(method, chain);
            }
        }
        return links.isEmpty() ? plugin : Proxy.newProxyInstance(
                contract.getClassLoader(), new Class<?>[] {contract}, new Interception(plugin, chains, links.values()));
    }

    /** Of the interface, unless the method has another one of the same type; with those that stand on bindings. */
    private static Annotation[] bindings(Class<?> contract, Method method, BeanContainer beans) {
        Map<Class<?>, Annotation> found = new LinkedHashMap<>();
        collect(contract.getAnnotations(), beans, found);
        collect(method.getAnnotations(), beans, found);
        return found.values().toArray(Annotation[]::new);
    }

    private static void collect(Annotation[] annotations, BeanContainer beans, Map<Class<?>, Annotation> found) {
        for (Annotation annotation : annotations) {
            Class<? extends Annotation> type = annotation.annotationType();
            if (beans.isInterceptorBinding(type) && found.put(type, annotation) == null) {
                collect(type.getAnnotations(), beans, found);
            }
        }
    }

    /** What was injected is not needed any more. @return the plugin that was within */
    static Object release(Object injected) {
        if (Proxy.isProxyClass(injected.getClass()) && Proxy.getInvocationHandler(injected) instanceof Interception own) {
            own.links.forEach(Link::release);
            return own.plugin;
        }
        return injected;
    }

    @Override
    public @Nullable Object invoke(Object proxy, Method method, Object @Nullable [] arguments) throws Throwable {
        if (method.getDeclaringClass() == Object.class && method.getName().equals("equals")) {
            return proxy == arguments[0];
        }
        List<Link<?>> chain = chains.getOrDefault(method, List.of());
        return chain.isEmpty() ? call(method, arguments) : new Call(proxy, method, chain, arguments).proceed();
    }

    private @Nullable Object call(Method method, Object @Nullable [] arguments) throws Exception {
        method.trySetAccessible(); // an interface need not be public
        try {
            return method.invoke(plugin, arguments);
        } catch (InvocationTargetException e) {
            switch (e.getCause()) {
                case Exception exception -> throw exception;
                case Error error -> throw error;
                case null, default -> throw e;
            }
        }
    }

    /** One call on its way through the interceptors. */
    private final class Call implements InvocationContext {
        private final Object target;
        private final Method method;
        private final List<Link<?>> chain;
        private final Map<String, Object> data = new HashMap<>();
        private @Nullable Object @Nullable [] arguments;
        private int next;

        Call(Object target, Method method, List<Link<?>> chain, @Nullable Object @Nullable [] arguments) {
            this.target = target;
            this.method = method;
            this.chain = chain;
            this.arguments = arguments;
        }

        @Override
        public @Nullable Object proceed() throws Exception {
            if (next == chain.size()) {
                return call(method, arguments);
            }
            int here = next++;
            try {
                return chain.get(here).intercept(this);
            } finally {
                next = here; // an interceptor may proceed again
            }
        }

        @Override
        public Object getTarget() {
            return target;
        }

        @Override
        public @Nullable Object getTimer() {
            return null;
        }

        @Override
        public Method getMethod() {
            return method;
        }

        @Override
        public @Nullable Constructor<?> getConstructor() {
            return null;
        }

        @Override
        public @Nullable Object[] getParameters() {
            return arguments == null ? new Object[0] : arguments;
        }

        @Override
        public void setParameters(@Nullable Object[] parameters) {
            if (parameters.length != method.getParameterCount()) {
                throw new IllegalArgumentException(method + " takes " + method.getParameterCount() + " parameters, found "
                        + parameters.length);
            }
            arguments = parameters;
        }

        @Override
        public Map<String, Object> getContextData() {
            return data;
        }
    }
}
