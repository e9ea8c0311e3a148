package org.sallyport.store;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

import org.jspecify.annotations.Nullable;
import org.sallyport.LimitExceededException;
import org.sallyport.spi.MachineMemory;
import org.sallyport.spi.MemoryBudget;
import org.sallyport.spi.MemoryImage;
import org.sallyport.spi.NativeMemory;
import org.sallyport.spi.ResourceAccount;
import org.sallyport.spi.ResourceAccount.Kind;
import org.sallyport.spi.VirtualMemory;
import org.sallyport.spi.VirtualMemory.Access;
import org.sallyport.spi.VmLayout;
import org.sallyport.store.LinuxMemory.Ranges;
import org.sallyport.wasm.AddressType;
import org.sallyport.wasm.MemoryType;

/**
 * The linear memories of one store, under its byte limit.
 *
 * <p>A memory that compiled code accesses without a check takes {@link #GUARDED} bytes of address space: index (32
 * bits) plus folded offset (31 bits) plus access width cannot reach beyond, and whatever lies behind the current length
 * faults. Other memories take what they may grow to. Memory is committed by changing the protection as it grows;
 * nothing ever moves.
 */
final class MemoryManager implements AutoCloseable, Trim.Release<MemoryManager.Mem> {
    /**
     * Bytes below the base of a guarded memory that are never accessible, and bytes that it lacks to 4 GiB at its
     * largest: compiled code relies on both (docs/abi.md).
     */
    static final long GAP = 64 << 10;

    /** Address space of a guarded memory (docs/abi.md). */
    static final long GUARDED = GAP + (8L << 30) + (64 << 10);

    /** No memory grows beyond this, whatever its type and limits say: 256 GiB. */
    private static final long LARGEST = 1L << 38;

    /** Into how many mappings others are split at most: accessible, image, accessible, what they may become. */
    private static final int UNGUARDED_MAPPINGS = 4;

    private final VirtualMemory virtual;
    private final Reserving reserving;
    private final MemoryPool guarded;
    private final Arena arena;
    private final ResourceAccount account;
    private final MemoryBudget budget;
    private final int most;
    private final boolean explicitChecks;
    private final List<Mem> memories = new ArrayList<>();
    /** Of others, which guests of this store access, too. */
    private final List<SharedMemory> shared = new ArrayList<>();

    MemoryManager(
            Reserving reserving,
            MemoryPool guarded,
            Arena arena,
            ResourceAccount account,
            MemoryBudget budget,
            int most,
            boolean explicitChecks) {
        this.virtual = reserving.memory();
        this.reserving = reserving;
        this.guarded = guarded;
        this.arena = arena;
        this.account = account;
        this.budget = budget;
        this.most = most;
        this.explicitChecks = explicitChecks;
    }

    /** @param image that will be loaded, if that is known */
    MachineMemory make(MemoryType type, @Nullable FileImage image) {
        checkCount();
        long definition = arena.allocate(VmLayout.MEMORY_DEF_SIZE);
        Mem memory = isGuarded(type) ? takeGuarded(type, definition, image) : reserveFor(type, definition);
        boolean isMade = false;
        try {
            if (memory.grow(type.limits().min()) < 0) {
                throw new LimitExceededException(
                        "memory bytes", 1L << 32, (1L << 32) - GAP, "the largest 32-bit memory, 65535 pages");
            }
            memory.shrink();
            isMade = memories.add(memory);
            return memory;
        } finally {
            if (!isMade) {
                undo(memory);
            }
        }
    }

    private void checkCount() {
        int count = memories.size() + shared.size();
        if (count >= most) {
            throw new LimitExceededException("memories", count + 1L, most, "StoreLimits.memories");
        }
    }

    void adopt(SharedMemory memory) {
        checkCount();
        shared.add(memory);
    }

    private Mem takeGuarded(MemoryType type, long definition, @Nullable FileImage image) {
        account.chargeMemory(MemoryPool.MAPPINGS, GUARDED, 0);
        MemoryPool.Region region = null;
        try {
            region = guarded.take(image);
            return new Mem(type, definition, GUARDED - GAP, region);
        } catch (Throwable t) {
            account.giveBackMemory(MemoryPool.MAPPINGS, GUARDED, 0);
            if (region != null) {
                guarded.giveBack(region);
            }
            throw t;
        }
    }

