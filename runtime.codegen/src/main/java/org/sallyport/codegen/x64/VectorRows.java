package org.sallyport.codegen.x64;

import static org.sallyport.codegen.x64.Simd.*;

import org.jspecify.annotations.Nullable;
import org.sallyport.codegen.ir.LaneOp;
import org.sallyport.wasm.LaneShape;

/**
 * Operations on lanes that are one instruction, by shape. What is not here takes several, in {@link LowerVectorInteger} and
 * {@link LowerVectorFloat}.
 */
final class VectorRows {
    private static final @Nullable Simd NONE = null;

    private static final @Nullable Simd[][] DIRECT = new Simd[LaneOp.values().length][];
    private static final @Nullable Simd[][] SWAPPED = new Simd[LaneOp.values().length][];
    /** The predicate of CMPPS for a comparison of floats; {@link #SWAPPED} for "greater". */
    private static final int LT = 1;
    private static final int LE = 2;
    private static final int NE = 4;

    static {
        // @formatter:off
        //                               i8x16      i16x8      i32x4      i64x2      f32x4      f64x2
        direct(LaneOp.ADD,               PADDB,     PADDW,     PADDD,     PADDQ,     ADDPS,     ADDPD);
        direct(LaneOp.SUB,               PSUBB,     PSUBW,     PSUBD,     PSUBQ,     SUBPS,     SUBPD);
        direct(LaneOp.MUL,               NONE,      PMULLW,    PMULLD,    NONE,      MULPS,     MULPD);
        direct(LaneOp.DIV,               NONE,      NONE,      NONE,      NONE,      DIVPS,     DIVPD);
        direct(LaneOp.ADD_SAT_S,         PADDSB,    PADDSW);
        direct(LaneOp.ADD_SAT_U,         PADDUSB,   PADDUSW);
        direct(LaneOp.SUB_SAT_S,         PSUBSB,    PSUBSW);
        direct(LaneOp.SUB_SAT_U,         PSUBUSB,   PSUBUSW);
        direct(LaneOp.MIN_S,             PMINSB,    PMINSW,    PMINSD);
        direct(LaneOp.MIN_U,             PMINUB,    PMINUW,    PMINUD);
        direct(LaneOp.MAX_S,             PMAXSB,    PMAXSW,    PMAXSD);
        direct(LaneOp.MAX_U,             PMAXUB,    PMAXUW,    PMAXUD);
        direct(LaneOp.AVGR_U,            PAVGB,     PAVGW);
        direct(LaneOp.EQ,                PCMPEQB,   PCMPEQW,   PCMPEQD,   PCMPEQQ,   CMPPS,     CMPPD);
        direct(LaneOp.NE,                NONE,      NONE,      NONE,      NONE,      CMPPS,     CMPPD);
        direct(LaneOp.FLT,               NONE,      NONE,      NONE,      NONE,      CMPPS,     CMPPD);
        direct(LaneOp.FLE,               NONE,      NONE,      NONE,      NONE,      CMPPS,     CMPPD);
        direct(LaneOp.GT_S,              PCMPGTB,   PCMPGTW,   PCMPGTD);
        direct(LaneOp.NARROW_S,          PACKSSWB,  PACKSSDW);
        direct(LaneOp.NARROW_U,          PACKUSWB,  PACKUSDW);
        direct(LaneOp.DOT,               NONE,      NONE,      PMADDWD);
        direct(LaneOp.RELAXED_Q15MULR,   NONE,      PMULHRSW);
        direct(LaneOp.RELAXED_SWIZZLE,   PSHUFB);
        direct(LaneOp.RELAXED_MIN,       NONE,      NONE,      NONE,      NONE,      MINPS,     MINPD);
        direct(LaneOp.RELAXED_MAX,       NONE,      NONE,      NONE,      NONE,      MAXPS,     MAXPD);
        direct(LaneOp.SHL,               NONE,      PSLLW,     PSLLD,     PSLLQ);
        direct(LaneOp.SHR_U,             NONE,      PSRLW,     PSRLD,     PSRLQ);
        direct(LaneOp.SHR_S,             NONE,      PSRAW,     PSRAD);
        // one operand
        direct(LaneOp.ABS,               PABSB,     PABSW,     PABSD);
        direct(LaneOp.SQRT,              NONE,      NONE,      NONE,      NONE,      SQRTPS,    SQRTPD);
        direct(LaneOp.CEIL,              NONE,      NONE,      NONE,      NONE,      ROUNDPS,   ROUNDPD);
        direct(LaneOp.FLOOR,             NONE,      NONE,      NONE,      NONE,      ROUNDPS,   ROUNDPD);
        direct(LaneOp.TRUNC,             NONE,      NONE,      NONE,      NONE,      ROUNDPS,   ROUNDPD);
        direct(LaneOp.NEAREST,           NONE,      NONE,      NONE,      NONE,      ROUNDPS,   ROUNDPD);
        direct(LaneOp.EXTEND_LOW_S,      NONE,      PMOVSXBW,  PMOVSXWD,  PMOVSXDQ);
        direct(LaneOp.EXTEND_LOW_U,      NONE,      PMOVZXBW,  PMOVZXWD,  PMOVZXDQ);
        direct(LaneOp.CONVERT_S,         NONE,      NONE,      NONE,      NONE,      CVTDQ2PS,  CVTDQ2PD);
        direct(LaneOp.DEMOTE,            NONE,      NONE,      NONE,      NONE,      CVTPD2PS);
        direct(LaneOp.PROMOTE,           NONE,      NONE,      NONE,      NONE,      NONE,      CVTPS2PD);
        direct(LaneOp.RELAXED_TRUNC_S,   NONE,      NONE,      CVTTPS2DQ);
        direct(LaneOp.RELAXED_ZERO_S,    NONE,      NONE,      CVTTPD2DQ);
        // operands exchanged
        swapped(LaneOp.LT_S,             PCMPGTB,   PCMPGTW,   PCMPGTD);
        swapped(LaneOp.FGT,              NONE,      NONE,      NONE,      NONE,      CMPPS,     CMPPD);
        swapped(LaneOp.FGE,              NONE,      NONE,      NONE,      NONE,      CMPPS,     CMPPD);
        // the second operand is the result where neither is less, and where one is NaN
        swapped(LaneOp.PMIN,             NONE,      NONE,      NONE,      NONE,      MINPS,     MINPD);
        swapped(LaneOp.PMAX,             NONE,      NONE,      NONE,      NONE,      MAXPS,     MAXPD);
        // @formatter:on
    }

