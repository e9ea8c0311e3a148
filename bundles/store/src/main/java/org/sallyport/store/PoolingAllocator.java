package org.sallyport.store;

import org.jspecify.annotations.Nullable;
import org.sallyport.StoreLimits;
import org.sallyport.spi.InstanceAllocator;
import org.sallyport.spi.MemoryBudget;
import org.sallyport.spi.MemoryImage;
import org.sallyport.spi.ResourceAccount;
import org.sallyport.spi.SharedLinearMemory;
import org.sallyport.spi.StoreMemory;
import org.sallyport.spi.VirtualMemory;
import org.sallyport.wasm.MemoryType;

/** Allocates on demand and keeps a number of guest stacks, memory reservations and chunks for the next store. */
public final class PoolingAllocator implements InstanceAllocator {
    /** How many of each a pool keeps unless told otherwise. */
    public static final int DEFAULT_POOL = 64;

    private final Reserving reserving;
    private final StackPool stacks;
    private final ChunkPool chunks;
    private final MemoryPool guarded;

    /** The parts that {@link java.util.ServiceLoader} needs. */
    public PoolingAllocator() {
        this(new LinuxMemory(), DEFAULT_POOL);
    }

    /** @param pool how many stacks, reservations and chunks stay ready; 0 for none */
    public PoolingAllocator(VirtualMemory virtual, int pool) {
        reserving = new Reserving(virtual, new Runnable() {
            @Override
            public void run() {
                trimFree();
            }
        });
        stacks = new StackPool(reserving, pool);
        chunks = new ChunkPool(reserving, pool);
        guarded = new MemoryPool(reserving, pool);
    }

    @Override
    public VirtualMemory virtualMemory() {
        return reserving.memory();
    }

    @Override
    public StoreMemory open(StoreLimits limits, boolean explicitBoundsChecks, ResourceAccount account) {
        return new NativeStore(reserving, stacks, chunks, guarded, account, limits, explicitBoundsChecks);
    }

    @Override
    public SharedLinearMemory newSharedMemory(
            MemoryType type, boolean explicitBoundsChecks, ResourceAccount account, MemoryBudget budget) {
        return SharedMemory.make(reserving, chunks, guarded, type, explicitBoundsChecks, account, budget);
    }

    @Override
    public @Nullable MemoryImage newImage(long offset, byte[] content, ResourceAccount account) {
        return FileImage.of(reserving.memory(), guarded, account, offset, content);
    }

    private void trimFree() {
        guarded.trimFree();
        stacks.trim();
        chunks.trim();
    }

    @Override
    public void trim() {
        try {
            trimFree();
        } finally {
            guarded.trim();
        }
    }

    /** All that is kept for nobody in particular, for tests. */
    void eachFreeRange(LinuxMemory.Ranges ranges) {
        guarded.eachRange(ranges);
        stacks.eachRange(ranges);
        chunks.eachRange(ranges);
    }
}
