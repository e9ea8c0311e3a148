package org.sallyport.codegen.ir;

import static org.sallyport.codegen.ir.LoopLocals.ensure;

import java.util.Arrays;

/**
 * What follows from a graph's blocks and successors: predecessors, dominators, loops. A snapshot, valid until
 * blocks, successors or
 * the layout change. {@link #compute} reuses the arrays; dominators and loops are computed only when asked for.
 */
public final class Cfg {
    private Graph graph = Graph.NOTHING;

    /** Blocks in layout order, and each block's place in it (-1 outside of the layout). */
    private int[] order = new int[64];
    private int[] number = new int[64];
    private int count;

    private int[] predecessorStart = new int[65];
    private int[] predecessors = new int[64];

    private boolean hasDominators;
    /** By place in the order. */
    private int[] dominator = new int[64];
    private int[] treeEnter = new int[64];
    private int[] treeExit = new int[64];
    private int[] child = new int[64];
    private int[] sibling = new int[64];

    private boolean hasLoops;
    /** By block: header of the innermost loop, or -1. By header: header of the loop around, and depth. */
    private int[] header = new int[64];
    private int[] depth = new int[64];
    private int[] work = new int[64];
    private int irreducible;

    /** Takes a snapshot of the predecessors. */
    public Cfg compute(Graph of) {
        graph = of;
        hasDominators = false;
        hasLoops = false;
        number = ensure(number, graph.blockBound());
        Arrays.fill(number, 0, graph.blockBound(), -1);
        count = 0;
        for (int b = graph.firstBlock(); b >= 0; b = graph.nextBlock(b)) {
            order = ensure(order, count);
            number[b] = count;
            order[count++] = b;
        }
        computePredecessors();
        return this;
    }

    private void computePredecessors() {
        int bound = graph.blockBound();
        predecessorStart = ensure(predecessorStart, bound);
        Arrays.fill(predecessorStart, 0, bound + 1, 0);
        for (int i = 0; i < count; i++) {
            int b = order[i];
            for (int s = 0; s < graph.successorCount(b); s++) {
                predecessorStart[graph.successor(b, s)]++;
            }
        }
        int sum = 0;
        for (int b = 0; b < bound; b++) {
            sum += predecessorStart[b];
            predecessorStart[b] = sum;
        }
        predecessorStart[bound] = sum;
        predecessors = ensure(predecessors, sum);
        for (int i = count - 1; i >= 0; i--) {
            int b = order[i];
            for (int s = graph.successorCount(b) - 1; s >= 0; s--) {
                predecessors[--predecessorStart[graph.successor(b, s)]] = b;
            }
        }
    }

    /** Number of blocks in the layout. */
    public int count() {
        return count;
    }

    /** The block at place {@code i} of the layout. */
    public int block(int i) {
        return order[i];
    }

    /** The block's place in the layout, or -1. */
    public int number(int b) {
        return number[b];
    }

    public int predecessorCount(int b) {
        return predecessorStart[b + 1] - predecessorStart[b];
    }

    /** Predecessors are in layout order. */
    public int predecessor(int b, int i) {
        return predecessors[predecessorStart[b] + i];
    }

    // ---- dominators ----

    /**
     * The immediate dominator; -1 for the entry. Cooper, Harvey and Kennedy's iteration over the layout order, which
     * for reducible
     * graphs ends after one round and a check.
     */
    public int dominator(int b) {
        dominators();
        int d = dominator[number[b]];
        return number[b] == 0 || d < 0 ? -1 : order[d];
    }

    private void dominators() {
        if (hasDominators) {
            return;
        }
        hasDominators = true;
        dominator = ensure(dominator, count);
        Arrays.fill(dominator, 0, count, -1);
        if (count == 0) {
            return;
        }
        dominator[0] = 0;
        boolean changed = true;
        while (changed) {
            changed = false;
            for (int i = 1; i < count; i++) {
                int d = meetOfPredecessors(order[i]);
                if (d != dominator[i]) {
                    dominator[i] = d;
                    changed = true;
                }
            }
        }
        numberTree();
    }

    private int meetOfPredecessors(int b) {
        int d = -1;
        for (int k = predecessorStart[b]; k < predecessorStart[b + 1]; k++) {
            int p = number[predecessors[k]];
            if (p >= 0 && dominator[p] >= 0) {
                d = d < 0 ? p : meet(d, p);
            }
        }
        return d;
    }

