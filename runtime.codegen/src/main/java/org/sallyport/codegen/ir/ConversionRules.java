package org.sallyport.codegen.ir;

import static org.sallyport.codegen.ir.ArithmeticRules.in;
import static org.sallyport.codegen.ir.Rewriter.NO;
import static org.sallyport.codegen.ir.Rule.first;

/** Rules for extensions, wraps and reinterpretations. */
final class ConversionRules {
    private static final long LOW32 = 0xFFFF_FFFFL;

    private ConversionRules() {}

    static void addTo(Rules t) {
        signExtension(t, Op.EXTEND8_S, 8);
        signExtension(t, Op.EXTEND16_S, 16);
        t.add(Op.EXTEND_S, "extend-known-sign", (r, _, x, _) -> r.possible(x) >>> 31 == 0
                ? r.unary(Op.EXTEND_U, Type.I64, x) : NO);
        t.add(Op.EXTEND_U, "extend-wrap", first(Op.WRAP), (r, _, x, _) -> (r.possible(r.a(x)) & ~LOW32) == 0 ? r.a(x) : NO);
        wrap(t);
        t.add(Op.REINTERPRET, "reinterpret-back", first(Op.REINTERPRET), (r, _, x, _) -> r.a(x));
    }

    private static void signExtension(Rules t, Op op, int bits) {
        long low = (1L << bits) - 1;
        t.add(op, "extend-known", (r, _, x, _) -> r.possible(x) >>> bits - 1 == 0 ? x : NO);
        t.add(op, "extend-twice", first(Op.EXTEND8_S, Op.EXTEND16_S, Op.AND), (r, v, x, _) -> {
            if (r.is(x, Op.EXTEND8_S) || r.is(x, op)) {
                return r.is(x, Op.EXTEND8_S) && op == Op.EXTEND16_S || r.is(x, op) ? x : NO;
            }
            boolean hidden = r.isWithConst(x, Op.AND) && (r.value(r.b(x)) & low) == low
                    || r.is(x, Op.EXTEND16_S) && op == Op.EXTEND8_S;
            if (!hidden) {
                return NO;
            }
            r.graph().setA(v, r.a(x));
            return v;
        });
        t.add(op, "extend-loaded", first(Op.LOAD), (r, _, x, _) -> r.is(x, Op.LOAD) && r.graph().access(x).isSigned()
                && r.graph().access(x).bytes() * 8 <= bits ? x : NO);
    }

    private static void wrap(Rules t) {
        t.add(Op.WRAP, "wrap-extended", first(Op.EXTEND_U, Op.EXTEND_S), (r, _, x, _) -> r.a(x));
        t.add(Op.WRAP, "wrap-masked", first(Op.AND), (r, v, x, _) -> {
            if (!r.isWithConst(x, Op.AND) || (r.value(r.b(x)) & LOW32) != LOW32) {
                return NO;
            }
            r.graph().setA(v, r.a(x));
            return v;
        });
        t.add(Op.WRAP, "wrap-arithmetic", first(Op.ADD, Op.SUB, Op.MUL, Op.AND, Op.OR, Op.XOR, Op.SHL),
                ConversionRules::narrowArithmetic);
    }

    /** The low half of a sum, product or bit operation needs the low halves only; worth it where they are there already. */
    private static int narrowArithmetic(Rewriter r, int v, int x, int y) {
        switch (r.op(x)) {
            case ADD, SUB, MUL, AND, OR, XOR -> {
                int left = r.a(x);
                int right = r.b(x);
                if (!isNarrow(r, left) || !isNarrow(r, right)) {
                    return NO;
                }
                return in(r, v, r.op(x), low(r, left), low(r, right));
            }
            case SHL -> {
                boolean narrow = isNarrow(r, r.a(x)) && r.isConst(r.b(x)) && (r.value(r.b(x)) & 63) < 32;
                return narrow ? in(r, v, Op.SHL, low(r, r.a(x)), r.constant(Type.I32, r.value(r.b(x)) & 63)) : NO;
            }
            default -> {
                return NO;
            }
        }
    }

    private static boolean isNarrow(Rewriter r, int x) {
        return r.isConst(x) || r.is(x, Op.EXTEND_U) || r.is(x, Op.EXTEND_S);
    }

    private static int low(Rewriter r, int x) {
        return r.isConst(x) ? r.constant(Type.I32, r.value(x)) : r.a(x);
    }
}
