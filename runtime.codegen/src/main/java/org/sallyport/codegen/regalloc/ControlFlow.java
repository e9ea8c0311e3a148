package org.sallyport.codegen.regalloc;

import java.util.Arrays;

/**
 * Dominators, natural loops and estimated frequencies of the blocks. A loop is named by its header block. Irreducible
 * cycles have no loop here; they are allocated correctly, as any join, only with less foresight.
 */
final class ControlFlow {
    private static final float ITERATIONS = 10;
    private static final float COLD = 0.01f;
    /** Bounds of a frequency. */
    static final float RARE = 1e-6f;
    static final float OFTEN = 1e12f;
    /** A climb in the dominator tree longer than this is given up. */
    private static final int MAX_CLIMB = 2_000;

    private final FlatCode code;

    /** Immediate dominator, always a lower number; the entry's is itself. */
    final int[] dominator;
    private final int[] preorder;
    private final int[] subtree;

    /** Header of the innermost loop around the block (a header is in its own loop), or -1. */
    final int[] loop;
    /** For a header: the header of the next outer loop, or -1. */
    final int[] outer;
    final boolean[] isHeader;
    /** For a header: the last block of the loop. */
    final int[] loopLast;
    /** For a header: the last block on every way around that is not cold (the latch, if there is only one); or -1. */
    final int[] latch;
    /** For a header: no block between header and last is outside the loop. */
    final boolean[] isContiguous;

    /** Estimated executions relative to the entry. */
    final float[] frequency;

    ControlFlow(FlatCode code) {
        this.code = code;
        int n = code.blocks;
        dominator = code.arena.ints(n);
        preorder = code.arena.ints(n);
        subtree = code.arena.ints(n);
        loop = code.arena.ints(n);
        outer = code.arena.ints(n);
        isHeader = new boolean[n];
        loopLast = code.arena.ints(n);
        latch = code.arena.ints(n);
        isContiguous = new boolean[n];
        frequency = new float[n];
        findDominators();
        numberDominatorTree();
        findLoops();
        estimateFrequencies();
    }

    /** The iteration of Cooper, Harvey and Kennedy; in this block order one or two rounds suffice. */
    private void findDominators() {
        Arrays.fill(dominator, 0, code.blocks, -1);
        dominator[0] = 0;
        for (boolean changed = true; changed;) {
            changed = false;
            for (int b = 1; b < code.blocks; b++) {
                int common = -1;
                // the highest first, so that chains of predecessors are climbed once
                for (int x = code.inStart[b + 1] - 1; x >= code.inStart[b]; x--) {
                    int p = code.inFrom[x];
                    if (dominator[p] >= 0) common = common < 0 ? p : intersect(p, common);
                }
                if (common >= b) throw new AssertionError("BUG: block " + b + " stands before its dominator " + common);
                if (common < 0) common = 0; // unreachable
                if (dominator[b] != common) {
                    dominator[b] = common;
                    changed = true;
                }
            }
        }
    }

    private int intersect(int a, int b) {
        while (a != b) {
            if (a > b) a = dominator[a];
            else b = dominator[b];
        }
        return a;
    }

    private void numberDominatorTree() {
        Arrays.fill(subtree, 0, code.blocks, 1);
        for (int b = code.blocks - 1; b > 0; b--) subtree[dominator[b]] += subtree[b];
        int[] next = code.arena.ints(code.blocks);
        next[0] = 1;
        for (int b = 1; b < code.blocks; b++) {
            int d = dominator[b];
            preorder[b] = next[d];
            next[d] += subtree[b];
            next[b] = preorder[b] + 1;
        }
    }

    boolean dominates(int a, int b) {
        return preorder[a] <= preorder[b] && preorder[b] < preorder[a] + subtree[a];
    }

    /** The nearest block that dominates both; the entry when it is very far. */
    int commonDominator(int a, int b) {
        for (int steps = 0; !dominates(a, b); steps++) {
            if (steps > MAX_CLIMB) return 0;
            a = dominator[a];
        }
        return a;
    }

    /** Inner loops first; a loop found is collapsed into its header, so that each block is visited about once. */
    private void findLoops() {
        int n = code.blocks;
        Arrays.fill(loop, 0, n, -1);
        Arrays.fill(outer, 0, n, -1);
        int[] collapsed = code.arena.dirty(n);
        for (int b = 0; b < n; b++) collapsed[b] = b;
        int[] stack = code.arena.dirty(n);
        int[] size = code.arena.filled(n, 1);
        for (int h = n - 1; h >= 0; h--) {
            int top = 0;
            int last = -1;
            for (int x = code.inStart[h]; x < code.inStart[h + 1]; x++) {
                int p = code.inFrom[x];
                if (p < h || !dominates(h, p)) continue;
                if (!isHeader[h]) latch[h] = -1;
                isHeader[h] = true;
                if (!code.cold[p]) latch[h] = latch[h] < 0 ? p : commonDominator(latch[h], p);
                last = Math.max(last, p);
                top = enter(find(collapsed, p), h, collapsed, stack, top);
            }
            if (!isHeader[h]) continue;
            loop[h] = h;
            int blocks = 1;
            while (top > 0) {
                int b = stack[--top];
                blocks += size[b];
                last = Math.max(last, isHeader[b] ? loopLast[b] : b);
                for (int x = code.inStart[b]; x < code.inStart[b + 1]; x++) {
                    int p = find(collapsed, code.inFrom[x]);
                    if (dominates(h, p)) top = enter(p, h, collapsed, stack, top);
                }
            }
            size[h] = blocks;
            loopLast[h] = last;
            isContiguous[h] = blocks == last - h + 1;
        }
    }

    private int enter(int b, int h, int[] collapsed, int[] stack, int top) {
        if (b == h) return top;
        collapsed[b] = h;
        if (isHeader[b]) outer[b] = h;
        else loop[b] = h;
        stack[top] = b;
        return top + 1;
    }

    private static int find(int[] parent, int x) {
        while (parent[x] != x) {
            parent[x] = parent[parent[x]];
            x = parent[x];
        }
        return x;
    }

    boolean inLoop(int block, int header) {
        for (int h = loop[block]; h >= 0; h = outer[h]) {
            if (h == header) return true;
        }
        return false;
    }

    /**
     * Flows from the entry along the edges: a loop runs {@link #ITERATIONS} times, an edge out of a loop is taken that
     * much less often than one that stays, a cold block is hardly reached, all else is equally likely.
     */
    private void estimateFrequencies() {
        float[] outWeight = new float[code.blocks];
        for (int e = 0; e < code.edges; e++) outWeight[code.edgeFrom[e]] += edgeWeight(e);
        for (int b = 0; b < code.blocks; b++) {
            float f = b == 0 ? 1 : 0;
            for (int x = code.inStart[b]; x < code.inStart[b + 1]; x++) {
                int e = code.inEdge[x];
                int p = code.edgeFrom[e];
                if (p < b) f += frequency[p] * edgeWeight(e) / outWeight[p];
            }
            if (isHeader[b]) f *= ITERATIONS;
            frequency[b] = Math.clamp(f, RARE, OFTEN);
        }
    }

    private float edgeWeight(int e) {
        int from = code.edgeFrom[e];
        int to = code.edgeTo[e];
        if (code.cold[to] && !code.cold[from]) return COLD;
        return loop[from] >= 0 && !inLoop(to, loop[from]) ? 1 : ITERATIONS - 1;
    }

    int loopStart(int header) {
        return code.entryPoint(header);
    }

    int loopEnd(int header) {
        return code.exitPoint(loopLast[header]);
    }
}
