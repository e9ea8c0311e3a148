package org.sallyport.engine;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Supplier;

import org.jspecify.annotations.Nullable;
import org.sallyport.Caller;
import org.sallyport.Engine;
import org.sallyport.Extern;
import org.sallyport.Func;
import org.sallyport.Global;
import org.sallyport.HostFunction;
import org.sallyport.Memory;
import org.sallyport.Store;
import org.sallyport.StoreLimits;
import org.sallyport.Table;
import org.sallyport.spi.Builtin;
import org.sallyport.spi.NativeMemory;
import org.sallyport.spi.ResourceAccount;
import org.sallyport.spi.StoreContext;
import org.sallyport.spi.StoreMemory;
import org.sallyport.spi.VmLayout;
import org.sallyport.wasm.FuncType;
import org.sallyport.wasm.GlobalType;
import org.sallyport.wasm.HeapType;
import org.sallyport.wasm.MemoryType;
import org.sallyport.wasm.RefType;
import org.sallyport.wasm.TableType;
import org.sallyport.wasm.ValType;

/** A store: what its instances are made of, over the {@linkplain Execution execution} of calls. */
final class StoreImpl extends Execution implements Store {
    private static final int FIRST_HOST_FUNCTIONS = 16;

    private final StoreLimits limits;
    private final ResourceAccount account;
    private final References references;
    private final Builtins builtins;
    private final Map<Class<?>, Object> attachments = new ConcurrentHashMap<>();

    // used by the thread inside the store
    private HostEntry[] hostFunctions = new HostEntry[FIRST_HOST_FUNCTIONS];
    /** Numbers begin with 1. */
    private int hostFunctionCount = 1;
    private final Map<HostEntry, FuncImpl> hosts = new IdentityHashMap<>();
    private final Map<Long, InstanceImpl> instances = new HashMap<>();
    private @Nullable InstanceImpl lastInstance;
    private final Map<ModuleImpl, Boolean> modules = new IdentityHashMap<>();
    /** Numbers of types that the host gave, to be released. */
    private final List<Integer> heldTypes = new ArrayList<>();
    private @Nullable Arena segments;
    private boolean memoryClosed;
    /** For host functions that no module imports. */
    private @Nullable Trampolines trampolines;

    /** @param account that is closed with the store */
    StoreImpl(EngineImpl engine, StoreLimits limits, StoreMemory memory, ResourceAccount account) {
        super(engine, memory);
        this.account = account;
        this.limits = limits;
        references = new References(this);
        builtins = new Builtins(this);
        engine.codeSpace().prepare(context);
    }

    @Override
    public Engine engine() {
        return engine;
    }

    @Override
    public StoreLimits limits() {
        return limits;
    }

    @Override
    public ResourceAccount resources() {
        return account;
    }

    @Override
    public long memoryBytes() {
        return memory.memoryBytes();
    }

    @Override
    public @Nullable String poisonedBecause() {
        return stopReason();
    }

    @Override
    public void interrupt() {
        interruptInside();
    }

    @Override
    public <T> void attach(Class<T> key, @Nullable T value) {
        if (value == null) {
            attachments.remove(key);
        } else {
            attachments.put(key, key.cast(value));
        }
    }

    @Override
    public <T> @Nullable T attachment(Class<T> key) {
        return key.cast(attachments.get(key));
    }

    @Override
    public Memory newMemory(MemoryType type) {
        engine.hostTypes().check(type);
        return stay(new Supplier<>() {
            @Override
            public Memory get() {
                return new MemoryImpl(StoreImpl.this, memory.newMemory(type));
            }
        });
    }

    @Override
    public Table newTable(TableType type, @Nullable Object initial) {
        engine.hostTypes().check(type);
        return stay(new Supplier<>() {
            @Override
            public Table get() {
                hold(type.element());
                return new TableImpl(
                        StoreImpl.this, memory.newTable(type, references.toGuest(type.element(), initial)));
            }
        });
    }

