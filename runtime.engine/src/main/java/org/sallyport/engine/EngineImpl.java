package org.sallyport.engine;

import java.lang.ref.Reference;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

import org.jspecify.annotations.Nullable;
import org.sallyport.ArtefactKey;
import org.sallyport.CodeCache;
import org.sallyport.CompilationException;
import org.sallyport.Config;
import org.sallyport.Engine;
import org.sallyport.Linker;
import org.sallyport.Module;
import org.sallyport.SharedMemory;
import org.sallyport.Store;
import org.sallyport.StoreClosedException;
import org.sallyport.StoreLimits;
import org.sallyport.engine.events.FlightEvents;
import org.sallyport.engine.fuel.FuelTank;
import org.sallyport.engine.process.Barrier;
import org.sallyport.engine.process.LinuxProcess;
import org.sallyport.engine.threads.EngineThreads;
import org.sallyport.engine.types.HostTypes;
import org.sallyport.spi.CompileBudget;
import org.sallyport.spi.Loader;
import org.sallyport.spi.MemoryBudget;
import org.sallyport.spi.ResourceAccount;
import org.sallyport.spi.ValidModule;
import org.sallyport.spi.Validator;
import org.sallyport.wasm.MemoryType;
import org.sallyport.wasm.SubType;
import org.sallyport.wasm.TypeCanon;
import org.sallyport.wasm.WasmModule;

/** The engine: puts the parts together and owns what they share. */
public final class EngineImpl implements Engine {
    private static final AtomicInteger COUNT = new AtomicInteger();

    // Classes rather than lambdas: a call site that is linked when the Java heap is full may fail for good.

    /** Runs in the calling thread. */
    public static final Executor HERE = new Executor() {
        @Override
        public void execute(Runnable work) {
            work.run();
        }
    };

    private static final BooleanSupplier NOBODY_STOPS = new BooleanSupplier() {
        @Override
        public boolean getAsBoolean() {
            return false;
        }
    };

    /** Ends what has no budget of its own. */
    public record Check(CompileBudget budget) implements Runnable {
        @Override
        public void run() {
            budget.check();
        }
    }

    private record Alarm(StoreImpl store) implements BooleanSupplier {
        @Override
        public boolean getAsBoolean() {
            return store.execution().alarm != 0;
        }
    }

    /** Makes threads that compile. */
    private static final class Threads implements ThreadFactory {
        private final String name;
        private final boolean lowPriority;
        private final AtomicInteger count = new AtomicInteger();

        Threads(String name, boolean lowPriority) {
            this.name = name;
            this.lowPriority = lowPriority;
        }

        @Override
        public Thread newThread(Runnable work) {
            return EngineThreads.unstarted(name + count.getAndIncrement(), new Runnable() {
                @Override
                public void run() {
                    if (lowPriority) {
                        LinuxProcess.lowerPriority();
                    }
                    work.run();
                }
            });
        }
    }

    private final Config config;
    private final Loader loader;
    private final Validator validator;
    private final Machinery machinery;

    private final int number = COUNT.incrementAndGet();
    private final String name = "sallyport-" + number;
    private final ResourceAccount account;
    /** The numbers of any two engines begin far apart (Fibonacci hashing), so that mixing them is noticed. */
    private final TypeCanon types = new TypeCanon(number * 0x9E37_79B1 >>> 1);
    private final HostTypes hostTypes;
    private final Handles handles = new Handles();
    private final SpinHostCalls hostCalls = new SpinHostCalls();
    private final Keeper keeper;
    private final Set<StoreImpl> stores = ConcurrentHashMap.newKeySet();
    private final Set<SharedMemoryImpl> sharedMemories = ConcurrentHashMap.newKeySet();
    /** Of those that {@link #newSharedMemory} makes. */
    private final MemoryBudget sharedBudget;
    private final Set<ModuleImpl> modules = ConcurrentHashMap.newKeySet();
    private final Set<CompileBudget> compilations = ConcurrentHashMap.newKeySet();
    private final CompileBudget.Shared largeFunctions = new CompileBudget.Shared();
    /** How many stores other threads close attached objects for. */
    private final AtomicInteger closingElsewhere = new AtomicInteger();

    private final Object lock = new Object();

    // guarded by lock
    private @Nullable ThreadPoolExecutor compilers;
    private @Nullable ThreadPoolExecutor background;
    private volatile boolean closed;
    private volatile boolean finished;

    /** @param maker what it throws, this does */
    public EngineImpl(Config config, Loader loader, Validator validator, Machinery.Maker maker) {
        this.config = config;
        this.loader = loader;
        this.validator = validator;
        hostTypes = new HostTypes(types, config.limits());
        long shared = config.engineLimits().sharedMemory();
        sharedBudget = new MemoryBudget(shared == 0 ? Long.MAX_VALUE : shared, "EngineLimits.sharedMemory");
        machinery = maker.of(this);
        account = machinery.account();
        keeper = new Keeper(this, name);
        machinery.begin();
    }

