package org.sallyport.codegen.x64;

import static org.sallyport.codegen.x64.VectorCode.NEW;

import org.sallyport.codegen.ir.LaneOp;
import org.sallyport.codegen.x64.VectorAssembler.Shift128;
import org.sallyport.wasm.LaneShape;

/** Selects instructions for operations on float lanes, and conversions from and to them, that take more than one. */
final class LowerVectorFloat {
    private static final long F32_SIGNS = 0x8000_0000_8000_0000L;
    private static final long F64_SIGN = 0x8000_0000_0000_0000L;
    /** 2³¹ as f32, twice. */
    private static final long F32_2_31 = 0x4F00_0000_4F00_0000L;
    private static final long F64_2_52 = Double.doubleToRawLongBits(0x1p52);
    private static final long F64_INT_MAX = Double.doubleToRawLongBits(0x1p31 - 1);
    private static final long F64_UNSIGNED_MAX = Double.doubleToRawLongBits(0x1p32 - 1);

    private static final int EQ = 0;
    private static final int LE = 2;
    private static final int UNORDERED = 3;
    private static final int TO_ZERO = 11;

    private final Selection s;
    private final VectorCode code;

    LowerVectorFloat(Selection s, VectorCode code) {
        this.s = s;
        this.code = code;
    }

    /** Whether the operation makes integers of floats. */
    boolean isFromFloat(LaneOp op) {
        return switch (op) {
            case TRUNC_SAT_S, TRUNC_SAT_U, TRUNC_ZERO_S, TRUNC_ZERO_U, RELAXED_TRUNC_U, RELAXED_ZERO_U -> true;
            default -> false;
        };
    }

    void unary(int v, LaneOp op, LaneShape shape, int a) {
        int to = s.result(v);
        boolean dbl = shape == LaneShape.F64X2;
        switch (op) {
            case ABS -> code.with(to, dbl ? Simd.ANDPD : Simd.ANDPS, a, dbl ? ~F64_SIGN : ~F32_SIGNS);
            case NEG -> code.with(to, dbl ? Simd.XORPD : Simd.XORPS, a, dbl ? F64_SIGN : F32_SIGNS);
            case TRUNC_SAT_S -> saturateSigned(to, a);
            case TRUNC_SAT_U, RELAXED_TRUNC_U -> saturateUnsigned(to, a);
            case TRUNC_ZERO_S -> saturateSigned64(to, a);
            case TRUNC_ZERO_U, RELAXED_ZERO_U -> saturateUnsigned64(to, a);
            case CONVERT_U -> {
                if (dbl) { // the number in the lower bits of 2⁵²
                    int sum = code.op(NEW, Simd.PUNPCKLDQ, a, code.constant(0x4330_0000_4330_0000L, 0x4330_0000_4330_0000L));
                    code.with(to, Simd.SUBPD, sum, F64_2_52);
                } else {
                    convertUnsigned(to, a);
                }
            }
            default -> throw new AssertionError("BUG: no instruction for " + op + " of " + shape);
        }
    }

    // ---- minimum and maximum

    /**
     * MINPS gives its second operand where both are equal or one is NaN. Done in both orders, the results differ only there:
     * joined bit by bit they are -0 of two zeros, and NaN where there is one. What is left of a NaN is the quiet one
     * without payload.
     */
    void minMax(int v, LaneOp op, LaneShape shape, int a, int b) {
        boolean dbl = shape == LaneShape.F64X2;
        Simd or = dbl ? Simd.ORPD : Simd.ORPS;
        int joined;
        if (op == LaneOp.FMIN) {
            Simd min = dbl ? Simd.MINPD : Simd.MINPS;
            joined = code.commutative(NEW, or, code.op(NEW, min, a, b), code.op(NEW, min, b, a));
        } else { // where they differ, zeros are +0: -0 minus -0
            Simd max = dbl ? Simd.MAXPD : Simd.MAXPS;
            int one = code.op(NEW, max, a, b);
            int difference = code.commutative(NEW, dbl ? Simd.XORPD : Simd.XORPS, code.op(NEW, max, b, a), one);
            int either = code.commutative(NEW, or, one, difference);
            joined = code.op(NEW, dbl ? Simd.SUBPD : Simd.SUBPS, either, difference);
        }
        int nan = code.op(NEW, dbl ? Simd.CMPPD : Simd.CMPPS, joined, joined, UNORDERED);
        int quiet = code.commutative(NEW, or, joined, nan);
        int payload = code.shift(NEW, dbl ? Shift128.PSRLQ : Shift128.PSRLD, nan, dbl ? 13 : 10);
        code.op(s.result(v), dbl ? Simd.ANDNPD : Simd.ANDNPS, payload, quiet);
    }

