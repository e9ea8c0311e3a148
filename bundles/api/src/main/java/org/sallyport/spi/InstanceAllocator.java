package org.sallyport.spi;

import org.jspecify.annotations.Nullable;
import org.sallyport.StoreLimits;
import org.sallyport.wasm.MemoryType;

/**
 * Gives stores their native memory: contexts, guest stacks, linear memories, tables and globals. Pools what is dear to
 * make; what comes from a pool is as fresh as new. Thread-safe.
 */
public interface InstanceAllocator {
    VirtualMemory virtualMemory();

    /**
     * The native memory of a new store.
     *
     * @param explicitBoundsChecks whether code checks its accesses itself; then memories reserve no guard
     * @param account of the store: all that it takes is charged there. Whoever opened it closes it after the store
     * @throws org.sallyport.LimitExceededException if the operating system or the account refuses
     */
    StoreMemory open(StoreLimits limits, boolean explicitBoundsChecks, ResourceAccount account);

    /**
     * A linear memory that no store owns.
     *
     * @param type shared, so that it has a maximum
     * @param explicitBoundsChecks as for {@link #open}
     * @param account all that it takes is charged there. Whoever made the memory closes it after the memory
     * @param budget its bytes are taken from there as it is made and grows, and given back when it is closed
     * @throws org.sallyport.LimitExceededException if the operating system, the account or the budget refuses
     */
    SharedLinearMemory newSharedMemory(
            MemoryType type, boolean explicitBoundsChecks, ResourceAccount account, MemoryBudget budget);

    /**
     * Initial contents for memories of this allocator.
     *
     * @param offset in the memory, whole pages
     * @param content padded with zeros to whole pages
     * @param account of the engine or module: charged until the image is closed
     * @return null if the operating system or the account refuses; then contents must be copied
     */
    @Nullable MemoryImage newImage(long offset, byte[] content, ResourceAccount account);

    /** Gives everything pooled back to the operating system. */
    void trim();
}
