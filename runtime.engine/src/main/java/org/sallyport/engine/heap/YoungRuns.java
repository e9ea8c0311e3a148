package org.sallyport.engine.heap;

import java.util.Arrays;

import org.sallyport.spi.ResourceAccount;
import org.sallyport.spi.ResourceAccount.Kind;

/**
 * What was taken of the heap since the last collection: runs that are full of objects one behind the other, and rests in which
 * there is nothing. Where the objects begin is found by walking when somebody asks, up to where he asks. Collections take no
 * Java heap, so all that they need is made when a run is added. Places are the heap's offsets.
 */
final class YoungRuns {
    private static final int SIZE_BITS = 30;
    private static final int FIRST = 64;
    /** Java heap for each run. */
    private static final int HEAP_BYTES = 16;

    private final ResourceAccount account;
    /** Place and size in 8 bytes, whether there is nothing; by place once they are sorted. */
    private long[] runs = new long[FIRST];
    /** By run: up to where its objects are known. */
    private long[] known = new long[FIRST];
    private int count;
    private long bytes;

    YoungRuns(ResourceAccount account) {
        this.account = account;
    }

    /** @param isRest whether there are no objects */
    void add(long from, long to, boolean isRest) {
        if (count == runs.length) {
            account.charge(Kind.HEAP, (long) HEAP_BYTES * count);
            long[] more = Arrays.copyOf(known, 2 * count);
            runs = Arrays.copyOf(runs, 2 * count);
            known = more;
        }
        bytes += isRest ? 0 : to - from;
        runs[count++] = from >>> 3 << SIZE_BITS + 1 | to - from >>> 3 << 1 | (isRest ? 1 : 0);
    }

    void clear() {
        count = 0;
        bytes = 0;
    }

    /** How much was allocated, as far as runs were added. */
    long bytes() {
        return bytes;
    }

    int count() {
        return count;
    }

    long from(int run) {
        return runs[run] >>> SIZE_BITS + 1 << 3;
    }

    long to(int run) {
        return from(run) + ((runs[run] >>> 1 & (1L << SIZE_BITS) - 1) << 3);
    }

    boolean isRest(int run) {
        return (runs[run] & 1) != 0;
    }

    /** Up to where the objects of a run are known. */
    long known(int run) {
        return known[run];
    }

    void setKnown(int run, long place) {
        known[run] = place;
    }

    /** Sorts the runs by their places and forgets which objects are known. */
    void sort() {
        for (int gap = count / 2; gap > 0; gap /= 2) {
            for (int i = gap; i < count; i++) {
                long run = runs[i];
                int at = i;
                for (; at >= gap && runs[at - gap] > run; at -= gap) {
                    runs[at] = runs[at - gap];
                }
                runs[at] = run;
            }
        }
        for (int i = 0; i < count; i++) {
            known[i] = from(i);
        }
    }

    /** The run of objects that the place lies in, when they are sorted; -1 if none. */
    int find(long place) {
        int low = 0;
        int high = count;
        while (low < high) {
            int middle = low + high >>> 1;
            if (from(middle) <= place) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low > 0 && place < to(low - 1) && !isRest(low - 1) ? low - 1 : -1;
    }
}
