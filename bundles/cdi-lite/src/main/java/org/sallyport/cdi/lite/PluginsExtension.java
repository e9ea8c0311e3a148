package org.sallyport.cdi.lite;

import jakarta.enterprise.context.Dependent;
import jakarta.enterprise.event.Shutdown;
import jakarta.enterprise.event.Startup;
import jakarta.enterprise.inject.build.compatible.spi.BeanInfo;
import jakarta.enterprise.inject.build.compatible.spi.BuildCompatibleExtension;
import jakarta.enterprise.inject.build.compatible.spi.InjectionPointInfo;
import jakarta.enterprise.inject.build.compatible.spi.Registration;
import jakarta.enterprise.inject.build.compatible.spi.Synthesis;
import jakarta.enterprise.inject.build.compatible.spi.SyntheticBeanBuilder;
import jakarta.enterprise.inject.build.compatible.spi.SyntheticComponents;
import jakarta.enterprise.lang.model.declarations.ClassInfo;
import jakarta.enterprise.lang.model.types.Type;
import jakarta.inject.Provider;
import jakarta.inject.Singleton;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.sallyport.Engine;
import org.sallyport.cdi.HostModule;
import org.sallyport.cdi.Plugin;
import org.sallyport.cdi.PluginRuntime;
import org.sallyport.cdi.Plugins;
import org.sallyport.host.PluginHost;

/** Finds who wants plugins and who offers host modules, and leaves what it found as parameters to what runs later. */
public class PluginsExtension implements BuildCompatibleExtension {
    // parameters of the runtime's bean
    static final String IDS = "ids";
    static final String TYPES = "types";
    static final String PLACES = "places";
    static final String OFFERERS = "offerers";

    private final List<String> ids = new ArrayList<>();
    private final List<ClassInfo> types = new ArrayList<>();
    private final List<String> places = new ArrayList<>();
    private final Map<String, ClassInfo> contracts = new LinkedHashMap<>();
    /** Classes with, or of producers with, {@link HostModule}. */
    private final Map<String, ClassInfo> offerers = new LinkedHashMap<>();

    /** Looks at a bean. */
    @Registration(types = Object.class)
    public void look(BeanInfo bean) {
        for (InjectionPointInfo point : bean.injectionPoints()) {
            point.qualifiers().stream()
                    .filter(qualifier -> qualifier.name().equals(Plugin.class.getName()))
                    .forEach(qualifier -> want(qualifier.value().asString(), point, bean));
        }
        boolean offers = bean.isClassBean() && bean.declaringClass().hasAnnotation(HostModule.class)
                || bean.isProducerMethod() && bean.producerMethod().hasAnnotation(HostModule.class)
                || bean.isProducerField() && bean.producerField().hasAnnotation(HostModule.class);
        if (offers) {
            offerers.put(bean.declaringClass().name(), bean.declaringClass());
        }
    }

    private void want(String id, InjectionPointInfo point, BeanInfo bean) {
        Type type = provided(point.type());
        if (type.isClass()) {
            ClassInfo wanted = type.asClass().declaration();
            contracts.put(wanted.name(), wanted);
            ids.add(id);
            types.add(wanted);
            places.add(point.declaration() + " of " + bean.declaringClass().name());
        }
    }

    private static Type provided(Type type) {
        if (type.isParameterizedType()) {
            ClassInfo generic = type.asParameterizedType().declaration();
            if (generic.name().equals(Provider.class.getName()) || generic.name().equals("jakarta.enterprise.inject.Instance")) {
                return type.asParameterizedType().typeArguments().getFirst();
            }
        }
        return type;
    }

    /** Adds what is injected, and what makes it. */
    @Synthesis
    public void add(SyntheticComponents components) {
        components.addBean(PluginRuntime.class)
                .type(PluginRuntime.class)
                .scope(Singleton.class)
                .withParam(IDS, ids.toArray(String[]::new))
                .withParam(TYPES, types.toArray(ClassInfo[]::new))
                .withParam(PLACES, places.toArray(String[]::new))
                .withParam(OFFERERS, offerers.values().toArray(ClassInfo[]::new))
                .createWith(Beans.Runtime.class)
                .disposeWith(Beans.RuntimeEnd.class);
        components.addBean(Engine.class).type(Engine.class).scope(Dependent.class).createWith(Beans.OfEngine.class);
        components.addBean(PluginHost.class)
                .type(PluginHost.class)
                .type(Plugins.class)
                .scope(Dependent.class)
                .createWith(Beans.OfHost.class);
        SyntheticBeanBuilder<Object> plugin = components.addBean(Object.class)
                .qualifier(new Plugin.Literal(""))
                .type(org.sallyport.host.Plugin.class)
                .scope(Dependent.class)
                .createWith(Beans.OfPlugin.class)
                .disposeWith(Beans.PluginEnd.class);
        contracts.values().forEach(plugin::type);
        components.<Startup>addObserver(Startup.class).observeWith(Beans.Start.class);
        components.<Shutdown>addObserver(Shutdown.class).observeWith(Beans.Stop.class);
    }
}
