package org.sallyport.codegen.ir;

import static org.sallyport.codegen.ir.Rewriter.NO;
import static org.sallyport.codegen.ir.Rule.constant;
import static org.sallyport.codegen.ir.Rule.first;

/** Rules for integer comparisons and for what consumes conditions. */
final class CompareRules {
    private static final Op[] INTEGER =
            {Op.EQ, Op.NE, Op.LT_S, Op.LT_U, Op.GT_S, Op.GT_U, Op.LE_S, Op.LE_U, Op.GE_S, Op.GE_U};
    private static final long LOW32 = 0xFFFF_FFFFL;

    private CompareRules() {}

    static void addTo(Rules t) {
        for (Op op : INTEGER) {
            t.add(op, "compare-self", (r, v, x, y) -> x == y ? bool(r, op == Op.EQ || op == Op.LE_S || op == Op.LE_U
                    || op == Op.GE_S || op == Op.GE_U) : NO);
            t.add(op, "compare-extended", first(Op.EXTEND_U, Op.EXTEND_S), CompareRules::narrow);
            t.add(op, "compare-range", constant(), CompareRules::outOfRange);
        }
        equality(t);
        bounds(t);
        conditions(t);
    }

    private static int bool(Rewriter r, boolean value) {
        return r.constant(Type.I32, value ? 1 : 0);
    }

    private static int in(Rewriter r, int v, Op op, int x, int y) {
        r.graph().become(v, op, Type.I32, x, y, -1, 0, 0);
        return v;
    }

    private static int inConst(Rewriter r, int v, Op op, int x, long constant) {
        return in(r, v, op, x, r.constantLike(x, constant));
    }

    private static boolean isSigned(Op op) {
        return op == Op.LT_S || op == Op.GT_S || op == Op.LE_S || op == Op.GE_S;
    }

    private static boolean isUnsigned(Op op) {
        return op == Op.LT_U || op == Op.GT_U || op == Op.LE_U || op == Op.GE_U;
    }

    /** Compares i64 values that were extended from i32 as i32. Zero-extended ones are ordered unsigned either way. */
    private static int narrow(Rewriter r, int v, int x, int y) {
        Op op = r.op(v);
        Op extension = r.op(x);
        boolean zero = extension == Op.EXTEND_U;
        if (!zero && (extension != Op.EXTEND_S || isUnsigned(op))) {
            return NO;
        }
        if (r.is(y, extension)) {
            return in(r, v, zero ? unsigned(op) : op, r.a(x), r.a(y));
        }
        if (!r.isConst(y) || (zero ? r.value(y) != (r.value(y) & LOW32) : r.value(y) != (int) r.value(y))) {
            return NO;
        }
        return in(r, v, zero ? unsigned(op) : op, r.a(x), r.constant(Type.I32, r.value(y)));
    }

    private static Op unsigned(Op op) {
        return switch (op) {
            case LT_S -> Op.LT_U;
            case GT_S -> Op.GT_U;
            case LE_S -> Op.LE_U;
            case GE_S -> Op.GE_U;
            default -> op;
        };
    }

    /** The bits that {@code x} can have decide the comparison with a constant. */
    private static int outOfRange(Rewriter r, int v, int x, int y) {
        if (!r.isConst(y)) {
            return NO;
        }
        Op op = r.op(v);
        long possible = r.possible(x);
        long c = r.unsigned(y);
        if (op == Op.EQ || op == Op.NE) {
            return (c & ~possible) != 0 ? bool(r, op == Op.NE) : NO;
        }
        long max = possible == 0 ? 0 : -1L >>> Long.numberOfLeadingZeros(possible);
        boolean nonNegative = (max & 1L << r.bits(x) - 1) == 0;
        if (isSigned(op)) {
            if (!nonNegative) {
                return NO;
            }
            if (r.value(y) < 0) {
                return bool(r, op == Op.GT_S || op == Op.GE_S);
            }
        }
        return switch (unsigned(op)) {
            case LT_U -> Long.compareUnsigned(max, c) < 0 ? bool(r, true) : NO;
            case LE_U -> Long.compareUnsigned(max, c) <= 0 ? bool(r, true) : NO;
            case GT_U -> Long.compareUnsigned(max, c) <= 0 ? bool(r, false) : NO;
            default -> Long.compareUnsigned(max, c) < 0 ? bool(r, false) : NO;
        };
    }

