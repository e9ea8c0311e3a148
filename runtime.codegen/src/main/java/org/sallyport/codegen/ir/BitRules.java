package org.sallyport.codegen.ir;

import static org.sallyport.codegen.ir.ArithmeticRules.in;
import static org.sallyport.codegen.ir.ArithmeticRules.inConst;
import static org.sallyport.codegen.ir.Rewriter.NO;
import static org.sallyport.codegen.ir.Rule.constant;
import static org.sallyport.codegen.ir.Rule.first;

/** Rules for and, or, exclusive or. */
final class BitRules {
    private BitRules() {}

    static void addTo(Rules t) {
        conjunction(t);
        disjunction(t);
        exclusive(t);
    }

    private static void conjunction(Rules t) {
        t.add(Op.AND, "and-self", (_, _, x, y) -> x == y ? x : NO);
        t.add(Op.AND, "and-zero", constant(), (r, _, _, y) -> r.isConst(y, 0) ? y : NO);
        t.add(Op.AND, "and-known", constant(), (r, _, x, y) -> {
            if (!r.isConst(y)) {
                return NO;
            }
            long possible = r.possible(x);
            long mask = r.unsigned(y);
            if ((possible & mask) == 0) {
                return r.constantLike(y, 0);
            }
            return (possible & ~mask) == 0 ? x : NO;
        });
        t.add(Op.AND, "and-and-const", constant(Op.AND), (r, v, x, y) -> r.isConst(y) && r.isWithConst(x, Op.AND)
                ? inConst(r, v, Op.AND, r.a(x), r.value(r.b(x)) & r.value(y)) : NO);
        t.add(Op.AND, "and-or-const", constant(Op.OR), (r, v, x, y) -> {
            if (!r.isConst(y) || !r.isWithConst(x, Op.OR)) {
                return NO;
            }
            if ((r.value(r.b(x)) & r.value(y)) == 0) {
                return in(r, v, Op.AND, r.a(x), y);
            }
            return (r.value(r.b(x)) & r.value(y)) == r.value(y) ? y : NO;
        });
        t.add(Op.AND, "and-low-half", constant(), (r, _, x, y) -> r.type(x) == Type.I64 && r.isConst(y, 0xFFFF_FFFFL)
                ? r.unary(Op.EXTEND_U, Type.I64, r.unary(Op.WRAP, Type.I32, x)) : NO);
        t.add(Op.AND, "and-sign-extended", constant(Op.EXTEND8_S, Op.EXTEND16_S), (r, v, x, y) -> {
            if (!r.isConst(y)) {
                return NO;
            }
            long mask = r.unsigned(y);
            boolean hides = r.is(x, Op.EXTEND8_S) && mask <= 0xFF && mask >= 0
                    || r.is(x, Op.EXTEND16_S) && mask <= 0xFFFF && mask >= 0;
            return hides ? in(r, v, Op.AND, r.a(x), y) : NO;
        });
    }

    private static void disjunction(Rules t) {
        t.add(Op.OR, "or-self", (_, _, x, y) -> x == y ? x : NO);
        t.add(Op.OR, "or-const", constant(), (r, _, x, y) -> r.isConst(y, 0) ? x : r.isConst(y, -1) ? y : NO);
        t.add(Op.OR, "or-or-const", constant(Op.OR), (r, v, x, y) -> r.isConst(y) && r.isWithConst(x, Op.OR)
                ? inConst(r, v, Op.OR, r.a(x), r.value(r.b(x)) | r.value(y)) : NO);
        t.add(Op.OR, "or-rotation", first(Op.SHL, Op.SHR_U), BitRules::rotation);
    }

    /** (x << n) | (x >>> width - n). */
    private static int rotation(Rewriter r, int v, int x, int y) {
        int left = r.isWithConst(x, Op.SHL) ? x : y;
        int right = left == x ? y : x;
        if (!r.isWithConst(left, Op.SHL) || !r.isWithConst(right, Op.SHR_U) || r.a(left) != r.a(right)) {
            return NO;
        }
        int width = r.bits(v);
        long up = r.value(r.b(left)) & width - 1;
        long down = r.value(r.b(right)) & width - 1;
        return up + down == width ? inConst(r, v, Op.ROTL, r.a(left), up) : NO;
    }

    private static void exclusive(Rules t) {
        t.add(Op.XOR, "xor-self", (r, _, x, y) -> x == y ? r.constantLike(x, 0) : NO);
        t.add(Op.XOR, "xor-zero", constant(), (r, _, x, y) -> r.isConst(y, 0) ? x : NO);
        t.add(Op.XOR, "xor-xor-const", constant(Op.XOR), (r, v, x, y) -> r.isConst(y) && r.isWithConst(x, Op.XOR)
                ? inConst(r, v, Op.XOR, r.a(x), r.value(r.b(x)) ^ r.value(y)) : NO);
        t.add(Op.XOR, "xor-cancels", (r, _, x, y) -> {
            if (r.is(x, Op.XOR)) {
                return r.a(x) == y ? r.b(x) : r.b(x) == y ? r.a(x) : NO;
            }
            return r.is(y, Op.XOR) ? r.a(y) == x ? r.b(y) : r.b(y) == x ? r.a(y) : NO : NO;
        });
        t.add(Op.XOR, "xor-compare", constant(), (r, _, x, y) -> {
            Op negated = r.isConst(y, 1) ? r.op(x).negated() : null;
            return negated == null ? NO : r.compare(negated, r.a(x), r.b(x));
        });
    }
}
