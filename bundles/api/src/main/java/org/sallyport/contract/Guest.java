package org.sallyport.contract;

import java.lang.invoke.MethodHandle;
import org.jspecify.annotations.Nullable;
import org.sallyport.Memory;

/** An instance as values cross into it and out of it. Used by one thread at a time, the one inside of its store. */
public interface Guest {
    /** The export {@code memory}, else the only exported memory. @throws org.sallyport.NoSuchExportException if there is none */
    Memory memory();

    /**
     * The guest's allocator, {@code (int)int}: {@link Abi#ALLOC}.
     *
     * @throws org.sallyport.SallyportException if it exports none of that type
     */
    MethodHandle alloc();

    /** {@link Abi#FREE}, {@code (int,int)void}, or null when the guest does not want its buffers back. */
    @Nullable MethodHandle free();

    Transfers transfers();
}
