package org.sallyport.engine.objectcode;

import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

import org.jspecify.annotations.Nullable;
import org.sallyport.CallContext;
import org.sallyport.GuestFrame;
import org.sallyport.LimitExceededException;
import org.sallyport.ReferenceException;
import org.sallyport.TrapCode;
import org.sallyport.TrapException;
import org.sallyport.WasmException;
import org.sallyport.engine.Builtins;
import org.sallyport.engine.EngineImpl;
import org.sallyport.engine.Execution;
import org.sallyport.engine.FuncImpl;
import org.sallyport.engine.GlobalImpl;
import org.sallyport.engine.HostEntry;
import org.sallyport.engine.InstanceImpl;
import org.sallyport.engine.MemoryImpl;
import org.sallyport.engine.ModuleImpl;
import org.sallyport.engine.ObjectMaker;
import org.sallyport.engine.SharedMemoryImpl;
import org.sallyport.engine.StoreImpl;
import org.sallyport.engine.TagImpl;
import org.sallyport.engine.Thrown;
import org.sallyport.engine.Values;
import org.sallyport.engine.events.FlightEvents;
import org.sallyport.engine.fuel.FuelTank;
import org.sallyport.engine.threads.JavaStack;
import org.sallyport.spi.GuestArray;
import org.sallyport.spi.GuestFunction;
import org.sallyport.spi.GuestObject;
import org.sallyport.spi.GuestStruct;
import org.sallyport.spi.GuestType;
import org.sallyport.spi.ObjectMeter;
import org.sallyport.spi.PassedObjects;
import org.sallyport.spi.Raised;
import org.sallyport.spi.ReferenceTable;
import org.sallyport.spi.ResourceAccount;
import org.sallyport.spi.StopSign;
import org.sallyport.wasm.FuncType;
import org.sallyport.wasm.GlobalType;
import org.sallyport.wasm.HeapType;
import org.sallyport.wasm.MemoryType;
import org.sallyport.wasm.RefType;
import org.sallyport.wasm.TableType;
import org.sallyport.wasm.TypeCanon;
import org.sallyport.wasm.ValType;

/**
 * Calls of guests whose code is Java's. They run on the stack of the calling thread, call host functions as Java does, and look
 * themselves whether they must stop ({@link org.sallyport.spi.ObjectParts#checkpoint}): nobody interrupts them.
 */
final class ObjectExecution extends Execution {
    /** About how many bytes of structures and arrays one sample stands for. */
    private static final int SAMPLED = 1 << 12;

    private static final String NUMBERS_ONLY = "BUG: references to exceptions are no numbers here";

    private final ObjectMachinery machinery;
    private final ObjectLimits limits;
    private final Builtins builtins = new Builtins(this);
    private final StopSign stopSign = new StopSign();
    private final PassedObjects passed = new PassedObjects();
    private final ObjectExceptions exceptions;
    private final GuestTypes guestTypes;
    private final LiveBytes objects;
    /** The one that was opened last and is open. */
    private @Nullable ViewScope scope;

    // used by the thread inside the store
    private final Map<HostEntry, ObjectFunc> hosts = new IdentityHashMap<>();
    private final Map<SharedMemoryImpl, ObjectSharedView> sharedMemories = new IdentityHashMap<>();
    /** Whose host function runs, innermost; null for none. */
    private @Nullable ObjectInstance caller;
    private long tags;
    /** By level: {@link #caller} of the entry around. */
    private @Nullable ObjectInstance[] callers = new ObjectInstance[4];

    /** @param account of the store */
    ObjectExecution(ObjectMachinery machinery, StoreImpl store, ResourceAccount account) {
        super(machinery.engine(), store, tank(machinery.engine(), store));
        this.machinery = machinery;
        limits = new ObjectLimits(store.limits(), account);
        exceptions = new ObjectExceptions(this, passed, limits);
        guestTypes = new GuestTypes(store, types());
        objects = new LiveBytes(
                "heap bytes", limits::memoryBytesLeft, "StoreLimits.memoryBytes, less memories", SAMPLED, limits,
                this::checkpoint);
    }

    /** Of the store that a tag belongs to. */
    static ObjectExecution of(TagImpl tag) {
        return (ObjectExecution) ((StoreImpl) tag.store()).execution();
    }

    private static @Nullable FuelTank tank(EngineImpl engine, StoreImpl store) {
        return engine.config().compile().fuel() ? new ObjectTank(store.limits().fuel()) : null;
    }

    ObjectLimits limits() {
        return limits;
    }

    Builtins builtins() {
        return builtins;
    }

    PassedObjects passing() {
        return passed;
    }

    ObjectExceptions exceptions() {
        return exceptions;
    }

    TypeCanon types() {
        return machinery.engine().types();
    }

    // ---- references

    @Override
    public @Nullable PassedObjects passed() {
        return machinery.backEnd().referencesAreObjects() ? passed : null;
    }

