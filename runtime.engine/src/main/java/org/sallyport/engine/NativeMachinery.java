package org.sallyport.engine;

import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

import org.jspecify.annotations.Nullable;
import org.sallyport.ArtefactKey;
import org.sallyport.CacheConfig;
import org.sallyport.CodeCache;
import org.sallyport.Compilation;
import org.sallyport.Config;
import org.sallyport.GuestSample;
import org.sallyport.Profiler;
import org.sallyport.StoreLimits;
import org.sallyport.engine.cache.Artefact;
import org.sallyport.engine.cache.CompiledForm;
import org.sallyport.engine.cache.ModuleCache;
import org.sallyport.engine.code.CodeSpace;
import org.sallyport.engine.compile.Compilers;
import org.sallyport.engine.events.FlightEvents;
import org.sallyport.engine.process.Barrier;
import org.sallyport.engine.stop.Sentry;
import org.sallyport.spi.CodeGenerator;
import org.sallyport.spi.CompileBudget;
import org.sallyport.spi.CompiledModule;
import org.sallyport.spi.InstanceAllocator;
import org.sallyport.spi.LazyCompiler;
import org.sallyport.spi.MemoryBudget;
import org.sallyport.spi.ResourceAccount;
import org.sallyport.spi.StoreMemory;
import org.sallyport.spi.ValidModule;
import org.sallyport.wasm.MemoryType;
import org.sallyport.wasm.WasmModule;

/** An engine's part for machine code: where that lives, where it comes from, and what is native besides. */
public final class NativeMachinery extends Machinery {
    private final Config config;
    private final CodeGenerator generator;
    private final InstanceAllocator allocator;
    private final @Nullable ModuleCache cache;
    private final ResourceAccount account;
    private final CodeSpace codeSpace;
    private final EngineHoldings holdings;
    private @Nullable BooleanSupplier registration;
    private final ReentrantLock makingSentry = new ReentrantLock();
    private volatile @Nullable Sentry sentry;
    // guarded by makingSentry
    private @Nullable NativeProfiler profiler;
    private volatile @Nullable SampleArea sampleArea;
    /** Whether there is no sentry, and none is to be made. */
    private volatile boolean hasNoSentry;

    /** @throws IllegalStateException if there is no allocator, or this process does not allow it; says why */
    public static NativeMachinery make(EngineImpl engine, CodeGenerator generator, @Nullable InstanceAllocator allocator) {
        if (allocator == null) {
            throw new IllegalStateException("back end " + generator.target() + " needs an " + InstanceAllocator.class.getName());
        }
        Config config = engine.config();
        ResourceAccount account = allocator.virtualMemory().account().newEngine(config.engineLimits());
        CacheConfig where = config.cache();
        ModuleCache cache =
                where == null ? null : new ModuleCache(where, config, engine.loader(), engine.validator(), generator);
        CodeSpace space;
        try {
            account.charge(ResourceAccount.Kind.THREADS, OWN_THREADS + 2L * engine.compilers().threads());
            space = new CodeSpace(allocator.virtualMemory(), generator, config.codeLimits(), account);
        } catch (Throwable t) {
            account.close();
            throw t;
        }
        NativeExecution.prepare();
        return new NativeMachinery(engine, generator, allocator, cache, account, space);
    }

    private NativeMachinery(
            EngineImpl engine,
            CodeGenerator generator,
            InstanceAllocator allocator,
            @Nullable ModuleCache cache,
            ResourceAccount account,
            CodeSpace codeSpace) {
        super(engine);
        config = engine.config();
        this.generator = generator;
        this.allocator = allocator;
        this.cache = cache;
        this.account = account;
        this.codeSpace = codeSpace;
        holdings = new EngineHoldings(engine.name(), allocator, account, codeSpace.reservation());
    }

    // ---- for the native parts of the runtime

    public CodeGenerator generator() {
        return generator;
    }

    public InstanceAllocator allocator() {
        return allocator;
    }

    public CodeSpace codeSpace() {
        return codeSpace;
    }

    EngineHoldings holdings() {
        return holdings;
    }

    // ---- the engine

    @Override
    protected String describe() {
        return "native " + generator.target() + ", " + generator.fingerprint() + ", "
                + (config.compile().explicitBoundsChecks() ? "explicit bounds checks" : "guard pages")
                + (config.compile().fuel() ? ", counting fuel" : "")
                + (config.compile().deterministicVectors() ? ", deterministic vectors" : "");
    }

    @Override
    public String target() {
        return generator.target();
    }

    @Override
    protected ResourceAccount account() {
        return account;
    }

    @Override
    protected Barrier barrier() {
        return codeSpace.barrier();
    }

    /**
     * The sentry, made for the first who has a deadline.
     *
     * @return null if there is none
     * @throws org.sallyport.LimitExceededException if there is no memory for it
     */
    public @Nullable Sentry sentry() {
        Sentry known = sentry;
        return known != null || hasNoSentry ? known : makeSentry();
    }

    private @Nullable Sentry makeSentry() {
        makingSentry.lock();
        try {
            if (sentry == null && !hasNoSentry) {
                Sentry made = Sentry.make(
                        allocator.virtualMemory(), codeSpace.sentry(), codeSpace.interruptSignal(), codeSpace.barrier(),
                        engine().name());
                hasNoSentry = made == null;
                sentry = made;
                holdings.setSentry(made);
            }
            return sentry;
        } finally {
            makingSentry.unlock();
        }
    }

