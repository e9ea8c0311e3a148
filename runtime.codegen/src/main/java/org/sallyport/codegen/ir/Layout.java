package org.sallyport.codegen.ir;

import static org.sallyport.codegen.ir.LoopLocals.ensure;

import java.util.Arrays;

/**
 * Puts the blocks in the order in which they are emitted: the blocks of a loop together, what leaves a loop behind
 * it, what
 * surely leads to a trap, and what begins with an exception, last. Otherwise the order of the program stays, so that a
 * block is still behind its dominators.
 */
final class Layout {
    private Cfg cfg = Graph.NO_CFG;
    private Graph graph = Graph.NOTHING;
    /**
     * By loop header (or {@link #root}): first and last item; by block: the item behind it. An item is a block or a
     * loop's header.
     */
    private int[] first = new int[64];
    private int[] last = new int[64];
    private int[] nextItem = new int[64];
    private int[] stack = new int[16];
    private int[] order = new int[64];
    private int root;

    void run(Graph of) {
        graph = of;
        cfg = graph.cfg();
        markCold();
        collect();
        int count = flatten();
        place(count);
    }

    private void markCold() {
        for (int i = cfg.count() - 1; i > 0; i--) {
            int b = cfg.block(i);
            int n = graph.successorCount(b);
            boolean wasCold = graph.isCold(b);
            boolean cold = n > 0 ? !cfg.isLoopHeader(b) : graph.op(graph.last(b)) == Op.TRAP;
            for (int k = 0; k < n; k++) {
                int s = graph.successor(b, k);
                cold &= cfg.number(s) > i && graph.isCold(s);
            }
            graph.setCold(b, cold || wasCold);
        }
        if (graph.hasMade(Op.OUTCOME)) {
            markHandlers();
        }
    }

    /** Where every way forward comes from a handler's landing. With a cold block, all that it dominates is cold. */
    private void markHandlers() {
        for (int i = 1; i < cfg.count(); i++) {
            int b = cfg.block(i);
            boolean thrown = true;
            for (int p = 0; thrown && p < cfg.predecessorCount(b); p++) {
                int from = cfg.predecessor(b, p);
                thrown = cfg.number(from) >= i || graph.isCold(from)
                        || graph.op(graph.last(from)) == Op.OUTCOME && graph.successor(from, 1) == b;
            }
            if (thrown) {
                graph.setCold(b, true);
            }
        }
    }

    /**
     * Two items per header: itself as a block within its loop, and the loop (bound + header) within the one around.
     */
    private void collect() {
        int bound = graph.blockBound();
        root = bound;
        first = ensure(first, bound);
        last = ensure(last, bound);
        nextItem = ensure(nextItem, 2 * bound);
        Arrays.fill(first, 0, bound + 1, -1);
        for (int i = 0; i < cfg.count(); i++) {
            int b = cfg.block(i);
            int loop = cfg.loopHeader(b);
            if (loop == b) {
                int outer = cfg.outerHeader(b);
                append(outer < 0 ? root : outer, bound + b);
            }
            append(loop < 0 ? root : loop, b);
        }
    }

    private void append(int list, int item) {
        if (first[list] < 0) {
            first[list] = item;
        } else {
            nextItem[last[list]] = item;
        }
        last[list] = item;
        nextItem[item] = -1;
    }

    private int flatten() {
        int bound = graph.blockBound();
        order = ensure(order, cfg.count());
        int count = 0;
        int top = 0;
        int item = first[root];
        while (true) {
            while (item < 0) {
                if (top == 0) {
                    return count;
                }
                item = nextItem[stack[--top]];
            }
            if (item < bound) {
                order[count++] = item;
                item = nextItem[item];
            } else {
                stack = ensure(stack, top);
                stack[top++] = item;
                item = first[item - bound];
            }
        }
    }

    /** Whether the blocks stand as they should: those that are not cold in order, then the cold ones. */
    private boolean isPlaced(int count) {
        int b = graph.firstBlock();
        for (boolean cold = false;; cold = true) {
            for (int i = 0; i < count; i++) {
                if (graph.isCold(order[i]) == cold) {
                    if (order[i] != b) {
                        return false;
                    }
                    b = graph.nextBlock(b);
                }
            }
            if (cold) {
                return true;
            }
        }
    }

    private void place(int count) {
        if (isPlaced(count)) {
            return;
        }
        for (int i = 0; i < count; i++) {
            graph.removeBlock(order[i]);
        }
        for (int i = 0; i < count; i++) {
            if (!graph.isCold(order[i])) {
                graph.appendBlock(order[i]);
            }
        }
        for (int i = 0; i < count; i++) {
            if (graph.isCold(order[i])) {
                graph.appendBlock(order[i]);
            }
        }
    }
}
