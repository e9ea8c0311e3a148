package org.sallyport.engine;

import java.util.Objects;

import org.jspecify.annotations.Nullable;
import org.sallyport.StructRef;
import org.sallyport.engine.heap.ObjectTypes;
import org.sallyport.spi.NativeMemory;
import org.sallyport.wasm.FieldType;
import org.sallyport.wasm.NumType;
import org.sallyport.wasm.StructType;

/** A structure as Java sees it. */
final class StructReference extends ObjectReference implements StructRef {
    StructReference(StoreImpl store, ObjectTypes.Type type, long place, @Nullable ScopeImpl scope) {
        super(store, type, place, scope);
    }

    @Override
    ObjectReference in(@Nullable ScopeImpl other) {
        return new StructReference(store, type, place(), other);
    }

    @Override
    public StructType type() {
        return (StructType) type.composite();
    }

    private FieldType field(int field) {
        return type().fields().get(Objects.checkIndex(field, type().fields().size()));
    }

    private FieldType field(int field, NumType wanted) {
        FieldType found = field(field);
        requireNumber(found, wanted);
        return found;
    }

    private FieldType mutable(int field, NumType wanted) {
        FieldType found = field(field, wanted);
        requireMutable(found);
        return found;
    }

    /** To be asked inside the store. */
    private long at(int field) {
        return address() + type.layout().offset(field);
    }

    @Override
    public @Nullable Object get(int field) {
        FieldType found = field(field);
        return inside(() -> read(found, at(field)));
    }

    @Override
    public void set(int field, @Nullable Object value) {
        FieldType found = field(field);
        inside(() -> {
            write(found, at(field), value);
            return null;
        });
    }

    /** Sets a field of a structure that nobody else has yet. Called by the thread inside the store. */
    void initialize(int field, @Nullable Object value) {
        put(field(field), at(field), value);
    }

    @Override
    public int getInt(int field) {
        FieldType found = field(field, NumType.I32);
        return Objects.requireNonNull(inside(() -> readInt(found, at(field))));
    }

    @Override
    public long getLong(int field) {
        field(field, NumType.I64);
        return Objects.requireNonNull(inside(() -> NativeMemory.getLong(at(field))));
    }

    @Override
    public float getFloat(int field) {
        field(field, NumType.F32);
        return Objects.requireNonNull(inside(() -> NativeMemory.getFloat(at(field))));
    }

    @Override
    public double getDouble(int field) {
        field(field, NumType.F64);
        return Objects.requireNonNull(inside(() -> NativeMemory.getDouble(at(field))));
    }

    @Override
    public void setInt(int field, int value) {
        FieldType found = mutable(field, NumType.I32);
        inside(() -> {
            writeInt(found, at(field), value);
            return null;
        });
    }

    @Override
    public void setLong(int field, long value) {
        mutable(field, NumType.I64);
        inside(() -> {
            NativeMemory.putLong(at(field), value);
            return null;
        });
    }

    @Override
    public void setFloat(int field, float value) {
        mutable(field, NumType.F32);
        inside(() -> {
            NativeMemory.putFloat(at(field), value);
            return null;
        });
    }

    @Override
    public void setDouble(int field, double value) {
        mutable(field, NumType.F64);
        inside(() -> {
            NativeMemory.putDouble(at(field), value);
            return null;
        });
    }
}
