package org.sallyport.codegen.ir;

/**
 * Lets the test at a loop's end look at the counter's next value instead of its old one: {@code i != k} becomes
 * {@code next != k + c} where {@code next = i + c} is what the next round begins with. The old value is then dead when
 * the next one is made, so that both can share a register. Equality is the same in modular arithmetic; order is, where the
 * counter's bound ({@link Counters}) says that neither sum wraps around.
 */
final class ExitTests {
    private Cfg cfg = Graph.NO_CFG;
    private Graph graph = new Graph();

    void run(Graph of) {
        graph = of;
        cfg = graph.cfg();
        for (int i = 0; i < cfg.count(); i++) {
            int header = cfg.block(i);
            for (int k = 0; cfg.isLoopHeader(header) && k < cfg.predecessorCount(header); k++) {
                int latch = cfg.predecessor(header, k);
                int test = LoopTest.of(graph, cfg, header, latch);
                if (test >= 0) {
                    rewrite(header, latch, test);
                }
            }
        }
    }

    /** @param test the block that branches to the latch, whose jump goes back to the header */
    private void rewrite(int header, int latch, int test) {
        int branch = graph.last(test);
        int condition = graph.a(branch);
        Op op = graph.op(condition);
        if (!op.isCompare() || graph.blockOf(condition) != test || !graph.isConst(graph.b(condition))) {
            return;
        }
        int counter = graph.a(condition);
        if (graph.op(counter) != Op.PARAM || graph.blockOf(counter) != header) {
            return;
        }
        int next = graph.operand(graph.last(latch), indexOf(header, counter));
        boolean same = op == Op.EQ || op == Op.NE || keepsOrder(counter, next, graph.imm(graph.b(condition)));
        boolean isStep = LoopTest.isStep(graph, next, counter) && graph.blockOf(next) >= 0;
        if (same && isStep && cfg.dominates(graph.blockOf(next), test)) {
            replaceTest(branch, condition, next);
        }
    }

    /** Whether counter, limit and what is added to both are not negative and remain so. */
    private boolean keepsOrder(int counter, int next, long limit) {
        if (graph.imm(counter) == 0 || !LoopTest.isStep(graph, next, counter)) {
            return false;
        }
        long step = graph.imm(graph.b(next));
        return step > 0 && limit >= 0 && Math.max(graph.imm(counter), limit) + step <= Integer.MAX_VALUE;
    }

    private int indexOf(int header, int param) {
        int i = 0;
        while (graph.param(header, i) != param) {
            i++;
        }
        return i;
    }

    private void replaceTest(int branch, int condition, int next) {
        Type type = graph.type(next);
        long sum = graph.imm(graph.b(condition)) + graph.imm(graph.b(next));
        int bound = graph.create(Op.CONST, type, -1, -1, -1, type == Type.I32 ? (int) sum : sum, 0);
        int test = graph.create(graph.op(condition), Type.I32, next, bound, -1, 0, 0);
        graph.insertBefore(branch, bound);
        graph.insertBefore(branch, test);
        graph.setA(branch, test); // the old condition goes with the dead values
    }
}
