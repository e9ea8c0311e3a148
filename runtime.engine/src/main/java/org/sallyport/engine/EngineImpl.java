package org.sallyport.engine;

import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import org.jspecify.annotations.Nullable;
import org.sallyport.ArtefactKey;
import org.sallyport.CacheConfig;
import org.sallyport.CodeCache;
import org.sallyport.CompilationException;
import org.sallyport.Config;
import org.sallyport.Engine;
import org.sallyport.Linker;
import org.sallyport.Module;
import org.sallyport.Store;
import org.sallyport.StoreClosedException;
import org.sallyport.StoreLimits;
import org.sallyport.spi.CodeGenerator;
import org.sallyport.spi.CompileBudget;
import org.sallyport.spi.CompiledModule;
import org.sallyport.spi.InstanceAllocator;
import org.sallyport.spi.Loader;
import org.sallyport.spi.StoreMemory;
import org.sallyport.spi.ValidModule;
import org.sallyport.spi.Validator;
import org.sallyport.wasm.FuncType;
import org.sallyport.wasm.SubType;
import org.sallyport.wasm.TypeCanon;
import org.sallyport.wasm.WasmModule;

/** The engine: puts the parts together and owns what they share. */
public final class EngineImpl implements Engine {
    private static final AtomicInteger COUNT = new AtomicInteger();

    private final Config config;
    private final Loader loader;
    private final Validator validator;
    private final CodeGenerator generator;
    private final InstanceAllocator allocator;

    private final @Nullable ModuleCache cache;

    private final String name = "sallyport-" + COUNT.incrementAndGet();
    private final CodeSpace codeSpace;
    private final TypeCanon types = new TypeCanon();
    private final Map<FuncType, Integer> hostTypes = new ConcurrentHashMap<>();
    private final Handles handles = new Handles();
    private final SpinHostCalls hostCalls = new SpinHostCalls();
    private final Watchdog watchdog = new Watchdog(name + "-watchdog");
    private final Set<StoreImpl> stores = ConcurrentHashMap.newKeySet();
    private final Set<ModuleImpl> modules = ConcurrentHashMap.newKeySet();
    private final Set<CompileBudget> compilations = ConcurrentHashMap.newKeySet();
    private final CompileBudget.Shared largeFunctions = new CompileBudget.Shared();

    // guarded by this
    private @Nullable ThreadPoolExecutor compilers;
    private volatile boolean closed;
    private boolean finished;

    /**
     * @throws IllegalStateException if the back end cannot run here; says why
     * @throws org.sallyport.CodeCacheException if the configured cache is not safe to use
     */
    public EngineImpl(
            Config config, Loader loader, Validator validator, CodeGenerator generator, InstanceAllocator allocator) {
        this.config = config;
        this.loader = loader;
        this.validator = validator;
        this.generator = generator;
        this.allocator = allocator;
        if (!generator.isUsable()) {
            throw new IllegalStateException("back end " + generator.target() + " cannot run on this machine");
        }
        CacheConfig where = config.cache();
        cache = where == null ? null : new ModuleCache(where, config, loader, validator, generator);
        codeSpace = new CodeSpace(allocator.virtualMemory(), generator);
    }

    @Override
    public Config config() {
        return config;
    }

    @Override
    public String backEnd() {
        return "native " + generator.target() + ", " + generator.fingerprint() + ", "
                + (config.compile().explicitBoundsChecks() ? "explicit bounds checks" : "guard pages");
    }

    @Override
    public Module compile(byte[] binary, String module) {
        checkOpen();
        CompileBudget budget = CompileBudget.begin(config.compileLimits(), largeFunctions);
        compilations.add(budget);
        if (closed) {
            budget.cancel(CompilationException.Reason.CLOSED);
        }
        try {
            return compile(binary, module, budget);
        } finally {
            compilations.remove(budget);
        }
    }

    private Module compile(byte[] binary, String module, CompileBudget budget) {
        FlightEvents.Compile event = FlightEvents.beginCompile();
        Executor executor = executor();
        budget.check();
        byte[] own = binary.clone();
        WasmModule wasm = loader.load(own, config.features(), config.limits());
        byte[] entry = cache == null ? new byte[0] : cache.name(own);
        CompiledForm known = cache == null ? null : cache.find(entry, wasm);
        if (known != null) {
            return add(module, known.valid(), known.compiled());
        }
        ValidModule valid = validator.validate(wasm, config.features(), config.limits(), budget, executor);
        if (config.lazy()) {
            ModuleImpl made = add(new ModuleImpl(
                    this, module, valid, null, generator.lazy(valid, config.compile(), budget)));
            FlightEvents.end(event, made);
            return made;
        }
        CompiledModule compiled = generator.compile(valid, config.compile(), budget, executor);
        if (cache != null) {
            cache.keep(entry, new CompiledForm(valid, compiled));
        }
        budget.check();
        ModuleImpl made = add(module, valid, compiled);
        FlightEvents.end(event, made);
        return made;
    }

