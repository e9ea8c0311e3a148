package org.sallyport.store;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

import org.jspecify.annotations.Nullable;
import org.sallyport.LimitExceededException;
import org.sallyport.StoreLimits;
import org.sallyport.spi.LinearMemory;
import org.sallyport.spi.MemoryImage;
import org.sallyport.spi.NativeMemory;
import org.sallyport.spi.VirtualMemory;
import org.sallyport.spi.VirtualMemory.Access;
import org.sallyport.spi.VmLayout;
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
final class MemoryManager implements AutoCloseable {
    /**
     * Bytes below the base of a guarded memory that are never accessible, and bytes that it lacks to 4 GiB at its
     * largest: compiled code relies on both (docs/abi.md).
     */
    static final long GAP = 64 << 10;

    /** Address space of a guarded memory (docs/abi.md). */
    static final long GUARDED = GAP + (8L << 30) + (64 << 10);

    /** No memory grows beyond this, whatever its type and limits say: 256 GiB. */
    private static final long LARGEST = 1L << 38;

    private final VirtualMemory virtual;
    private final MemoryPool guarded;
    private final Arena arena;
    private final long limit;
    private final boolean explicitChecks;
    private final List<Mem> memories = new ArrayList<>();
    private long total;

    MemoryManager(VirtualMemory virtual, MemoryPool guarded, Arena arena, StoreLimits limits, boolean explicitChecks) {
        this.virtual = virtual;
        this.guarded = guarded;
        this.arena = arena;
        this.limit = limits.memoryBytes();
        this.explicitChecks = explicitChecks;
    }

    /** @param image that will be loaded, if that is known */
    LinearMemory make(MemoryType type, @Nullable FileImage image) {
        long definition = arena.allocate(VmLayout.MEMORY_DEF_SIZE);
        Mem memory = isGuarded(type)
                ? new Mem(type, definition, GUARDED - GAP, guarded.take(image))
                : reserveFor(type, definition);
        try {
            if (memory.grow(type.limits().min()) < 0) {
                throw new LimitExceededException(
                        "memory bytes", 1L << 32, (1L << 32) - GAP, "the largest 32-bit memory, 65535 pages");
            }
            memory.shrink();
        } catch (Throwable t) {
            giveBack(memory);
            throw t;
        }
        memories.add(memory);
        return memory;
    }

    private boolean isGuarded(MemoryType type) {
        return !explicitChecks
                && type.address() == AddressType.I32
                && type.pageSizeLog2() == MemoryType.PAGE_SIZE_LOG2;
    }

    private Mem reserveFor(MemoryType type, long definition) {
        long most = Math.min(Math.min(saturatedBytes(maxPages(type), type), limit), LARGEST);
        long size = virtual.pages(most) + virtual.pageSize();
        return new Mem(type, definition, virtual.reserve(size), size);
    }

    long total() {
        return total;
    }

    boolean isInside(long address) {
        for (Mem memory : memories) {
            long front = memory.region != null ? GAP : 0;
            if (address >= memory.base - front && address < memory.base + memory.reserved) {
                return true;
            }
        }
        return false;
    }

    @Override
    public void close() {
        memories.forEach(this::giveBack);
        memories.clear();
        total = 0;
    }

    private void giveBack(Mem memory) {
        if (memory.region != null) {
            memory.region.committed = memory.committed;
            guarded.giveBack(memory.region);
        } else {
            virtual.release(memory.base, memory.reserved);
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

    private final class Mem implements LinearMemory {
        private final MemoryType type;
        private final long definition;
        private final long base;
        private final long reserved;
        /** Where a guarded memory lies; null for others. */
        private final MemoryPool.@Nullable Region region;
        /** The image with which the region came, as long as nobody has loaded it. */
        private @Nullable FileImage early;
        private long committed;
        private long length;

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
                virtual.decommit(base + wanted, committed - wanted);
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
            boolean loaded = file.mapAt(base);
            if (loaded && region != null) {
                region.spoiled |= region.image != null && region.image != file;
                region.image = file;
            }
            return loaded;
        }

        @Override
        public void unload() {
            if (early != null && region != null) {
                long start = base + early.offset();
                virtual.decommit(start, early.size());
                // it was accessible a moment ago; if it cannot be again, nobody comes here but to be told so
                region.spoiled |= !virtual.protect(start, early.size(), Access.READ_WRITE);
                region.image = null;
                early = null;
            }
        }

        @Override
        public long grow(long pages) {
            long old = pages();
            if (Long.compareUnsigned(pages, maxPages(type) - old) > 0
                    || isGuarded(type) && old + pages > (1L << 32) - GAP >> MemoryType.PAGE_SIZE_LOG2) {
                return -1;
            }
            long more = saturatedBytes(pages, type);
            if (more > limit - total) {
                throw new LimitExceededException(
                        "memory bytes", Math.max(total + more, more), limit, "StoreLimits.memoryBytes");
            }
            if (more > reserved - virtual.pageSize() - length) {
                throw new LimitExceededException(
                        "memory bytes", length + more, reserved - virtual.pageSize(), "the reservation of one memory");
            }
            long wanted = virtual.pages(length + more);
            if (wanted > committed) {
                if (!virtual.protect(base + committed, wanted - committed, Access.READ_WRITE)) {
                    throw new LimitExceededException(
                            "memory bytes", length + more, length, "the operating system: out of memory");
                }
                committed = wanted;
            }
            length += more;
            total += more;
            NativeMemory.putLong(definition + VmLayout.MEMORY_DEF_LENGTH, length);
            return old;
        }
    }
}
