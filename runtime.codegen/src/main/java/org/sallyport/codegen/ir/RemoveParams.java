package org.sallyport.codegen.ir;

/** Takes block parameters away together with the arguments of the jumps, for passes that found them superfluous. */
final class RemoveParams {

    @FunctionalInterface
    interface Test {
        boolean isSuperfluous(int param);
    }

    private RemoveParams() {}

    /** Removes the parameters of one block that the test names. */
    static void from(Graph graph, Cfg cfg, int b, Test test) {
        int n = graph.paramCount(b);
        int first = 0;
        while (first < n && !test.isSuperfluous(graph.param(b, first))) {
            first++;
        }
        if (first == n) {
            return;
        }
        for (int p = 0; p < cfg.predecessorCount(b); p++) {
            removeArguments(graph, b, graph.last(cfg.predecessor(b, p)), first, test);
        }
        int kept = first;
        for (int k = first; k < n; k++) {
            int param = graph.param(b, k);
            if (!test.isSuperfluous(param)) {
                graph.setParam(b, k, graph.param(b, kept)); // a superfluous one
                graph.setParam(b, kept++, param);
            }
        }
        graph.truncateParams(b, kept);
    }

    private static void removeArguments(Graph graph, int b, int jump, int first, Test test) {
        int kept = first;
        for (int k = first; k < graph.paramCount(b); k++) {
            graph.step();
            if (!test.isSuperfluous(graph.param(b, k))) {
                graph.setOperand(jump, kept++, graph.operand(jump, k));
            }
        }
        graph.resizeList(jump, kept);
    }
}
