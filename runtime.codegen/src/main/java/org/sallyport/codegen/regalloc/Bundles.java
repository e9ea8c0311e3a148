package org.sallyport.codegen.regalloc;

import java.util.Arrays;

/**
 * Sets of pieces that get one register together: pieces linked by an affinity whose stays do not overlap, the heaviest
 * affinities first. This is where loop variables and their next values, and two-address chains, become one.
 */
final class Bundles {
    /** Larger bundles are not merged, so that merging stays linear in practice. */
    private static final int MAX_STAYS = 300;

    private final Stays stays;
    private final int vregs;
    /** Union-find over pieces. */
    private final int[] parent;
    private final int[] count;
    /** First and last stay of the bundle with this root piece; chained by {@link #next}. */
    final int[] head;
    final int[] tail;
    /** The next stay of the same bundle in layout order, or -1. */
    final IntArray next;

    Bundles(FlatCode code, Stays stays, Affinities affinities) {
        this.stays = stays;
        vregs = code.vregs;
        parent = code.arena.dirty(stays.pieces);
        count = code.arena.ints(stays.pieces);
        head = code.arena.filled(stays.pieces, -1);
        tail = code.arena.dirty(stays.pieces);
        next = new IntArray(code.arena, stays.size());
        next.size = stays.size();
        for (int p = 0; p < stays.pieces; p++) parent[p] = p;
        chain();
        mergeAll(affinities, code.arena);
    }

    private void chain() {
        Arrays.fill(next.data, 0, next.size, -1);
        for (int v = 0; v < vregs; v++) {
            for (int s = stays.first[v]; s >= 0; s = stays.next[s]) {
                if (!stays.isEmpty(s)) append(stays.piece[s], s);
            }
        }
    }

    private void append(int p, int s) {
        if (head[p] < 0) head[p] = s;
        else next.data[tail[p]] = s;
        tail[p] = s;
        count[p]++;
    }

    private void mergeAll(Affinities affinities, Arena arena) {
        int n = affinities.size();
        if (n == 0) return;
        int[] start = arena.ints(Affinities.MAX_WEIGHT + 2);
        for (int x = 0; x < n; x++) start[Affinities.MAX_WEIGHT - affinities.weight(x) + 1]++;
        for (int w = 0; w <= Affinities.MAX_WEIGHT; w++) start[w + 1] += start[w];
        int[] order = arena.dirty(n);
        for (int x = 0; x < n; x++) order[start[Affinities.MAX_WEIGHT - affinities.weight(x)]++] = x;
        for (int i = 0; i < n; i++) {
            arena.step();
            int x = order[i];
            int second = affinities.second(x, stays);
            if (second >= 0) merge(find(affinities.first(x)), find(second));
        }
    }

    int find(int p) {
        while (parent[p] != p) {
            parent[p] = parent[parent[p]];
            p = parent[p];
        }
        return p;
    }

    private void merge(int a, int b) {
        if (a == b || head[a] < 0 || head[b] < 0 || count[a] + count[b] > MAX_STAYS || overlap(a, b)) return;
        if (stays.start[head[b]] < stays.start[head[a]]) {
            int t = a;
            a = b;
            b = t;
        }
        parent[b] = a;
        count[a] += count[b];
        int x = head[a];
        int y = head[b];
        int last = -1;
        while (x >= 0 || y >= 0) {
            boolean takeX = y < 0 || x >= 0 && stays.start[x] < stays.start[y];
            int s = takeX ? x : y;
            if (takeX) x = next.data[x];
            else y = next.data[y];
            if (last >= 0) next.data[last] = s;
            last = s;
        }
        next.data[last] = -1;
        tail[a] = last;
    }

    private boolean overlap(int a, int b) {
        int x = head[a];
        int y = head[b];
        if (stays.end[tail[a]] <= stays.start[y]) return false;
        if (stays.end[tail[b]] <= stays.start[x]) return false;
        while (x >= 0 && y >= 0) {
            if (stays.end[x] <= stays.start[y]) x = next.data[x];
            else if (stays.end[y] <= stays.start[x]) y = next.data[y];
            else return true;
        }
        return false;
    }

    /** Cuts the bundle that begins with {@code from} at a point; returns the first stay of the rest, or -1. */
    int cut(int from, int point) {
        int s = from;
        int before = -1;
        while (s >= 0 && stays.end[s] <= point) {
            before = s;
            s = next.data[s];
        }
        if (s >= 0 && stays.start[s] < point) {
            int half = stays.split(s, point);
            next.add(next.data[s]);
            before = s;
            s = half;
        }
        if (before >= 0) next.data[before] = -1;
        return s;
    }
}
