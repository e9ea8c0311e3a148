package org.sallyport.store;

import java.util.ArrayDeque;

import org.sallyport.LimitExceededException;
import org.sallyport.spi.NativeMemory;
import org.sallyport.spi.VirtualMemory;
import org.sallyport.spi.VirtualMemory.Access;

/**
 * Chunks of zeroed native memory for {@link Arena}s. They stay accessible; what was used is zeroed again. Thread-safe.
 */
final class ChunkPool {
    static final int CHUNK = 64 << 10;

    private final VirtualMemory memory;
    private final int maxFree;
    private final ArrayDeque<Long> free = new ArrayDeque<>();

    ChunkPool(VirtualMemory memory, int maxFree) {
        this.memory = memory;
        this.maxFree = maxFree;
    }

    long take() {
        synchronized (this) {
            Long chunk = free.poll();
            if (chunk != null) {
                return chunk;
            }
        }
        long chunk = memory.reserve(CHUNK);
        if (!memory.protect(chunk, CHUNK, Access.READ_WRITE)) {
            memory.release(chunk, CHUNK);
            throw new LimitExceededException("native bytes", CHUNK, 0, "the operating system: out of memory");
        }
        return chunk;
    }

    /** @param used bytes from its start that may not be zero */
    void giveBack(long chunk, long used) {
        NativeMemory.fill(chunk, used, (byte) 0);
        synchronized (this) {
            if (free.size() < maxFree) {
                free.push(chunk);
                return;
            }
        }
        memory.release(chunk, CHUNK);
    }

    synchronized void trim() {
        free.forEach(chunk -> memory.release(chunk, CHUNK));
        free.clear();
    }
}
