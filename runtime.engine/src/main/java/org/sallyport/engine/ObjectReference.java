package org.sallyport.engine;

import java.util.Objects;
import java.util.function.Supplier;

import org.jspecify.annotations.Nullable;
import org.sallyport.ArrayRef;
import org.sallyport.Store;
import org.sallyport.StructRef;
import org.sallyport.engine.heap.ObjectCollector;
import org.sallyport.engine.heap.ObjectTypes;
import org.sallyport.spi.NativeMemory;
import org.sallyport.spi.ObjectLayout;
import org.sallyport.wasm.ArrayType;
import org.sallyport.wasm.FieldType;
import org.sallyport.wasm.StructType;

/** A reference to an object that Java holds; the {@link ObjectCollector} knows it and keeps the object meanwhile. */
abstract sealed class ObjectReference implements ObjectCollector.Held {
    final StoreImpl store;
    final ObjectTypes.Type type;
    private final long place;

    private ObjectReference(StoreImpl store, ObjectTypes.Type type, long place) {
        this.store = store;
        this.type = type;
        this.place = place;
    }

    /** Of the object at an offset. Called by the thread inside the store. */
    static ObjectReference of(NativeExecution execution, long place) {
        StoreImpl store = execution.store;
        int number = NativeMemory.getInt(execution.heap.base() + place + ObjectLayout.TYPE);
        ObjectTypes.Type type = execution.types.ofNumber(number);
        return execution.collector.hold(type.isArray() ? new Array(store, type, place) : new Struct(store, type, place));
    }

    /** The object's offset: what guests have for it. */
    @Override
    public long place() {
        return place;
    }

    public Store store() {
        return store;
    }

    long address() {
        return store.execution().machine().heap.base() + place;
    }

    @Nullable Object read(FieldType field, long address) {
        return ObjectFields.read(store, field.storage(), address);
    }

    void write(FieldType field, long address, @Nullable Object value) {
        if (!field.mutable()) {
            throw new UnsupportedOperationException("the field is immutable");
        }
        ObjectFields.write(store, field.storage(), address, value);
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
        return (type.isArray() ? "array" : "struct") + " of type " + type.id();
    }

    private static final class Struct extends ObjectReference implements StructRef {
        Struct(StoreImpl store, ObjectTypes.Type type, long place) {
            super(store, type, place);
        }

        @Override
        public StructType type() {
            return (StructType) type.composite();
        }

        private FieldType field(int field) {
            return type().fields().get(Objects.checkIndex(field, type().fields().size()));
        }

        @Override
        public @Nullable Object get(int field) {
            FieldType type = field(field);
            return inside(() -> read(type, address() + this.type.layout().offset(field)));
        }

        @Override
        public void set(int field, @Nullable Object value) {
            FieldType type = field(field);
            inside(() -> {
                write(type, address() + this.type.layout().offset(field), value);
                return null;
            });
        }
    }

    private static final class Array extends ObjectReference implements ArrayRef {
        Array(StoreImpl store, ObjectTypes.Type type, long place) {
            super(store, type, place);
        }

        @Override
        public ArrayType type() {
            return (ArrayType) type.composite();
        }

        @Override
        public long length() {
            Long length = inside(this::lengthInside);
            return length == null ? 0 : length;
        }

        private long lengthInside() {
            return NativeMemory.getInt(address() + ObjectLayout.LENGTH) & 0xFFFF_FFFFL;
        }

        private long element(long index) {
            return address() + ObjectLayout.ELEMENTS + Objects.checkIndex(index, lengthInside()) * type.bytes();
        }

        @Override
        public @Nullable Object get(long index) {
            return inside(() -> read(type().element(), element(index)));
        }

        @Override
        public void set(long index, @Nullable Object value) {
            inside(() -> {
                write(type().element(), element(index), value);
                return null;
            });
        }
    }
}
