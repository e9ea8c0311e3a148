package org.sallyport.store;

import org.jspecify.annotations.Nullable;
import org.sallyport.StoreLimits;
import org.sallyport.spi.InstanceAllocator;
import org.sallyport.spi.MemoryImage;
import org.sallyport.spi.StoreMemory;
import org.sallyport.spi.VirtualMemory;

/** Allocates on demand and keeps a number of guest stacks, memory reservations and chunks for the next store. */
public final class PoolingAllocator implements InstanceAllocator {
    /** How many of each a pool keeps unless told otherwise. */
    public static final int DEFAULT_POOL = 64;

    private final VirtualMemory virtual;
    private final StackPool stacks;
    private final ChunkPool chunks;
    private final MemoryPool guarded;

    /** The parts that {@link java.util.ServiceLoader} needs. */
    public PoolingAllocator() {
        this(new LinuxMemory(), DEFAULT_POOL);
    }

    /** @param pool how many stacks, reservations and chunks stay ready; 0 for none */
    public PoolingAllocator(VirtualMemory virtual, int pool) {
        this.virtual = virtual;
        stacks = new StackPool(virtual, pool);
        chunks = new ChunkPool(virtual, pool);
        guarded = new MemoryPool(virtual, pool);
    }

    @Override
    public VirtualMemory virtualMemory() {
        return virtual;
    }

    @Override
    public StoreMemory open(StoreLimits limits, boolean explicitBoundsChecks) {
        return new NativeStore(virtual, stacks, chunks, guarded, limits, explicitBoundsChecks);
    }

    @Override
    public @Nullable MemoryImage newImage(long offset, byte[] content) {
        return FileImage.of(virtual, guarded, offset, content);
    }

    @Override
    public void trim() {
        stacks.trim();
        chunks.trim();
        guarded.trim();
    }
}
