package org.sallyport;

import java.time.Duration;
import java.util.ServiceLoader;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.sallyport.spi.ResourceAccount;
import org.sallyport.wasm.MemoryType;
import org.sallyport.wasm.SubType;

/**
 * Compiles modules and makes stores. One engine serves a whole application: it owns the code region, the signal
 * handling and the watchdog for deadlines. Thread-safe.
 *
 * <p>Only engines, modules and stores are closeable. Closing an engine closes its modules and stores; closing waits for
 * calls in flight (after asking them to stop) and gives native memory back at once. An engine that was never closed, and
 * that nobody can reach any more, by whatever was taken from it either, loses its memory and threads when the garbage
 * collector notices, with a warning; what is attached to its stores is not closed then.
 *
 * <pre>{@code
 * try (Engine engine = Engine.create();
 *         Module module = engine.compile(bytes);
 *         Store store = engine.newStore()) {
 *     Instance instance = engine.newLinker().link(module).instantiate(store);
 *     int sum = (int) instance.func("add").handle().invokeExact(1, 2);
 * }
 * }</pre>
 */
public interface Engine extends AutoCloseable {

    /** An engine with default settings; see {@link #create(Config)}. */
    static Engine create() {
        return create(Config.defaults());
    }

    /**
     * An engine for use outside of OSGi: finds the parts with {@link ServiceLoader} in the class loader of this
     * interface. In OSGi take the {@code Engine} service.
     *
     * @throws NoBackEndException if that class loader finds no back end that can run here
     * @throws IllegalStateException if it finds no engine, or another part is missing
     * @throws CodeCacheException if the configured cache is not safe to use
     */
    static Engine create(Config config) {
        return ServiceLoader.load(EngineFactory.class, Engine.class.getClassLoader())
                .findFirst()
                .orElseThrow(() -> new IllegalStateException(
                        "no Sallyport engine where its API is: add org.sallyport:sallyport, which has all parts"))
                .create(config);
    }

    Config config();

    /** Which back end runs, for people: target, CPU features, guard pages or explicit checks. */
    String backEnd();

    /**
     * Loads, validates and compiles a module, or takes its code from {@link #codeCache()}.
     *
     * @param binary the binary format; not changed, and not kept beyond what {@link Module} needs
     * @throws MalformedModuleException if the bytes are no module
     * @throws InvalidModuleException if the module does not validate
     * @throws UnsupportedFeatureException if this back end cannot compile it
     * @throws CompilationException if it takes longer than {@link Config#compileLimits} or the {@link CallContext} of
     *     this thread allow, if this thread is interrupted, or if the engine is closed meanwhile; within a tenth of a
     *     second, and nothing of it goes on
     * @throws LimitExceededException if the module is larger than {@link Config#limits} or takes more memory than
     *     {@link Config#compileLimits}
     */
    default Module compile(byte[] binary) {
        return compile(binary, "module");
    }

    /** @param name what messages and backtraces call the module when it does not name itself */
    Module compile(byte[] binary, String name);

    /**
     * Takes back what {@link Module#serialize} wrote.
     *
     * @param artefact authenticated with the same key; else refused
     * @throws UntrustedArtefactException if it was not made by the holder of {@code key}, was changed, or is of another
     *     version or target
     */
    Module deserialize(byte[] artefact, ArtefactKey key);

    /**
     * The definition that a concrete heap type stands for, in the type of a function, table or global of this engine.
     * Such types number definitions over all modules of the engine, so that those of several modules can be compared
     * with {@code equals}.
     *
     * @throws IllegalArgumentException if no open module or store has such a definition
     */
    SubType typeDefinition(int number);

    /**
     * What the stores and modules of this engine hold now of what the process has only so much of, and what they may
     * ({@link Config#engineLimits}).
     */
    ResourceAccount resources();

    /** Where compiled code is kept between runs, or null if {@link Config#cache} is not set. */
    @Nullable CodeCache codeCache();

    /**
     * A memory that several stores of this engine can use at a time, full of zeros. Closed with the engine.
     *
     * @param type shared, with a maximum
     * @throws IllegalArgumentException if no module could have a shared memory of the type
     * @throws LimitExceededException if the engine's limits do not allow the initial size
     */
    SharedMemory newSharedMemory(MemoryType type);

    /**
     * Begins to look, in each {@code period}, where each guest is that runs. A guest that runs when the profiler begins is
     * seen from its next call of a host function on. Each sample is an event of Flight Recorder, too, if one is recording.
     *
     * <p>A profiler that runs keeps the engine: one that is forgotten with its profiler is not given back. Close it.
     *
     * @param period from 100 microseconds on; a millisecond is usual
     * @param samples gets them on a thread of the profiler's; must be quick, and what it throws is lost
     * @throws UnsupportedOperationException if guests cannot be watched so: they are class files, which Java's own profilers
     *     know, or the process does not allow it; says why
     * @throws IllegalStateException if there is one already
     * @throws IllegalArgumentException if the period is shorter than that
     */
    default Profiler startProfiler(Duration period, Consumer<GuestSample> samples) {
        throw new UnsupportedOperationException("this engine has no profiler");
    }

    Linker newLinker();

    /** A store with the configuration's default limits. */
    default Store newStore() {
        return newStore(config().defaultLimits());
    }

    Store newStore(StoreLimits limits);

    @Override
    void close();
}