    @Override
    public Global newGlobal(GlobalType type, @Nullable Object value) {
        engine.hostTypes().check(type);
        return stay(new Supplier<>() {
            @Override
            public Global get() {
                hold(type.type());
                GlobalImpl global = new GlobalImpl(StoreImpl.this, type, memory.newGlobal());
                Values.write(StoreImpl.this, type.type(), global.slot(), value);
                return global;
            }
        });
    }

    @Override
    public Func newFunc(FuncType type, HostFunction function) {
        HostEntry entry = new BoxedHost(engine, "host function", type, function);
        return stay(new Supplier<>() {
            @Override
            public Func get() {
                return hostFunction(entry, trampolines());
            }
        });
    }

    /** Keeps the engine's number in the type of something of the host's until the store is closed. */
    private void hold(ValType type) {
        if (type instanceof RefType ref && ref.heap() instanceof HeapType.Concrete(int number)) {
            engine.types().retain(number);
            heldTypes.add(number);
        }
    }

    @Override
    public void close() {
        closeOccupied();
    }

    @Override
    boolean free() {
        if (!closeSegments()) {
            return false;
        }
        if (!memoryClosed) {
            memoryClosed = true; // it is not tried twice
            engine.holdings().close(memory);
        }
        if (trampolines != null) {
            trampolines.close();
        }
        while (!modules.isEmpty()) {
            ModuleImpl module = modules.keySet().iterator().next();
            modules.remove(module);
            module.release();
        }
        instances.clear();
        while (!heldTypes.isEmpty()) {
            engine.types().release((int) heldTypes.removeLast());
        }
        return true;
    }

    /** @return false while other threads are just reading or writing one: the memory must not go away under them */
    private boolean closeSegments() {
        if (segments != null) {
            try {
                segments.close();
            } catch (IllegalStateException inUse) {
                return false;
            }
            segments = null;
        }
        return true;
    }

    @Override
    void finish() {
        engine.closed(this);
    }

    @Override
    boolean closeAttachedElsewhere() {
        for (Object attachment : attachments.values()) {
            if (attachment instanceof AutoCloseable) {
                return engine.closeAttachedElsewhere(this);
            }
        }
        closeAttached();
        return true;
    }

    /** What fails here was the embedder's; the store is closed all the same, and so are the others. */
    @Override
    void closeAttached() {
        for (Object attachment : attachments.values()) {
            if (attachment instanceof AutoCloseable closeable) {
                try {
                    closeable.close();
                } catch (Throwable e) {
                    engine.keeper().log("closing what was attached to a store failed", e);
                }
            }
        }
        attachments.clear();
        account.close(); // what was attached may have held something until now
    }

    // ---- for the parts of the runtime; called by the thread inside the store

    References references() {
        return references;
    }

    /**
     * The implementation of an object that must belong to this store.
     *
     * @throws IllegalArgumentException if it does not
     */
    <T> T own(Object object, Class<T> implementation) {
        if (!implementation.isInstance(object) || ((Extern) object).store() != this) {
            throw new IllegalArgumentException("an object of another store: " + object);
        }
        return implementation.cast(object);
    }

    private Trampolines trampolines() {
        Trampolines known = trampolines;
        if (known == null) {
            CodeSpace space = engine.codeSpace();
            known = new Trampolines(space, space.newShare("host functions of a store"));
            trampolines = known;
        }
        return known;
    }

    /**
     * The store's function for a host function; one for each, however often it is imported.
     *
     * @param own trampolines of the store or a module that it uses
     */
    FuncImpl hostFunction(HostEntry entry, Trampolines own) {
        FuncImpl known = hosts.get(entry);
        if (known == null) {
            known = makeHostFunction(entry, own);
            hosts.put(entry, known);
        }
        return known;
    }

