package org.sallyport.engine.heap;

import org.sallyport.spi.NativeMemory;
import org.sallyport.spi.ObjectLayout;

/** The free runs of a heap: lists through the runs themselves, each of which says its size and the next one, in 8 bytes. */
final class FreeRuns {
    private static final int SMALLEST = 32;
    /** Smaller ones are taken only if there is nothing else: each costs a call of the runtime. */
    private static final int SMALL = 256;
    private static final int NEXT = 8;

    private final HeapOwner owner;
    /** What places are relative to. */
    private final long base;
    // by address; 0 ends them
    private long tiny;
    private long small;
    private long large;

    FreeRuns(HeapOwner owner, long base) {
        this.owner = owner;
        this.base = base;
    }

    void clear() {
        tiny = 0;
        small = 0;
        large = 0;
    }

    /** Adds a run; one that is too small lies idle until its neighbours die. */
    void add(long run, long bytes) {
        if (bytes < SMALLEST) {
            return;
        }
        NativeMemory.putInt(base + run + ObjectLayout.LENGTH, (int) (bytes >>> 3));
        if (bytes >= ObjectHeap.LARGE) {
            setNext(run, large);
            large = run;
        } else if (bytes >= SMALL) {
            setNext(run, small);
            small = run;
        } else {
            setNext(run, tiny);
            tiny = run;
        }
    }

    /** Bytes of the run that was taken, or is in a list. */
    long bytes(long run) {
        return (NativeMemory.getInt(base + run + ObjectLayout.LENGTH) & 0xFFFF_FFFFL) << 3;
    }

    private long next(long run) {
        return (NativeMemory.getInt(base + run + NEXT) & 0xFFFF_FFFFL) << 3;
    }

    private void setNext(long run, long next) {
        NativeMemory.putInt(base + run + NEXT, (int) (next >>> 3));
    }

    /** As {@link #takeSmall}, of those that it leaves. */
    long takeTiny(int bytes) {
        while (tiny != 0) {
            owner.checkpoint();
            long run = tiny;
            tiny = next(run);
            if (bytes(run) >= bytes) {
                return run;
            }
        }
        return 0;
    }

    /** Takes the next small run that is large enough; those before it lie idle until the next collection. @return 0: none */
    long takeSmall(int bytes) {
        while (small != 0) {
            long run = small;
            small = next(run);
            if (bytes(run) >= bytes) {
                return run;
            }
        }
        return 0;
    }

    /** Takes the next large run. @return 0: none */
    long takeLarge() {
        long run = large;
        if (run != 0) {
            large = next(run);
        }
        return run;
    }

    /** Takes the first large run that is large enough; what is behind these bytes stays free. @return 0: none */
    long takeLarge(long bytes) {
        long before = 0;
        for (long run = large; run != 0; run = next(run)) {
            owner.checkpoint();
            long size = bytes(run);
            if (size >= bytes) {
                long next = next(run);
                if (before == 0) {
                    large = next;
                } else {
                    setNext(before, next);
                }
                if (size > bytes) {
                    add(run + bytes, size - bytes);
                }
                return run;
            }
            before = run;
        }
        return 0;
    }
}