    @Override
    public Module deserialize(byte[] artefact, ArtefactKey key) {
        checkOpen();
        return new Artefact.Reader(config, loader, validator, generator).read(artefact, key, this::add);
    }

    private ModuleImpl add(String module, ValidModule valid, CompiledModule compiled) {
        return add(new ModuleImpl(this, module, valid, compiled, null));
    }

    private ModuleImpl add(ModuleImpl made) {
        modules.add(made);
        if (closed) {
            made.close();
        }
        checkOpen();
        return made;
    }

    @Override
    public @Nullable CodeCache codeCache() {
        return cache;
    }

    @Override
    public SubType typeDefinition(int number) {
        return types.type(number);
    }

    @Override
    public Linker newLinker() {
        return new LinkerImpl(this);
    }

    @Override
    public Store newStore(StoreLimits limits) {
        checkOpen();
        StoreMemory memory = allocator.open(limits, config.compile().explicitBoundsChecks());
        StoreImpl store;
        try {
            store = new StoreImpl(this, limits, memory);
            stores.add(store);
        } catch (Throwable t) {
            memory.close();
            throw t;
        }
        if (closed) {
            store.close();
        }
        checkOpen();
        return store;
    }

    private void checkOpen() {
        if (closed) {
            throw new StoreClosedException("the engine is closed");
        }
    }

    /** For a function that a call in the store needs: ends when that call must. */
    CompileBudget budget(StoreImpl store) {
        return CompileBudget.begin(config.compileLimits(), largeFunctions, () -> store.alarm != 0);
    }

    /** All functions of a module, for those who want them all. */
    CompiledModule compileAll(ValidModule valid) {
        return generator.compile(
                valid, config.compile(), CompileBudget.begin(config.compileLimits(), largeFunctions), executor());
    }

    /** Runs compilations; its threads end when they have nothing to do. */
    private Executor executor() {
        int threads = config.compileThreads() == 0
                ? Runtime.getRuntime().availableProcessors()
                : config.compileThreads();
        if (threads == 1) {
            return Runnable::run;
        }
        synchronized (this) {
            checkOpen();
            ThreadPoolExecutor pool = compilers;
            if (pool == null) {
                pool = new ThreadPoolExecutor(
                        threads,
                        threads,
                        1,
                        TimeUnit.SECONDS,
                        new LinkedBlockingQueue<>(),
                        Thread.ofPlatform().daemon().name(name + "-compiler-", 0).factory());
                pool.allowCoreThreadTimeOut(true);
                compilers = pool;
            }
            return pool;
        }
    }

    // ---- for the parts of the runtime

    CodeSpace codeSpace() {
        return codeSpace;
    }

    InstanceAllocator allocator() {
        return allocator;
    }

    TypeCanon types() {
        return types;
    }

    /** The number of a host function's type. */
    int typeId(FuncType type) {
        return hostTypes.computeIfAbsent(type, types::register);
    }

    Handles handles() {
        return handles;
    }

    SpinHostCalls hostCalls() {
        return hostCalls;
    }

    Watchdog watchdog() {
        return watchdog;
    }

    Set<StoreImpl> stores() {
        return stores;
    }

    // ---- closing

    /** The store has given everything back. */
    void closed(StoreImpl store) {
        watchdog.forget(store);
        stores.remove(store);
        finishIfLast();
    }

    /** The module's code is unmapped. */
    void unmapped(ModuleImpl module) {
        modules.remove(module);
        finishIfLast();
    }

    @Override
    public void close() {
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
            if (compilers != null) {
                compilers.shutdown();
            }
        }
        compilations.forEach(c -> c.cancel(CompilationException.Reason.CLOSED));
        stores.forEach(StoreImpl::close);
        modules.forEach(ModuleImpl::close);
        finishIfLast();
    }

    /** The code space goes when nothing is left that may run in it. */
    private void finishIfLast() {
        synchronized (this) {
            if (!closed || finished || !stores.isEmpty() || !modules.isEmpty()) {
                return;
            }
            finished = true;
        }
        watchdog.close();
        codeSpace.close();
        allocator.trim();
    }
}
