package org.sallyport;

import org.jspecify.annotations.Nullable;
import org.sallyport.wasm.ArrayType;

/**
 * An array in a store's heap. Equal to every other reference to the same one. It stays while Java holds it, or a guest. Methods
 * may be called by whoever may enter the store.
 */
public interface ArrayRef extends AnyRef {
    Store store();

    /** Concrete types inside are numbers of the engine. */
    ArrayType type();

    /** Number of elements. */
    long length();

    /**
     * An element, boxed as in {@link Linker}; of packed ones, sign-extended.
     *
     * @throws IndexOutOfBoundsException if there is no such element
     */
    @Nullable Object get(long index);

    /**
     * @throws IndexOutOfBoundsException if there is no such element
     * @throws IllegalArgumentException if the value is not of the element's type, or of another store
     * @throws UnsupportedOperationException if elements are immutable
     */
    void set(long index, @Nullable Object value);
}
