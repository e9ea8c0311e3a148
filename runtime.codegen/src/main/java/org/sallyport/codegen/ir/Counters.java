package org.sallyport.codegen.ir;

/**
 * Finds the greatest value of loop counters: parameters of a loop that begin with something small, grow by a constant
 * step, and whose loop goes round only while a comparison with a constant says so. The result is the parameter's
 * {@link Graph#imm} (0: unknown), which {@link KnownBits} reads: what is added to such a counter cannot wrap around.
 */
final class Counters {
    private static final long MAX_STEP = 1 << 16;
    private static final long MAX_BOUND = Integer.MAX_VALUE;

    private Cfg cfg = Graph.NO_CFG;
    private Graph graph = new Graph();

    void run(Graph of) {
        graph = of;
        cfg = graph.cfg();
        for (int i = 0; i < cfg.count(); i++) {
            int header = cfg.block(i);
            int latch = cfg.isLoopHeader(header) ? onlyLatch(header) : -1;
            if (latch >= 0) {
                for (int k = 0; k < graph.paramCount(header); k++) {
                    bound(header, k, latch);
                }
            }
        }
    }

    /** The block that jumps back to the header, if there is just one and it comes from a branch; else -1. */
    private int onlyLatch(int header) {
        int latch = -1;
        for (int k = 0; k < cfg.predecessorCount(header); k++) {
            int from = cfg.predecessor(header, k);
            if (cfg.number(from) >= cfg.number(header)) {
                if (latch >= 0) {
                    return -1;
                }
                latch = from;
            }
        }
        return latch >= 0 && LoopTest.of(graph, cfg, header, latch) >= 0 ? latch : -1;
    }

    private void bound(int header, int index, int latch) {
        int counter = graph.param(header, index);
        int next = graph.resolve(graph.operand(graph.last(latch), index));
        if (!LoopTest.isStep(graph, next, counter)) {
            return;
        }
        long step = graph.imm(graph.resolve(graph.b(next)));
        int test = cfg.predecessor(latch, 0);
        int branch = graph.last(test);
        int condition = graph.resolve(graph.a(branch));
        if (step <= 0 || step > MAX_STEP || !LoopTest.hasLimit(graph, condition)) {
            return;
        }
        int tested = LoopTest.tested(graph, condition);
        long limit = LoopTest.limit(graph, condition);
        Op op = LoopTest.op(graph, condition);
        if (tested != counter && tested != next) {
            return;
        }
        long start = greatestStart(header, index, latch);
        long most = most(op, graph.successor(test, 0) == latch, limit);
        if (start < 0 || most < 0) {
            return;
        }
        boolean exact = most == limit && isUnequal(op, graph.successor(test, 0) == latch);
        long bound = exact
                ? exactBound(header, index, latch, start, step, most, tested == next)
                : Math.max(start, tested == next ? most : most + step);
        if (bound > 0 && bound + step <= MAX_BOUND) {
            graph.setImm(counter, bound);
        }
    }

    private static boolean isUnequal(Op op, boolean holds) {
        return holds ? op == Op.NE : op == Op.EQ;
    }

    /** The greatest value for which the comparison sends it round, -1 if there is no such; for "unequal", the limit. */
    private static long most(Op op, boolean holds, long limit) {
        if (limit < 0 || limit > MAX_BOUND) {
            return -1;
        }
        return switch (op) {
            case NE -> holds ? limit : -1;
            case EQ -> holds ? -1 : limit;
            case LT_U, LT_S -> holds ? limit - 1 : -1;
            case LE_U, LE_S -> holds ? limit : -1;
            case GE_U, GE_S -> holds ? -1 : limit - 1;
            case GT_U, GT_S -> holds ? -1 : limit;
            default -> -1;
        };
    }

    /** Of what comes in from outside; -1 if it may be large. */
    private long greatestStart(int header, int index, int latch) {
        long greatest = 0;
        for (int k = 0; k < cfg.predecessorCount(header); k++) {
            int from = cfg.predecessor(header, k);
            if (from != latch) {
                long possible = KnownBits.possible(graph, graph.resolve(graph.operand(graph.last(from), index)));
                if (possible < 0 || possible > MAX_BOUND) {
                    return -1;
                }
                greatest = Math.max(greatest, possible == 0 ? 0 : -1L >>> Long.numberOfLeadingZeros(possible));
            }
        }
        return greatest;
    }

    /** A counter that must hit the limit exactly to leave: it does if it begins with a constant that fits. */
    private long exactBound(int header, int index, int latch, long start, long step, long limit, boolean testsNext) {
        for (int k = 0; k < cfg.predecessorCount(header); k++) {
            int from = cfg.predecessor(header, k);
            if (from == latch) {
                continue;
            }
            int value = graph.resolve(graph.operand(graph.last(from), index));
            long distance = graph.isConst(value) ? limit - graph.imm(value) : -1;
            if (distance < (testsNext ? 1 : 0) || distance % step != 0) {
                return -1;
            }
        }
        return Math.max(start, testsNext ? limit - step : limit);
    }
}
