package org.sallyport.engine;

import java.lang.ref.Reference;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

import org.jspecify.annotations.Nullable;
import org.sallyport.ArtefactKey;
import org.sallyport.CodeCache;
import org.sallyport.Config;
import org.sallyport.Engine;
import org.sallyport.GuestSample;
import org.sallyport.Linker;
import org.sallyport.Module;
import org.sallyport.Profiler;
import org.sallyport.SharedMemory;
import org.sallyport.Store;
import org.sallyport.StoreClosedException;
import org.sallyport.StoreLimits;
import org.sallyport.engine.compile.Compilers;
import org.sallyport.engine.events.FlightEvents;
import org.sallyport.engine.fuel.FuelTank;
import org.sallyport.engine.process.Barrier;
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
    private static final Duration SHORTEST_PERIOD = Duration.ofNanos(100_000);

    /** A class rather than a lambda: a call site that is linked when the Java heap is full may fail for good. */
    private record Alarm(StoreImpl store) implements BooleanSupplier {
        @Override
        public boolean getAsBoolean() {
            return store.execution().alarm != 0;
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
    private final Tenants tenants = new Tenants();
    /** Of those that {@link #newSharedMemory} makes. */
    private final MemoryBudget sharedBudget;
    private final Compilers compilers;

    private final Object lock = new Object();

    // guarded by lock
    private volatile boolean closed;
    private volatile boolean finished;
    /** Whether a thread is at it. */
    private volatile boolean finishing;

    /** @param maker what it throws, this does */
    public EngineImpl(Config config, Loader loader, Validator validator, Machinery.Maker maker) {
        this.config = config;
        this.loader = loader;
        this.validator = validator;
        compilers = new Compilers(config, name);
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
        CompileBudget budget = compilers.begin(binary.length);
        try {
            return compile(binary, module, budget);
        } finally {
            compilers.end(budget);
        }
    }

    private Module compile(byte[] binary, String module, CompileBudget budget) {
        FlightEvents.Compile event = FlightEvents.beginCompile();
        budget.check();
        byte[] own = binary.clone();
        WasmModule wasm = loader.load(own, config.features(), config.limits(), budget);
        return machinery.compile(module, own, wasm, budget, event);
    }

    public ValidModule validate(WasmModule wasm, CompileBudget budget) {
        return validator.validate(wasm, config.features(), config.limits(), budget, compilers.executor());
    }

    @Override
    public Module deserialize(byte[] artefact, ArtefactKey key) {
        checkOpen();
        CompileBudget budget = compilers.begin(artefact.length);
        try {
            return machinery.deserialize(artefact, key, budget);
        } finally {
            compilers.end(budget);
        }
    }

    /** @throws StoreClosedException if the engine is closed; then the module is, too */
    public <M extends ModuleImpl> M add(M made) {
        tenants.modules().add(made);
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
        tenants.sharedMemories().add(memory);
    }

    /** The memory has been given back. */
    void closed(SharedMemoryImpl memory) {
        tenants.sharedMemories().remove(memory);
        finishIfLast();
    }

    @Override
    public Profiler startProfiler(Duration period, Consumer<GuestSample> samples) {
        checkOpen();
        if (period.compareTo(SHORTEST_PERIOD) < 0) {
            throw new IllegalArgumentException("a profiler's period is at least " + SHORTEST_PERIOD + ", not " + period);
        }
        return machinery.startProfiler(period, samples);
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
            tenants.stores().add(store);
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
        return compilers.forCall(module.wasm().binary().length, new Alarm(store));
    }

    // ---- for the parts of the runtime

    boolean isClosed() {
        return closed;
    }

    /** Unique in this class loader; begins the names of the engine's threads. */
    String name() {
        return name;
    }

    /** Who compiles. */
    public Compilers compilers() {
        return compilers;
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

    public TypeCanon types() {
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
        return tenants.stores();
    }

    public Set<ModuleImpl> modules() {
        return tenants.modules();
    }

    // ---- closing

    /** The store has given everything back. */
    void closed(StoreImpl store) {
        tenants.stores().remove(store);
        finishIfLast();
    }

    /** The module's code is unmapped. */
    void unmapped(ModuleImpl module) {
        tenants.modules().remove(module);
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
        }
        compilers.close();
        long end = System.nanoTime() + Occupancy.PATIENCE;
        tenants.close(end);
        finishIfLast();
        while (finishing && System.nanoTime() - end < 0) { // who closed the last store does the rest
            LockSupport.parkNanos(this, 50_000);
        }
    }

    /** Runs the foreign code that closes what was attached to a store. @return whether that will happen */
    boolean closeAttachedElsewhere(StoreImpl store) {
        return tenants.closeAttachedElsewhere(store, keeper);
    }

    /** What is to end and failed once. What fails again is left over again. */
    void finishLeftOver() {
        tenants.finishUnmapping(keeper);
        finishIfLast();
    }

    /**
     * The code space goes when nothing is left that may run in it. If that fails, the keeper tries again, or whoever closes
     * the engine once more: each step can be repeated.
     */
    private void finishIfLast() {
        synchronized (lock) {
            if (!closed || finished || !tenants.areGone()) {
                return;
            }
            finished = true;
            finishing = true;
        }
        boolean done = false;
        try {
            keeper.endWatching();
            machinery.close();
            done = true;
        } finally {
            finishing = false;
            if (!done) {
                finished = false;
                keeper.finishLater();
            }
        }
        keeper.close();
        Reference.reachabilityFence(this); // or it would be taken for forgotten before this is done
    }
}
