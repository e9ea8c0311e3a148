package org.sallyport.spi;

import org.jspecify.annotations.Nullable;
import org.sallyport.StoreLimits;

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
