package org.sallyport.codegen.regalloc;

import java.util.Arrays;

/**
 * Gives every value that is ever read from memory a slot, and decides where it is stored: once, since a value never
 * changes. Values that are never live together share slots; a parameter and its arguments do so where they can, which
 * saves the move between them.
 */
final class SpillSlots {
    /** A value is stored behind its definition. */
    static final int AT_DEFINITION = -1;
    /** A parameter that arrives in its slot, or a value without a slot. */
    static final int NOWHERE = -2;

    private static final int MAX_CLIMB = 64;
    private static final int MAX_WEB = 24;
    /** Live ranges compared, for each value of the function, before joining is given up. */
    private static final int COMPARISONS = 100;

    private final FlatCode code;
    private final ControlFlow flow;
    private final Liveness live;
    private final Residency residency;

    /** First unit of the slot of each value, or -1. */
    final int[] slot;
    /** The block at whose beginning the value is stored, or one of the constants. */
    final int[] storeBlock;
    int units;

    /** Webs of values that share a slot: union-find, and a ring of members. */
    private final int[] parent;
    private final int[] ring;
    private final int[] webSize;
    private long comparisons;

    SpillSlots(FlatCode code, ControlFlow flow, Liveness live, Residency residency) {
        this.code = code;
        this.flow = flow;
        this.live = live;
        this.residency = residency;
        slot = code.arena.filled(code.vregs, -1);
        storeBlock = code.arena.dirty(code.vregs);
        parent = code.arena.dirty(code.vregs);
        ring = code.arena.dirty(code.vregs);
        webSize = code.arena.dirty(code.vregs);
        int spilled = 0;
        for (int v = 0; v < code.vregs; v++) {
            code.arena.step();
            parent[v] = ring[v] = v;
            webSize[v] = 1;
            storeBlock[v] = residency.inSlot[v] ? chooseStore(v) : NOWHERE;
            if (residency.inSlot[v]) spilled++;
        }
        if (spilled == 0) return;
        comparisons = (long) COMPARISONS * code.vregs;
        joinParameters();
        assign();
    }

    // ---- stores

    /**
     * The least frequent block, and the last of these, that comes before all reads and into which v comes in a register
     * (it may leave it on the edge, if there is only one).
     */
    private int chooseStore(int v) {
        int home = code.defBlock[v];
        if (code.isParam(v) && !residency.sets.isAtEntry(v, home)) return NOWHERE;
        int best = AT_DEFINITION;
        float frequency = Float.MAX_VALUE;
        int b = residency.readBlock[v];
        for (int steps = 0; b != home && b > 0 && steps < MAX_CLIMB; steps++) {
            if (flow.frequency[b] < frequency && comesInRegister(v, b)) {
                best = b;
                frequency = flow.frequency[b];
            }
            b = flow.dominator[b];
        }
        return flow.frequency[home] < frequency ? AT_DEFINITION : best;
    }

    private boolean comesInRegister(int v, int b) {
        if (residency.sets.isAtEntry(v, b)) return true;
        if (!code.hasSinglePredecessor[b]) return false;
        return residency.sets.findAtExit(v, code.inFrom[code.inStart[b]]) >= 0;
    }

    /** Whether v is in its slot at the end of the block. */
    boolean isStoredBefore(int v, int block) {
        int b = storeBlock[v];
        if (b == NOWHERE) return slot[v] >= 0;
        return b == AT_DEFINITION || flow.dominates(b, block);
    }

    // ---- slots

    private void joinParameters() {
        for (int b = 0; b < code.blocks; b++) {
            if (code.paramCount(b) == 0) continue;
            for (int x = code.inStart[b]; x < code.inStart[b + 1]; x++) {
                int e = code.inEdge[x];
                for (int a = code.argStart[e]; a < code.argStart[e + 1]; a++) {
                    int v = code.argument[a];
                    int p = code.param[code.paramStart[b] + a - code.argStart[e]];
                    if (residency.inSlot[v] && residency.inSlot[p] && code.wide[v] == code.wide[p]) join(v, p);
                }
            }
        }
    }

    private void join(int a, int b) {
        int x = find(a);
        int y = find(b);
        if (x == y || comparisons < 0 || webSize[x] + webSize[y] > MAX_WEB || overlap(a, b)) return;
        parent[y] = x;
        webSize[x] += webSize[y];
        int t = ring[a];
        ring[a] = ring[b];
        ring[b] = t;
    }

    private boolean overlap(int a, int b) {
        int x = a;
        do {
            int y = b;
            do {
                code.arena.step();
                comparisons -= live.rangeCount(x) + live.rangeCount(y);
                if (live.overlap(x, y)) return true;
                y = ring[y];
            } while (y != b);
            x = ring[x];
        } while (x != a);
        return false;
    }

    private int find(int v) {
        while (parent[v] != v) {
            parent[v] = parent[parent[v]];
            v = parent[v];
        }
        return v;
    }

    /** Webs in the order in which they begin, each in the slot of one that has ended. */
    private void assign() {
        int[] start = code.arena.filled(code.vregs, Integer.MAX_VALUE);
        int[] end = code.arena.ints(code.vregs);
        long[] order = new long[code.vregs];
        for (int v = 0; v < code.vregs; v++) {
            if (!residency.inSlot[v]) continue;
            int w = find(v);
            start[w] = Math.min(start[w], live.from.data[live.liveStart[v]]);
            end[w] = Math.max(end[w], live.to.data[live.liveStart[v + 1] - 1]);
        }
        int webs = 0;
        for (int v = 0; v < code.vregs; v++) {
            if (start[v] != Integer.MAX_VALUE) order[webs++] = (long) start[v] << 32 | v;
        }
        Arrays.sort(order, 0, webs);
        var free = new FreeSlots();
        for (int x = 0; x < webs; x++) {
            int w = (int) order[x];
            slot[w] = free.take(code.wide[w], start[w], end[w]);
        }
        for (int v = 0; v < code.vregs; v++) {
            if (residency.inSlot[v]) slot[v] = slot[find(v)];
        }
        units = free.units;
    }

    /** Slots in use by their end, and those free again. */
    private static final class FreeSlots {
        private final java.util.PriorityQueue<Long> ends = new java.util.PriorityQueue<>();
        private final IntArray single = new IntArray(16);
        private final IntArray pair = new IntArray(16);
        int units;

        int take(boolean wide, int start, int end) {
            while (!ends.isEmpty() && (int) (ends.peek() >> 32) <= start) {
                int ended = ends.remove().intValue();
                (ended < 0 ? pair : single).add(ended & Integer.MAX_VALUE);
            }
            int s = wide ? takePair() : takeSingle();
            ends.add((long) end << 32 | (wide ? s | 1L << 31 : s));
            return s;
        }

        private int takePair() {
            if (!pair.isEmpty()) return pair.removeLast();
            if ((units & 1) != 0) single.add(units++);
            units += 2;
            return units - 2;
        }

        private int takeSingle() {
            if (!single.isEmpty()) return single.removeLast();
            if (!pair.isEmpty()) {
                int s = pair.removeLast();
                single.add(s + 1);
                return s;
            }
            return units++;
        }
    }
}
