package org.sallyport.codegen.ir;

/**
 * Joins charges of one block. A charge that is not checked may wait for the next one as long as nothing between them
 * traps, calls or ends the block: until then nobody can see the fuel. A check stays where it is, and charges no more:
 * else a guest would be stopped earlier than without this pass.
 */
final class MergeCharges {
    private Graph graph = Graph.NOTHING;

    void run(Graph of) {
        graph = of;
        if (!graph.hasMade(Op.CHARGE)) {
            return;
        }
        for (int b = graph.firstBlock(); b >= 0; b = graph.nextBlock(b)) {
            block(b);
        }
    }

    private void block(int b) {
        int waiting = -1;
        for (int v = graph.first(b), next; v >= 0; v = next) {
            next = graph.next(v);
            Op op = graph.op(v);
            if (op == Op.CHARGE_BY && graph.isConst(graph.a(v)) && graph.imm(graph.a(v)) == (int) graph.imm(graph.a(v))) {
                graph.become(v, Op.CHARGE, Type.VOID, -1, -1, -1, graph.imm(graph.a(v)), Graph.CHECKED_CHARGE);
                op = Op.CHARGE;
            }
            if (op == Op.CHARGE) {
                if (waiting >= 0) {
                    join(waiting, v);
                }
                waiting = graph.isCheckedCharge(v) ? -1 : v;
            } else if (op.isCall() || op.isTerminator() || graph.mayTrap(v)) {
                waiting = -1;
            }
        }
    }

    private void join(int first, int second) {
        long sum = graph.imm(first) + graph.imm(second);
        if (sum <= Integer.MAX_VALUE) {
            graph.setImm(second, sum);
            graph.remove(first);
        }
    }
}
