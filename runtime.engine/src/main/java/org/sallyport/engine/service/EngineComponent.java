package org.sallyport.engine.service;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.Hashtable;
import java.util.List;
import java.util.Map;
import org.osgi.annotation.bundle.Capability;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceRegistration;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.metatype.annotations.Designate;
import org.sallyport.Config;
import org.sallyport.Engine;
import org.sallyport.engine.EngineImpl;
import org.sallyport.spi.BackEnd;
import org.sallyport.spi.InstanceAllocator;
import org.sallyport.spi.Loader;
import org.sallyport.spi.Validator;

/**
 * Offers an {@link Engine} service whose properties {@value #TARGET} and {@value #BACK_END} say what runs. It is
 * registered by hand because they are known only when the engine is made.
 */
@Designate(ocd = EngineSettings.class)
@Capability(namespace = "osgi.service", attribute = "objectClass:List<String>=\"org.sallyport.Engine\"")
@Component(service = {}, immediate = true, configurationPid = EngineSettingsReader.PID)
public final class EngineComponent {
    static final String TARGET = "sallyport.target";
    static final String BACK_END = "sallyport.backend";

    private final EngineImpl engine;
    private final ServiceRegistration<Engine> registration;

    @Activate
    public EngineComponent(
            BundleContext context,
            Map<String, Object> configuration,
            @Reference Loader loader,
            @Reference Validator validator,
            @Reference(cardinality = ReferenceCardinality.AT_LEAST_ONE) List<BackEnd> backEnds,
            @Reference InstanceAllocator allocator) {
        Logger log = System.getLogger(EngineComponent.class.getName());
        Config config;
        try {
            config = new EngineSettingsReader(configuration).read(context);
        } catch (IllegalArgumentException e) {
            log.log(Level.ERROR, e.getMessage());
            throw e; // no engine: see docs/decisions/engine-settings.md
        }
        BackEnd backEnd = BackEndChoice.ofServices(backEnds, config.backEnd());
        engine = Engines.make(config, loader, validator, backEnd, allocator);
        Rehearsal.once(engine);
        log.log(Level.INFO, "Sallyport engine: " + engine.backEnd());
        Hashtable<String, Object> properties = new Hashtable<>();
        properties.put(TARGET, engine.machinery().target());
        properties.put(BACK_END, engine.backEnd());
        registration = context.registerService(Engine.class, engine, properties);
    }

    @Deactivate
    void deactivate() {
        registration.unregister();
        engine.close();
    }
}
