package org.sallyport.codegen.ir;

import static org.sallyport.codegen.ir.LoopLocals.ensure;

/**
 * Repeats the body of a loop that goes round a known number of times, so that the exit is tested once for several rounds, or
 * never: what a round hands to the next one is then a name instead of a move, and sums of a counter and constants become
 * offsets.
 *
 * <p>Only loops of one block are repeated, whose exit depends on a counter that begins with a constant, and only by divisors
 * of the number of rounds; nothing is left over, and nothing is computed that was not before.
 */
final class UnrollLoops {
    /** Instructions, constants not counted, of a body after it was repeated. */
    private static final int MAX_BODY = 160;
    /** Bodies in a round, if the loop does not disappear. */
    private static final int MAX_BODIES = 8;
    /** Rounds of a loop; those of others are not counted to the end. */
    private static final int MAX_ROUNDS = 1 << 10;

    private Cfg cfg = Graph.NO_CFG;
    private Graph graph = Graph.NOTHING;
    /** By value of the body or parameter of its block: what it is in the round being made, and the same for the next one. */
    private int[] now = new int[256];
    private int[] then = new int[16];
    private int[] old = new int[16];

    void run(Graph of) {
        graph = of;
        cfg = graph.cfg();
        int count = cfg.count();
        boolean changed = false;
        for (int i = count - 1; i >= 0; i--) {
            int b = cfg.block(i);
            if (cfg.isLoopHeader(b)) {
                changed |= loop(b);
            }
        }
        if (changed) {
            graph.resolveAll();
        }
    }

    private boolean loop(int block) {
        int latch = cfg.predecessorCount(block) == 2 ? cfg.predecessor(block, 1) : -1;
        if (latch < 0 || LoopTest.of(graph, cfg, block, latch) != block || graph.first(latch) != graph.last(latch)) {
            return false;
        }
        int size = size(block);
        int rounds = 2 * size <= MAX_BODY ? rounds(block, latch) : 0;
        int bodies = bodies(size, rounds);
        if (bodies < 2) {
            return false;
        }
        repeat(block, latch, bodies);
        if (bodies == rounds) {
            leave(block, latch);
        }
        return true;
    }

    /** Instructions of the block besides constants and the branch; too many if they should not be repeated. */
    private int size(int block) {
        int size = 0;
        for (int v = graph.first(block); v != graph.last(block); v = graph.next(v)) {
            Op op = graph.op(v);
            if (op.isCall() || op == Op.CALL_HELPER || op == Op.RESULT) {
                return MAX_BODY;
            }
            if (op != Op.CONST && ++size == MAX_BODY) {
                return MAX_BODY;
            }
        }
        return Math.max(size, 1);
    }

    /** The largest divisor of the number of rounds that is not too many; 1 if there is none. */
    private static int bodies(int size, int rounds) {
        int most = Math.min(rounds, MAX_BODY / size);
        if (most == rounds) {
            return rounds;
        }
        most = Math.min(most, MAX_BODIES);
        while (most > 1 && rounds % most != 0) {
            most--;
        }
        return most;
    }

    // ---- how often

    /** How often the block is run, from the edge that enters the loop to the one that leaves it; 0 if that is not known. */
    private int rounds(int block, int latch) {
        int condition = graph.a(graph.last(block));
        if (!LoopTest.hasLimit(graph, condition)) {
            return 0;
        }
        int tested = LoopTest.tested(graph, condition);
        for (int k = 0; k < graph.paramCount(block); k++) {
            int counter = graph.param(block, k);
            int next = graph.operand(graph.last(latch), k);
            int start = graph.operand(graph.last(cfg.predecessor(block, 0)), k);
            if ((tested == counter || tested == next) && graph.isConst(start) && LoopTest.isStep(graph, next, counter)) {
                long step = graph.imm(graph.b(next));
                return rounds(block, latch, condition, graph.imm(start) + (tested == next ? step : 0), step);
            }
        }
        return 0;
    }

    /** @param first what is tested in the first round */
    private int rounds(int block, int latch, int condition, long first, long step) {
        Op op = LoopTest.op(graph, condition);
        Type type = graph.type(LoopTest.tested(graph, condition));
        long limit = LoopTest.limit(graph, condition);
        long back = graph.successor(block, 0) == latch ? 1 : 0;
        long x = first;
        for (int n = 1; n <= MAX_ROUNDS; n++) {
            graph.step();
            x = type == Type.I32 ? (int) x : x;
            if (Fold.compute(op, type, Type.I32, x, limit) != back) {
                return n;
            }
            x += step;
        }
        return 0;
    }

    // ---- repeating

    /**
     * Puts copies of the body before it. The values that the rest of the function uses stay those of the last body; only what
     * were the parameters are now what the last copy passes on.
     */
    private void repeat(int block, int latch, int bodies) {
        int first = graph.first(block);
        int end = graph.last(block);
        int params = graph.paramCount(block);
        now = ensure(now, graph.size());
        then = ensure(then, params);
        old = ensure(old, params);
        for (int k = 0; k < params; k++) {
            old[k] = graph.param(block, k);
            int param = graph.create(Op.PARAM, graph.type(old[k]), -1, -1, -1, graph.imm(old[k]), 0);
            graph.setParam(block, k, param);
            now[old[k]] = param;
        }
        for (int i = 1; i < bodies; i++) {
            for (int v = first; v != end; v = graph.next(v)) {
                int copy = graph.copy(v);
                for (int k = 0; k < graph.operandCount(copy); k++) {
                    graph.setOperand(copy, k, mapped(graph.operand(copy, k), block));
                }
                graph.insertBefore(first, copy);
                now[v] = copy;
            }
            pass(block, latch, params);
        }
        for (int k = 0; k < params; k++) {
            graph.replace(old[k], now[old[k]]);
        }
    }

    /** What stood in the block, or was its parameter, is another value in each round. */
    private int mapped(int v, int block) {
        return graph.blockOf(v) == block ? now[v] : v;
    }

    private void pass(int block, int latch, int params) {
        for (int k = 0; k < params; k++) {
            then[k] = mapped(graph.operand(graph.last(latch), k), block);
        }
        for (int k = 0; k < params; k++) {
            now[old[k]] = then[k];
        }
    }

    /** All rounds are in the body: it goes on behind the loop. */
    private void leave(int block, int latch) {
        int exit = graph.successor(block, graph.successor(block, 0) == latch ? 1 : 0);
        int entering = graph.last(cfg.predecessor(block, 0));
        for (int k = 0; k < graph.paramCount(block); k++) {
            graph.replace(graph.param(block, k), graph.operand(entering, k));
        }
        graph.truncateParams(block, 0);
        graph.resizeList(entering, 0);
        graph.setPosition(graph.position(graph.last(block)));
        graph.remove(graph.last(block));
        graph.appendJump(block, exit);
        graph.remove(graph.last(latch));
        graph.removeBlock(latch);
    }
}
