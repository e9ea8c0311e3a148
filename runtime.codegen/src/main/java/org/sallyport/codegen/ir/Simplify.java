package org.sallyport.codegen.ir;

/**
 * Computes operations on constants and applies the {@link Rules}, in one walk over the blocks. What a rule makes is
 * visited next, so
 * that rules feed each other.
 */
final class Simplify {
    /**
     * Rules applied to one instruction; each makes it simpler, so this only guards against a faulty pair of rules.
     */
    private static final int LIMIT = 32;

    private final Rewriter rewriter = new Rewriter();
    private Graph graph = Graph.NOTHING;

    void run(Graph of) {
        begin(of);
        for (int b = graph.firstBlock(); b >= 0; b = graph.nextBlock(b)) {
            int v = graph.first(b);
            while (v >= 0) {
                graph.resolveOperands(v);
                int next = graph.next(v);
                int by = rewrite(v);
                if (rewriter.firstNew() >= 0) {
                    next = rewriter.firstNew();
                }
                if (by != v) {
                    graph.replace(v, by);
                    graph.remove(v);
                }
                v = next;
            }
        }
        graph.allResolved();
    }

    void begin(Graph of) {
        graph = of;
        rewriter.begin(of);
    }

    /**
     * The first instruction that the last {@link #rewrite} made, or -1: they stand before the rewritten one,
     * unvisited.
     */
    int firstNew() {
        return rewriter.firstNew();
    }

    /** The value that {@code v} is worth: {@code v} itself (perhaps changed in place) or another one. */
    int rewrite(int v) {
        rewriter.moveTo(v);
        for (int i = 0; i < LIMIT; i++) {
            int by = step(v);
            if (by == Rewriter.NO) {
                return v;
            }
            if (by != v) {
                return by;
            }
            if (rewriter.firstNew() >= 0) {
                return v; // visited again behind the new ones
            }
        }
        return v;
    }

    private int step(int v) {
        Op op = graph.op(v);
        int operands = op.operandCount();
        if (operands == 0) {
            return Rewriter.NO;
        }
        int x = graph.a(v);
        int y = graph.b(v);
        boolean isConstant = operands > 1 && graph.isConst(y);
        if (operands == 2 && graph.isConst(x)) {
            if (isConstant) {
                int folded = fold(v, op, x, y);
                if (folded >= 0) {
                    return folded;
                }
            } else if (swapOperands(v, op, x, y)) {
                return v;
            }
        } else if (operands == 1 && graph.isConst(x)) {
            int folded = fold(v, op, x, x);
            if (folded >= 0) {
                return folded;
            }
        }
        Rule[] rules = Rules.TABLE[op.ordinal()];
        if (rules.length == 0) {
            return Rewriter.NO;
        }
        Op first = graph.op(x);
        for (Rule rule : rules) {
            int by = rule.when().holds(first, isConstant) ? rule.apply(rewriter, v, x, y) : Rewriter.NO;
            if (by != Rewriter.NO) {
                return by;
            }
        }
        return Rewriter.NO;
    }

    private int fold(int v, Op op, int x, int y) {
        Type type = graph.type(x);
        Type result = graph.type(v);
        boolean isOfObjects = result == Type.REF || type == Type.REF && !op.isCompare();
        if (result == Type.VOID || type == Type.V128 || result == Type.V128 || isOfObjects
                || !Fold.isExact(op, type, result, graph.imm(x), graph.imm(y))) {
            return Rewriter.NO;
        }
        long value = Fold.compute(op, type, result, graph.imm(x), graph.imm(y));
        graph.become(v, Op.CONST, result, -1, -1, -1, value, 0);
        return v;
    }

    /** Puts a constant first operand second. */
    private boolean swapOperands(int v, Op op, int x, int y) {
        Op swapped = op.isCompare() ? op.swapped() : op;
        if (!graph.commutes(v) && swapped == op) {
            return false;
        }
        graph.become(v, swapped, graph.type(v), y, x, -1, graph.imm(v), graph.aux(v));
        return true;
    }
}
