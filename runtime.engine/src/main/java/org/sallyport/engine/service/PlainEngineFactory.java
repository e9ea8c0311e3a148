package org.sallyport.engine.service;

import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;

import org.sallyport.Config;
import org.sallyport.Engine;
import org.sallyport.EngineFactory;
import org.sallyport.engine.EngineImpl;
import org.sallyport.spi.BackEnd;
import org.sallyport.spi.CodeGenerator;
import org.sallyport.spi.InstanceAllocator;
import org.sallyport.spi.Loader;
import org.sallyport.spi.Validator;

/** Makes engines from the parts on the class path. */
public final class PlainEngineFactory implements EngineFactory {
    @Override
    public Engine create(Config config) {
        Loader loader = part(Loader.class, "loader");
        Validator validator = part(Validator.class, "validator");
        BackEnd backEnd = BackEndChoice.of(
                ServiceLoader.load(BackEnd.class, PlainEngineFactory.class.getClassLoader()), config.backEnd());
        InstanceAllocator allocator = backEnd instanceof CodeGenerator ? part(InstanceAllocator.class, "store") : null;
        EngineImpl engine = Engines.make(config, loader, validator, backEnd, allocator);
        Rehearsal.once(engine);
        return engine;
    }

    /** @param name the last word of the artefact that has it */
    private static <T> T part(Class<T> type, String name) {
        try {
            return ServiceLoader.load(type, PlainEngineFactory.class.getClassLoader())
                    .findFirst()
                    .orElseThrow(() -> new IllegalStateException("no Sallyport " + name + " where the engine is: add"
                            + " org.sallyport:sallyport, which has all parts, or org.sallyport:org.sallyport." + name));
        } catch (ServiceConfigurationError e) {
            if (e.getCause() instanceof IllegalStateException why) {
                throw why;
            }
            throw e;
        }
    }
}
