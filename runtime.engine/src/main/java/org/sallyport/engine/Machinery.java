package org.sallyport.engine;

import org.jspecify.annotations.Nullable;
import org.sallyport.ArtefactKey;
import org.sallyport.CodeCache;
import org.sallyport.StoreLimits;
import org.sallyport.engine.process.Barrier;
import org.sallyport.spi.CompileBudget;
import org.sallyport.spi.MemoryBudget;
import org.sallyport.spi.ResourceAccount;
import org.sallyport.wasm.MemoryType;
import org.sallyport.wasm.WasmModule;

/** What an engine does in a way of its own for each kind of {@link org.sallyport.spi.BackEnd}. */
abstract class Machinery {
    /** What guests of one store will run in. */
    interface Guests {
        /** Called once, while the store is made. */
        Execution in(StoreImpl store);

        /** Instead: there will be no store. */
        void close();
    }

    /** Makes that of an engine which is being made. */
    interface Maker {
        /**
         * @throws IllegalStateException if the back end cannot run here; says why
         * @throws org.sallyport.CodeCacheException if the configured cache is not safe to use
         * @throws org.sallyport.LimitExceededException if the process has no room for it
         */
        Machinery of(EngineImpl engine);
    }

    /** The most that an engine has besides those that compile: watchdogs, their keeper, and who gives back what it held. */
    static final int OWN_THREADS = 4;

    private final EngineImpl engine;

    Machinery(EngineImpl engine) {
        this.engine = engine;
    }

    final EngineImpl engine() {
        return engine;
    }

    /** See {@link org.sallyport.Engine#backEnd}. */
    abstract String describe();

    /** For the engine's service: {@link org.sallyport.spi.BackEnd#target}. */
    abstract String target();

    /** All that the engine takes is charged there; closed with this. */
    abstract ResourceAccount account();

    abstract Barrier barrier();

    /** Classes that implement bound interfaces. */
    abstract BoundClasses boundClasses();

    /** A thread of the engine's is to be woken when nobody can reach the engine any more. */
    abstract void hold(Thread thread);

    abstract @Nullable CodeCache codeCache();

    /** The engine is whole. */
    abstract void begin();

    /**
     * Validates, unless that was done in an earlier run, compiles, and adds the module to the engine.
     *
     * @param binary of which {@code wasm} was decoded
     * @param event to be ended if something was compiled
     */
    abstract ModuleImpl compile(
            String name, byte[] binary, WasmModule wasm, CompileBudget budget, FlightEvents.@Nullable Compile event);

    /** See {@link org.sallyport.Engine#deserialize}. */
    abstract ModuleImpl deserialize(byte[] artefact, ArtefactKey key, CompileBudget budget);

    /** @throws org.sallyport.LimitExceededException if the operating system or the account refuses */
    abstract Guests open(StoreLimits limits, ResourceAccount account);

    /** See {@link org.sallyport.Engine#newSharedMemory}; the caller is the first who has it. */
    abstract SharedMemoryImpl newSharedMemory(MemoryType type, MemoryBudget budget);

    /** Nothing is left that may run. */
    abstract void close();
}