    /** Whether references of the type, in the engine's numbers, are objects. */
    boolean isObject(RefType type) {
        return machinery.backEnd().referencesAreObjects() && store.references().isObject(type);
    }

    private @Nullable PassedObjects passedIfObject(ValType type) {
        return type instanceof RefType ref && isObject(ref) ? passed : null;
    }

    @Override
    protected boolean isException(Object value) {
        return value instanceof ObjectThrown;
    }

    @Override
    protected Object forGuest(Object value) {
        if (value instanceof GuestView view) {
            return view.object();
        }
        if (value instanceof ObjectThrown thrown && thrown.store() == store) {
            exceptions.refersTo(thrown);
        }
        return value;
    }

    @Override
    protected @Nullable Object forHost(@Nullable Object reference) {
        return switch (reference) {
            case GuestStruct struct -> new StructView(this, struct, scope);
            case GuestArray array -> new ArrayView(this, array, scope);
            case null, default -> reference;
        };
    }

    @Override
    protected HeapType.@Nullable Concrete heapTypeOf(Object value) {
        if (!(value instanceof GuestView view)) {
            return null;
        }
        if (view.execution != this) {
            throw new ReferenceException(
                    ReferenceException.Reason.OTHER_STORE, "a reference of another store: " + view, null);
        }
        view.object();
        return view.heapType();
    }

    // ---- structures and arrays

    GuestTypes guestTypes() {
        return guestTypes;
    }

    @Override
    protected GuestType guestType(int id) {
        return guestTypes.of(id);
    }

    ObjectMeter meter() {
        return objects;
    }

    @Override
    protected void count(GuestObject object, long bytes) {
        objects.add(object, bytes);
    }

    @Override
    protected GuestArray newArray(GuestType type, int length) {
        long bytes = GuestArray.bytes(type.kind(0), length);
        objects.reserve(GuestArray.mayHave(type.kind(0), length) ? bytes : Long.MAX_VALUE);
        try {
            GuestArray array = GuestArray.of(type, length);
            objects.add(array, bytes);
            return array;
        } catch (OutOfMemoryError e) {
            throw new LimitExceededException("heap bytes", bytes, Runtime.getRuntime().maxMemory(), "the Java heap");
        }
    }

    @Override
    protected long objectBytes() {
        return objects.bytes();
    }

    @Override
    protected ObjectMaker maker() {
        return passed() == null ? super.maker() : new GuestObjects(this);
    }

    @Nullable ViewScope scope() {
        return scope;
    }

    ViewScope newScope() {
        ViewScope opened = new ViewScope(this, scope);
        scope = opened;
        return opened;
    }

    /** Closes a scope that is open, and all further in. */
    void closeScopes(ViewScope last) {
        for (ViewScope s = scope; s != null; s = s.outer) {
            s.markClosed();
            scope = s.outer;
            if (s == last) {
                return;
            }
        }
    }

    // ---- stopping

    @Override
    protected void setInterrupt(boolean on) {
        stopSign.raised = on;
    }

    StopSign stopSign() {
        return stopSign;
    }

    @Override
    protected boolean isInCode() {
        return inside() != null && !hosting;
    }

    @Override
    protected boolean prod() {
        return isInCode();
    }

    /** While no Java runs, these guests do not either. */
    @Override
    protected void showDeadline(long time) {}

    @Override
    protected void attend(long time) {}

    // ---- a call

    @Override
    protected long beginOutermost(int blockSize) {
        caller = null;
        return 0;
    }

    @Override
    protected long beginInner(int blockSize) {
        return 0;
    }

    @Override
    protected void save(int outer) {
        if (outer >= callers.length) {
            callers = Arrays.copyOf(callers, 2 * outer);
        }
        callers[outer] = caller;
    }

    @Override
    protected void restore(int outer) {
        caller = callers[outer];
    }

    @Override
    protected void beginEmpty() {}

    @Override
    protected List<GuestFrame> backtrace() {
        return machinery.backEnd().backtrace();
    }

    /** Runs a guest's function. */
    void run(GuestFunction function, long[] slots) {
        if (fuel != null) {
            checkSome(fuel);
        }
        boolean before = hosting;
        hosting = false;
        try {
            function.call(slots);
        } catch (StackOverflowError e) {
            throw FlightEvents.ended(
                    new TrapException(TrapCode.STACK_OVERFLOW, "", machinery.backEnd().backtrace(e)));
        } catch (Raised e) {
            throw exceptions.toHost((ObjectThrown) e);
        } finally {
            hosting = before;
        }
        checkpoint();
    }

