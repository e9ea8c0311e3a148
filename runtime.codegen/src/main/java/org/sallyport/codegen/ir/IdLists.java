package org.sallyport.codegen.ir;

import java.util.Arrays;
import org.sallyport.codegen.meter.Meter;

/** Lists of ids, cut from one array that is given up as a whole: a list is where it begins. */
final class IdLists {
    /** Bytes of an item of a list, and of the arguments that become of it. */
    private static final int ITEM_BYTES = 4 + 12;

    private final Meter meter;
    private int[] items = new int[256];
    private int size;

    IdLists(Meter meter) {
        this.meter = meter;
    }

    void clear() {
        size = 0;
    }

    /** Room for {@code count} items. @return where it begins */
    int allocate(int count) {
        int at = size;
        size += count;
        if (size > items.length) {
            int n = Math.max(size, items.length * 2);
            meter.take((long) (n - items.length) * ITEM_BYTES);
            items = Arrays.copyOf(items, n);
        }
        return at;
    }

    int get(int at) {
        return items[at];
    }

    void set(int at, int to) {
        items[at] = to;
    }

    /** Copies {@code count} items within the lists; the two places may overlap. */
    void copy(int from, int to, int count) {
        System.arraycopy(items, from, items, to, count);
    }

    /** Writes the first {@code count} of {@code ids}. */
    void put(int at, int[] ids, int count) {
        System.arraycopy(ids, 0, items, at, count);
    }
}
