package org.sallyport.codegen.ir;

/** How to recognize the end of a loop's round: a branch that decides on another one, and a counter that it looks at. */
final class LoopTest {
    private LoopTest() {}

    /**
     * The block whose branch leads to {@code latch}, and by its jump back to {@code header}, or elsewhere; -1 if the
     * loop does not go round like that.
     */
    static int of(Graph graph, Cfg cfg, int header, int latch) {
        boolean goesBack = cfg.number(latch) >= cfg.number(header)
                && cfg.predecessorCount(latch) == 1
                && graph.op(graph.last(latch)) == Op.JUMP
                && cfg.dominates(header, latch);
        if (!goesBack) {
            return -1;
        }
        int test = cfg.predecessor(latch, 0);
        boolean decides = graph.op(graph.last(test)) == Op.BRANCH && graph.successor(test, 0) != graph.successor(test, 1);
        return decides ? test : -1;
    }

    /** Whether {@code next} is {@code counter} plus a constant. */
    static boolean isStep(Graph graph, int next, int counter) {
        return graph.op(next) == Op.ADD
                && graph.resolve(graph.a(next)) == counter
                && graph.isConst(graph.resolve(graph.b(next)));
    }
}
