package org.sallyport.codegen.ir;

import static org.sallyport.codegen.ir.Rewriter.NO;
import static org.sallyport.codegen.ir.Rule.constant;
import static org.sallyport.codegen.ir.Rule.first;
import static org.sallyport.codegen.ir.VectorRewriter.binary;
import static org.sallyport.codegen.ir.VectorRewriter.halves;
import static org.sallyport.codegen.ir.VectorRewriter.is;
import static org.sallyport.codegen.ir.VectorRewriter.isMask;
import static org.sallyport.codegen.ir.VectorRewriter.isOfIntegers;
import static org.sallyport.codegen.ir.VectorRewriter.isOnes;
import static org.sallyport.codegen.ir.VectorRewriter.isZero;
import static org.sallyport.codegen.ir.VectorRewriter.ternary;
import static org.sallyport.codegen.ir.VectorRewriter.unary;

import org.jspecify.annotations.Nullable;
import org.sallyport.wasm.LaneShape;

/** Rules for operations in all lanes of vectors; {@link LaneRules} has those that take lanes apart. */
final class VectorRules {
    private VectorRules() {}

    static void addTo(Rules t) {
        unaries(t);
        bits(t);
        arithmetic(t);
        selections(t);
        shifts(t);
    }

    // ---- one operand

    private static void unaries(Rules t) {
        t.add(Op.VUNARY, "vector-unary-const", first(Op.CONST), (r, v, x, _) -> {
            var fold = new FoldVector();
            long[] a = halves(r, x);
            return fold.unary(r.graph().lane(v), r.graph().aux(v), a[0], a[1]) ? VectorRewriter.constant(r, fold) : NO;
        });
        t.add(Op.VUNARY, "vector-twice", first(Op.VUNARY), (r, v, x, _) -> {
            LaneOp op = r.graph().lane(v);
            boolean same = r.graph().aux(v) == r.graph().aux(x);
            if (same && (op == LaneOp.NOT || op == LaneOp.NEG)) {
                return r.a(x);
            }
            if (op == LaneOp.ABS && same && !isOfIntegers(r, v)) {
                return x;
            }
            boolean ofNegated = op == LaneOp.ABS && is(r, x, LaneOp.NEG, r.graph().shape(v));
            return ofNegated ? unary(r, LaneOp.ABS, r.graph().shape(v), r.a(x)) : NO;
        });
        t.add(Op.VUNARY, "vector-not-compare", first(Op.VBINARY), (r, v, x, _) -> {
            LaneOp negated = is(r, v, LaneOp.NOT) ? negated(r.graph().lane(x), isOfIntegers(r, x)) : null;
            return negated == null ? NO : binary(r, negated, r.graph().shape(x), r.a(x), r.b(x));
        });
    }

    /** Of comparisons: the one that holds when this does not; none of floats where NaN decides. */
    private static @Nullable LaneOp negated(LaneOp op, boolean integers) {
        return switch (op) {
            case EQ -> LaneOp.NE;
            case NE -> LaneOp.EQ;
            case LT_S -> integers ? LaneOp.GE_S : null;
            case GE_S -> integers ? LaneOp.LT_S : null;
            case GT_S -> integers ? LaneOp.LE_S : null;
            case LE_S -> integers ? LaneOp.GT_S : null;
            case LT_U -> LaneOp.GE_U;
            case GE_U -> LaneOp.LT_U;
            case GT_U -> LaneOp.LE_U;
            case LE_U -> LaneOp.GT_U;
            default -> null;
        };
    }

    // ---- bits

    private static void bits(Rules t) {
        t.add(Op.VBINARY, "vector-binary-const", constant(Op.CONST), (r, v, x, y) -> {
            var fold = new FoldVector();
            boolean known = fold.binary(r.graph().lane(v), r.graph().aux(v), halves(r, x), halves(r, y));
            return known ? VectorRewriter.constant(r, fold) : NO;
        });
        t.add(Op.VBINARY, "vector-self", (r, v, x, y) -> x == y ? ofSelf(r, v, x) : NO);
        t.add(Op.VBINARY, "vector-bits-const", constant(), (r, v, x, y) -> {
            boolean zero = isZero(r, y);
            if (!zero && !isOnes(r, y)) {
                return NO;
            }
            return switch (r.graph().lane(v)) {
                case AND -> zero ? y : x;
                case OR -> zero ? x : y;
                case XOR -> zero ? x : unary(r, LaneOp.NOT, null, x);
                case ANDNOT -> zero ? x : VectorRewriter.constant(r, 0, 0);
                default -> NO;
            };
        });
        t.add(Op.VBINARY, "vector-and-not", (r, v, x, y) -> {
            if (!is(r, v, LaneOp.AND)) {
                return NO;
            }
            if (is(r, y, LaneOp.NOT)) {
                return binary(r, LaneOp.ANDNOT, null, x, r.a(y));
            }
            return is(r, x, LaneOp.NOT) ? binary(r, LaneOp.ANDNOT, null, y, r.a(x)) : NO;
        });
        t.add(Op.VBINARY, "vector-andnot-not", (r, v, x, y) ->
            is(r, v, LaneOp.ANDNOT) && is(r, y, LaneOp.NOT) ? binary(r, LaneOp.AND, null, x, r.a(y)) : NO);
        t.add(Op.VBINARY, "vector-regroup", constant(Op.VBINARY), (r, v, x, y) -> {
            LaneOp op = r.graph().lane(v);
            boolean groups = op == LaneOp.AND || op == LaneOp.OR || op == LaneOp.XOR || op == LaneOp.ADD && isOfIntegers(r, v);
            if (!groups || r.graph().aux(x) != r.graph().aux(v) || !r.isConst(r.b(x))) {
                return NO;
            }
            var fold = new FoldVector();
            fold.binary(op, r.graph().aux(v), halves(r, r.b(x)), halves(r, y));
            return r.make(Op.VBINARY, Type.V128, r.a(x), VectorRewriter.constant(r, fold), -1, 0, r.graph().aux(v));
        });
    }

