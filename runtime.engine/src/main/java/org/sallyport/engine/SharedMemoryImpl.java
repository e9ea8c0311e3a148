package org.sallyport.engine;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

import org.sallyport.EntityType;
import org.sallyport.Memory;
import org.sallyport.SharedMemory;
import org.sallyport.Store;
import org.sallyport.StoreClosedException;
import org.sallyport.spi.LinearMemory;
import org.sallyport.spi.MemoryBudget;
import org.sallyport.spi.NativeMemory;
import org.sallyport.spi.ResourceAccount;
import org.sallyport.spi.SharedLinearMemory;
import org.sallyport.wasm.Limits;
import org.sallyport.wasm.MemoryType;

/**
 * A shared memory and who has it: each store that uses it, each thread of the host that just accesses it, and at first whoever
 * made it. The last one who lets go of it gives it back; from then on nobody gets it.
 */
public final class SharedMemoryImpl implements SharedMemory {
    private final EngineImpl engine;
    private final Holding holding;
    private final ResourceAccount account;
    private final LinearMemory memory;
    private final WaitQueue waiters;
    private final AtomicInteger holders = new AtomicInteger(1);
    private final AtomicBoolean isLetGo = new AtomicBoolean();
    private boolean isFree;

    /** What gives the memory back. */
    public interface Holding {
        /** Nobody accesses the memory any more. Can be called again after an error. */
        void close();
    }

    /** Machine code's. */
    private record Native(EngineHoldings holdings, SharedLinearMemory memory) implements Holding, WaitQueue.Cells {
        @Override
        public void close() {
            holdings.close(memory);
        }

        @Override
        public int getInt(long address) {
            return NativeMemory.getIntVolatile(memory.base() + address);
        }

        @Override
        public long getLong(long address) {
            return NativeMemory.getLongVolatile(memory.base() + address);
        }
    }

    /**
     * Who calls this is the first who has it.
     *
     * @param account its own
     */
    public SharedMemoryImpl(
            EngineImpl engine, ResourceAccount account, LinearMemory memory, Holding holding, WaitQueue.Cells cells) {
        this.engine = engine;
        this.holding = holding;
        this.account = account;
        this.memory = memory;
        waiters = new WaitQueue(cells);
        engine.add(this);
    }

    /** Who calls this is the first who has it. */
    static SharedMemoryImpl make(NativeMachinery machinery, MemoryType type, MemoryBudget budget) {
        EngineHoldings holdings = machinery.holdings();
        ResourceAccount account = machinery.account().newOwner();
        SharedLinearMemory memory = null;
        SharedMemoryImpl made = null;
        try {
            boolean explicitChecks = machinery.engine().config().compile().explicitBoundsChecks();
            memory = holdings.open(type, explicitChecks, account, budget);
            Native cells = new Native(holdings, memory);
            made = new SharedMemoryImpl(machinery.engine(), account, memory, cells, cells);
            return made;
        } finally {
            if (made == null) {
                if (memory != null) {
                    holdings.close(memory);
                }
                account.close();
            }
        }
    }

    EngineImpl engine() {
        return engine;
    }

    public LinearMemory linear() {
        return memory;
    }

    public WaitQueue waiters() {
        return waiters;
    }

    EntityType entityType() {
        return new EntityType.Memory(type());
    }

    @Override
    public MemoryType type() {
        return typeNow(memory.type(), memory.pages());
    }

    /** The declared type; its minimum is the current size (4.2.9). */
    static MemoryType typeNow(MemoryType type, long pages) {
        Limits limits = new Limits(pages, type.limits().hasMax(), type.limits().max());
        return new MemoryType(type.address(), limits, type.shared(), type.pageSizeLog2());
    }

    @Override
    public Memory in(Store store) {
        if (!(store instanceof StoreImpl target) || target.engine != engine) {
            throw new IllegalArgumentException("a shared memory of another engine");
        }
        return target.execution().stay(new Supplier<>() {
            @Override
            public Memory get() {
                return target.execution().use(SharedMemoryImpl.this);
            }
        });
    }

    /** @throws StoreClosedException if nobody has it any more */
    public void take() {
        int before = holders.get();
        while (true) {
            if (before == 0) {
                throw new StoreClosedException("the shared memory is closed, and so are the stores that used it");
            }
            if (holders.compareAndSet(before, before + 1)) {
                return;
            }
            before = holders.get();
        }
    }

    public void letGo() {
        if (holders.decrementAndGet() == 0) {
            free();
        }
    }

    private synchronized void free() {
        if (!isFree) {
            holding.close();
            isFree = true;
            account.close();
            engine.closed(this);
        }
    }

    /** Tries once more if whoever came last had no heap or stack to give it back: the engine does so when it is closed. */
    @Override
    public void close() {
        if (!isLetGo.getAndSet(true)) {
            letGo();
        } else if (holders.get() == 0) {
            free();
        }
    }

    @Override
    public String toString() {
        return entityType().toString();
    }
}
