package org.sallyport.codegen.ir;

import static org.sallyport.codegen.ir.Rewriter.NO;

import org.jspecify.annotations.Nullable;
import org.sallyport.codegen.lir.WideConstants;
import org.sallyport.wasm.LaneShape;

/** What rules for vectors ask of a graph and make in it. */
final class VectorRewriter {
    private VectorRewriter() {}

    // ---- questions

    static boolean is(Rewriter r, int v, LaneOp op) {
        return r.op(v) == op.form() && r.graph().lane(v) == op;
    }

    /** The operation, on lanes of that shape. */
    static boolean is(Rewriter r, int v, LaneOp op, LaneShape shape) {
        return is(r, v, op) && r.graph().shape(v) == shape;
    }

    static @Nullable LaneShape shape(Rewriter r, int v) {
        return LaneOp.hasShape(r.graph().aux(v)) ? r.graph().shape(v) : null;
    }

    /** Whether the lanes are integers; not of operations without lanes. */
    static boolean isOfIntegers(Rewriter r, int v) {
        LaneShape shape = shape(r, v);
        return shape != null && !shape.isFloat();
    }

    /** Both halves of a constant. */
    static long[] halves(Rewriter r, int constant) {
        WideConstants wide = r.graph().wide();
        int number = (int) r.value(constant);
        return new long[] {wide.low(number), wide.high(number)};
    }

    /** Whether it is a constant of which all bits are those of {@code half}, twice. */
    static boolean isTwice(Rewriter r, int v, long half) {
        if (!r.isConst(v)) {
            return false;
        }
        long[] halves = halves(r, v);
        return halves[0] == half && halves[1] == half;
    }

    static boolean isZero(Rewriter r, int v) {
        return isTwice(r, v, 0);
    }

    static boolean isOnes(Rewriter r, int v) {
        return isTwice(r, v, -1);
    }

    /** Whether each lane of the vector, as comparisons make them, is all ones or zero. */
    static boolean isMask(Rewriter r, int v) {
        if (!r.is(v, Op.VBINARY)) {
            return false;
        }
        return switch (r.graph().lane(v)) {
            case EQ, NE, LT_S, LT_U, GT_S, GT_U, LE_S, LE_U, GE_S, GE_U, FLT, FGT, FLE, FGE -> true;
            default -> false;
        };
    }

    // ---- makers

    static int constant(Rewriter r, long low, long high) {
        return r.make(Op.CONST, Type.V128, -1, -1, -1, r.graph().wide().number(low, high), 0);
    }

    static int constant(Rewriter r, FoldVector folded) {
        return constant(r, folded.low, folded.high);
    }

    static int unary(Rewriter r, LaneOp op, @Nullable LaneShape shape, int x) {
        return r.make(op.form(), Type.V128, x, -1, -1, 0, op.pack(shape));
    }

    /** A binary operation or shift. */
    static int binary(Rewriter r, LaneOp op, @Nullable LaneShape shape, int x, int y) {
        return r.make(op.form(), Type.V128, x, y, -1, 0, op.pack(shape));
    }

    static int ternary(Rewriter r, LaneOp op, @Nullable LaneShape shape, int x, int y, int z) {
        return r.make(op.form(), Type.V128, x, y, z, 0, op.pack(shape));
    }

    static int extract(Rewriter r, int like, int from, int lane) {
        return r.make(Op.VEXTRACT, r.type(like), from, -1, -1, lane, r.graph().aux(like));
    }

    static int shuffle(Rewriter r, int a, int b, byte[] lanes) {
        long low = 0;
        long high = 0;
        for (int i = 0; i < 8; i++) {
            low |= (long) lanes[i] << 8 * i;
            high |= (long) lanes[i + 8] << 8 * i;
        }
        return r.make(Op.VSHUFFLE, Type.V128, a, b, -1, r.graph().wide().number(low, high), 0);
    }

    /** The byte of each result byte's source: 0 to 15 of the first operand, 16 to 31 of the second. */
    static byte[] lanes(Rewriter r, int shuffle) {
        long[] halves = halves(r, shuffle);
        byte[] lanes = new byte[16];
        for (int i = 0; i < 16; i++) {
            lanes[i] = (byte) FoldVector.lane(halves[0], halves[1], 1, i, false);
        }
        return lanes;
    }

    /** A scalar as an extraction gives it: narrow lanes extended. */
    static int extended(Rewriter r, int like, int scalar) {
        boolean signed = r.graph().lane(like) == LaneOp.EXTRACT_S;
        return switch (r.graph().shape(like)) {
            case I8X16 -> signed ? r.unary(Op.EXTEND8_S, Type.I32, scalar) : r.binaryConst(Op.AND, scalar, 0xFF);
            case I16X8 -> signed ? r.unary(Op.EXTEND16_S, Type.I32, scalar) : r.binaryConst(Op.AND, scalar, 0xFFFF);
            case I32X4, I64X2, F32X4, F64X2 -> scalar;
        };
    }

    /** The exponent where all lanes are one power of two, else {@link Rewriter#NO}. */
    static int exponent(Rewriter r, int constant, LaneShape shape) {
        long[] halves = halves(r, constant);
        long first = FoldVector.lane(halves[0], halves[1], shape.laneBytes(), 0, false);
        for (int i = 1; i < shape.lanes(); i++) {
            if (FoldVector.lane(halves[0], halves[1], shape.laneBytes(), i, false) != first) {
                return NO;
            }
        }
        return Long.bitCount(first) == 1 ? Long.numberOfTrailingZeros(first) : NO;
    }
}