    /** The operation on a vector and itself. */
    private static int ofSelf(Rewriter r, int v, int x) {
        return switch (r.graph().lane(v)) {
            case AND, OR, MIN_S, MIN_U, MAX_S, MAX_U, AVGR_U -> x;
            case XOR, ANDNOT, SUB_SAT_S, SUB_SAT_U -> VectorRewriter.constant(r, 0, 0);
            case SUB, NE, LT_S, LT_U, GT_S, GT_U -> isOfIntegers(r, v) ? VectorRewriter.constant(r, 0, 0) : NO;
            case EQ, LE_S, LE_U, GE_S, GE_U -> isOfIntegers(r, v) ? VectorRewriter.constant(r, -1, -1) : NO;
            default -> NO;
        };
    }

    // ---- arithmetic

    private static void arithmetic(Rules t) {
        t.add(Op.VBINARY, "vector-plus-zero", constant(), (r, v, x, y) -> {
            if (!isZero(r, y)) {
                return NO;
            }
            return switch (r.graph().lane(v)) {
                case ADD, SUB -> isOfIntegers(r, v) ? x : NO;
                case ADD_SAT_S, ADD_SAT_U, SUB_SAT_S, SUB_SAT_U, MAX_U -> x;
                case MUL -> isOfIntegers(r, v) ? y : NO;
                case MIN_U, EXTMUL_LOW_S, EXTMUL_LOW_U, EXTMUL_HIGH_S, EXTMUL_HIGH_U, DOT -> y;
                default -> NO;
            };
        });
        t.add(Op.VBINARY, "vector-zero-minus", first(Op.CONST), (r, v, x, y) ->
            is(r, v, LaneOp.SUB) && isOfIntegers(r, v) && isZero(r, x) ? unary(r, LaneOp.NEG, r.graph().shape(v), y) : NO);
        t.add(Op.VBINARY, "vector-times-power", constant(), (r, v, x, y) -> {
            if (!is(r, v, LaneOp.MUL) || !isOfIntegers(r, v)) {
                return NO;
            }
            LaneShape shape = r.graph().shape(v);
            if (isOnes(r, y)) {
                return unary(r, LaneOp.NEG, shape, x);
            }
            int exponent = VectorRewriter.exponent(r, y, shape);
            return exponent < 0 ? NO : exponent == 0 ? x : binary(r, LaneOp.SHL, shape, x, r.constant(Type.I32, exponent));
        });
        t.add(Op.VBINARY, "vector-plus-negated", (r, v, x, y) -> {
            if (!is(r, v, LaneOp.ADD) || !isOfIntegers(r, v)) {
                return NO;
            }
            LaneShape shape = r.graph().shape(v);
            if (is(r, y, LaneOp.NEG, shape)) {
                return binary(r, LaneOp.SUB, shape, x, r.a(y));
            }
            return is(r, x, LaneOp.NEG, shape) ? binary(r, LaneOp.SUB, shape, y, r.a(x)) : NO;
        });
        t.add(Op.VBINARY, "vector-product-of-extended", first(Op.VUNARY), (r, v, x, y) -> {
            boolean ofSame = r.is(y, Op.VUNARY) && r.graph().aux(x) == r.graph().aux(y);
            if (!ofSame || !is(r, v, LaneOp.MUL) || !isOfIntegers(r, v) || VectorRewriter.shape(r, x) != r.graph().shape(v)) {
                return NO;
            }
            LaneOp joined = switch (r.graph().lane(x)) {
                case EXTEND_LOW_S -> LaneOp.EXTMUL_LOW_S;
                case EXTEND_LOW_U -> LaneOp.EXTMUL_LOW_U;
                case EXTEND_HIGH_S -> LaneOp.EXTMUL_HIGH_S;
                case EXTEND_HIGH_U -> LaneOp.EXTMUL_HIGH_U;
                default -> null;
            };
            return joined == null ? NO : binary(r, joined, r.graph().shape(v), r.a(x), r.a(y));
        });
    }

