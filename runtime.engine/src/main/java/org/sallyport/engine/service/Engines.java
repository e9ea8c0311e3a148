package org.sallyport.engine.service;

import org.jspecify.annotations.Nullable;
import org.sallyport.Config;
import org.sallyport.engine.EngineImpl;
import org.sallyport.engine.Machinery;
import org.sallyport.engine.NativeMachinery;
import org.sallyport.engine.objectcode.ObjectMachinery;
import org.sallyport.spi.BackEnd;
import org.sallyport.spi.CodeGenerator;
import org.sallyport.spi.InstanceAllocator;
import org.sallyport.spi.Loader;
import org.sallyport.spi.ObjectBackEnd;
import org.sallyport.spi.Validator;

/** Puts engines together from their parts. */
public final class Engines {
    /** Classes rather than lambdas: a call site that is linked when the Java heap is full may fail for good. */
    private record OfMachineCode(CodeGenerator generator, @Nullable InstanceAllocator allocator) implements Machinery.Maker {
        @Override
        public Machinery of(EngineImpl engine) {
            return NativeMachinery.make(engine, generator, allocator);
        }
    }

    private record OfObjectCode(ObjectBackEnd backEnd) implements Machinery.Maker {
        @Override
        public Machinery of(EngineImpl engine) {
            return new ObjectMachinery(engine, backEnd);
        }
    }

    private Engines() {}

    /**
     * @param allocator for machine code
     * @throws IllegalStateException if the back end cannot run here; says why
     * @throws org.sallyport.CodeCacheException if the configured cache is not safe to use
     * @throws org.sallyport.LimitExceededException if the process has no room for it
     */
    public static EngineImpl make(
            Config config, Loader loader, Validator validator, BackEnd backEnd, @Nullable InstanceAllocator allocator) {
        if (!backEnd.isUsable()) {
            throw new IllegalStateException("back end " + backEnd.target() + " cannot run on this machine");
        }
        return new EngineImpl(config, loader, validator, backEnd instanceof CodeGenerator generator
                ? new OfMachineCode(generator, allocator)
                : new OfObjectCode((ObjectBackEnd) backEnd));
    }
}
