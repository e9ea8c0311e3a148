package org.sallyport.codegen.regalloc;

import java.util.Arrays;
import org.sallyport.codegen.meter.Meter;

/**
 * Arrays for one allocation, used again for the next: most functions are small, and fresh memory for each would cost
 * more than the work on it. An array may be longer than asked for. Also counts what the phases do and take.
 */
final class Arena {
    private static final int CLASSES = 31;
    private static final int SMALLEST = 5;
    /** Longer arrays are left to the garbage collector. */
    private static final int LONGEST_KEPT = 1 << 18;

    private final Meter meter;
    /** By size class. */
    private final int[][][] free = new int[CLASSES][8][];
    private final int[] freeCount = new int[CLASSES];
    private int[][] used = new int[64][];
    private int usedCount;
    /** For arrays of longs that one phase has at a time, by number. */
    private final long[][] longs = {new long[64], new long[64]};
    /** Bytes taken that are gone after {@link #reset}. */
    private long passing;

    Arena(Meter meter) {
        this.meter = meter;
    }

    private static int sizeClass(int n) {
        return Math.max(SMALLEST, 32 - Integer.numberOfLeadingZeros(n - 1));
    }

    /** A phase has done a little. */
    void step() {
        meter.step();
    }

    /** A phase makes arrays of its own for this allocation. */
    void charge(long bytes) {
        passing += bytes;
        meter.take(bytes);
    }

    /** An array with {@code n} zeros, and perhaps anything behind them. */
    int[] ints(int n) {
        int[] result = dirty(n);
        Arrays.fill(result, 0, n, 0);
        return result;
    }

    /** An array of at least {@code n} elements with any content. */
    int[] dirty(int n) {
        int c = sizeClass(Math.max(n, 1));
        int[] result = c < CLASSES && freeCount[c] > 0 ? free[c][--freeCount[c]] : make(c, n);
        if (usedCount == used.length) used = Arrays.copyOf(used, usedCount * 2);
        used[usedCount++] = result;
        return result;
    }

    /** The array with that number, at least 64 elements long, with any content. */
    long[] longs(int number) {
        return longs[number];
    }

    /** A copy twice as long, which {@link #longs} gives to the next user if it is not too long. */
    long[] growLongs(int number, long[] array) {
        long[] larger = Arrays.copyOf(array, array.length * 2);
        if (larger.length <= LONGEST_KEPT / 2) {
            meter.take(array.length * 8L);
            longs[number] = larger;
        } else {
            charge(array.length * 8L);
        }
        return larger;
    }

    /** A copy twice as long; it is left to the garbage collector. */
    int[] grow(int[] array) {
        charge(array.length * 8L);
        return Arrays.copyOf(array, array.length * 2);
    }

    private int[] make(int sizeClass, int n) {
        // rounding up would waste half of a large array that is not kept anyway
        int length = n <= LONGEST_KEPT ? 1 << sizeClass : n;
        if (length > LONGEST_KEPT) charge(length * 4L);
        else meter.take(length * 4L);
        return new int[length];
    }

    /** An array with {@code n} times the value. */
    int[] filled(int n, int value) {
        int[] result = dirty(n);
        Arrays.fill(result, 0, n, value);
        return result;
    }

    int[] copyOf(int[] source, int n) {
        int[] result = dirty(n);
        System.arraycopy(source, 0, result, 0, n);
        return result;
    }

    /** Everything handed out may be handed out again. */
    void reset() {
        for (int x = usedCount - 1; x >= 0; x--) {
            int[] array = used[x];
            if (array.length <= LONGEST_KEPT) keep(array);
        }
        Arrays.fill(used, 0, usedCount, null);
        usedCount = 0;
        meter.giveBack(passing);
        passing = 0;
    }

    private void keep(int[] array) {
        int c = sizeClass(array.length);
        if (freeCount[c] == free[c].length) free[c] = Arrays.copyOf(free[c], freeCount[c] * 2);
        free[c][freeCount[c]++] = array;
    }
}
