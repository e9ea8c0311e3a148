package org.sallyport;

import org.sallyport.wasm.MemoryType;

/**
 * A memory of a shared type (threads proposal), which no store owns: guests in several stores, each on a thread of its own,
 * access it at a time. Made by {@link Engine#newSharedMemory}, or by a store for a module that defines one; a {@link Linker}
 * gives it to modules. Thread-safe.
 *
 * <p>It lives as long as a store has it, and until {@link #close} if an engine made it. Its bytes count for the engine
 * ({@link EngineLimits#committed}), and for the limit of who made it, whoever lets it grow: {@link StoreLimits#memoryBytes} of
 * the store, or {@link EngineLimits#sharedMemory}.
 */
public interface SharedMemory extends AutoCloseable {
    /** As {@link Memory#type}: its minimum is the current size. */
    MemoryType type();

    /**
     * The memory as something of a store, which has it from then on.
     *
     * @throws IllegalArgumentException if the store belongs to another engine
     * @throws StoreClosedException if the memory is no more
     * @throws LimitExceededException if the store has as many memories as its limits allow
     */
    Memory in(Store store);

    /**
     * Lets go of it: it is freed with the last store that has it, at once if none has. Does nothing if a store made it.
     * Idempotent.
     */
    @Override
    void close();
}
