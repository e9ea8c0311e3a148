package org.sallyport.engine;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

import org.jspecify.annotations.Nullable;
import org.sallyport.ArrayRef;
import org.sallyport.Engine;
import org.sallyport.Extern;
import org.sallyport.Func;
import org.sallyport.Global;
import org.sallyport.Heap;
import org.sallyport.HostFunction;
import org.sallyport.Memory;
import org.sallyport.OutOfFuelException;
import org.sallyport.ReferenceScope;
import org.sallyport.Store;
import org.sallyport.StoreLimits;
import org.sallyport.StructRef;
import org.sallyport.Table;
import org.sallyport.Tag;
import org.sallyport.engine.fuel.FuelTank;
import org.sallyport.spi.ResourceAccount;
import org.sallyport.wasm.CompositeType;
import org.sallyport.wasm.FuncType;
import org.sallyport.wasm.GlobalType;
import org.sallyport.wasm.HeapType;
import org.sallyport.wasm.MemoryType;
import org.sallyport.wasm.RefType;
import org.sallyport.wasm.TableType;
import org.sallyport.wasm.ValType;

/** A store: its limits, what belongs to it, and who runs its guests. */
public final class StoreImpl implements Store {
    final EngineImpl engine;
    private final StoreLimits limits;
    private final ResourceAccount account;
    private final References references;
    private final Map<Class<?>, Object> attachments = new ConcurrentHashMap<>();

    private final Execution execution;

    // used by the thread inside the store
    private final Map<ModuleImpl, Boolean> modules = new IdentityHashMap<>();
    /** Numbers of types that the host gave, to be released. */
    private final List<Integer> heldTypes = new ArrayList<>();

    /**
     * @param account that is closed with the store
     * @param guests who makes what runs them
     */
    StoreImpl(EngineImpl engine, StoreLimits limits, ResourceAccount account, Machinery.Guests guests) {
        this.engine = engine;
        this.account = account;
        this.limits = limits;
        references = new References(this);
        execution = guests.in(this);
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
        return execution.memoryBytes();
    }

    @Override
    public long fuel() {
        FuelTank tank = fuelTank();
        return execution.stopReason() != null ? tank.kept() : execution.stay(new Supplier<>() {
            @Override
            public Long get() {
                return tank.left();
            }
        });
    }

    @Override
    public void setFuel(long fuel) {
        FuelTank tank = fuelTank();
        if (fuel < 0) {
            throw new IllegalArgumentException("negative fuel: " + fuel);
        }
        execution.stay(new Supplier<>() {
            @Override
            public Boolean get() {
                tank.set(fuel);
                return true;
            }
        });
    }

    /** For a host function that this thread runs. */
    void consumeFuel(long fuel) {
        OutOfFuelException.Budget over = fuelTank().consume(fuel);
        if (over != null) {
            throw execution.outOfFuel(over, execution.backtrace());
        }
    }

    /** @throws IllegalStateException if the engine does not count */
    private FuelTank fuelTank() {
        FuelTank tank = execution.fuel;
        if (tank == null) {
            throw new IllegalStateException(FuelTank.NOT_COUNTED);
        }
        return tank;
    }

    @Override
    public @Nullable String poisonedBecause() {
        return execution.stopReason();
    }

    @Override
    public void interrupt() {
        execution.interruptInside();
    }

    @Override
    public void setInterruptible(boolean on) {
        execution.setInterruptible(on);
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
        return execution.stay(new Supplier<>() {
            @Override
            public Memory get() {
                return execution.newMemory(type);
            }
        });
    }

    @Override
    public Table newTable(TableType type, @Nullable Object initial) {
        engine.hostTypes().check(type);
        return execution.stay(new Supplier<>() {
            @Override
            public Table get() {
                hold(type.element());
                long bits = references.toGuest(type.element(), initial);
                return new TableImpl(StoreImpl.this, execution.newTable(type, bits));
            }
        });
    }

    @Override
    public Global newGlobal(GlobalType type, @Nullable Object value) {
        engine.hostTypes().check(type);
        return execution.stay(new Supplier<>() {
            @Override
            public Global get() {
                hold(type.type());
                GlobalImpl global = execution.newGlobal(type);
                global.write(value);
                return global;
            }
        });
    }

    @Override
    public Tag newTag(FuncType type) {
        engine.hostTypes().check("tag", type);
        if (!type.results().isEmpty()) {
            throw new IllegalArgumentException("the type of a tag has no results: " + type);
        }
        return execution.stay(new Supplier<>() {
            @Override
            public Tag get() {
                int typeId = engine.types().register(type);
                heldTypes.add(typeId);
                return execution.newTag(type, typeId);
            }
        });
    }

    @Override
    public Func newFunc(FuncType type, HostFunction function) {
        HostEntry entry = new BoxedHost(engine, "host function", type, function);
        return execution.stay(new Supplier<>() {
            @Override
            public Func get() {
                return execution.hostFunction(entry);
            }
        });
    }

    @Override
    public HeapType.Concrete newType(CompositeType type) {
        return NewObjects.newType(this, type);
    }

    @Override
    public StructRef newStruct(HeapType.Concrete type, @Nullable Object... fields) {
        return objects().newStruct(type, fields);
    }

    @Override
    public ArrayRef newArray(HeapType.Concrete type, long length, @Nullable Object initial) {
        return objects().newArray(type, length, initial);
    }

    @Override
    public ArrayRef newArray(HeapType.Concrete type, MemorySegment elements) {
        return objects().newArray(type, elements);
    }

    @Override
    public ReferenceScope openScope() {
        return objects().openScope();
    }

    @Override
    public Heap heap() {
        return new HeapImpl(this);
    }

    private ObjectMaker objects() {
        return execution.maker();
    }

    /** Keeps the engine's number in the type of something of the host's until the store is closed. */
    private void hold(ValType type) {
        if (type instanceof RefType ref && ref.heap() instanceof HeapType.Concrete(int number)) {
            engine.types().retain(number);
            heldTypes.add(number);
        }
    }

    /** Releases the number of a type when the store is closed. */
    public void releaseLater(int type) {
        heldTypes.add(type);
    }

    @Override
    public void close() {
        execution.closeOccupied();
    }

    /** Lets go of modules and types, when no guest runs any more. */
    boolean freeModules() {
        while (!modules.isEmpty()) {
            ModuleImpl module = modules.keySet().iterator().next();
            modules.remove(module);
            module.release();
        }
        while (!heldTypes.isEmpty()) {
            engine.types().release((int) heldTypes.removeLast());
        }
        return true;
    }

    /** See {@link Occupancy#closeAttachedElsewhere}. */
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

    public Execution execution() {
        return execution;
    }

    public References references() {
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

    /**
     * Checks the numbers that the store gives to what guests name: references, exceptions, host functions,
     * instances.
     *
     * @throws AssertionError if one stands for something else
     */
    void check() {
        execution.stay(new Supplier<>() {
            @Override
            public Boolean get() {
                references.check();
                execution.check();
                return true;
            }
        });
    }

    /** Code of the module runs in this store from now on. */
    void use(ModuleImpl module) {
        if (!modules.containsKey(module)) {
            module.retain();
            modules.put(module, true);
        }
    }
}
