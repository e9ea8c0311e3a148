package org.sallyport.codegen.ir;

import static org.sallyport.codegen.ir.ArithmeticRules.in;
import static org.sallyport.codegen.ir.ArithmeticRules.inConst;
import static org.sallyport.codegen.ir.Rewriter.NO;
import static org.sallyport.codegen.ir.Rule.constant;
import static org.sallyport.codegen.ir.Rule.first;

/** Rules for shifts and rotations. */
final class ShiftRules {
    private static final Op[] ALL = {Op.SHL, Op.SHR_S, Op.SHR_U, Op.ROTL, Op.ROTR};

    private ShiftRules() {}

    static void addTo(Rules t) {
        for (Op op : ALL) {
            t.add(op, "shift-count-range", constant(), ShiftRules::normalizeCount);
            t.add(op, "shift-zero-count", constant(), (r, _, x, y) -> r.isConst(y, 0) ? x : NO);
            t.add(op, "shift-of-zero", first(Op.CONST), (r, _, x, _) -> r.isConst(x, 0) ? x : NO);
            t.add(op, "shift-count-mask", ShiftRules::dropMask);
        }
        twice(t);
        backAndForth(t);
        rotations(t);
    }

    private static int count(Rewriter r, int v) {
        return (int) r.value(r.b(v)) & r.bits(v) - 1;
    }

    private static int normalizeCount(Rewriter r, int v, int x, int y) {
        if (!r.isConst(y) || r.value(y) == count(r, v)) {
            return NO;
        }
        return inConst(r, v, r.op(v), x, count(r, v));
    }

    /** The machine takes the count modulo the width already. */
    private static int dropMask(Rewriter r, int v, int x, int y) {
        long needed = r.bits(v) - 1;
        if (r.isWithConst(y, Op.AND) && (r.value(r.b(y)) & needed) == needed) {
            return in(r, v, r.op(v), x, r.a(y));
        }
        boolean extended = r.is(y, Op.EXTEND_U) || r.is(y, Op.EXTEND_S);
        if (extended && r.isWithConst(r.a(y), Op.AND) && (r.value(r.b(r.a(y))) & needed) == needed) {
            return in(r, v, r.op(v), x, r.unary(Op.EXTEND_U, Type.I64, r.a(r.a(y))));
        }
        return NO;
    }

    private static void twice(Rules t) {
        for (Op op : new Op[] {Op.SHL, Op.SHR_U, Op.SHR_S}) {
            t.add(op, "shift-shift", constant(op), (r, v, x, y) -> {
                if (!r.isConst(y) || !r.isWithConst(x, op)) {
                    return NO;
                }
                int sum = count(r, v) + count(r, x);
                int width = r.bits(v);
                if (sum < width) {
                    return inConst(r, v, op, r.a(x), sum);
                }
                return op == Op.SHR_S ? inConst(r, v, op, r.a(x), width - 1) : r.constantLike(x, 0);
            });
        }
        t.add(Op.SHR_S, "shift-sign-known", constant(), (r, v, x, y) -> {
            long sign = 1L << r.bits(v) - 1;
            return r.isConst(y) && (r.possible(x) & sign) == 0 ? in(r, v, Op.SHR_U, x, y) : NO;
        });
    }

    private static void backAndForth(Rules t) {
        t.add(Op.SHL, "shift-right-left", constant(Op.SHR_U, Op.SHR_S), (r, v, x, y) -> {
            boolean right = r.isWithConst(x, Op.SHR_U) || r.isWithConst(x, Op.SHR_S);
            return right && r.isConst(y) && count(r, x) == count(r, v)
                    ? inConst(r, v, Op.AND, r.a(x), -1L << count(r, v)) : NO;
        });
        t.add(Op.SHR_U, "shift-left-right", constant(Op.SHL), (r, v, x, y) -> {
            if (!r.isConst(y) || !r.isWithConst(x, Op.SHL) || count(r, x) != count(r, v)) {
                return NO;
            }
            return inConst(r, v, Op.AND, r.a(x), -1L >>> 64 - r.bits(v) + count(r, v));
        });
        t.add(Op.SHR_S, "shift-extends", constant(Op.SHL), ShiftRules::signExtension);
    }

    private static int signExtension(Rewriter r, int v, int x, int y) {
        if (!r.isConst(y) || !r.isWithConst(x, Op.SHL) || count(r, x) != count(r, v)) {
            return NO;
        }
        return switch (r.bits(v) - count(r, v)) {
            case 8 -> r.unary(Op.EXTEND8_S, r.type(v), r.a(x));
            case 16 -> r.unary(Op.EXTEND16_S, r.type(v), r.a(x));
            case 32 -> r.unary(Op.EXTEND_S, Type.I64, r.unary(Op.WRAP, Type.I32, r.a(x)));
            default -> NO;
        };
    }

    private static void rotations(Rules t) {
        t.add(Op.ROTR, "rotr-const", constant(), (r, v, x, _) -> inConst(r, v, Op.ROTL, x, r.bits(v) - count(r, v)));
        t.add(Op.ROTL, "rotl-rotl", constant(Op.ROTL), (r, v, x, y) -> r.isConst(y) && r.isWithConst(x, Op.ROTL)
                ? inConst(r, v, Op.ROTL, r.a(x), count(r, v) + count(r, x)) : NO);
    }
}
