package org.sallyport.engine;

import java.util.Arrays;

import org.jspecify.annotations.Nullable;
import org.sallyport.ExceptionReference;
import org.sallyport.ExternRef;
import org.sallyport.Func;
import org.sallyport.I31Ref;
import org.sallyport.LimitExceededException;
import org.sallyport.ReferenceException;
import org.sallyport.engine.heap.ObjectCollector;
import org.sallyport.engine.types.Shapes;
import org.sallyport.spi.ObjectLayout;
import org.sallyport.spi.PassedObjects;
import org.sallyport.wasm.HeapType;
import org.sallyport.wasm.RefType;

/**
 * What references of one store stand for. A function reference names its function by a number, as it is or (to machine
 * code) in a record in native memory whose address it is; a reference to a host object is a handle of {@link HostObjects},
 * one to an exception of {@link ExceptionTable}. A guest gets only values that were put here, and compiled code has no way to
 * make others out of numbers. Used by the thread inside the store.
 */
public final class References {
    private final StoreImpl store;
    private final HostObjects hosts;

    // numbers of functions: ranges in ascending order, each of one instance, or of one host function
    private int[] rangeStart = new int[4];
    private Object[] rangeOwner = new Object[4];
    private int ranges;
    private int nextNumber = 1;

    /** The one that was opened last and is open. */
    private @Nullable ScopeImpl scope;

    References(StoreImpl store) {
        this.store = store;
        hosts = new HostObjects(store);
    }

    // ---- functions

    /**
     * Numbers for the functions of an instance that may be referred to, in the order of its layout. @return the first
     * one
     */
    int reserve(InstanceImpl instance, int count) {
        return reserve((Object) instance, count);
    }

    public int reserve(FuncImpl function) {
        return reserve((Object) function, 1);
    }

    private int reserve(Object owner, int count) {
        if (ranges == rangeStart.length) {
            rangeStart = Arrays.copyOf(rangeStart, 2 * ranges);
            rangeOwner = Arrays.copyOf(rangeOwner, 2 * ranges);
        }
        int first = nextNumber;
        nextNumber = Math.addExact(nextNumber, count);
        if (count > 0) {
            rangeStart[ranges] = first;
            rangeOwner[ranges++] = owner;
        }
        return first;
    }

    /** The function that a reference stands for; null for the null reference. */
    @Nullable public FuncImpl function(long reference) {
        if (reference == 0) {
            return null;
        }
        int number = store.execution().functionNumber(reference);
        int at = Arrays.binarySearch(rangeStart, 0, ranges, number);
        int range = at < 0 ? -at - 2 : at;
        return rangeOwner[range] instanceof InstanceImpl instance
                ? instance.escapingFunction(number - rangeStart[range])
                : (FuncImpl) rangeOwner[range];
    }

    // ---- objects

    @Nullable Object object(long handle) {
        PassedObjects passed = store.execution().passed();
        if (passed != null) {
            return store.execution().forHost(passed.take(handle));
        }
        if (ExceptionTable.isHandle(handle)) {
            return store.execution().exception(handle);
        }
        if (handle == 0) {
            return null;
        }
        if ((handle & ObjectLayout.I31_BIT) != 0) {
            return new I31Ref((int) handle >> 1);
        }
        return (handle & ObjectLayout.HOST_BIT) != 0
                ? hosts.get(handle)
                : ObjectReference.of(store.execution().machine(), handle);
    }

    /** @throws LimitExceededException if the store holds as many objects as its limit of table elements allows */
    long handle(@Nullable Object given) {
        if (given == null) {
            return 0;
        }
        Object value = unwrap(given);
        PassedObjects passed = store.execution().passed();
        if (passed != null) {
            return passed.pass(store.execution().forGuest(value));
        }
        if (value instanceof I31Ref number) {
            return number.value() << 1 & 0xFFFF_FFFFL | ObjectLayout.I31_BIT;
        }
        long reference = value instanceof ObjectReference object ? object.place() : hosts.handle(value);
        store.execution().note(reference);
        return reference;
    }

    HostObjects hosts() {
        return hosts;
    }

    /**
     * Keeps what a reference stands for, structure, array or object of the host, and so the reference, while Java has the result.
     * Null if there is nothing to keep.
     */
    ObjectCollector.@Nullable Held hold(long reference) {
        boolean isNothing = reference == 0 || (reference & ObjectLayout.I31_BIT) != 0;
        return isNothing ? null : store.execution().machine().collector.hold(new HeldReference(reference));
    }

    private record HeldReference(long place) implements ObjectCollector.Held {}