    /** Whether there has been a profiler. */
    boolean isProfiled() {
        return sampleArea != null;
    }

    @Override
    protected Profiler startProfiler(Duration period, Consumer<GuestSample> samples) {
        makingSentry.lock();
        try {
            NativeProfiler last = profiler;
            if (last != null && last.isRunning()) {
                throw new IllegalStateException("the engine has a profiler already; close that first");
            }
            SampleArea area = sampleArea;
            if (area == null) {
                area = SampleArea.make(generator, allocator.virtualMemory());
                sampleArea = area;
                holdings.setSampleArea(area);
            }
            NativeProfiler made = new NativeProfiler(this, area, period, samples);
            profiler = made;
            return made;
        } finally {
            makingSentry.unlock();
        }
    }

    /** Only the watchdog ends calls in the store. Before the first of them. */
    public void withoutSentry(StoreImpl store) {
        store.execution().machine().withoutSentry();
    }

    /** From now on only the watchdog ends guests, for tests. */
    void withoutSentry() {
        hasNoSentry = true;
    }

    @Override
    protected BoundClasses boundClasses() {
        return holdings.boundClasses();
    }

    @Override
    protected void hold(Thread thread) {
        holdings.add(thread);
    }

    @Override
    @Nullable protected CodeCache codeCache() {
        return cache;
    }

    @Override
    protected void begin() {
        registration = holdings.watch(engine());
    }

    @Override
    protected Guests open(StoreLimits limits, ResourceAccount owner) {
        StoreMemory memory = holdings.open(limits, config.compile().explicitBoundsChecks(), owner);
        return new Guests() {
            @Override
            public Execution in(StoreImpl store) {
                return new NativeExecution(NativeMachinery.this, store, memory);
            }

            @Override
            public void close() {
                holdings.close(memory);
            }
        };
    }

    @Override
    protected SharedMemoryImpl newSharedMemory(MemoryType type, MemoryBudget budget) {
        return SharedMemoryImpl.make(this, type, budget);
    }

    @Override
    protected void close() {
        Sentry made = sentry;
        if (made != null) {
            made.close(); // first: it signals, and handlers go with the code
        }
        SampleArea area = sampleArea;
        if (area != null) {
            area.close();
        }
        codeSpace.close();
        allocator.trim();
        account.close();
        BooleanSupplier watched = registration;
        if (watched != null) {
            holdings.end(watched);
        }
    }

    // ---- modules

    @Override
    protected ModuleImpl compile(
            String name, byte[] binary, WasmModule wasm, CompileBudget budget, FlightEvents.@Nullable Compile event) {
        byte[] entry = cache == null ? new byte[0] : cache.name(binary);
        CompiledForm known = cache == null ? null : cache.find(entry, wasm);
        if (known != null) {
            return add(name, known.valid(), known.compiled(), budget);
        }
        ValidModule valid = engine().validate(wasm, budget);
        if (config.compilation() != Compilation.EAGER) {
            NativeModule made = addLazily(name, valid, entry, budget);
            FlightEvents.end(event, made, null);
            return made;
        }
        CompiledModule compiled = compileAll(valid, budget, engine().compilers().executor());
        keep(entry, valid, compiled);
        budget.check();
        NativeModule made = add(name, valid, compiled, budget);
        FlightEvents.end(event, made, compiled);
        return made;
    }

    private NativeModule addLazily(String name, ValidModule valid, byte[] entry, CompileBudget budget) {
        LazyCompiler compiler = generator.lazy(valid, config.compile(), budget);
        NativeModule made = NativeModule.make(this, name, valid, null, compiler, new Compilers.Check(budget));
        if (config.compilation() == Compilation.LAZY) {
            return engine().add(made);
        }
        BackgroundCompilation whole = new BackgroundCompilation(this, made, entry);
        made.setBackground(whole);
        engine().add(made);
        runInBackground(whole);
        return made;
    }

    /** Does nothing if the engine is closed. */
    void runInBackground(BackgroundCompilation compilation) {
        try {
            engine().compilers().background().execute(compilation);
        } catch (RejectedExecutionException e) {
            // nobody can call the module any more
        }
    }

    /** Puts what was compiled into the cache, if there is one and the engine is open. */
    void keep(byte[] entry, ValidModule valid, CompiledModule compiled) {
        if (cache != null && !engine().isClosed()) {
            cache.keep(entry, new CompiledForm(valid, compiled));
        }
    }

    @Override
    protected ModuleImpl deserialize(byte[] artefact, ArtefactKey key, CompileBudget budget) {
        Artefact.Reader reader = new Artefact.Reader(config, engine().loader(), engine().validator(), generator);
        return reader.read(artefact, key, budget, new Artefact.Sink<ModuleImpl>() {
            @Override
            public ModuleImpl add(String name, ValidModule valid, CompiledModule compiled) {
                return NativeMachinery.this.add(name, valid, compiled, budget);
            }
        });
    }

    private NativeModule add(String name, ValidModule valid, CompiledModule compiled, CompileBudget budget) {
        return engine().add(NativeModule.make(this, name, valid, compiled, null, new Compilers.Check(budget)));
    }

    /** All functions of a module, for those who want them all. */
    CompiledModule compileAll(ValidModule valid, CompileBudget budget, Executor executor) {
        return generator.compile(valid, config.compile(), budget, executor);
    }
}
