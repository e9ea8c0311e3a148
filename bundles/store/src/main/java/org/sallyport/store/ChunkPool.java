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

    /**
     * See {@link Trim.Release#release}.
     *
     * @param used bytes from its start that may not be zero
     */
    void giveBack(long chunk, long used) {
        if (!clean(chunk, used)) {
            memory.release(chunk, CHUNK);
        }
    }

    /** @return whether the pool has it now */
    private boolean clean(long chunk, long used) {
        try {
            NativeMemory.fill(chunk, used, (byte) 0);
            return keep(chunk);
        } catch (VirtualMachineError e) {
            return false; // then the system gets it
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
