package org.sallyport.engine.objectcode;

import java.util.function.Supplier;

import org.jspecify.annotations.Nullable;
import org.sallyport.AnyRef;
import org.sallyport.ReferenceException;
import org.sallyport.Store;
import org.sallyport.engine.Values;
import org.sallyport.spi.GuestObject;
import org.sallyport.spi.GuestType;
import org.sallyport.wasm.FieldType;
import org.sallyport.wasm.HeapType;
import org.sallyport.wasm.NumType;
import org.sallyport.wasm.PackedType;
import org.sallyport.wasm.StorageType;
import org.sallyport.wasm.ValType;

/** A structure or array of guests whose code is Java's, as the host sees it: with the store's borders around it. */
abstract sealed class GuestView implements AnyRef permits StructView, ArrayView {
    final ObjectExecution execution;
    private final GuestObject object;
    /** That it is of; null if it lives by itself. */
    private final @Nullable ViewScope scope;

    GuestView(ObjectExecution execution, GuestObject object, @Nullable ViewScope scope) {
        this.execution = execution;
        this.object = object;
        this.scope = scope;
    }

    /** @throws ReferenceException if its scope is closed */
    GuestObject object() {
        if (scope != null && !scope.isOpen()) {
            throw new ReferenceException(
                    ReferenceException.Reason.SCOPE_CLOSED,
                    "the ReferenceScope that this reference was made in is closed: " + this
                            + "; use ReferenceScope.keep for what outlives it",
                    null);
        }
        return object;
    }

    @Nullable ViewScope scope() {
        return scope;
    }

    final GuestType guestType() {
        return object.type;
    }

    /** A reference to the same object, of a scope or of none. */
    abstract GuestView in(@Nullable ViewScope other);

    public HeapType.Concrete heapType() {
        return new HeapType.Concrete(object.type.id());
    }

    @Override
    public boolean is(HeapType wanted) {
        if (wanted instanceof HeapType.Concrete(int id) && !execution.types().isKnown(id)) {
            throw new IllegalArgumentException(id + " is the number of no type definition of this engine");
        }
        return execution.types().matches(heapType(), wanted);
    }

    public Store store() {
        return execution.store;
    }

    final <T> @Nullable T inside(Supplier<@Nullable T> action) {
        return execution.stay(action);
    }

    /** What Java sees of a value that is kept in one of the two ways. */
    final @Nullable Object read(StorageType type, long low, long high, @Nullable Object value) {
        if (type instanceof PackedType packed) {
            return packed == PackedType.I8 ? (int) (byte) low : (int) (short) low;
        }
        long bits = value == null ? low : execution.passing().pass(value);
        return Values.box(execution.store, (ValType) type, bits, high);
    }

    /** @throws IllegalArgumentException if the value is not of the type or of another store */
    static long bits(ObjectExecution execution, StorageType type, @Nullable Object value) {
        if (type instanceof ValType unpacked) {
            return Values.low(execution.store, unpacked, value);
        }
        if (value instanceof Integer number) {
            return number;
        }
        throw new IllegalArgumentException(
                type + " wants Integer, found " + (value == null ? "null" : value.getClass().getName()));
    }

    static long highBits(StorageType type, @Nullable Object value) {
        return type instanceof ValType unpacked ? Values.high(unpacked, value) : 0;
    }

    /** @throws IllegalArgumentException if a field or element is of another type */
    static void requireNumber(FieldType field, NumType wanted) {
        StorageType storage = field.storage();
        if (storage != wanted && !(wanted == NumType.I32 && storage instanceof PackedType)) {
            throw new IllegalArgumentException("it is of type " + storage + ", not " + wanted);
        }
    }

    static void requireMutable(FieldType field) {
        if (!field.mutable()) {
            throw new UnsupportedOperationException("the field is immutable");
        }
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof GuestView view && view.object == object;
    }

    @Override
    public int hashCode() {
        return System.identityHashCode(object);
    }

    @Override
    public String toString() {
        return (guestType().isArray() ? "array" : "structure") + " of type " + guestType().id();
    }
}
