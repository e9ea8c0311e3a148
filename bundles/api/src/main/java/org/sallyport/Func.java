package org.sallyport;

import java.lang.invoke.MethodHandle;
import org.jspecify.annotations.Nullable;
import org.sallyport.wasm.FuncType;

/** A function of a store, wasm's or the host's. */
public non-sealed interface Func extends Extern {
    FuncType type();

    /**
     * From the name section, the export's name, or {@code func[i]}; made {@linkplain org.sallyport.wasm.Printable
     * printable}.
     */
    String name();

    /**
     * A handle of exactly the function's type: {@code (i32 i64) -> f32} is {@code (int,long)float}; several results are
     * an {@code Object[]}; references are {@code Object} ({@code funcref}: {@link Func}). Calls over numbers with at most
     * one result do not allocate, unless they reach a host function that takes boxed values.
     *
     * <p>Java allows a handle so many parameters, {@code long} and {@code double} counted twice: a function with more than
     * 253 has a handle that takes them as those of {@link #call}, in one {@code Object[]}.
     */
    MethodHandle handle();

    /**
     * Calls with boxed values, checked against the type. No result: an empty array. Quick the first time, unlike {@link
     * #handle}, which makes a class for each list of types; slower ever after.
     *
     * @throws IllegalArgumentException if number or types of the arguments are wrong
     * @throws GuestException if the guest did not return
     * @throws ConcurrentEntryException if another thread is inside the store
     * @throws StoreClosedException if the store is closed or poisoned
     */
    @Nullable Object[] call(@Nullable Object... args);
}
