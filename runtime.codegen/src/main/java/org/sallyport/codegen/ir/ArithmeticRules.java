package org.sallyport.codegen.ir;

import static org.sallyport.codegen.ir.Rewriter.NO;
import static org.sallyport.codegen.ir.Rule.constant;
import static org.sallyport.codegen.ir.Rule.first;

/** Rules for sums, products, float arithmetic and selections. */
final class ArithmeticRules {
    private ArithmeticRules() {}

    static void addTo(Rules t) {
        addition(t);
        subtraction(t);
        multiplication(t);
        floats(t);
        selection(t);
    }

    private static void addition(Rules t) {
        t.add(Op.ADD, "add-zero", constant(), (r, _, x, y) -> r.isConst(y, 0) ? x : NO);
        t.add(Op.ADD, "add-add-const", constant(Op.ADD), (r, v, x, y) -> r.isConst(y) && r.isWithConst(x, Op.ADD)
                ? inConst(r, v, Op.ADD, r.a(x), r.value(r.b(x)) + r.value(y)) : NO);
        t.add(Op.ADD, "add-const-minus", constant(Op.SUB), (r, _, x, y) -> r.isConst(r.a(x))
                ? r.binary(Op.SUB, r.constantLike(x, r.value(r.a(x)) + r.value(y)), r.b(x)) : NO);
        t.add(Op.ADD, "add-cancels", (r, _, x, y) -> r.is(x, Op.SUB) && r.b(x) == y ? r.a(x)
                : r.is(y, Op.SUB) && r.b(y) == x ? r.a(y) : NO);
        t.add(Op.ADD, "add-negative", (r, v, x, y) -> r.is(y, Op.SUB) && r.isConst(r.a(y), 0) ? in(r, v, Op.SUB, x, r.b(y))
                : r.is(x, Op.SUB) && r.isConst(r.a(x), 0) ? in(r, v, Op.SUB, y, r.b(x)) : NO);
    }

    private static void subtraction(Rules t) {
        t.add(Op.SUB, "sub-self", (r, _, x, y) -> x == y ? r.constantLike(x, 0) : NO);
        t.add(Op.SUB, "sub-const", constant(), (r, v, x, y) -> inConst(r, v, Op.ADD, x, -r.value(y)));
        t.add(Op.SUB, "sub-cancels", (r, _, x, y) -> {
            if (r.is(x, Op.ADD)) {
                return r.a(x) == y ? r.b(x) : r.b(x) == y ? r.a(x) : NO;
            }
            return r.is(y, Op.SUB) && r.a(y) == x ? r.b(y) : NO;
        });
        t.add(Op.SUB, "const-minus-sum", first(Op.CONST), (r, _, x, y) -> r.isConst(x) && r.isWithConst(y, Op.ADD)
                ? r.binary(Op.SUB, r.constantLike(x, r.value(x) - r.value(r.b(y))), r.a(y)) : NO);
        t.add(Op.SUB, "const-minus-difference", first(Op.CONST), (r, _, x, y) -> {
            if (!r.isConst(x) || !r.is(y, Op.SUB)) {
                return NO;
            }
            if (r.isConst(r.a(y))) {
                return r.binaryConst(Op.ADD, r.b(y), r.value(x) - r.value(r.a(y)));
            }
            return r.value(x) == 0 ? r.binary(Op.SUB, r.b(y), r.a(y)) : NO;
        });
    }

    private static void multiplication(Rules t) {
        t.add(Op.MUL, "mul-small", constant(), (r, _, x, y) -> {
            if (!r.isConst(y)) {
                return NO;
            }
            long c = r.value(y);
            if (c == 0) {
                return y;
            }
            return c == 1 ? x : c == -1 ? r.binary(Op.SUB, r.constantLike(x, 0), x) : NO;
        });
        t.add(Op.MUL, "mul-power-of-two", constant(), (r, v, x, y) -> r.isConst(y) && Long.bitCount(r.unsigned(y)) == 1
                ? inConst(r, v, Op.SHL, x, Long.numberOfTrailingZeros(r.unsigned(y))) : NO);
        t.add(Op.MUL, "mul-mul-const", constant(Op.MUL), (r, v, x, y) -> r.isConst(y) && r.isWithConst(x, Op.MUL)
                ? inConst(r, v, Op.MUL, r.a(x), r.value(r.b(x)) * r.value(y)) : NO);
        t.add(Op.MUL, "mul-shl-const", constant(Op.SHL), (r, v, x, y) -> r.isConst(y) && r.isWithConst(x, Op.SHL)
                ? inConst(r, v, Op.MUL, r.a(x), r.value(y) << r.value(r.b(x))) : NO);
    }

