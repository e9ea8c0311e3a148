package org.sallyport.store;

import java.util.ArrayList;
import java.util.List;

import org.sallyport.spi.NativeMemory;
import org.sallyport.spi.VirtualMemory;
import org.sallyport.store.LinuxMemory.Ranges;

/**
 * Chunks of zeroed native memory for {@link Arena}s. They stay accessible; what was used is zeroed again. Thread-safe.
 */
final class ChunkPool implements Trim.Release<Long> {
    static final int CHUNK = 64 << 10;

    private final VirtualMemory memory;
    private final Reserving reserving;
    private final int maxFree;
    private final List<Long> free = new ArrayList<>();
    private final Trim.Release<Long> full = new Trim.Release<>() {
        @Override
        public void release(Long chunk) {
            giveBack(chunk, CHUNK);
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

    /** Gives back chunks of which every byte was used. */
    Trim.Release<Long> full() {
        return full;
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

    @Override
    public void release(Long chunk) {
        memory.release(chunk, CHUNK);
    }

    void trim() {
        Trim.each(this, free, this);
    }

    synchronized void eachRange(Ranges ranges) {
        for (long chunk : free) {
            ranges.add("free chunk", chunk, CHUNK);
        }
    }
}
