package org.sallyport.engine;

import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;

import org.sallyport.Config;
import org.sallyport.Engine;
import org.sallyport.EngineFactory;
import org.sallyport.spi.CodeGenerator;
import org.sallyport.spi.InstanceAllocator;
import org.sallyport.spi.Loader;
import org.sallyport.spi.Validator;

/** Makes engines from the parts on the class path. */
public final class PlainEngineFactory implements EngineFactory {
    @Override
    public Engine create(Config config) {
        Loader loader = part(Loader.class);
        Validator validator = part(Validator.class);
        CodeGenerator generator = codeGenerator();
        EngineImpl engine = new EngineImpl(config, loader, validator, generator, part(InstanceAllocator.class));
        Rehearsal.once(engine, loader, validator, generator);
        return engine;
    }

    private static <T> T part(Class<T> type) {
        try {
            return ServiceLoader.load(type, PlainEngineFactory.class.getClassLoader())
                    .findFirst()
                    .orElseThrow(() -> new IllegalStateException("no " + type.getName() + " on the class path"));
        } catch (ServiceConfigurationError e) {
            if (e.getCause() instanceof IllegalStateException why) {
                throw why;
            }
            throw e;
        }
    }

    private static CodeGenerator codeGenerator() {
        StringBuilder unusable = new StringBuilder();
        ClassLoader parts = PlainEngineFactory.class.getClassLoader();
        for (CodeGenerator generator : ServiceLoader.load(CodeGenerator.class, parts)) {
            if (generator.isUsable()) {
                return generator;
            }
            unusable.append(' ').append(generator.target());
        }
        throw new IllegalStateException(unusable.isEmpty()
                ? "no " + CodeGenerator.class.getName() + " on the class path"
                : "no back end can run on this machine; there are only:" + unusable);
    }
}
