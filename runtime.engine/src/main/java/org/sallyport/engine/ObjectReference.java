package org.sallyport.engine;

import java.lang.ref.Reference;
import java.util.function.Supplier;

import org.jspecify.annotations.Nullable;
import org.sallyport.AnyRef;
import org.sallyport.ReferenceException;
import org.sallyport.Store;
import org.sallyport.engine.heap.ObjectCollector;
import org.sallyport.engine.heap.ObjectHeap;
import org.sallyport.engine.heap.ObjectTypes;
import org.sallyport.spi.NativeMemory;
import org.sallyport.spi.ObjectLayout;
import org.sallyport.wasm.FieldType;
import org.sallyport.wasm.HeapType;
import org.sallyport.wasm.NumType;
import org.sallyport.wasm.PackedType;
import org.sallyport.wasm.StorageType;

/** A reference to an object that Java holds; the {@link ObjectCollector} knows it and keeps the object meanwhile. */
abstract sealed class ObjectReference implements AnyRef, ObjectCollector.Held permits StructReference, ArrayReference {
    final StoreImpl store;
    final ObjectTypes.Type type;
    private final long place;
    /** That it is of; null if it lives by itself. */
    private final @Nullable ScopeImpl scope;

    ObjectReference(StoreImpl store, ObjectTypes.Type type, long place, @Nullable ScopeImpl scope) {
        this.store = store;
        this.type = type;
        this.place = place;
        this.scope = scope;
    }

    /** Of the object at an offset. Called by the thread inside the store. */
    static ObjectReference of(NativeExecution execution, long place) {
        StoreImpl store = execution.store;
        int number = NativeMemory.getInt(execution.heap.base() + place + ObjectLayout.TYPE);
        ObjectTypes.Type type = execution.types.ofNumber(number);
        ScopeImpl scope = store.references().scope();
        ObjectReference made = type.isArray()
                ? new ArrayReference(store, type, place, scope)
                : new StructReference(store, type, place, scope);
        if (scope == null) {
            execution.collector.hold(made);
        } else {
            execution.collector.scoped().push(place);
        }
        return made;
    }

    /**
     * The object's offset: what guests have for it.
     *
     * @throws ReferenceException if its scope is closed
     */
    @Override
    public long place() {
        if (scope != null && !scope.isOpen()) {
            throw new ReferenceException(
                    ReferenceException.Reason.SCOPE_CLOSED,
                    "the ReferenceScope that this reference was made in is closed: " + this
                            + "; use ReferenceScope.keep for what outlives it",
                    null);
        }
        return place;
    }

    @Nullable ScopeImpl scope() {
        return scope;
    }

    /** A reference to the same object, of a scope or of none, which nobody knows yet. */
    abstract ObjectReference in(@Nullable ScopeImpl other);

    public HeapType.Concrete heapType() {
        return new HeapType.Concrete(type.id());
    }

    @Override
    public boolean is(HeapType wanted) {
        if (wanted instanceof HeapType.Concrete(int id) && !store.engine.types().isKnown(id)) {
            throw new IllegalArgumentException(id + " is the number of no type definition of this engine");
        }
        return store.engine.types().matches(heapType(), wanted);
    }

    public Store store() {
        return store;
    }

    long address() {
        return store.execution().machine().heap.base() + place();
    }

    @Nullable Object read(FieldType field, long address) {
        return ObjectFields.read(store, field.storage(), address);
    }

    void write(FieldType field, long address, @Nullable Object value) {
        requireMutable(field);
        put(field, address, value);
    }

    void put(FieldType field, long address, @Nullable Object value) {
        ObjectFields.write(store, field.storage(), address, value); // making a handle for the value may collect
        if (type.references().length > 0) {
            ObjectHeap heap = store.execution().machine().heap;
            heap.noteWrite(type.isArray() ? address - heap.base() - ObjectLayout.ELEMENTS : place());
        }
        Reference.reachabilityFence(this);
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

    static int readInt(FieldType field, long address) {
        return field.storage() instanceof PackedType packed
                ? packed == PackedType.I8 ? NativeMemory.getByte(address) : NativeMemory.getShort(address)
                : NativeMemory.getInt(address);
    }

    static void writeInt(FieldType field, long address, int value) {
        int bytes = field.storage() instanceof PackedType packed ? packed == PackedType.I8 ? 1 : 2 : 4;
        ObjectFields.put(address, bytes, value, 0);
    }

    <T> @Nullable T inside(Supplier<@Nullable T> action) {
        return store.execution().stay(action);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof ObjectReference reference && reference.store == store && reference.place == place;
    }

    @Override
    public int hashCode() {
        return Long.hashCode(place);
    }

    @Override
    public String toString() {
        return (type.isArray() ? "array" : "structure") + " of type " + type.id();
    }
}