    private static void floats(Rules t) {
        t.add(Op.FNEG, "fneg-fneg", first(Op.FNEG), (r, _, x, _) -> r.is(x, Op.FNEG) ? r.a(x) : NO);
        t.add(Op.FABS, "fabs-of-sign-change", first(Op.FABS, Op.FNEG, Op.FCOPYSIGN), (r, v, x, _) -> {
            if (r.is(x, Op.FABS)) {
                return x;
            }
            if (!r.is(x, Op.FNEG) && !r.is(x, Op.FCOPYSIGN)) {
                return NO;
            }
            r.graph().setA(v, r.a(x));
            return v;
        });
        t.add(Op.FCOPYSIGN, "fcopysign-const", constant(), (r, _, x, y) -> {
            if (!r.isConst(y)) {
                return NO;
            }
            boolean negative = r.type(y) == Type.F32 ? (int) r.value(y) < 0 : r.value(y) < 0;
            int magnitude = r.unary(Op.FABS, r.type(x), x);
            return negative ? r.unary(Op.FNEG, r.type(x), magnitude) : magnitude;
        });
        t.add(Op.FDIV, "fdiv-power-of-two", constant(), (r, _, x, y) -> {
            if (!r.isConst(y)) {
                return NO;
            }
            long reciprocal = exactReciprocal(r.type(y), r.value(y));
            return reciprocal == 0 ? NO : r.binary(Op.FMUL, x, r.constantLike(y, reciprocal));
        });
    }

    /** Bits of 1/c when that is exact and normal (then dividing and multiplying round the same number); else 0. */
    private static long exactReciprocal(Type type, long bits) {
        if (type == Type.F32) {
            int exponent = (int) bits >>> 23 & 0xFF;
            boolean power = (bits & 0x7F_FFFF) == 0 && exponent >= 1 && exponent <= 253;
            return power ? Float.floatToRawIntBits(1 / Float.intBitsToFloat((int) bits)) & 0xFFFF_FFFFL : 0;
        }
        long exponent = bits >>> 52 & 0x7FF;
        boolean power = (bits & (1L << 52) - 1) == 0 && exponent >= 1 && exponent <= 2045;
        return power ? Double.doubleToRawLongBits(1 / Double.longBitsToDouble(bits)) : 0;
    }

    private static void selection(Rules t) {
        t.add(Op.SELECT, "select-const", first(Op.CONST), (r, v, x, y) -> r.value(x) != 0 ? y : r.c(v));
        t.add(Op.SELECT, "select-same", (r, v, _, y) -> y == r.c(v) ? y : NO);
        t.add(Op.SELECT, "select-not", first(Op.EQ), (r, v, x, y) -> {
            if (!r.is(x, Op.EQ) || !r.isConst(r.b(x), 0) || !r.isI32(r.a(x))) {
                return NO;
            }
            r.graph().become(v, Op.SELECT, r.type(v), r.a(x), r.c(v), y, 0, 0);
            return v;
        });
        t.add(Op.SELECT, "select-nonzero", first(Op.NE), (r, v, x, _) -> {
            if (!r.is(x, Op.NE) || !r.isConst(r.b(x), 0) || !r.isI32(r.a(x))) {
                return NO;
            }
            r.graph().setA(v, r.a(x));
            return v;
        });
        t.add(Op.SELECT, "select-boolean", constant(), (r, v, x, y) -> {
            if (!r.type(v).isInt() || !r.isConst(y) || !r.isConst(r.c(v)) || r.value(y) + r.value(r.c(v)) != 1
                    || r.value(y) >>> 1 != 0) {
                return NO;
            }
            boolean direct = r.value(y) == 1;
            int bit = direct && r.isBoolean(x) ? x : r.compareConst(direct ? Op.NE : Op.EQ, x, 0);
            return r.type(v) == Type.I32 ? bit : r.unary(Op.EXTEND_U, Type.I64, bit);
        });
        t.add(Op.GUARD, "guard-const", constant(Op.CONST), (r, _, x, y) -> r.value(x) != 0 ? y : NO);
    }

    /** Changes {@code v} to {@code op(x, y)} in place. */
    static int in(Rewriter r, int v, Op op, int x, int y) {
        r.graph().become(v, op, r.type(v), x, y, -1, 0, 0);
        return v;
    }

    /** Changes {@code v} to {@code op(x, constant)} in place; the constant is new. */
    static int inConst(Rewriter r, int v, Op op, int x, long constant) {
        return in(r, v, op, x, r.constantLike(x, constant));
    }
}
