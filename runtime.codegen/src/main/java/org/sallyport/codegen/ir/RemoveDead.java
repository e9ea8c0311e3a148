package org.sallyport.codegen.ir;

import static org.sallyport.codegen.ir.LoopLocals.ensure;

/**
 * Removes instructions and block parameters whose values nobody needs. Needed are effects (stores, calls, traps, control) and
 * what they use, directly or through others; a cycle of parameters that only feed each other is not.
 */
final class RemoveDead {
    private Cfg cfg = Graph.NO_CFG;
    private Graph graph = Graph.NOTHING;
    private boolean[] needed = new boolean[256];
    private int[] index = new int[256];
    private int[] work = new int[64];
    private int workCount;

    void run(Graph of) {
        graph = of;
        cfg = graph.cfg();
        if (needed.length < graph.size()) {
            needed = new boolean[graph.size() * 2];
        } else {
            java.util.Arrays.fill(needed, 0, graph.size(), false);
        }
        index = ensure(index, graph.size());
        workCount = 0;
        for (int i = 0; i < cfg.count(); i++) {
            addRoots(cfg.block(i));
        }
        while (workCount > 0) {
            follow(work[--workCount]);
        }
        for (int i = 0; i < cfg.count(); i++) {
            sweep(cfg.block(i));
        }
    }

    private void addRoots(int b) {
        for (int k = 0; k < graph.paramCount(b); k++) {
            index[graph.param(b, k)] = k;
        }
        for (int v = graph.first(b); v >= 0; v = graph.next(v)) {
            if (isRoot(v)) {
                need(v);
            }
        }
    }

    private boolean isRoot(int v) {
        Op op = graph.op(v);
        return !op.isRemovable() && (!op.mayTrap() || op.writes() || graph.mayTrap(v));
    }

    private void need(int v) {
        if (!needed[v]) {
            needed[v] = true;
            work = ensure(work, workCount);
            work[workCount++] = v;
        }
    }

    private void follow(int v) {
        Op op = graph.op(v);
        if (op == Op.PARAM) {
            int b = graph.blockOf(v);
            for (int p = 0; p < cfg.predecessorCount(b); p++) {
                need(graph.operand(graph.last(cfg.predecessor(b, p)), index[v]));
            }
        } else if (op != Op.JUMP) { // a jump's arguments are needed where the parameters are
            for (int i = graph.operandCount(v) - 1; i >= 0; i--) {
                need(graph.operand(v, i));
            }
        }
    }

    private void sweep(int b) {
        RemoveParams.from(graph, cfg, b, param -> !needed[param]);
        for (int v = graph.first(b); v >= 0; v = graph.next(v)) {
            if (!needed[v]) {
                graph.remove(v);
            }
        }
    }
}