    private int meet(int a, int b) {
        while (a != b) {
            while (a > b) {
                a = dominator[a];
            }
            while (b > a) {
                b = dominator[b];
            }
        }
        return a;
    }

    /** Numbers the dominator tree in preorder, so that {@link #dominates} is two compares. */
    private void numberTree() {
        treeEnter = ensure(treeEnter, count);
        treeExit = ensure(treeExit, count);
        child = ensure(child, count);
        sibling = ensure(sibling, count);
        Arrays.fill(child, 0, count, -1);
        for (int i = count - 1; i > 0; i--) {
            if (dominator[i] >= 0) {
                sibling[i] = child[dominator[i]];
                child[dominator[i]] = i;
            }
        }
        int time = 0;
        int at = 0;
        treeEnter[0] = time++;
        while (at >= 0) { // the child array is consumed: it holds what is still to visit
            int c = child[at];
            if (c >= 0) {
                child[at] = sibling[c];
                treeEnter[c] = time++;
                at = c;
            } else {
                treeExit[at] = time;
                at = at == 0 ? -1 : dominator[at];
            }
        }
    }

    /** Whether every path to {@code b} goes through {@code a}; a block dominates itself. */
    public boolean dominates(int a, int b) {
        dominators();
        int i = number[a];
        int j = number[b];
        return treeEnter[i] <= treeEnter[j] && treeEnter[j] < treeExit[i];
    }

    // ---- loops ----

    /** Header of the innermost loop that holds the block, or -1. A header is in its own loop. */
    public int loopHeader(int b) {
        loops();
        return header[b];
    }

    public boolean isLoopHeader(int b) {
        loops();
        return header[b] == b;
    }

    /** Header of the loop around the loop of this header, or -1. */
    public int outerHeader(int loopHeader) {
        loops();
        return work[loopHeader];
    }

    /** Number of loops around the block. */
    public int loopDepth(int b) {
        loops();
        return header[b] < 0 ? 0 : depth[header[b]];
    }

    /** Edges that go backwards but not to a dominator: 0 for everything that comes from wasm. */
    public int irreducibleEdges() {
        loops();
        return irreducible;
    }

    /**
     * Innermost loops first (their headers are last in the order): walks backwards from the back edges to the
     * header; a block
     * that already belongs to an inner loop stands for that loop's outermost known one.
     */
    private void loops() {
        if (hasLoops) {
            return;
        }
        hasLoops = true;
        int bound = graph.blockBound();
        header = ensure(header, bound);
        depth = ensure(depth, bound);
        work = ensure(work, bound);
        Arrays.fill(header, 0, bound, -1);
        Arrays.fill(work, 0, bound, -1); // by header: the loop around
        irreducible = 0;
        int[] stack = child;
        for (int i = count - 1; i >= 0; i--) {
            stack = collectLoop(order[i], stack);
        }
        child = stack;
        for (int i = 0; i < count; i++) {
            int b = order[i];
            if (header[b] == b) {
                depth[b] = work[b] < 0 ? 1 : depth[work[b]] + 1;
            }
        }
    }

    private int[] collectLoop(int loop, int[] stack) {
        int last = predecessorStart[loop + 1] - 1;
        if (last < predecessorStart[loop] || number[predecessors[last]] < number[loop]) {
            return stack; // nothing comes from behind: predecessors are in layout order
        }
        int top = 0;
        boolean isLoop = false;
        for (int k = predecessorStart[loop]; k < predecessorStart[loop + 1]; k++) {
            int p = predecessors[k];
            if (number[p] < number[loop]) {
                continue;
            }
            if (!dominates(loop, p)) {
                irreducible++;
                continue;
            }
            isLoop = true;
            stack = ensure(stack, top);
            stack[top++] = p;
        }
        if (isLoop) {
            header[loop] = loop;
        }
        while (top > 0) {
            int b = outermost(stack[--top], loop);
            if (b == loop) {
                continue;
            }
            if (header[b] == b) {
                work[b] = loop;
            } else {
                header[b] = loop;
            }
            for (int k = predecessorStart[b]; k < predecessorStart[b + 1]; k++) {
                stack = ensure(stack, top);
                stack[top++] = predecessors[k];
            }
        }
        return stack;
    }

    /** The block itself, or the header of the outermost loop found so far that holds it. */
    private int outermost(int b, int loop) {
        int h = header[b];
        if (h < 0 || b == loop) {
            return b;
        }
        while (h != loop && work[h] >= 0) {
            h = work[h];
        }
        return h;
    }
}
