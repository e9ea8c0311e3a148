package org.sallyport.codegen.regalloc;

/**
 * A <em>stay</em> is a range of points over which one value is in one register. The stays of a value are chained in
 * layout order; between two of them the value is dead, or in its slot, or (after a split) has just changed its
 * register. Stays of one <em>piece</em> should better be in one register.
 */
final class Stays {
    private static final int OPEN = Integer.MAX_VALUE;

    final IntArray start;
    final IntArray end;
    final IntArray vreg;
    final IntArray piece;
    /** The next and the previous stay of the same value, or -1. */
    final IntArray next;
    private final IntArray previous;
    /** First and last stay of each value, or -1. */
    final int[] first;
    final int[] last;
    int pieces;

    Stays(Arena arena, int vregs) {
        start = new IntArray(arena, vregs + (vregs >> 1));
        end = new IntArray(arena, start.data.length);
        vreg = new IntArray(arena, start.data.length);
        piece = new IntArray(arena, start.data.length);
        next = new IntArray(arena, start.data.length);
        previous = new IntArray(arena, start.data.length);
        first = arena.filled(vregs, -1);
        last = arena.filled(vregs, -1);
    }

    int size() {
        return start.size;
    }

    /** Adds an open stay behind all others of {@code v}. */
    int open(int v, int point, int pieceOfStay) {
        int s = start.add(point);
        end.add(OPEN);
        vreg.add(v);
        piece.add(pieceOfStay);
        next.add(-1);
        previous.add(last[v]);
        if (last[v] < 0) first[v] = s;
        else next.data[last[v]] = s;
        last[v] = s;
        return s;
    }

    void reopen(int s) {
        end.data[s] = OPEN;
    }

    /** Cuts {@code s} in two at {@code point}; the new second half is returned. */
    int split(int s, int point) {
        int v = vreg.data[s];
        int half = start.add(point);
        end.add(end.data[s]);
        vreg.add(v);
        piece.add(piece.data[s]);
        next.add(next.data[s]);
        previous.add(s);
        next.data[s] = half;
        end.data[s] = point;
        if (last[v] == s) last[v] = half;
        return half;
    }

    boolean isEmpty(int s) {
        return start.data[s] >= end.data[s];
    }

    boolean isOpen(int v) {
        return last[v] >= 0 && end.data[last[v]] == OPEN;
    }

    /** Takes back everything of {@code v} from {@code point} on. Not after a {@link #split}. */
    void cutFrom(int v, int point) {
        for (int s = last[v]; s >= 0 && end.data[s] > point; s = previous.data[s]) {
            end.data[s] = Math.max(start.data[s], point);
        }
    }
}
