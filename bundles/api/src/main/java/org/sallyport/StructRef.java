package org.sallyport;

import org.jspecify.annotations.Nullable;
import org.sallyport.wasm.StructType;

/**
 * A structure in a store's heap. Equal to every other reference to the same one. It stays while Java holds it, or a guest.
 * Methods may be called by whoever may enter the store.
 */
public interface StructRef extends AnyRef {
    Store store();

    /** Concrete types inside are numbers of the engine. */
    StructType type();

    /**
     * The value of a field, boxed as in {@link Linker}; of packed fields, sign-extended.
     *
     * @throws IndexOutOfBoundsException if there is no such field
     */
    @Nullable Object get(int field);

    /**
     * @throws IndexOutOfBoundsException if there is no such field
     * @throws IllegalArgumentException if the value is not of the field's type, or of another store
     * @throws UnsupportedOperationException if the field is immutable
     */
    void set(int field, @Nullable Object value);
}
