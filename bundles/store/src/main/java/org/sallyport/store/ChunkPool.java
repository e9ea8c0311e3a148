package org.sallyport.store;

import java.util.ArrayList;
import java.util.List;

import org.sallyport.spi.NativeMemory;
import org.sallyport.spi.VirtualMemory;
import org.sallyport.store.LinuxMemory.Ranges;

/**
 * Chunks of zeroed native memory for {@link Arena}s. They stay accessible; what was used is zeroed again. Thread-safe.
 */
final class ChunkPool {
    static final int CHUNK = 64 << 10;

    private final VirtualMemory memory;
    private final Reserving reserving;
    private final int maxFree;
    private final List<Long> free = new ArrayList<>();

    // made now: when it is wanted, class loader or heap may be gone
    private final Trim.Release<Long> releaser = new Trim.Release<>() {
        @Override
        public void release(Long chunk) {
            ChunkPool.this.release(chunk);
        }
    };

    ChunkPool(Reserving reserving, int maxFree) {
        this.memory = reserving.memory();
        this.reserving = reserving;
        this.maxFree = maxFree;
    }

    long take() {
        synchronized (this) {
            if (!free.isEmpty()) {
                return free.removeLast();
            }
        }
        return reserving.map(CHUNK);
    }

    /** @param used bytes from its start that may not be zero */
    void giveBack(long chunk, long used) {
        boolean isKept = false;
        try {
            NativeMemory.fill(chunk, used, (byte) 0);
            isKept = keep(chunk);
        } finally {
            if (!isKept) {
                memory.release(chunk, CHUNK);
            }
        }
    }

    private synchronized boolean keep(long chunk) {
        return free.size() < maxFree && free.add(chunk);
    }

    private void release(long chunk) {
        memory.release(chunk, CHUNK);
    }

    void trim() {
        Trim.each(this, free, releaser);
    }

    synchronized void eachRange(Ranges ranges) {
        for (long chunk : free) {
            ranges.add("free chunk", chunk, CHUNK);
        }
    }
}
