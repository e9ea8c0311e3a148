package org.sallyport;

import org.jspecify.annotations.Nullable;
import org.sallyport.wasm.HeapType;
import org.sallyport.wasm.StructType;

/**
 * A structure in a store's heap; {@link Store#newStruct} makes one. Equal to every other reference to the same one. Methods may
 * be called by whoever may enter the store.
 */
public interface StructRef extends AnyRef {
    Store store();

    /** Concrete types inside are numbers of the engine. */
    StructType type();

    /** The type it was made of, a number of the engine. */
    HeapType.Concrete heapType();

    /**
     * The value of a field, boxed as in {@link Linker}; of packed fields, sign-extended.
     *
     * @throws IndexOutOfBoundsException if there is no such field
     */
    @Nullable Object get(int field);

    /**
     * @throws IndexOutOfBoundsException if there is no such field
     * @throws IllegalArgumentException if the value is not of the field's type
     * @throws ReferenceException if it is of another store, or its scope is closed
     * @throws UnsupportedOperationException if the field is immutable
     */
    void set(int field, @Nullable Object value);

    /**
     * The value of an {@code i32} field, or of a packed one, sign-extended; the others likewise for their types.
     *
     * @throws IndexOutOfBoundsException if there is no such field
     * @throws IllegalArgumentException if the field is of another type
     */
    int getInt(int field);

    long getLong(int field);

    float getFloat(int field);

    double getDouble(int field);

    /** As {@link #set} with that type of values; of packed fields, the lowest bits. */
    void setInt(int field, int value);

    void setLong(int field, long value);

    void setFloat(int field, float value);

    void setDouble(int field, double value);
}
