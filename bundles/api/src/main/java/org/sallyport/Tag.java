package org.sallyport;

import org.sallyport.wasm.FuncType;

/** An exception tag of a store. Compare with {@code equals}. */
public non-sealed interface Tag extends Extern {
    FuncType type();
}