    private static void equality(Rules t) {
        for (Op op : new Op[] {Op.EQ, Op.NE}) {
            t.add(op, "equal-boolean", constant(), (r, _, x, y) -> {
                if (!r.isI32(x) || !r.isConst(y) || r.value(y) >>> 1 != 0 || !r.isBoolean(x)) {
                    return NO;
                }
                if ((op == Op.EQ) == (r.value(y) == 1)) {
                    return x;
                }
                Op negated = r.op(x).negated();
                return negated == null ? NO : r.compare(negated, r.a(x), r.b(x));
            });
            t.add(op, "equal-sum", constant(Op.ADD), (r, v, x, y) -> r.isConst(y) && r.isWithConst(x, Op.ADD)
                    ? inConst(r, v, op, r.a(x), r.value(y) - r.value(r.b(x))) : NO);
            t.add(op, "equal-difference", constant(Op.SUB, Op.XOR), (r, v, x, y) -> r.isConst(y, 0)
                    ? in(r, v, op, r.a(x), r.b(x)) : NO);
            t.add(op, "equal-xor", constant(Op.XOR), (r, v, x, y) -> r.isConst(y) && r.isWithConst(x, Op.XOR)
                    ? inConst(r, v, op, r.a(x), r.value(y) ^ r.value(r.b(x))) : NO);
            t.add(op, "equal-bit", constant(Op.AND), (r, v, x, y) -> {
                boolean oneBit = r.isConst(y) && r.isWithConst(x, Op.AND) && r.value(r.b(x)) == r.value(y)
                        && Long.bitCount(r.unsigned(y)) == 1;
                return oneBit ? inConst(r, v, op == Op.EQ ? Op.NE : Op.EQ, x, 0) : NO;
            });
            t.add(op, "equal-wrapped", constant(Op.WRAP), (r, v, x, y) -> r.is(x, Op.WRAP) && r.isConst(y)
                    && (r.possible(r.a(x)) & ~LOW32) == 0
                    ? inConst(r, v, op, r.a(x), r.value(y) & LOW32) : NO);
        }
    }

    private static void bounds(Rules t) {
        t.add(Op.LT_U, "below-zero", constant(), (r, _, _, y) -> r.isConst(y, 0) ? bool(r, false) : NO);
        t.add(Op.GE_U, "not-below-zero", constant(), (r, _, _, y) -> r.isConst(y, 0) ? bool(r, true) : NO);
        t.add(Op.GT_U, "above-zero", constant(), (r, v, x, y) -> r.isConst(y, 0) ? in(r, v, Op.NE, x, y) : NO);
        t.add(Op.LE_U, "not-above-zero", constant(), (r, v, x, y) -> r.isConst(y, 0) ? in(r, v, Op.EQ, x, y) : NO);
        t.add(Op.LT_U, "below-one", constant(), (r, v, x, y) -> r.isConst(y, 1) ? inConst(r, v, Op.EQ, x, 0) : NO);
        t.add(Op.GE_U, "at-least-one", constant(), (r, v, x, y) -> r.isConst(y, 1) ? inConst(r, v, Op.NE, x, 0) : NO);
    }

    private static void conditions(Rules t) {
        t.add(Op.BRANCH, "branch-condition", first(Op.EQ, Op.NE), (r, v, x, _) -> {
            if (!isZeroTest(r, x)) {
                return NO;
            }
            Graph graph = r.graph();
            graph.setA(v, r.a(x));
            if (r.is(x, Op.EQ)) {
                int b = graph.blockOf(v);
                int yes = graph.successor(b, 0);
                graph.setSuccessor(b, 0, graph.successor(b, 1));
                graph.setSuccessor(b, 1, yes);
            }
            return v;
        });
        for (Op op : new Op[] {Op.TRAP_IF, Op.TRAP_UNLESS}) {
            t.add(op, "trap-condition", first(Op.EQ, Op.NE), (r, v, x, _) -> {
                if (!isZeroTest(r, x)) {
                    return NO;
                }
                Op opposite = op == Op.TRAP_IF ? Op.TRAP_UNLESS : Op.TRAP_IF;
                r.graph().become(v, r.is(x, Op.EQ) ? opposite : op, Type.VOID, r.a(x), -1, -1, r.graph().imm(v), 0);
                return v;
            });
        }
    }

    /** (x == 0) or (x != 0) of an i32, which a condition tells apart by itself. */
    private static boolean isZeroTest(Rewriter r, int x) {
        return (r.is(x, Op.EQ) || r.is(x, Op.NE)) && r.isConst(r.b(x), 0) && r.isI32(r.a(x));
    }
}
