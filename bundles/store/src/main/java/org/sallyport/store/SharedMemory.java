package org.sallyport.store;

import org.jspecify.annotations.Nullable;
import org.sallyport.spi.MachineMemory;
import org.sallyport.spi.MemoryBudget;
import org.sallyport.spi.MemoryImage;
import org.sallyport.spi.ResourceAccount;
import org.sallyport.spi.SharedLinearMemory;
import org.sallyport.wasm.MemoryType;

/**
 * A memory that no store owns: it and its definition live for themselves. It grows under its monitor. Whoever reads the
 * length, here or in the definition, finds as many bytes accessible; it never becomes less.
 */
final class SharedMemory implements SharedLinearMemory {
    private final Arena arena;
    private final MemoryManager manager;
    private final MachineMemory memory;
    /** Of the definition's, which must not be read when the memory is closed. */
    private volatile long length;

    private SharedMemory(Arena arena, MemoryManager manager, MachineMemory memory) {
        this.arena = arena;
        this.manager = manager;
        this.memory = memory;
        length = memory.byteSize();
    }

    static SharedMemory make(
            Reserving reserving,
            ChunkPool chunks,
            MemoryPool guarded,
            MemoryType type,
            boolean explicitChecks,
            ResourceAccount account,
            MemoryBudget budget) {
        if (!type.shared() || !type.limits().hasMax()) {
            throw new IllegalArgumentException("a shared memory of type " + type);
        }
        account.chargeMemory(1, ChunkPool.CHUNK, ChunkPool.CHUNK);
        Arena arena = new Arena(reserving, chunks, account);
        MemoryManager manager = new MemoryManager(reserving, guarded, arena, account, budget, 1, explicitChecks);
        @Nullable SharedMemory made = null;
        try {
            made = new SharedMemory(arena, manager, manager.make(type, null));
            return made;
        } finally {
            if (made == null) {
                close(manager, arena);
            }
        }
    }

    @Override
    public MemoryType type() {
        return memory.type();
    }

    @Override
    public long base() {
        return memory.base();
    }

    @Override
    public long definition() {
        return memory.definition();
    }

    @Override
    public long byteSize() {
        return length;
    }

    @Override
    public synchronized long grow(long pages) {
        long old = memory.grow(pages);
        length = memory.byteSize();
        return old;
    }

    /** Never: others may look at it already. */
    @Override
    public boolean load(MemoryImage image) {
        return false;
    }

    @Override
    public void unload() {}

    boolean isInside(long address) {
        return manager.isInside(address);
    }

    @Override
    public synchronized void close() {
        close(manager, arena);
    }

    private static void close(MemoryManager manager, Arena arena) {
        try {
            manager.close();
        } finally {
            arena.close();
        }
    }
}
