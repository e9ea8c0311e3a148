package org.sallyport.codegen.regalloc;

import java.util.Arrays;

/** Moves in the order of execution, as in {@link Allocation}. */
final class MoveList implements ParallelMoves.Sink {
    int count;
    int[] point;
    int[] from;
    int[] to;
    int[] vreg;
    boolean[] wide;
    /** Where the next moves happen. */
    int current;

    MoveList(int capacity) {
        int n = Math.max(capacity, 16);
        point = new int[n];
        from = new int[n];
        to = new int[n];
        vreg = new int[n];
        wide = new boolean[n];
    }

    @Override
    public void move(int source, int destination, int v, boolean isWide) {
        if (count == point.length) grow();
        point[count] = current;
        from[count] = source;
        to[count] = destination;
        vreg[count] = v;
        wide[count++] = isWide;
    }

    private void grow() {
        int n = count * 2;
        point = Arrays.copyOf(point, n);
        from = Arrays.copyOf(from, n);
        to = Arrays.copyOf(to, n);
        vreg = Arrays.copyOf(vreg, n);
        wide = Arrays.copyOf(wide, n);
    }

    /** Removes moves from a place to itself. */
    void compact() {
        int n = 0;
        for (int m = 0; m < count; m++) {
            if (from[m] == to[m]) continue;
            point[n] = point[m];
            from[n] = from[m];
            to[n] = to[m];
            vreg[n] = vreg[m];
            wide[n++] = wide[m];
        }
        count = n;
    }

    Allocation allocation(int[] operands, int spillUnits) {
        return new Allocation(operands, spillUnits, count, Arrays.copyOf(point, count), Arrays.copyOf(from, count),
                Arrays.copyOf(to, count), Arrays.copyOf(vreg, count), Arrays.copyOf(wide, count));
    }
}
