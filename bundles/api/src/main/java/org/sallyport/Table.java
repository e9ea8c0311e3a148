package org.sallyport;

import org.jspecify.annotations.Nullable;
import org.sallyport.wasm.TableType;

/** A table of references: {@link Func}, or any object for {@code externref}. */
public non-sealed interface Table extends Extern {
    TableType type();

    long size();

    /** @throws IndexOutOfBoundsException beyond the size */
    @Nullable Object get(long index);

    /**
     * @throws IndexOutOfBoundsException beyond the size
     * @throws IllegalArgumentException if the value is not of the element type or is of another store
     */
    void set(long index, @Nullable Object value);

    /** The old size, or -1 if the type's maximum does not allow it. */
    long grow(long elements, @Nullable Object initial);
}