    @Override
    public Config config() {
        return config;
    }

    @Override
    public String backEnd() {
        return machinery.describe();
    }

    @Override
    public Module compile(byte[] binary, String module) {
        checkOpen();
        CompileBudget budget = begin(binary.length);
        try {
            return compile(binary, module, budget);
        } finally {
            end(budget);
        }
    }

    /**
     * The budget of a compilation that this thread asks for; it ends when the engine is closed. {@link #end} ends it.
     *
     * @param moduleBytes size of the module's binary
     */
    CompileBudget begin(long moduleBytes) {
        return begun(CompileBudget.begin(config.compileLimits(), largeFunctions, moduleBytes));
    }

    /** The budget of a compilation that no thread asks for; {@link #end} ends it. */
    CompileBudget beginBackground(long moduleBytes) {
        return begun(CompileBudget.begin(config.compileLimits(), largeFunctions, moduleBytes, NOBODY_STOPS));
    }

    private CompileBudget begun(CompileBudget budget) {
        compilations.add(budget);
        if (closed) {
            budget.cancel(CompilationException.Reason.CLOSED);
        }
        return budget;
    }

    void end(CompileBudget budget) {
        compilations.remove(budget);
    }

    private Module compile(byte[] binary, String module, CompileBudget budget) {
        FlightEvents.Compile event = FlightEvents.beginCompile();
        budget.check();
        byte[] own = binary.clone();
        WasmModule wasm = loader.load(own, config.features(), config.limits(), budget);
        return machinery.compile(module, own, wasm, budget, event);
    }

    public ValidModule validate(WasmModule wasm, CompileBudget budget) {
        return validator.validate(wasm, config.features(), config.limits(), budget, executor());
    }

    @Override
    public Module deserialize(byte[] artefact, ArtefactKey key) {
        checkOpen();
        CompileBudget budget = begin(artefact.length);
        try {
            return machinery.deserialize(artefact, key, budget);
        } finally {
            end(budget);
        }
    }

    /** @throws StoreClosedException if the engine is closed; then the module is, too */
    public <M extends ModuleImpl> M add(M made) {
        modules.add(made);
        if (closed) {
            made.close();
        }
        checkOpen();
        return made;
    }

    @Override
    public @Nullable CodeCache codeCache() {
        return machinery.codeCache();
    }

    @Override
    public SubType typeDefinition(int number) {
        return types.type(number);
    }

    @Override
    public SharedMemory newSharedMemory(MemoryType type) {
        checkOpen();
        hostTypes.check(type);
        if (!type.shared()) {
            throw new IllegalArgumentException("not a type of a shared memory: " + type);
        }
        SharedMemoryImpl made = machinery.newSharedMemory(type, sharedBudget);
        if (closed) {
            made.close();
        }
        checkOpen();
        return made;
    }

    void add(SharedMemoryImpl memory) {
        sharedMemories.add(memory);
    }

    /** The memory has been given back. */
    void closed(SharedMemoryImpl memory) {
        sharedMemories.remove(memory);
        finishIfLast();
    }

    @Override
    public Linker newLinker() {
        return new LinkerImpl(this);
    }

    @Override
    public Store newStore(StoreLimits limits) {
        checkOpen();
        if (limits.fuel() != StoreLimits.UNLIMITED_FUEL && !config.compile().fuel()) {
            throw new IllegalStateException("StoreLimits.fuel: " + FuelTank.NOT_COUNTED);
        }
        ResourceAccount owner = account.newOwner();
        StoreImpl store = null;
        try {
            store = newStore(limits, owner);
        } finally {
            if (store == null) {
                owner.close();
            }
        }
        if (closed) {
            store.close();
        }
        checkOpen();
        return store;
    }

    private StoreImpl newStore(StoreLimits limits, ResourceAccount owner) {
        Machinery.Guests guests = machinery.open(limits, owner);
        try {
            StoreImpl store = new StoreImpl(this, limits, owner, guests);
            stores.add(store);
            return store;
        } catch (Throwable t) {
            guests.close();
            throw t;
        }
    }

    private void checkOpen() {
        if (closed) {
            throw new StoreClosedException("the engine is closed");
        }
    }

    /** For a function that a call in the store needs: ends when that call must. */
    CompileBudget budget(ModuleImpl module, StoreImpl store) {
        return CompileBudget.begin(
                config.compileLimits(), largeFunctions, module.wasm().binary().length, new Alarm(store));
    }

    /** Runs compilations that somebody waits for. */
    public Executor executor() {
        if (threads() == 1) {
            return HERE;
        }
        synchronized (lock) {
            checkOpen();
            ThreadPoolExecutor pool = compilers;
            if (pool == null) {
                pool = newPool(name + "-compiler-", false);
                compilers = pool;
            }
            return pool;
        }
    }

