package org.sallyport;

import java.lang.invoke.MethodHandle;
import org.sallyport.wasm.FuncType;

/** A function of a store, wasm's or the host's. */
public non-sealed interface Func extends Extern {
    FuncType type();

    /** From the name section, the export's name, or {@code func[i]}. */
    String name();

    /**
     * A handle of exactly the function's type: {@code (i32 i64) -> f32} is {@code (int,long)float}; several results
     * are an
     * {@code Object[]}; references are {@code Object} ({@code funcref}: {@link Func}). Calls do not allocate.
     */
    MethodHandle handle();

    /** Calls with boxed values, checked against the type. No result: an empty array. */
    Object[] call(Object... args);
}
