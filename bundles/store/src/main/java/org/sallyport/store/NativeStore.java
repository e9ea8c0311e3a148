package org.sallyport.store;

import org.jspecify.annotations.Nullable;
import org.sallyport.LimitExceededException;
import org.sallyport.StoreLimits;
import org.sallyport.spi.MachineMemory;
import org.sallyport.spi.MemoryBudget;
import org.sallyport.spi.MemoryImage;
import org.sallyport.spi.NativeMemory;
import org.sallyport.spi.MachineTable;
import org.sallyport.spi.ResourceAccount;
import org.sallyport.spi.SharedLinearMemory;
import org.sallyport.spi.StoreContext;
import org.sallyport.spi.StoreMemory;
import org.sallyport.spi.VmLayout;
import org.sallyport.store.LinuxMemory.Ranges;
import org.sallyport.wasm.MemoryType;
import org.sallyport.wasm.TableType;

/** The native memory of one store: a stack, an arena and the managers over it. */
final class NativeStore implements StoreMemory {
    private final StackPool stacks;
    private final StackPool.Stack stack;
    private boolean hasStack = true;
    private final Arena arena;
    private final MemoryManager memories;
    private final TableManager tables;
    private final GlobalManager globals;
    private final int instanceLimit;
    private final long context;
    private int instances;
    private boolean closed;

    NativeStore(
            Reserving reserving,
            StackPool stacks,
            ChunkPool chunks,
            MemoryPool guarded,
            ResourceAccount account,
            StoreLimits limits,
            boolean explicitChecks) {
        this.stacks = stacks;
        instanceLimit = limits.instances();
        arena = new Arena(reserving, chunks, account);
        MemoryBudget budget = new MemoryBudget(limits.memoryBytes(), "StoreLimits.memoryBytes");
        memories = new MemoryManager(reserving, guarded, arena, account, budget, limits.memories(), explicitChecks);
        tables = new TableManager(reserving.memory(), arena, limits);
        globals = new GlobalManager(arena);
        int bytes = limits.stackBytes();
        account.chargeMemory( // at once what every store takes: a stack and a chunk
                StackPool.MAPPINGS + 1,
                stacks.reserved(bytes) + ChunkPool.CHUNK,
                stacks.committed(bytes) + ChunkPool.CHUNK);
        stack = stacks.take(bytes);
        try {
            context = arena.allocate(StoreContext.SIZE);
        } catch (Throwable t) {
            arena.close();
            stacks.giveBack(stack);
            throw t;
        }
    }

    @Override
    public long context() {
        return context;
    }

    @Override
    public long stackTop() {
        return stack.top();
    }

    @Override
    public long stackLimit() {
        return stack.limit();
    }

    @Override
    public long stackEnd() {
        return stack.end();
    }

    @Override
    public long allocate(long bytes) {
        return arena.allocate(bytes);
    }

    @Override
    public long newInstance(VmLayout layout) {
        if (instances >= instanceLimit) {
            throw new LimitExceededException("instances", instances + 1L, instanceLimit, "StoreLimits.instances");
        }
        long vmctx = arena.allocate(layout.size());
        NativeMemory.putLong(vmctx + VmLayout.STORE, context);
        NativeMemory.putLong(vmctx + VmLayout.STACK_LIMIT, stack.limit());
        instances++;
        return vmctx;
    }

    @Override
    public MachineMemory newMemory(MemoryType type, @Nullable MemoryImage image) {
        return memories.make(type, (FileImage) image);
    }

    @Override
    public MemoryBudget budget() {
        return memories.budget();
    }

    @Override
    public void adopt(SharedLinearMemory memory) {
        memories.adopt((SharedMemory) memory);
    }

    @Override
    public MachineTable newTable(TableType type, long initial) {
        return tables.make(type, initial);
    }

    @Override
    public long newGlobal() {
        return globals.make();
    }

    @Override
    public long memoryBytes() {
        return memories.budget().used();
    }

    @Override
    public long tableElements() {
        return tables.total();
    }

    @Override
    public boolean isGuarded(long address) {
        return memories.isInside(address);
    }

    /** What fails does not keep the rest. */
    @Override
    public void close() {
        closed = true;
        try {
            memories.close();
        } finally {
            try {
                arena.close();
            } finally {
                giveStackBack();
            }
        }
    }

    private void giveStackBack() {
        if (!hasStack) {
            return;
        }
        hasStack = false;
        try {
            stacks.giveBack(stack);
        } catch (VirtualMachineError e) {
            hasStack = true; // it is still there
            throw e;
        }
    }

    /** All that is reserved for this store, for tests. */
    void eachRange(Ranges ranges) {
        if (!closed) {
            memories.eachRange(ranges);
            arena.eachRange(ranges);
            ranges.add("stack", stack.reservation(), stack.reserved());
        }
    }
}
