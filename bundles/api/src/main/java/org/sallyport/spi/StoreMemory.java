package org.sallyport.spi;

import org.jspecify.annotations.Nullable;
import org.sallyport.wasm.MemoryType;
import org.sallyport.wasm.TableType;

/**
 * All native memory of one store, under its limits. Everything made here lives until {@link #close}, which gives it
 * back at once. Used by one thread at a time.
 */
public interface StoreMemory extends AutoCloseable {
    /** Address of the store context, {@link StoreContext#SIZE} bytes, zero at first. */
    long context();

    /** Where the guest stack begins; it grows downwards from here. 16-byte aligned. */
    long stackTop();

    /** Lowest stack pointer that a prologue accepts; at least 64 KiB of stack lie below it. */
    long stackLimit();

    /** Lowest address of the guest stack that may be read. */
    long stackEnd();

    /**
     * A zeroed block, 16-byte aligned.
     *
     * @throws org.sallyport.LimitExceededException if the operating system has no memory
     */
    long allocate(long bytes);

    /**
     * A zeroed instance context.
     *
     * @throws org.sallyport.LimitExceededException if the store has as many instances as its limits allow
     */
    long newInstance(VmLayout layout);

    /**
     * @param image that will be {@linkplain MachineMemory#load loaded} before anything else is done with the memory, if
     *     that is known. It may be there already: who does not load it after all must {@linkplain MachineMemory#unload
     *     say so} before anybody sees the memory
     * @throws org.sallyport.LimitExceededException if the limits do not allow the initial size
     */
    MachineMemory newMemory(MemoryType type, @Nullable MemoryImage image);

    /**
     * A memory full of zeros.
     *
     * @throws org.sallyport.LimitExceededException if the limits do not allow the initial size
     */
    default MachineMemory newMemory(MemoryType type) {
        return newMemory(type, null);
    }

    /** What the bytes of memories that this store makes are taken from. */
    MemoryBudget budget();

    /**
     * Guests of this store will access the shared memory, too, which outlives it.
     *
     * @throws org.sallyport.LimitExceededException if the store has as many memories as its limits allow
     */
    void adopt(SharedLinearMemory memory);

    /**
     * @param initial value of all elements
     * @throws org.sallyport.LimitExceededException if the limits do not allow the initial size
     */
    MachineTable newTable(TableType type, long initial);

    /** Address of a zeroed, 16-byte aligned slot for a global. */
    long newGlobal();

    /** Bytes of all memories that the store has made, now. */
    long memoryBytes();

    /** Elements of all tables now. */
    long tableElements();

    /**
     * Whether an access to {@code address} by compiled code may fault without anything being wrong with the engine.
     */
    boolean isGuarded(long address);

    /**
     * Gives everything back. Nothing of this store may run any more. Idempotent.
     *
     * @throws VirtualMachineError if there is no heap or stack for some of it; a second call goes on with what is left
     */
    @Override
    void close();
}
