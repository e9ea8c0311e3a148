package org.sallyport.engine.heap;

import org.sallyport.spi.NativeMemory;
import org.sallyport.spi.ObjectLayout;

/**
 * Makes free runs of what lies between objects that live: among the young at once, in the whole heap as far as runs are asked
 * for. Behind where it is, objects are as old as the last collection of all.
 */
final class Sweeper {
    /** Bytes of the heap that are looked at at once. */
    private static final long PART = 1 << 20;
    private static final int BETWEEN_CHECKS = 1 << 16;

    private final HeapOwner owner;
    private final KnownObjects known;
    private final FreeRuns free;
    private final long base;
    private final boolean poisons;
    private long at;
    private long end;

    /** @param poisons whether what is free is overwritten */
    Sweeper(HeapOwner owner, KnownObjects known, FreeRuns free, long base, boolean poisons) {
        this.owner = owner;
        this.known = known;
        this.free = free;
        this.base = base;
        this.poisons = poisons;
    }

    /** All runs have to be found anew, in a heap without young objects. */
    void begin(long endOfHeap) {
        free.clear();
        at = ObjectLayout.GUARD;
        end = endOfHeap;
    }

    /** Looks for more runs. @return whether there was anything left to look at */
    boolean sweep() {
        if (at >= end) {
            return false;
        }
        long to = Math.min(end, at + PART);
        int steps = 0;
        while (at < to) {
            if ((++steps & BETWEEN_CHECKS - 1) == 0) {
                owner.checkpoint();
            }
            long next = known.old().next(at, end);
            long gap = at;
            at = next < end ? next + known.bytes(next) : end;
            release(gap, next - gap);
        }
        return true;
    }

    /** Finds all runs that there are. */
    void sweepAll() {
        while (sweep()) {
            owner.checkpoint();
        }
    }

    /** The young objects are old or gone. */
    void sweep(YoungRuns young) {
        long gap = 0;
        long behind = 0;
        for (int i = 0; i < young.count(); i++) {
            long from = young.from(i);
            if (from != behind) {
                release(gap, behind - gap);
                gap = from;
            }
            behind = young.to(i);
            long next = young.isRest(i) ? behind : known.old().next(from, behind);
            while (next < behind) {
                release(gap, next - gap);
                gap = next + known.bytes(next);
                next = known.old().next(gap, behind);
            }
        }
        release(gap, behind - gap);
    }

    private void release(long from, long bytes) {
        if (bytes > 0) {
            if (poisons) {
                NativeMemory.fill(base + from, bytes, (byte) 0xDB);
            }
            free.add(from, bytes);
        }
    }
}