    /** Runs a host function that a guest calls. */
    void callHost(HostEntry function, ObjectInstance by, long[] slots) {
        if (!JavaStack.hasNeeded()) { // the guest is on the same stack, and has chosen how deep
            throw tooDeep("host function " + function.name());
        }
        int mine = level;
        ObjectInstance before = caller;
        boolean wasHosting = hosting;
        CallContext paying = fuel == null ? null : fuel.settle();
        caller = by;
        hosting = true;
        try {
            FuncType type = function.type();
            Object[] args = new Object[type.params().size()];
            for (int i = 0; i < args.length; i++) {
                args[i] = Values.box(store, type.params().get(i), slots[2 * i], slots[2 * i + 1]);
            }
            Object[] results = function.callDirectly(by.caller(), args);
            for (int i = results.length - 1; i >= 0; i--) {
                slots[2 * i] = Values.low(store, type.results().get(i), results[i]);
                slots[2 * i + 1] = Values.high(type.results().get(i), results[i]);
            }
        } catch (Throwable t) {
            level = mine;
            hosting = wasHosting;
            caller = before;
            RuntimeException failure = hostFailure(function, t);
            throw failure instanceof WasmException e && e.tag().store() == store ? exceptions.toGuest(e) : failure;
        }
        level = mine;
        hosting = wasHosting;
        caller = before;
        checkpoint();
        if (paying != null && fuel != null) {
            fuel.share(paying);
        }
    }

    // ---- what a store is made of

    @Override
    protected MemoryImpl newMemory(MemoryType type) {
        if (type.shared()) {
            checkSharedMemories();
            limits.addMemory();
            SharedMemoryImpl made = ObjectSharedMemory.make(
                    machinery.engine(), type, machinery.account().newOwner(), limits.memory());
            try {
                return use(made);
            } finally {
                made.close();
            }
        }
        return new ObjectMemoryImpl(this, new ObjectMemory(type, limits));
    }

    @Override
    protected MemoryImpl use(SharedMemoryImpl shared) {
        ObjectSharedView known = sharedMemories.get(shared);
        if (known == null) {
            checkSharedMemories();
            shared.take();
            try {
                known = new ObjectSharedView(this, shared);
                sharedMemories.put(shared, known);
            } finally {
                if (!sharedMemories.containsKey(shared)) {
                    shared.letGo();
                }
            }
        }
        return known;
    }

    /** @throws LimitExceededException if there cannot be another one */
    private void checkSharedMemories() {
        int most = store.limits().sharedMemories();
        if (sharedMemories.size() >= most) {
            throw new LimitExceededException(
                    "shared memories", sharedMemories.size() + 1L, most, "StoreLimits.sharedMemories");
        }
    }

    @Override
    protected ReferenceTable newTable(TableType type, long initial) {
        return new ObjectTable(type, initial, limits, passedIfObject(type.element()));
    }

    @Override
    protected GlobalImpl newGlobal(GlobalType type) {
        return new ObjectGlobal(store, type, passedIfObject(type.type()));
    }

    @Override
    protected TagImpl newTag(FuncType type, int typeId) {
        return new TagImpl(store, type, typeId, ++tags);
    }

    @Override
    protected Thrown exception(long reference) {
        throw new AssertionError(NUMBERS_ONLY);
    }

    @Override
    protected long exceptionReference(Thrown exception) {
        throw new AssertionError(NUMBERS_ONLY);
    }

    @Override
    protected long hold(RefType type, long reference) {
        return isObject(type) ? passed.keep(passed.take(reference)) : reference;
    }

    @Override
    protected FuncImpl hostFunction(HostEntry entry) {
        ObjectFunc known = hosts.get(entry);
        if (known == null) {
            int typeId = entry.isPlain() ? entry.typeId() : entry.holdType();
            if (!entry.isPlain()) {
                store.releaseLater(typeId);
            }
            known = new ObjectFunc(this, entry.type(), typeId, entry.name(), entry, null);
            hosts.put(entry, known);
        }
        return known;
    }

    @Override
    protected InstanceImpl instantiate(ModuleImpl module, List<Object> imports) {
        int mark = passed.mark();
        try {
            return new ObjectInstantiation(this, (ObjectModule) module).run(imports);
        } finally {
            passed.release(mark);
        }
    }

    @Override
    protected int functionNumber(long reference) {
        return (int) reference;
    }

    @Override
    protected boolean isCalling(InstanceImpl instance) {
        if (!isInside() || !hosting) {
            return false;
        }
        if (caller == instance) {
            return true;
        }
        for (int i = 1; i < level; i++) {
            if (callers[i] == instance) {
                return true;
            }
        }
        return false;
    }

    @Override
    protected long memoryBytes() {
        return limits.memoryBytes();
    }

    @Override
    protected void check() {}

    @Override
    protected boolean freeGuests() {
        hosts.clear();
        while (!sharedMemories.isEmpty()) { // goes on where it failed
            SharedMemoryImpl next = sharedMemories.keySet().iterator().next();
            ObjectSharedView view = sharedMemories.get(next);
            if (view != null) {
                view.end();
            }
            sharedMemories.remove(next);
            next.letGo();
        }
        return true;
    }
}