    /**
     * Runs compilations that nobody waits for, in the order in which they come, and their helpers. The threads take the
     * processor only where others leave it.
     */
    Executor background() {
        synchronized (lock) {
            ThreadPoolExecutor pool = background;
            if (pool == null) {
                pool = newPool(name + "-background-", true);
                background = pool;
                if (closed) {
                    pool.shutdown();
                }
            }
            return pool;
        }
    }

    /** How many compile a module. */
    public int threads() {
        return config.compileThreads() == 0 ? Runtime.getRuntime().availableProcessors() : config.compileThreads();
    }

    /** Its threads end when they have nothing to do. */
    private ThreadPoolExecutor newPool(String threadName, boolean lowPriority) {
        ThreadPoolExecutor pool = new ThreadPoolExecutor(
                threads(),
                threads(),
                1,
                TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(),
                new Threads(threadName, lowPriority));
        pool.allowCoreThreadTimeOut(true);
        return pool;
    }

    // ---- for the parts of the runtime

    boolean isClosed() {
        return closed;
    }

    /** Unique in this class loader; begins the names of the engine's threads. */
    String name() {
        return name;
    }

    public Machinery machinery() {
        return machinery;
    }

    /** See {@link Stoppable}. */
    Barrier barrier() {
        return machinery.barrier();
    }

    public Loader loader() {
        return loader;
    }

    public Validator validator() {
        return validator;
    }

    @Override
    public ResourceAccount resources() {
        return account;
    }

    TypeCanon types() {
        return types;
    }

    HostTypes hostTypes() {
        return hostTypes;
    }

    Handles handles() {
        return handles;
    }

    BoundClasses boundClasses() {
        return machinery.boundClasses();
    }

    SpinHostCalls hostCalls() {
        return hostCalls;
    }

    /** Who sees to it that calls stop. */
    public Keeper keeper() {
        return keeper;
    }

    public Set<StoreImpl> stores() {
        return stores;
    }

    public Set<ModuleImpl> modules() {
        return modules;
    }

    // ---- closing

    /** The store has given everything back. */
    void closed(StoreImpl store) {
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
        synchronized (lock) {
            if (closed) {
                finishIfLast();
                return;
            }
            closed = true;
            if (compilers != null) {
                compilers.shutdown();
            }
            if (background != null) {
                background.shutdown(); // what has not begun ends as soon as it does
            }
        }
        for (CompileBudget compilation : compilations) {
            compilation.cancel(CompilationException.Reason.CLOSED);
        }
        closeStores(System.nanoTime() + Occupancy.PATIENCE);
        for (ModuleImpl module : modules) {
            module.close();
        }
        for (SharedMemoryImpl memory : sharedMemories) {
            memory.close();
        }
        finishIfLast();
    }

    /** All are asked to stop before any is waited for: together they take no longer than one. */
    private void closeStores(long end) {
        List<StoreImpl> waiting = new ArrayList<>();
        for (StoreImpl store : stores) {
            if (store.execution().beginClosing()) {
                waiting.add(store);
            }
        }
        for (StoreImpl store : waiting) {
            store.execution().finishClosing(end, false);
        }
        while (closingElsewhere.get() > 0 && System.nanoTime() - end < 0) {
            LockSupport.parkNanos(this, 50_000);
        }
    }

    /** Runs the foreign code that closes what was attached to a store. @return whether that will happen */
    boolean closeAttachedElsewhere(StoreImpl store) {
        closingElsewhere.incrementAndGet();
        boolean served = keeper.serve(new Runnable() {
            @Override
            public void run() {
                try {
                    store.closeAttached();
                } finally {
                    closingElsewhere.decrementAndGet();
                }
            }
        });
        if (!served) {
            closingElsewhere.decrementAndGet();
        }
        return served;
    }

    /** What is to end and failed once. What fails again is left over again. */
    void finishLeftOver() {
        for (ModuleImpl module : modules) {
            boolean isDone = false;
            try {
                module.finishUnmapping();
                isDone = true;
            } finally {
                if (!isDone) {
                    keeper.finishLater();
                }
            }
        }
        finishIfLast();
    }

    /**
     * The code space goes when nothing is left that may run in it. If that fails, the keeper tries again, or whoever closes
     * the engine once more: each step can be repeated.
     */
    private void finishIfLast() {
        synchronized (lock) {
            if (!closed || finished || !stores.isEmpty() || !modules.isEmpty() || !sharedMemories.isEmpty()) {
                return;
            }
            finished = true;
        }
        boolean done = false;
        try {
            keeper.endWatching();
            machinery.close();
            done = true;
        } finally {
            if (!done) {
                finished = false;
                keeper.finishLater();
            }
        }
        keeper.close();
        Reference.reachabilityFence(this); // or it would be taken for forgotten before this is done
    }
}