    /** Rounded once where the machine can, else twice. */
    void multiplyAdd(int v, LaneOp op, LaneShape shape, int a, int b, int c) {
        boolean dbl = shape == LaneShape.F64X2;
        boolean negate = op == LaneOp.RELAXED_NMADD;
        if (s.cpu.fma()) {
            Simd row = negate
                    ? dbl ? Simd.FNMADD213PD : Simd.FNMADD213PS
                    : dbl ? Simd.FMADD213PD : Simd.FMADD213PS;
            code.fused(s.result(v), row, a, b, c);
            return;
        }
        int product = code.commutative(NEW, dbl ? Simd.MULPD : Simd.MULPS, a, b);
        if (negate) {
            code.op(s.result(v), dbl ? Simd.SUBPD : Simd.SUBPS, c, product);
        } else {
            code.commutative(s.result(v), dbl ? Simd.ADDPD : Simd.ADDPS, product, c);
        }
    }

    // ---- to integers

    /** NaN becomes 0 first. CVTTPS2DQ gives 0x80000000 for all that is out of range, which is right below and turned above. */
    private void saturateSigned(int to, int a) {
        int number = code.op(NEW, Simd.CMPPS, a, a, EQ);
        int x = code.commutative(NEW, Simd.ANDPS, a, number);
        int above = code.op(NEW, Simd.CMPPS, code.constant(F32_2_31, F32_2_31), x, LE);
        code.commutative(to, Simd.PXOR, code.un(NEW, Simd.CVTTPS2DQ, x), above);
    }

    /**
     * As signed numbers: what is above 2³¹ is 0x80000000 there, to which the rest beyond 2³¹ is added, and that is
     * 0x7FFFFFFF where it is too large as well. NaN and negative numbers become 0 first.
     */
    private void saturateUnsigned(int to, int a) {
        int x = code.op(NEW, Simd.MAXPS, a, code.zero());
        int limit = code.constant(F32_2_31, F32_2_31);
        int rest = code.op(NEW, Simd.SUBPS, x, limit);
        int above = code.op(NEW, Simd.CMPPS, limit, rest, LE);
        int more = code.commutative(NEW, Simd.PXOR, code.un(NEW, Simd.CVTTPS2DQ, rest), above);
        int positive = code.commutative(NEW, Simd.PMAXSD, more, code.zero());
        code.commutative(to, Simd.PADDD, code.un(NEW, Simd.CVTTPS2DQ, x), positive);
    }

    /** The minimum with a limit that is 0 for NaN. */
    private void saturateSigned64(int to, int a) {
        int number = code.op(NEW, Simd.CMPPD, a, a, EQ);
        int limit = code.with(NEW, Simd.ANDPD, number, F64_INT_MAX);
        code.un(to, Simd.CVTTPD2DQ, code.op(NEW, Simd.MINPD, a, limit));
    }

    /** Added to 2⁵² the integer is in the lower bits. */
    private void saturateUnsigned64(int to, int a) {
        int zero = code.zero();
        int positive = code.op(NEW, Simd.MAXPD, a, zero);
        int limited = code.with(NEW, Simd.MINPD, positive, F64_UNSIGNED_MAX);
        int whole = code.un(NEW, Simd.ROUNDPD, limited, TO_ZERO);
        int sum = code.with(NEW, Simd.ADDPD, whole, F64_2_52);
        code.op(to, Simd.SHUFPS, sum, zero, 0x88);
    }

    // ---- from integers

    /** Both halves of 16 bits are exact; the upper one is halved, so that it is no negative number. Their sum is rounded once. */
    private void convertUnsigned(int to, int a) {
        int low = code.op(NEW, Simd.PBLENDW, code.zero(), a, 0x55);
        int half = code.shift(NEW, Shift128.PSRLD, code.op(NEW, Simd.PSUBD, a, low), 1);
        int high = code.un(NEW, Simd.CVTDQ2PS, half);
        int doubled = code.commutative(NEW, Simd.ADDPS, high, high);
        code.commutative(to, Simd.ADDPS, doubled, code.un(NEW, Simd.CVTDQ2PS, low));
    }
}
