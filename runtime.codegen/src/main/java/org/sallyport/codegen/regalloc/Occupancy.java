package org.sallyport.codegen.regalloc;

/**
 * Which registers are taken at which points: a tree of bit masks over points, 16 children to a node. One walk tells for
 * all registers at once whether they are free over a range, in logarithmic time and in any order of questions.
 *
 * <p>{@code all} holds the registers taken over the whole node (not repeated below), {@code any} these and those taken
 * at some point below it.
 */
final class Occupancy {
    private static final int BITS = 4;
    private static final int LOW = (1 << BITS) - 1;

    private final int levels;
    private final int[] size;
    private final int[][] any;
    private final int[][] all;

    Occupancy(Arena arena, int points) {
        int n = 1;
        for (int s = points; s > 1 << BITS; s = (s >> BITS) + 1) n++;
        levels = n;
        size = new int[n];
        any = new int[n][];
        all = new int[n][];
        int s = points;
        for (int l = 0; l < n; l++) {
            size[l] = s + 1;
            any[l] = arena.ints(s + 1);
            all[l] = l == 0 ? any[l] : arena.ints(s + 1);
            s = (s >> BITS) + 1;
        }
    }

    /** Marks registers as taken over {@code [start, end)}. */
    void take(int start, int end, int registers) {
        if (start >= end) return;
        int low = start;
        int high = end;
        int l = 0;
        for (; l < levels - 1 && low < high; l++) {
            while (low < high && (low & LOW) != 0) takeNode(l, low++, registers);
            while (low < high && (high & LOW) != 0) takeNode(l, --high, registers);
            low >>= BITS;
            high >>= BITS;
        }
        while (low < high) takeNode(l, low++, registers);
        for (int x = 1; x < levels; x++) {
            any[x][start >> BITS * x] |= registers;
            any[x][end - 1 >> BITS * x] |= registers;
        }
    }

    private void takeNode(int level, int node, int registers) {
        any[level][node] |= registers;
        if (level > 0) all[level][node] |= registers;
    }

    private void releaseNode(int level, int node, int registers) {
        all[level][node] &= ~registers;
        if (level > 0) summarize(level, node, registers);
    }

    /** Takes back a {@link #take} with the same arguments. */
    void release(int start, int end, int registers) {
        if (start >= end) return;
        int low = start;
        int high = end;
        int l = 0;
        for (; l < levels - 1 && low < high; l++) {
            while (low < high && (low & LOW) != 0) releaseNode(l, low++, registers);
            while (low < high && (high & LOW) != 0) releaseNode(l, --high, registers);
            low >>= BITS;
            high >>= BITS;
        }
        while (low < high) releaseNode(l, low++, registers);
        for (int x = 1; x < levels; x++) {
            summarize(x, start >> BITS * x, registers);
            summarize(x, end - 1 >> BITS * x, registers);
        }
    }

    private void summarize(int level, int node, int registers) {
        int below = all[level][node];
        int end = Math.min(node + 1 << BITS, size[level - 1]);
        for (int x = node << BITS; x < end; x++) below |= any[level - 1][x];
        any[level][node] = any[level][node] & ~registers | below & registers;
    }

    /** The registers taken somewhere in {@code [start, end)}. */
    int taken(int start, int end) {
        if (start >= end) return 0;
        int result = 0;
        int low = start;
        int high = end;
        int l = 0;
        for (; l < levels - 1 && low < high; l++) {
            int[] some = any[l];
            while (low < high && (low & LOW) != 0) result |= some[low++];
            while (low < high && (high & LOW) != 0) result |= some[--high];
            low >>= BITS;
            high >>= BITS;
        }
        while (low < high) result |= any[l][low++];
        for (int x = 1; x < levels; x++) result |= all[x][start >> BITS * x] | all[x][end - 1 >> BITS * x];
        return result;
    }

    /** The first point in {@code [start, end)} at which one of the registers is taken, or {@code end}. */
    int firstTaken(int start, int end, int registers) {
        int p = start;
        while (p < end) {
            if ((allAbove(p) & registers) != 0) return p;
            int l = 0;
            while (l + 1 < levels && (p & (1 << BITS * (l + 1)) - 1) == 0 && isFree(l + 1, p, registers)) l++;
            if (l == 0 && (any[0][p] & registers) != 0) return p;
            p += 1 << BITS * l;
        }
        return end;
    }

    private boolean isFree(int level, int p, int registers) {
        int x = p >> BITS * level;
        return (any[level][x] & registers) == 0;
    }

    private int allAbove(int p) {
        int result = 0;
        for (int x = 1; x < levels; x++) result |= all[x][p >> BITS * x];
        return result;
    }
}