    private boolean isGuarded(MemoryType type) {
        return !explicitChecks
                && type.address() == AddressType.I32
                && type.pageSizeLog2() == MemoryType.PAGE_SIZE_LOG2;
    }

    private Mem reserveFor(MemoryType type, long definition) {
        long largest = Math.min(Math.min(saturatedBytes(maxPages(type), type), budget.limit()), LARGEST);
        long size = virtual.pages(largest) + virtual.pageSize();
        account.chargeMemory(UNGUARDED_MAPPINGS, size, 0);
        long address = 0;
        try {
            address = reserving.reserve(size, UNGUARDED_MAPPINGS);
            return new Mem(type, definition, address, size);
        } catch (Throwable t) {
            account.giveBackMemory(UNGUARDED_MAPPINGS, size, 0);
            if (address != 0) {
                virtual.release(address, size);
            }
            throw t;
        }
    }

    MemoryBudget budget() {
        return budget;
    }

    boolean isInside(long address) {
        for (Mem memory : memories) {
            long front = memory.region != null ? GAP : 0;
            if (address >= memory.base - front && address < memory.base + memory.reserved) {
                return true;
            }
        }
        for (SharedMemory memory : shared) {
            if (memory.isInside(address)) {
                return true;
            }
        }
        return false;
    }

    /** Gives everything back. What was charged goes with the account. */
    @Override
    public void close() {
        shared.clear();
        for (Mem memory : memories) {
            memory.giveBytesBack();
        }
        Trim.each(this, memories, this);
    }

    /** A memory that nobody has seen. */
    private void undo(Mem memory) {
        try {
            memory.giveBytesBack();
            account.giveBackMemory(
                    memory.region != null ? MemoryPool.MAPPINGS : UNGUARDED_MAPPINGS,
                    memory.region != null ? GUARDED : memory.reserved,
                    virtual.pages(memory.length));
        } finally {
            release(memory);
        }
    }

    @Override
    public void release(Mem memory) {
        if (memory.region != null) {
            memory.region.committed = memory.committed;
            guarded.giveBack(memory.region);
        } else {
            virtual.release(memory.base, memory.reserved);
        }
    }

    void eachRange(Ranges ranges) {
        for (Mem memory : memories) {
            long front = memory.region != null ? GAP : 0;
            ranges.add("memory", memory.base - front, memory.reserved + front);
        }
    }

    /** The most pages that the type allows, unsigned. */
    static long maxPages(MemoryType type) {
        int addressBits = type.address() == AddressType.I32 ? 32 : 64;
        int log2 = type.pageSizeLog2();
        long most = log2 == 0 && addressBits == 64 ? -1L : 1L << addressBits - log2;
        return type.limits().hasMax() && Long.compareUnsigned(type.limits().max(), most) < 0
                ? type.limits().max()
                : most;
    }

    private static long saturatedBytes(long pages, MemoryType type) {
        int log2 = type.pageSizeLog2();
        return Long.compareUnsigned(pages, Long.MAX_VALUE >>> log2) > 0 ? Long.MAX_VALUE : pages << log2;
    }

    final class Mem implements MachineMemory {
        private final MemoryType type;
        private final long definition;
        private final long base;
        private final long reserved;
        /** Where a guarded memory lies; null for others. */
        private final MemoryPool.@Nullable Region region;
        /** The image with which the region came, as long as nobody has loaded it. */
        private @Nullable FileImage early;
        /** Whether an image has been mapped, or has been tried to. */
        private boolean hasImage;
        /** Has no bytes, and never will. */
        private boolean abandoned;
        private long committed;
        private long length;
        /** Bytes of the budget. */
        private long taken;

        Mem(MemoryType type, long definition, long reserved, MemoryPool.Region region) {
            this.type = type;
            this.definition = definition;
            this.base = region.base();
            this.reserved = reserved;
            this.region = region;
            committed = region.committed;
            early = region.image;
        }

        Mem(MemoryType type, long definition, long base, long reserved) {
            this.type = type;
            this.definition = definition;
            this.base = base;
            this.reserved = reserved;
            region = null;
        }