    private VectorRows() {}

    private static void direct(LaneOp op, @Nullable Simd... rows) {
        DIRECT[op.ordinal()] = java.util.Arrays.copyOf(rows, LaneShape.values().length);
    }

    private static void swapped(LaneOp op, @Nullable Simd... rows) {
        SWAPPED[op.ordinal()] = java.util.Arrays.copyOf(rows, LaneShape.values().length);
    }

    /** The instruction, or null. */
    static @Nullable Simd direct(LaneOp op, LaneShape shape) {
        @Nullable Simd[] rows = DIRECT[op.ordinal()];
        return rows == null ? null : rows[shape.ordinal()];
    }

    /** The instruction that takes the operands in the other order, or null. */
    static @Nullable Simd swapped(LaneOp op, LaneShape shape) {
        @Nullable Simd[] rows = SWAPPED[op.ordinal()];
        return rows == null ? null : rows[shape.ordinal()];
    }

    /** The byte that follows: predicate of a comparison, mode of a rounding without exceptions. */
    static int imm(LaneOp op) {
        return switch (op) {
            case NE -> NE;
            case FLT, FGT -> LT;
            case FLE, FGE -> LE;
            case NEAREST -> 8;
            case FLOOR -> 9;
            case CEIL -> 10;
            case TRUNC -> 11;
            default -> 0;
        };
    }
}
