package org.sallyport.store;

import java.util.ArrayList;
import java.util.List;

import org.sallyport.spi.ResourceAccount;
import org.sallyport.spi.VirtualMemory;
import org.sallyport.store.LinuxMemory.Ranges;

/**
 * Small native blocks that live as long as their store: chunks from a pool, blocks cut from them in order. Charged to
 * the store's account.
 */
final class Arena implements AutoCloseable, Trim.Release<Arena.Region> {
    private static final int LARGE = 16 << 10;

    static final class Region {
        final long address;
        final long size;

        Region(long address, long size) {
            this.address = address;
            this.size = size;
        }
    }

    private final VirtualMemory memory;
    private final Reserving reserving;
    private final ChunkPool chunks;
    private final ResourceAccount account;
    private final List<Long> used = new ArrayList<>();
    private final List<Region> large = new ArrayList<>();
    private long next;
    private long end;

    private final Trim.Release<Long> chunkGiver = new Trim.Release<>() {
        @Override
        public void release(Long chunk) {
            boolean isLast = chunk == end - ChunkPool.CHUNK; // it is not full
            chunks.giveBack(chunk, isLast ? next - chunk : ChunkPool.CHUNK);
        }
    };

    /** @param account where whoever makes the arena has charged the first chunk */
    Arena(Reserving reserving, ChunkPool chunks, ResourceAccount account) {
        this.memory = reserving.memory();
        this.reserving = reserving;
        this.chunks = chunks;
        this.account = account;
    }

    /** A zeroed block, aligned to 16 bytes. */
    long allocate(long bytes) {
        long size = bytes + 15 & -16L;
        if (size > LARGE) {
            return map(memory.pages(size));
        }
        if (end - next < size) {
            begin();
        }
        long block = next;
        next += size;
        return block;
    }

    private void begin() {
        if (!used.isEmpty()) {
            account.chargeMemory(1, ChunkPool.CHUNK, ChunkPool.CHUNK);
        }
        long chunk = 0;
        boolean isUsed = false;
        try {
            chunk = chunks.take();
            isUsed = used.add(chunk);
        } finally {
            if (!isUsed) {
                if (!used.isEmpty()) {
                    account.giveBackMemory(1, ChunkPool.CHUNK, ChunkPool.CHUNK);
                }
                if (chunk != 0) {
                    chunks.giveBack(chunk, 0);
                }
            }
        }
        next = chunk;
        end = chunk + ChunkPool.CHUNK;
    }

    /** Whole pages of their own, which {@link #unmap} can give back early. */
    long map(long size) {
        account.chargeMemory(1, size, size);
        long address = 0;
        boolean isUsed = false;
        try {
            address = reserving.map(size);
            isUsed = large.add(new Region(address, size));
        } finally {
            if (!isUsed) {
                account.giveBackMemory(1, size, size);
                if (address != 0) {
                    memory.release(address, size);
                }
            }
        }
        return address;
    }

    void unmap(long address, long size) {
        int index = indexOf(address, size);
        memory.release(address, size);
        large.remove(index);
        account.giveBackMemory(1, size, size);
    }

    private int indexOf(long address, long size) {
        for (int i = 0; i < large.size(); i++) {
            if (large.get(i).address == address && large.get(i).size == size) {
                return i;
            }
        }
        throw new AssertionError("BUG: no region at 0x" + Long.toHexString(address) + " of " + size + " bytes");
    }

    /**
     * Gives everything back. What was charged goes with the account.
     *
     * @throws VirtualMachineError if there is no heap or stack for some of it; then it can be called again
     */
    @Override
    public void close() {
        try {
            Trim.each(this, used, chunkGiver);
        } finally {
            Trim.each(this, large, this);
        }
    }

    @Override
    public void release(Region region) {
        memory.release(region.address, region.size);
    }

    void eachRange(Ranges ranges) {
        for (long chunk : used) {
            ranges.add("chunk", chunk, ChunkPool.CHUNK);
        }
        for (Region region : large) {
            ranges.add("large block", region.address, region.size);
        }
    }
}
