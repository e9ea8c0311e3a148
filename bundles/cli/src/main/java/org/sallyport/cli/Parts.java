package org.sallyport.cli;

import java.util.ServiceLoader;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.sallyport.LoadLimits;
import org.sallyport.Module;
import org.sallyport.spi.CodeGenerator;
import org.sallyport.spi.CompiledModule;
import org.sallyport.spi.Loader;
import org.sallyport.spi.ModuleDescription;
import org.sallyport.spi.ValidModule;
import org.sallyport.spi.Validator;
import org.sallyport.wasm.Feature;
import org.sallyport.wasm.WasmModule;

/** Single parts of the engine, for subcommands that need no whole one. */
final class Parts {
    private Parts() {}

    static WasmModule load(byte[] binary, Set<Feature> features, LoadLimits limits) {
        return first(Loader.class).load(binary, features, limits);
    }

    static ValidModule validate(byte[] binary, Set<Feature> features, LoadLimits limits) {
        return first(Validator.class).validate(load(binary, features, limits), features, limits, Runnable::run);
    }

    /** What there is to tell of a binary, right or wrong. */
    static ModuleDescription describe(byte[] binary) {
        return first(Loader.class).describe(binary, LoadLimits.DEFAULT);
    }

    /** The proposals that the compiler for this machine has whole; none if there is no such compiler. */
    static Set<Feature> compiledFeatures() {
        for (CodeGenerator generator : ServiceLoader.load(CodeGenerator.class, Parts.class.getClassLoader())) {
            if (generator.isUsable()) {
                return generator.features();
            }
        }
        return Set.of();
    }

    /** The machine code of a module, or null if its back end makes none. */
    static @Nullable CompiledModule machineCodeIfAny(Module module) {
        try {
            return module.compiledModule();
        } catch (UnsupportedOperationException e) {
            return null;
        }
    }

    /** The machine code of a module. */
    static CompiledModule machineCode(Module module) {
        CompiledModule code = machineCodeIfAny(module);
        if (code == null) {
            throw new FailureException(module.name() + ": the portable back end makes no machine code that could be shown");
        }
        return code;
    }

    /** The code generator of a target. */
    static CodeGenerator codeGenerator(String target) {
        for (CodeGenerator generator : ServiceLoader.load(CodeGenerator.class, Parts.class.getClassLoader())) {
            if (generator.target().equals(target)) {
                return generator;
            }
        }
        throw new FailureException("there is no code generator for " + target
                + "; org.sallyport:org.sallyport.codegen has those that there are");
    }

    private static <T> T first(Class<T> part) {
        return ServiceLoader.load(part, Parts.class.getClassLoader())
                .findFirst()
                .orElseThrow(() -> new FailureException("there is no " + part.getSimpleName()
                        + ": add org.sallyport:sallyport, which has all parts"));
    }
}
