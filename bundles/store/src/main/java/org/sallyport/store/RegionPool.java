package org.sallyport.store;

import java.util.ArrayDeque;

import org.sallyport.spi.VirtualMemory;

/** Reservations of one size, kept for the next user. What is taken is wholly uncommitted. Thread-safe. */
final class RegionPool {
    private final VirtualMemory memory;
    private final long size;
    private final int maxFree;
    private final ArrayDeque<Long> free = new ArrayDeque<>();

    RegionPool(VirtualMemory memory, long size, int maxFree) {
        this.memory = memory;
        this.size = size;
        this.maxFree = maxFree;
    }

    long size() {
        return size;
    }

    long take() {
        synchronized (this) {
            Long address = free.poll();
            if (address != null) {
                return address;
            }
        }
        return memory.reserve(size);
    }

    /** @param committed bytes at the start that may be committed */
    void giveBack(long address, long committed) {
        boolean keep;
        synchronized (this) {
            keep = free.size() < maxFree;
        }
        if (!keep) {
            memory.release(address, size);
            return;
        }
        memory.decommit(address, committed);
        synchronized (this) {
            free.push(address);
        }
    }

    synchronized void trim() {
        free.forEach(address -> memory.release(address, size));
        free.clear();
    }
}
