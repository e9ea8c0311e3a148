package org.sallyport.codegen.regalloc;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Arrays for one allocation, used again for the next: most functions are small, and fresh memory for each would cost
 * more than the work on it. An array may be longer than asked for.
 */
final class Arena {
    private static final int CLASSES = 31;
    private static final int SMALLEST = 5;
    /** Longer arrays are left to the garbage collector. */
    private static final int LONGEST_KEPT = 1 << 18;

    private final List<List<int[]>> free = new ArrayList<>();
    private final List<int[]> used = new ArrayList<>();

    Arena() {
        for (int c = 0; c < CLASSES; c++) free.add(new ArrayList<>());
    }

    private static int sizeClass(int n) {
        return Math.max(SMALLEST, 32 - Integer.numberOfLeadingZeros(n - 1));
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
        List<int[]> kept = free.get(Math.min(c, CLASSES - 1));
        int[] result = !kept.isEmpty() ? kept.removeLast() : new int[c < CLASSES ? 1 << c : n];
        used.add(result);
        return result;
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
        for (int x = used.size() - 1; x >= 0; x--) {
            int[] array = used.get(x);
            if (array.length <= LONGEST_KEPT) free.get(sizeClass(array.length)).add(array);
        }
        used.clear();
    }
}
