package org.sallyport;

import org.jspecify.annotations.Nullable;
import org.sallyport.wasm.GlobalType;

/** A global variable. Values are boxed as in {@link Linker}. */
public non-sealed interface Global extends Extern {
    GlobalType type();

    @Nullable Object get();

    /**
     * @throws IllegalArgumentException if the value is of another type
     * @throws UnsupportedOperationException if the global is immutable
     */
    void set(@Nullable Object value);
}