        /** Makes what the region has beyond the length inaccessible. */
        void shrink() {
            long wanted = virtual.pages(length);
            if (wanted < committed) {
                if (!virtual.decommit(base + wanted, committed - wanted)) {
                    throw new LimitExceededException(
                            "memory mappings", 1, 0, "the operating system: a memory cannot be made smaller");
                }
                committed = wanted;
                if (region != null && region.image != null) {
                    region.spoiled = region.image.offset() + region.image.size() > wanted;
                }
            }
        }

        @Override
        public MemoryType type() {
            return type;
        }

        @Override
        public long base() {
            return base;
        }

        @Override
        public long definition() {
            return definition;
        }

        @Override
        public long byteSize() {
            return length;
        }

        @Override
        public boolean load(MemoryImage image) {
            Objects.checkFromIndexSize(image.offset(), image.size(), length);
            FileImage file = (FileImage) image;
            if (file == early) {
                early = null;
                return true;
            }
            unload();
            if (hasImage || region != null && region.image != null) {
                return false; // another mapping, for which nobody has charged
            }
            hasImage = true;
            boolean isLoaded = false;
            try {
                isLoaded = file.mapAt(base);
                if (isLoaded && region != null) {
                    region.image = file;
                }
                return isLoaded;
            } catch (LimitExceededException e) {
                abandon();
                throw e;
            } finally {
                if (!isLoaded && region != null) {
                    region.spoiled = true;
                }
            }
        }

        @Override
        public void unload() {
            FileImage there = early;
            if (there == null || region == null) {
                return;
            }
            early = null;
            region.spoiled = true;
            long start = base + there.offset();
            if (!virtual.decommit(start, there.size())) {
                NativeMemory.fill(start, there.size(), (byte) 0);
            } else if (virtual.protect(start, there.size(), Access.READ_WRITE)) {
                region.image = null;
                region.spoiled = false;
            } else {
                abandon();
                throw new LimitExceededException(
                        "memory bytes", there.size(), 0, "the operating system: out of memory");
            }
        }

        /** Once, however often it is called. */
        private void giveBytesBack() {
            budget.giveBack(taken);
            taken = 0;
        }

        /** A part is not accessible, and cannot be made so: nobody may come here any more. */
        private void abandon() {
            if (region != null) {
                region.spoiled = true;
            }
            account.giveBack(Kind.COMMITTED, virtual.pages(length));
            giveBytesBack();
            length = 0;
            abandoned = true;
            NativeMemory.putLong(definition + VmLayout.MEMORY_DEF_LENGTH, 0);
        }

        @Override
        public long grow(long pages) {
            long old = pages();
            if (abandoned) {
                throw new LimitExceededException("memory bytes", pages, 0, "the operating system: out of memory");
            }
            if (Long.compareUnsigned(pages, maxPages(type) - old) > 0
                    || isGuarded(type) && old + pages > (1L << 32) - GAP >> MemoryType.PAGE_SIZE_LOG2) {
                return -1;
            }
            long more = saturatedBytes(pages, type);
            budget.take(more);
            boolean isDone = false;
            try {
                if (more > reserved - virtual.pageSize() - length) {
                    throw new LimitExceededException(
                            "memory bytes", length + more, reserved - virtual.pageSize(), "the reservation of one memory");
                }
                commit(virtual.pages(length + more));
                isDone = true;
            } finally {
                if (!isDone) {
                    budget.giveBack(more);
                }
            }
            length += more;
            taken += more;
            NativeMemory.putLongRelease(definition + VmLayout.MEMORY_DEF_LENGTH, length);
            return old;
        }

        /** Makes so many bytes accessible, and charges what the memory has not had. */
        private void commit(long wanted) {
            long more = wanted - virtual.pages(length);
            account.charge(Kind.COMMITTED, more);
            if (wanted <= committed) {
                return;
            }
            boolean isCommitted = false;
            try {
                isCommitted = virtual.protect(base + committed, wanted - committed, Access.READ_WRITE);
            } finally {
                if (!isCommitted) {
                    account.giveBack(Kind.COMMITTED, more);
                }
            }
            if (!isCommitted) {
                throw new LimitExceededException("memory bytes", wanted, length, "the operating system: out of memory");
            }
            committed = wanted;
        }
    }
}
