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

    // ---- what a branch asks: a comparison of an integer with a constant; the integer itself asks whether it is not 0

    /** The comparison, {@link Op#NE} for an integer itself. */
    static Op op(Graph graph, int condition) {
        return graph.op(condition).isCompare() ? graph.op(condition) : Op.NE;
    }

    /** What is compared. */
    static int tested(Graph graph, int condition) {
        return graph.op(condition).isCompare() ? graph.resolve(graph.a(condition)) : condition;
    }

    /** Whether it is compared with a constant, as an integer. */
    static boolean hasLimit(Graph graph, int condition) {
        return !graph.op(condition).isCompare()
                || graph.type(graph.a(condition)).isInt() && graph.isConst(graph.resolve(graph.b(condition)));
    }

    /** The constant; i32 sign-extended. */
    static long limit(Graph graph, int condition) {
        return graph.op(condition).isCompare() ? graph.imm(graph.resolve(graph.b(condition))) : 0;
    }
}
