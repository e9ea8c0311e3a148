package org.sallyport.codegen.ir;

import static org.sallyport.codegen.ir.LoopLocals.ensure;

import java.util.Arrays;

/**
 * Lets counters that come up to their limit from below zero, as producers like them, begin with 0 instead: what is added to
 * them becomes larger by as much. {@link Counters} finds a bound for such a counter, and then the sums that are addresses
 * cannot wrap around and need no instruction. Only counters that are used for nothing but sums with constants and the exit.
 */
final class ZeroCounters {
    private Cfg cfg = Graph.NO_CFG;
    private Graph graph = Graph.NOTHING;
    /** The counters found, with the test's block and the latch of each. */
    private int[] found = new int[12];
    private int count;
    /** By value: it is a counter that may begin with something else. */
    private boolean[] isCounter = new boolean[256];

    void run(Graph of) {
        graph = of;
        cfg = graph.cfg();
        count = 0;
        for (int i = 0; i < cfg.count(); i++) {
            int header = cfg.block(i);
            if (cfg.isLoopHeader(header) && cfg.predecessorCount(header) == 2) {
                int latch = cfg.predecessor(header, 1);
                int test = LoopTest.of(graph, cfg, header, latch);
                for (int k = 0; test >= 0 && k < graph.paramCount(header); k++) {
                    look(header, k, latch, test);
                }
            }
        }
        if (count > 0) {
            dropOthers();
            for (int i = 0; i < count; i += 3) {
                if (isCounter[found[i]]) {
                    rebase(found[i], found[i + 1], found[i + 2]);
                }
            }
            graph.resolveAll();
        }
    }

    private void look(int header, int k, int latch, int test) {
        int counter = graph.param(header, k);
        int start = argument(cfg.predecessor(header, 0), k);
        int next = argument(latch, k);
        int condition = graph.a(graph.last(test));
        boolean counts = graph.type(counter) == Type.I32 && graph.isConst(start) && graph.imm(start) < 0
                && LoopTest.isStep(graph, next, counter) && graph.imm(graph.b(next)) > 0;
        if (!counts || !LoopTest.hasLimit(graph, condition)) {
            return;
        }
        Op op = LoopTest.op(graph, condition);
        int tested = LoopTest.tested(graph, condition);
        if ((op == Op.NE || op == Op.EQ) && (tested == counter || tested == next)) {
            found = ensure(found, count + 2);
            found[count++] = counter;
            found[count++] = test;
            found[count++] = latch;
        }
    }

    private int argument(int block, int k) {
        return graph.operand(graph.last(block), k);
    }

    /** Unmarks counters that are used otherwise. */
    private void dropOthers() {
        if (isCounter.length < graph.size()) {
            isCounter = new boolean[graph.size() * 2];
        } else {
            Arrays.fill(isCounter, false);
        }
        for (int i = 0; i < count; i += 3) {
            isCounter[found[i]] = true;
        }
        for (int b = graph.firstBlock(); b >= 0; b = graph.nextBlock(b)) {
            for (int v = graph.first(b); v >= 0; v = graph.next(v)) {
                Op op = graph.op(v);
                if ((op == Op.ADD || op == Op.EQ || op == Op.NE) && graph.isConst(graph.b(v))) {
                    continue;
                }
                for (int k = graph.operandCount(v) - 1; k >= 0; k--) {
                    isCounter[graph.operand(v, k)] = false;
                }
            }
        }
    }

    /** With c = start + q, where q begins with 0: the exit asks for q, and all else for the sum. */
    private void rebase(int counter, int test, int latch) {
        int header = graph.blockOf(counter);
        int k = 0;
        while (graph.param(header, k) != counter) {
            k++;
        }
        int entering = graph.last(cfg.predecessor(header, 0));
        long start = graph.imm(graph.operand(entering, k));
        int next = argument(latch, k);
        int branch = graph.last(test);
        int condition = graph.a(branch);

        int zeroBased = graph.create(Op.PARAM, Type.I32, -1, -1, -1, 0, 0);
        graph.setParam(header, k, zeroBased);
        int zero = constant(entering, 0);
        graph.setOperand(entering, k, zero);
        int ahead = graph.create(Op.ADD, Type.I32, zeroBased, constant(next, graph.imm(graph.b(next))), -1, 0, 0);
        graph.insertBefore(next, ahead);
        graph.setOperand(graph.last(latch), k, ahead);
        int asked = LoopTest.tested(graph, condition) == next ? ahead : zeroBased;
        int limit = constant(branch, LoopTest.limit(graph, condition) - start);
        int exit = graph.create(LoopTest.op(graph, condition), Type.I32, asked, limit, -1, 0, 0);
        graph.insertBefore(branch, exit);
        graph.setA(branch, exit);

        int first = graph.first(header);
        int sum = graph.create(Op.ADD, Type.I32, zeroBased, constant(first, start), -1, 0, 0);
        graph.insertBefore(first, sum);
        graph.replace(counter, sum);
    }

    private int constant(int before, long value) {
        return graph.insertBefore(before, graph.create(Op.CONST, Type.I32, -1, -1, -1, (int) value, 0));
    }
}