    /**
     * Checks handles of host objects, and that ranges of numbers are disjoint.
     *
     * @throws AssertionError if not
     */
    void check() {
        hosts.check();
        int end = 1;
        for (int i = 0; i < ranges; i++) {
            require(rangeOwner[i] != null && rangeStart[i] == end, "a gap, or numbers of two owners");
            end += rangeOwner[i] instanceof InstanceImpl instance ? instance.escapingFunctions() : 1;
        }
        require(end == nextNumber, "the last number");
    }

    private void require(boolean condition, String what) {
        if (!condition) {
            throw new AssertionError("BUG: references: " + what + "; " + hosts.count() + " objects, " + ranges
                    + " ranges up to " + nextNumber);
        }
    }

    // ---- scopes

    @Nullable ScopeImpl scope() {
        return scope;
    }

    ScopeImpl openScope() {
        ScopeImpl opened = new ScopeImpl(store, scope, store.execution().machine().collector.scoped().size());
        scope = opened;
        return opened;
    }

    /** Closes a scope that is open, and all further in. */
    void closeScopes(ScopeImpl last) {
        for (ScopeImpl s = scope; s != null; s = s.outer) {
            s.markClosed();
            scope = s.outer;
            if (s == last) {
                return;
            }
        }
    }

    /** @throws ReferenceException if it is of another store */
    void requireOwn(ObjectReference reference) {
        if (reference.store != store) {
            throw new ReferenceException(
                    ReferenceException.Reason.OTHER_STORE, "a reference of another store: " + reference, null);
        }
    }

    // ---- by type

    @Nullable Object toHost(RefType type, long reference) {
        return isFunction(type) ? function(reference) : object(reference);
    }

    /** @throws IllegalArgumentException if the value is not of the type or of another store */
    long toGuest(RefType type, @Nullable Object value) {
        check(type, value);
        if (value == null) {
            return 0;
        }
        if (Shapes.isException(type) && store.execution().passed() == null) {
            return store.execution().exceptionReference((Thrown) value);
        }
        return isFunction(type) ? ((FuncImpl) value).reference() : handle(value);
    }

    /** Whether the reference is to anything but functions; of concrete types those of the engine's numbers. */
    public boolean isObject(RefType type) {
        return !isFunction(type);
    }

    private boolean isFunction(RefType type) {
        return Shapes.isFunction(type, store.engine.types());
    }

    /** @throws IllegalArgumentException if the value is not of the type or of another store */
    void check(RefType type, @Nullable Object value) {
        if (value == null) {
            if (!type.nullable()) {
                throw new IllegalArgumentException(type + " wants a value, found null");
            }
        } else if (isFunction(type)) {
            checkFunction(type, value);
        } else if (type.heap() == HeapType.Abstract.EXN) {
            if (!store.execution().isException(value) || ((ExceptionReference) value).store() != store) {
                throw new IllegalArgumentException(
                        type + " wants an ExceptionReference of this store, found " + value.getClass().getName());
            }
        } else {
            checkObject(type, value);
        }
    }

    private void checkObject(RefType type, Object given) {
        Object value = unwrap(given);
        HeapType found = HeapType.Abstract.ANY;
        if (value instanceof ObjectReference reference) {
            requireOwn(reference);
            found = reference.heapType();
        } else if (value instanceof I31Ref) {
            found = HeapType.Abstract.I31;
        } else if (store.execution().heapTypeOf(value) instanceof HeapType.Concrete concrete) {
            found = concrete;
        }
        if (type.heap() != HeapType.Abstract.EXTERN && !store.engine.types().matches(found, type.heap())) {
            throw new IllegalArgumentException(
                    "a reference " + wanted(type.heap()) + " is wanted, found " + described(value));
        }
    }

    private static Object unwrap(Object value) {
        return value instanceof ExternRef(Object object) ? object : value;
    }

    private String described(Object value) {
        HeapType.Concrete other = store.execution().heapTypeOf(value);
        return value instanceof ObjectReference reference ? "one " + wanted(reference.heapType())
                : other != null ? "one " + wanted(other)
                : value.getClass().getName();
    }

    /** What a heap type stands for, in words that tell more than its number. */
    private String wanted(HeapType heap) {
        return heap instanceof HeapType.Concrete(int number)
                ? "of type " + store.engine.typeDefinition(number).composite()
                : "of " + heap;
    }

    private void checkFunction(RefType type, Object value) {
        if (!(value instanceof Func)) {
            throw new IllegalArgumentException(type + " wants a Func, found " + value.getClass().getName());
        }
        FuncImpl function = store.own(value, FuncImpl.class);
        if (!store.engine.types().matches(new HeapType.Concrete(function.typeId()), type.heap())) {
            throw new IllegalArgumentException(type + " wants a function " + wanted(type.heap()) + ", found " + function);
        }
    }
}
