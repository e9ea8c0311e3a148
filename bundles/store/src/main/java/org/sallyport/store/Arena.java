package org.sallyport.store;

import java.util.ArrayList;
import java.util.List;

import org.sallyport.LimitExceededException;
import org.sallyport.spi.VirtualMemory;
import org.sallyport.spi.VirtualMemory.Access;

/** Small native blocks that live as long as their store: chunks from a pool, blocks cut from them in order. */
final class Arena implements AutoCloseable {
    private static final int LARGE = 16 << 10;

    private record Region(long address, long size) {}

    private final VirtualMemory memory;
    private final ChunkPool chunks;
    private final List<Long> used = new ArrayList<>();
    private final List<Region> large = new ArrayList<>();
    private long next;
    private long end;

    Arena(VirtualMemory memory, ChunkPool chunks) {
        this.memory = memory;
        this.chunks = chunks;
    }

    /** A zeroed block, aligned to 16 bytes. */
    long allocate(long bytes) {
        long size = bytes + 15 & -16L;
        if (size > LARGE) {
            return map(memory.pages(size));
        }
        if (end - next < size) {
            next = chunks.take();
            end = next + ChunkPool.CHUNK;
            used.add(next);
        }
        long block = next;
        next += size;
        return block;
    }

    /** Whole pages of their own, which {@link #unmap} can give back early. */
    long map(long size) {
        long address = memory.reserve(size);
        large.add(new Region(address, size));
        if (!memory.protect(address, size, Access.READ_WRITE)) {
            throw new LimitExceededException("native bytes", size, 0, "the operating system: out of memory");
        }
        return address;
    }

    void unmap(long address, long size) {
        large.remove(new Region(address, size));
        memory.release(address, size);
    }

    @Override
    public void close() {
        for (long chunk : used) {
            chunks.giveBack(chunk, chunk == end - ChunkPool.CHUNK ? next - chunk : ChunkPool.CHUNK);
        }
        large.forEach(region -> memory.release(region.address, region.size));
        used.clear();
        large.clear();
        next = end = 0;
    }
}
