package org.sallyport.cdi.lite;

import jakarta.enterprise.event.Shutdown;
import jakarta.enterprise.event.Startup;
import jakarta.enterprise.inject.Any;
import jakarta.enterprise.inject.Instance;
import jakarta.enterprise.inject.build.compatible.spi.Parameters;
import jakarta.enterprise.inject.build.compatible.spi.SyntheticBeanCreator;
import jakarta.enterprise.inject.build.compatible.spi.SyntheticBeanDisposer;
import jakarta.enterprise.inject.build.compatible.spi.SyntheticObserver;
import jakarta.enterprise.inject.spi.Bean;
import jakarta.enterprise.inject.spi.CDI;
import jakarta.enterprise.inject.spi.DeploymentException;
import jakarta.enterprise.inject.spi.EventContext;
import jakarta.enterprise.inject.spi.InjectionPoint;
import java.lang.reflect.AnnotatedElement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.sallyport.Engine;
import org.sallyport.cdi.HostModule;
import org.sallyport.cdi.PluginRuntime;
import org.sallyport.host.PluginHost;

/** What the beans and observers of the extension do when the application runs: the container makes one of each of these. */
final class Beans {
    private Beans() {}

    private static PluginRuntime runtime(Instance<Object> lookup) {
        return lookup.select(PluginRuntime.class).get();
    }

    /** The one runtime, started. */
    public static final class Runtime implements SyntheticBeanCreator<PluginRuntime> {
        @Override
        public PluginRuntime create(Instance<Object> lookup, Parameters found) {
            PluginRuntime made = new PluginRuntime(PluginRuntime.application());
            List<String> problems = made.start(CDI.current().getBeanContainer(), points(found),
                    offers(CDI.current(), found.get(PluginsExtension.OFFERERS, Class[].class)));
            if (!problems.isEmpty()) {
                throw new DeploymentException(String.join("\n", problems));
            }
            return made;
        }

        private static List<PluginRuntime.Point> points(Parameters found) {
            String[] ids = found.get(PluginsExtension.IDS, String[].class);
            Class<?>[] types = found.get(PluginsExtension.TYPES, Class[].class);
            String[] places = found.get(PluginsExtension.PLACES, String[].class);
            List<PluginRuntime.Point> points = new ArrayList<>();
            for (int i = 0; i < ids.length; i++) {
                points.add(new PluginRuntime.Point(ids[i], types[i], places[i]));
            }
            return points;
        }

        /** The beans of those classes, and of their producers, that are host modules. */
        private static List<PluginRuntime.Offer> offers(Instance<Object> lookup, Class<?>[] offerers) {
            List<PluginRuntime.Offer> offers = new ArrayList<>();
            for (Class<?> offerer : offerers) {
                Stream<AnnotatedElement> elements = Stream.of(
                                Stream.of(offerer), Arrays.stream(offerer.getDeclaredMethods()),
                                Arrays.stream(offerer.getDeclaredFields()))
                        .flatMap(all -> all);
                elements.filter(element -> element.isAnnotationPresent(HostModule.class))
                        .forEach(element -> offers.add(new PluginRuntime.Offer(
                                bean(lookup, offerer, element), element.getAnnotation(HostModule.class))));
            }
            return offers;
        }

        private static Bean<?> bean(Instance<Object> lookup, Class<?> offerer, AnnotatedElement element) {
            Class<?> type = switch (element) {
                case java.lang.reflect.Method method -> method.getReturnType();
                case java.lang.reflect.Field field -> field.getType();
                default -> offerer;
            };
            for (Instance.Handle<?> handle : lookup.select(Any.Literal.INSTANCE).handles()) {
                Bean<?> bean = handle.getBean();
                boolean isOfClass = bean.getTypes().contains(offerer) || bean.getTypes().size() == 1;
                if (bean.getBeanClass() == offerer
                        && (element == offerer ? isOfClass : bean.getTypes().contains(type))) {
                    return bean;
                }
            }
            throw new DeploymentException("@HostModule on " + element + ": there is no such bean");
        }
    }

    /** Its end. */
    public static final class RuntimeEnd implements SyntheticBeanDisposer<PluginRuntime> {
        @Override
        public void dispose(PluginRuntime runtime, Instance<Object> lookup, Parameters found) {
            runtime.close();
        }
    }

    /** The application's engine. */
    public static final class OfEngine implements SyntheticBeanCreator<Engine> {
        @Override
        public Engine create(Instance<Object> lookup, Parameters found) {
            return runtime(lookup).engine();
        }
    }

    /** The application's plugins. */
    public static final class OfHost implements SyntheticBeanCreator<PluginHost> {
        @Override
        public PluginHost create(Instance<Object> lookup, Parameters found) {
            return runtime(lookup).host();
        }
    }

    /** What is injected. */
    public static final class OfPlugin implements SyntheticBeanCreator<Object> {
        @Override
        public Object create(Instance<Object> lookup, Parameters found) {
            return runtime(lookup).plugin(lookup.select(InjectionPoint.class).get(), CDI.current().getBeanContainer());
        }
    }

    /** It is not needed any more. */
    public static final class PluginEnd implements SyntheticBeanDisposer<Object> {
        @Override
        public void dispose(Object plugin, Instance<Object> lookup, Parameters found) {
            PluginRuntime.release(plugin);
        }
    }

    /** Plugins are in service before the first request comes, or the application does not start. */
    public static final class Start implements SyntheticObserver<Startup> {
        @Override
        public void observe(EventContext<Startup> event, Parameters found) {
            CDI.current().select(PluginRuntime.class).get();
        }
    }

    /** Observers of plugins are beans, which go now. */
    public static final class Stop implements SyntheticObserver<Shutdown> {
        @Override
        public void observe(EventContext<Shutdown> event, Parameters found) {
            CDI.current().select(PluginRuntime.class).get().closeRelay();
        }
    }
}
