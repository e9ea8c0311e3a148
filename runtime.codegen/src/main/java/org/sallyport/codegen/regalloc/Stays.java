package org.sallyport.codegen.regalloc;

/**
 * A <em>stay</em> is a range of points over which one value is in one register. The stays of a value are chained in
 * layout order; between two of them the value is dead, or in its slot, or (after a split) has just changed its
 * register. Stays of one <em>piece</em> should better be in one register.
 */
final class Stays {
    private static final int OPEN = Integer.MAX_VALUE;

    private final Arena arena;
    private int size;
    int[] start;
    int[] end;
    int[] vreg;
    int[] piece;
    /** The next and the previous stay of the same value, or -1. */
    int[] next;
    private int[] previous;
    /** First and last stay of each value, or -1. */
    final int[] first;
    final int[] last;
    int pieces;

    Stays(Arena arena, int vregs) {
        this.arena = arena;
        int n = vregs + (vregs >> 1) + 4;
        start = arena.dirty(n);
        end = arena.dirty(n);
        vreg = arena.dirty(n);
        piece = arena.dirty(n);
        next = arena.dirty(n);
        previous = arena.dirty(n);
        first = arena.filled(vregs, -1);
        last = arena.filled(vregs, -1);
    }

    int size() {
        return size;
    }

    private int add(int v, int from, int to, int pieceOfStay) {
        if (size == start.length) grow();
        int s = size++;
        start[s] = from;
        end[s] = to;
        vreg[s] = v;
        piece[s] = pieceOfStay;
        return s;
    }

    private void grow() {
        start = arena.grow(start);
        end = arena.grow(end);
        vreg = arena.grow(vreg);
        piece = arena.grow(piece);
        next = arena.grow(next);
        previous = arena.grow(previous);
    }

    /** Adds an open stay behind all others of {@code v}. */
    int open(int v, int point, int pieceOfStay) {
        int s = add(v, point, OPEN, pieceOfStay);
        int before = last[v];
        next[s] = -1;
        previous[s] = before;
        if (before < 0) first[v] = s;
        else next[before] = s;
        last[v] = s;
        return s;
    }

    void reopen(int s) {
        end[s] = OPEN;
    }

    /** Cuts {@code s} in two at {@code point}; the new second half is returned. */
    int split(int s, int point) {
        int v = vreg[s];
        int half = add(v, point, end[s], piece[s]);
        next[half] = next[s];
        previous[half] = s;
        next[s] = half;
        end[s] = point;
        if (last[v] == s) last[v] = half;
        return half;
    }

    boolean isEmpty(int s) {
        return start[s] >= end[s];
    }

    boolean isOpen(int v) {
        return last[v] >= 0 && end[last[v]] == OPEN;
    }

    /** Takes back everything of {@code v} from {@code point} on. Not after a {@link #split}. */
    void cutFrom(int v, int point) {
        for (int s = last[v]; s >= 0 && end[s] > point; s = previous[s]) {
            end[s] = Math.max(start[s], point);
        }
    }
}