    private FuncImpl makeHostFunction(HostEntry entry, Trampolines own) {
        long code = own.host(entry.type());
        if (hostFunctionCount == hostFunctions.length) {
            hostFunctions = Arrays.copyOf(hostFunctions, 2 * hostFunctionCount);
        }
        int id = hostFunctionCount;
        long hostContext = memory.allocate(VmLayout.HOST_CONTEXT_SIZE);
        NativeMemory.putLong(hostContext + VmLayout.STORE, context);
        NativeMemory.putLong(hostContext + VmLayout.STACK_LIMIT, memory.stackLimit());
        NativeMemory.putInt(hostContext + VmLayout.HOST_FUNCTION, id);
        int typeId = entry.isPlain() ? entry.typeId() : entry.holdType();
        if (!entry.isPlain()) {
            heldTypes.add(typeId);
        }
        hostFunctions[id] = entry;
        hostFunctionCount++;
        return new FuncImpl(this, entry.type(), typeId, entry.name(), code, hostContext, entry, 0, false, own);
    }

    @Override
    HostEntry hostFunction(int id) {
        return hostFunctions[id];
    }

    /**
     * Checks the numbers that the store gives to what guests name: references, host functions, instances.
     *
     * @throws AssertionError if one stands for something else
     */
    void check() {
        stay(new Supplier<>() {
            @Override
            public Boolean get() {
                checkInside();
                return true;
            }
        });
    }

    private void checkInside() {
        references.check();
        for (Map.Entry<HostEntry, FuncImpl> host : hosts.entrySet()) {
            FuncImpl function = host.getValue();
            int id = NativeMemory.getInt(function.vmctx() + VmLayout.HOST_FUNCTION);
            if (id <= 0
                    || id >= hostFunctionCount
                    || hostFunctions[id] != host.getKey()
                    || function.host() != host.getKey()) {
                throw new AssertionError("BUG: " + function + " has the number " + id + " of another");
            }
        }
        for (Map.Entry<Long, InstanceImpl> instance : instances.entrySet()) {
            if (instance.getKey() != instance.getValue().vmctx()) {
                throw new AssertionError("BUG: " + instance.getValue() + " is not at its address");
            }
        }
    }

    @Override
    void builtin(Builtin builtin, long vmctx, long args) {
        builtins.run(builtin, instanceAt(vmctx), args);
    }

    /** Code of the module runs in this store from now on. */
    void use(ModuleImpl module) {
        if (!modules.containsKey(module)) {
            module.retain();
            modules.put(module, true);
        }
    }

    void add(InstanceImpl instance) {
        instances.put(instance.vmctx(), instance);
    }

    /** The instance whose context is at that address. */
    InstanceImpl instanceAt(long vmctx) {
        InstanceImpl last = lastInstance;
        if (last == null || last.vmctx() != vmctx) {
            last = instances.get(vmctx);
            if (last == null) {
                throw new AssertionError("BUG: no instance at 0x" + Long.toHexString(vmctx));
            }
            lastInstance = last;
        }
        return last;
    }

    /** Who called the host function that runs now. */
    Caller caller() {
        return instanceAt(NativeMemory.getLong(context + StoreContext.CALLER_VMCTX)).caller();
    }

    // ---- for the classes of SpinEntries and SpinHostCalls

    @Nullable Func functionAt(long slot) {
        return references.function(NativeMemory.getLong(slot));
    }

    @Nullable Object objectAt(long slot) {
        return references.object(NativeMemory.getLong(slot));
    }

    /** @param index of the value in the type: parameters before results */
    void putReference(FuncType type, int index, long slot, @Nullable Object value) {
        int params = type.params().size();
        ValType wanted = index < params
                ? type.params().get(index)
                : type.results().get(index - params);
        NativeMemory.putLong(slot, references.toGuest((RefType) wanted, value));
    }

    /** Memory as a segment that ends with the store. */
    MemorySegment segment(long base, long size) {
        Arena arena = segments;
        if (arena == null) {
            arena = Arena.ofShared();
            segments = arena;
            // Whoever holds a segment reaches the arena, what the arena does at its end, and so the store.
            MemorySegment.ofAddress(base).reinterpret(1, arena, new Consumer<>() {
                @Override
                public void accept(MemorySegment end) {
                    Reference.reachabilityFence(StoreImpl.this);
                }
            });
        }
        return MemorySegment.ofAddress(base).reinterpret(size, arena, null);
    }
}