    // ---- selections

    private static void selections(Rules t) {
        t.add(Op.VTERNARY, "vector-select-const", (r, v, x, y) -> {
            int mask = r.c(v);
            if (!is(r, v, LaneOp.BITSELECT) || !r.isConst(mask)) {
                return NO;
            }
            if (isZero(r, mask) || isOnes(r, mask)) {
                return isZero(r, mask) ? y : x;
            }
            if (r.isConst(x) && r.isConst(y)) {
                var fold = new FoldVector();
                fold.bitSelect(halves(r, x), halves(r, y), halves(r, mask));
                return VectorRewriter.constant(r, fold);
            }
            return ofWords(r, x, y, halves(r, mask));
        });
        t.add(Op.VTERNARY, "vector-select-same", (r, v, x, y) -> is(r, v, LaneOp.BITSELECT) && x == y ? x : NO);
        t.add(Op.VTERNARY, "vector-select-zero", (r, v, x, y) -> {
            if (!is(r, v, LaneOp.BITSELECT)) {
                return NO;
            }
            if (isZero(r, y)) {
                return binary(r, LaneOp.AND, null, x, r.c(v));
            }
            return isZero(r, x) ? binary(r, LaneOp.ANDNOT, null, y, r.c(v)) : NO;
        });
        t.add(Op.VTERNARY, "vector-select-not", (r, v, x, y) -> is(r, v, LaneOp.BITSELECT) && is(r, r.c(v), LaneOp.NOT)
                ? ternary(r, LaneOp.BITSELECT, null, y, x, r.a(r.c(v))) : NO);
        t.add(Op.VTERNARY, "vector-select-compared", (r, v, x, y) -> is(r, v, LaneOp.BITSELECT) && isMask(r, r.c(v))
                ? ternary(r, LaneOp.RELAXED_SELECT, LaneShape.I8X16, x, y, r.c(v)) : NO);
    }

    /** A mask that takes words of 16 bits whole is a shuffle that leaves each where it is. */
    private static int ofWords(Rewriter r, int x, int y, long[] mask) {
        byte[] lanes = new byte[16];
        for (int i = 0; i < 8; i++) {
            long word = FoldVector.lane(mask[0], mask[1], 2, i, false);
            if (word != 0 && word != 0xFFFF) {
                return NO;
            }
            int from = word == 0 ? 16 : 0;
            lanes[2 * i] = (byte) (from + 2 * i);
            lanes[2 * i + 1] = (byte) (from + 2 * i + 1);
        }
        return VectorRewriter.shuffle(r, x, y, lanes);
    }

    // ---- shifts

    private static void shifts(Rules t) {
        t.add(Op.VSHIFT, "vector-shift-const", constant(Op.CONST), (r, v, x, y) -> {
            if (!r.isConst(x)) {
                return NO;
            }
            var fold = new FoldVector();
            long[] a = halves(r, x);
            fold.shift(r.graph().lane(v), r.graph().shape(v), a[0], a[1], r.value(y));
            return VectorRewriter.constant(r, fold);
        });
        t.add(Op.VSHIFT, "vector-shift-by-nothing", constant(), (r, v, x, y) -> (r.value(y) & width(r, v) - 1) == 0 ? x : NO);
        t.add(Op.VSHIFT, "vector-shift-shifted", constant(Op.VSHIFT), (r, v, x, y) -> {
            if (r.graph().aux(v) != r.graph().aux(x) || !r.isConst(r.b(x))) {
                return NO;
            }
            int width = width(r, v);
            long sum = (r.value(y) & width - 1) + (r.value(r.b(x)) & width - 1);
            boolean signed = r.graph().lane(v) == LaneOp.SHR_S;
            if (sum >= width && !signed) {
                return VectorRewriter.constant(r, 0, 0);
            }
            int count = r.constant(Type.I32, Math.min(sum, width - 1));
            return r.make(Op.VSHIFT, Type.V128, r.a(x), count, -1, 0, r.graph().aux(v));
        });
        t.add(Op.VSHIFT, "vector-shift-masked", (r, v, x, y) -> {
            int width = width(r, v);
            boolean needless = r.isWithConst(y, Op.AND) && (r.value(r.b(y)) & width - 1) == width - 1;
            return needless ? r.make(Op.VSHIFT, Type.V128, x, r.a(y), -1, 0, r.graph().aux(v)) : NO;
        });
    }

    private static int width(Rewriter r, int v) {
        return 8 * r.graph().shape(v).laneBytes();
    }
}
