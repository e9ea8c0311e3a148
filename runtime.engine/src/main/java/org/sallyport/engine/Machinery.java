package org.sallyport.engine;

import java.time.Duration;
import java.util.function.Consumer;

import org.jspecify.annotations.Nullable;
import org.sallyport.ArtefactKey;
import org.sallyport.CodeCache;
import org.sallyport.GuestSample;
import org.sallyport.Profiler;
import org.sallyport.StoreLimits;
import org.sallyport.engine.events.FlightEvents;
import org.sallyport.engine.process.Barrier;
import org.sallyport.spi.CompileBudget;
import org.sallyport.spi.MemoryBudget;
import org.sallyport.spi.ResourceAccount;
import org.sallyport.wasm.MemoryType;
import org.sallyport.wasm.WasmModule;

/** What an engine does in a way of its own for each kind of {@link org.sallyport.spi.BackEnd}. */
public abstract class Machinery {
    /** What guests of one store will run in. */
    public interface Guests {
        /** Called once, while the store is made. */
        Execution in(StoreImpl store);

        /** Instead: there will be no store. */
        void close();
    }

    /** Makes that of an engine which is being made. */
    public interface Maker {
        /**
         * @throws IllegalStateException if the back end cannot run here; says why
         * @throws org.sallyport.CodeCacheException if the configured cache is not safe to use
         * @throws org.sallyport.LimitExceededException if the process has no room for it
         */
        Machinery of(EngineImpl engine);
    }

    /** The most that an engine has besides those that compile: sentry, watchdogs, keeper, and who gives back what it held. */
    protected static final int OWN_THREADS = 5;

    private final EngineImpl engine;

    public Machinery(EngineImpl engine) {
        this.engine = engine;
    }

    public final EngineImpl engine() {
        return engine;
    }

    /** See {@link org.sallyport.Engine#backEnd}. */
    protected abstract String describe();

    /** For the engine's service: {@link org.sallyport.spi.BackEnd#target}. */
    public abstract String target();

    /** All that the engine takes is charged there; closed with this. */
    protected abstract ResourceAccount account();

    protected abstract Barrier barrier();

    /** Classes that implement bound interfaces. */
    protected abstract BoundClasses boundClasses();

    /** A thread of the engine's is to be woken when nobody can reach the engine any more. */
    protected abstract void hold(Thread thread);

    protected abstract @Nullable CodeCache codeCache();

    /** The engine is whole. */
    protected abstract void begin();

    /**
     * Validates, unless that was done in an earlier run, compiles, and adds the module to the engine.
     *
     * @param binary of which {@code wasm} was decoded
     * @param event to be ended if something was compiled
     */
    protected abstract ModuleImpl compile(
            String name, byte[] binary, WasmModule wasm, CompileBudget budget, FlightEvents.@Nullable Compile event);

    /** See {@link org.sallyport.Engine#deserialize}. */
    protected abstract ModuleImpl deserialize(byte[] artefact, ArtefactKey key, CompileBudget budget);

    /** See {@link org.sallyport.Engine#startProfiler}. */
    protected Profiler startProfiler(Duration period, Consumer<GuestSample> samples) {
        throw new UnsupportedOperationException(
                "guests are class files here (" + describe() + "): profile them as other Java code, with Flight Recorder");
    }

    /** @throws org.sallyport.LimitExceededException if the operating system or the account refuses */
    protected abstract Guests open(StoreLimits limits, ResourceAccount account);

    /** See {@link org.sallyport.Engine#newSharedMemory}; the caller is the first who has it. */
    protected abstract SharedMemoryImpl newSharedMemory(MemoryType type, MemoryBudget budget);

    /** Nothing is left that may run. */
    protected abstract void close();
}
