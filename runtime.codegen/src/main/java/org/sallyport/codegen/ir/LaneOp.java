package org.sallyport.codegen.ir;

import static org.sallyport.wasm.Opcode.*;

import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.sallyport.wasm.LaneShape;
import org.sallyport.wasm.Opcode;

/**
 * What an operation on vectors does in each lane, one row each: the {@link Op} that carries it, and the wasm instructions that
 * become it, one for each {@link LaneShape} that has it. Semantics are those of these instructions (4.3). Operation and shape
 * together are the second immediate of the graph's instruction: {@link #pack}.
 */
public enum LaneOp {
    // @formatter:off
    NOT             (Op.VUNARY,   0,        V128_NOT),
    ABS             (Op.VUNARY,   0,        I8X16_ABS, I16X8_ABS, I32X4_ABS, I64X2_ABS, F32X4_ABS, F64X2_ABS),
    NEG             (Op.VUNARY,   0,        I8X16_NEG, I16X8_NEG, I32X4_NEG, I64X2_NEG, F32X4_NEG, F64X2_NEG),
    POPCNT          (Op.VUNARY,   0,        I8X16_POPCNT),
    SQRT            (Op.VUNARY,   0,        F32X4_SQRT, F64X2_SQRT),
    CEIL            (Op.VUNARY,   0,        F32X4_CEIL, F64X2_CEIL),
    FLOOR           (Op.VUNARY,   0,        F32X4_FLOOR, F64X2_FLOOR),
    TRUNC           (Op.VUNARY,   0,        F32X4_TRUNC, F64X2_TRUNC),
    NEAREST         (Op.VUNARY,   0,        F32X4_NEAREST, F64X2_NEAREST),
    EXTEND_LOW_S    (Op.VUNARY,   0,        I16X8_EXTEND_LOW_I8X16_S, I32X4_EXTEND_LOW_I16X8_S, I64X2_EXTEND_LOW_I32X4_S),
    EXTEND_LOW_U    (Op.VUNARY,   0,        I16X8_EXTEND_LOW_I8X16_U, I32X4_EXTEND_LOW_I16X8_U, I64X2_EXTEND_LOW_I32X4_U),
    EXTEND_HIGH_S   (Op.VUNARY,   0,        I16X8_EXTEND_HIGH_I8X16_S, I32X4_EXTEND_HIGH_I16X8_S, I64X2_EXTEND_HIGH_I32X4_S),
    EXTEND_HIGH_U   (Op.VUNARY,   0,        I16X8_EXTEND_HIGH_I8X16_U, I32X4_EXTEND_HIGH_I16X8_U, I64X2_EXTEND_HIGH_I32X4_U),
    EXTADD_S        (Op.VUNARY,   0,        I16X8_EXTADD_PAIRWISE_I8X16_S, I32X4_EXTADD_PAIRWISE_I16X8_S),
    EXTADD_U        (Op.VUNARY,   0,        I16X8_EXTADD_PAIRWISE_I8X16_U, I32X4_EXTADD_PAIRWISE_I16X8_U),
    TRUNC_SAT_S     (Op.VUNARY,   0,        I32X4_TRUNC_SAT_F32X4_S),
    TRUNC_SAT_U     (Op.VUNARY,   0,        I32X4_TRUNC_SAT_F32X4_U),
    /** From f64x2; the upper lanes become 0. */
    TRUNC_ZERO_S    (Op.VUNARY,   0,        I32X4_TRUNC_SAT_F64X2_S_ZERO),
    TRUNC_ZERO_U    (Op.VUNARY,   0,        I32X4_TRUNC_SAT_F64X2_U_ZERO),
    CONVERT_S       (Op.VUNARY,   0,        F32X4_CONVERT_I32X4_S, F64X2_CONVERT_LOW_I32X4_S),
    CONVERT_U       (Op.VUNARY,   0,        F32X4_CONVERT_I32X4_U, F64X2_CONVERT_LOW_I32X4_U),
    DEMOTE          (Op.VUNARY,   0,        F32X4_DEMOTE_F64X2_ZERO),
    PROMOTE         (Op.VUNARY,   0,        F64X2_PROMOTE_LOW_F32X4),

    AND             (Op.VBINARY,  LaneOp.C, V128_AND),
    OR              (Op.VBINARY,  LaneOp.C, V128_OR),
    XOR             (Op.VBINARY,  LaneOp.C, V128_XOR),
    /** {@code a & ~b}. */
    ANDNOT          (Op.VBINARY,  0,        V128_ANDNOT),
    ADD             (Op.VBINARY,  LaneOp.C, I8X16_ADD, I16X8_ADD, I32X4_ADD, I64X2_ADD, F32X4_ADD, F64X2_ADD),
    SUB             (Op.VBINARY,  0,        I8X16_SUB, I16X8_SUB, I32X4_SUB, I64X2_SUB, F32X4_SUB, F64X2_SUB),
    MUL             (Op.VBINARY,  LaneOp.C, I16X8_MUL, I32X4_MUL, I64X2_MUL, F32X4_MUL, F64X2_MUL),
    DIV             (Op.VBINARY,  0,        F32X4_DIV, F64X2_DIV),
    ADD_SAT_S       (Op.VBINARY,  LaneOp.C, I8X16_ADD_SAT_S, I16X8_ADD_SAT_S),
    ADD_SAT_U       (Op.VBINARY,  LaneOp.C, I8X16_ADD_SAT_U, I16X8_ADD_SAT_U),
    SUB_SAT_S       (Op.VBINARY,  0,        I8X16_SUB_SAT_S, I16X8_SUB_SAT_S),
    SUB_SAT_U       (Op.VBINARY,  0,        I8X16_SUB_SAT_U, I16X8_SUB_SAT_U),
    MIN_S           (Op.VBINARY,  LaneOp.C, I8X16_MIN_S, I16X8_MIN_S, I32X4_MIN_S),
    MIN_U           (Op.VBINARY,  LaneOp.C, I8X16_MIN_U, I16X8_MIN_U, I32X4_MIN_U),
    MAX_S           (Op.VBINARY,  LaneOp.C, I8X16_MAX_S, I16X8_MAX_S, I32X4_MAX_S),
    MAX_U           (Op.VBINARY,  LaneOp.C, I8X16_MAX_U, I16X8_MAX_U, I32X4_MAX_U),
    AVGR_U          (Op.VBINARY,  LaneOp.C, I8X16_AVGR_U, I16X8_AVGR_U),
    FMIN            (Op.VBINARY,  0,        F32X4_MIN, F64X2_MIN),
    FMAX            (Op.VBINARY,  0,        F32X4_MAX, F64X2_MAX),
    PMIN            (Op.VBINARY,  0,        F32X4_PMIN, F64X2_PMIN),
    PMAX            (Op.VBINARY,  0,        F32X4_PMAX, F64X2_PMAX),
    EQ              (Op.VBINARY,  LaneOp.C, I8X16_EQ, I16X8_EQ, I32X4_EQ, I64X2_EQ, F32X4_EQ, F64X2_EQ),
    NE              (Op.VBINARY,  LaneOp.C, I8X16_NE, I16X8_NE, I32X4_NE, I64X2_NE, F32X4_NE, F64X2_NE),
    LT_S            (Op.VBINARY,  0,        I8X16_LT_S, I16X8_LT_S, I32X4_LT_S, I64X2_LT_S),
    LT_U            (Op.VBINARY,  0,        I8X16_LT_U, I16X8_LT_U, I32X4_LT_U),
    GT_S            (Op.VBINARY,  0,        I8X16_GT_S, I16X8_GT_S, I32X4_GT_S, I64X2_GT_S),
    GT_U            (Op.VBINARY,  0,        I8X16_GT_U, I16X8_GT_U, I32X4_GT_U),
    LE_S            (Op.VBINARY,  0,        I8X16_LE_S, I16X8_LE_S, I32X4_LE_S, I64X2_LE_S),
    LE_U            (Op.VBINARY,  0,        I8X16_LE_U, I16X8_LE_U, I32X4_LE_U),
    GE_S            (Op.VBINARY,  0,        I8X16_GE_S, I16X8_GE_S, I32X4_GE_S, I64X2_GE_S),
    GE_U            (Op.VBINARY,  0,        I8X16_GE_U, I16X8_GE_U, I32X4_GE_U),
    FLT             (Op.VBINARY,  0,        F32X4_LT, F64X2_LT),
    FGT             (Op.VBINARY,  0,        F32X4_GT, F64X2_GT),
    FLE             (Op.VBINARY,  0,        F32X4_LE, F64X2_LE),
    FGE             (Op.VBINARY,  0,        F32X4_GE, F64X2_GE),
    NARROW_S        (Op.VBINARY,  0,        I8X16_NARROW_I16X8_S, I16X8_NARROW_I32X4_S),
    NARROW_U        (Op.VBINARY,  0,        I8X16_NARROW_I16X8_U, I16X8_NARROW_I32X4_U),
    EXTMUL_LOW_S    (Op.VBINARY,  LaneOp.C, I16X8_EXTMUL_LOW_I8X16_S, I32X4_EXTMUL_LOW_I16X8_S, I64X2_EXTMUL_LOW_I32X4_S),
    EXTMUL_LOW_U    (Op.VBINARY,  LaneOp.C, I16X8_EXTMUL_LOW_I8X16_U, I32X4_EXTMUL_LOW_I16X8_U, I64X2_EXTMUL_LOW_I32X4_U),
    EXTMUL_HIGH_S   (Op.VBINARY,  LaneOp.C, I16X8_EXTMUL_HIGH_I8X16_S, I32X4_EXTMUL_HIGH_I16X8_S, I64X2_EXTMUL_HIGH_I32X4_S),
    EXTMUL_HIGH_U   (Op.VBINARY,  LaneOp.C, I16X8_EXTMUL_HIGH_I8X16_U, I32X4_EXTMUL_HIGH_I16X8_U, I64X2_EXTMUL_HIGH_I32X4_U),
    DOT             (Op.VBINARY,  LaneOp.C, I32X4_DOT_I16X8_S),
    Q15MULR_SAT     (Op.VBINARY,  LaneOp.C, I16X8_Q15MULR_SAT_S),
    SWIZZLE         (Op.VBINARY,  0,        I8X16_SWIZZLE),

    /** {@code a & c | b & ~c}. */
    BITSELECT       (Op.VTERNARY, 0,        V128_BITSELECT),

    /** Counts are taken modulo the width of a lane. */
    SHL             (Op.VSHIFT,   0,        I8X16_SHL, I16X8_SHL, I32X4_SHL, I64X2_SHL),
    SHR_S           (Op.VSHIFT,   0,        I8X16_SHR_S, I16X8_SHR_S, I32X4_SHR_S, I64X2_SHR_S),
    SHR_U           (Op.VSHIFT,   0,        I8X16_SHR_U, I16X8_SHR_U, I32X4_SHR_U, I64X2_SHR_U),

    ANY_TRUE        (Op.VTEST,    0,        V128_ANY_TRUE),
    ALL_TRUE        (Op.VTEST,    0,        I8X16_ALL_TRUE, I16X8_ALL_TRUE, I32X4_ALL_TRUE, I64X2_ALL_TRUE),
    BITMASK         (Op.VTEST,    0,        I8X16_BITMASK, I16X8_BITMASK, I32X4_BITMASK, I64X2_BITMASK),

    SPLAT           (Op.VSPLAT,   0,        I8X16_SPLAT, I16X8_SPLAT, I32X4_SPLAT, I64X2_SPLAT, F32X4_SPLAT, F64X2_SPLAT),
    /** Lanes narrower than i32 are zero-extended, or sign-extended. */
    EXTRACT         (Op.VEXTRACT, 0,        I8X16_EXTRACT_LANE_U, I16X8_EXTRACT_LANE_U, I32X4_EXTRACT_LANE, I64X2_EXTRACT_LANE,
                                             F32X4_EXTRACT_LANE, F64X2_EXTRACT_LANE),
    EXTRACT_S       (Op.VEXTRACT, 0,        I8X16_EXTRACT_LANE_S, I16X8_EXTRACT_LANE_S),
    REPLACE         (Op.VREPLACE, 0,        I8X16_REPLACE_LANE, I16X8_REPLACE_LANE, I32X4_REPLACE_LANE, I64X2_REPLACE_LANE,
                                             F32X4_REPLACE_LANE, F64X2_REPLACE_LANE),

    // Those that may have one of several results: which, is the machine's choice (docs/decisions/relaxed-vectors.md)
    RELAXED_SWIZZLE (Op.VBINARY,  0,        I8X16_RELAXED_SWIZZLE),
    RELAXED_TRUNC_S (Op.VUNARY,   0,        I32X4_RELAXED_TRUNC_F32X4_S),
    RELAXED_TRUNC_U (Op.VUNARY,   0,        I32X4_RELAXED_TRUNC_F32X4_U),
    RELAXED_ZERO_S  (Op.VUNARY,   0,        I32X4_RELAXED_TRUNC_F64X2_S_ZERO),
    RELAXED_ZERO_U  (Op.VUNARY,   0,        I32X4_RELAXED_TRUNC_F64X2_U_ZERO),
    RELAXED_MADD    (Op.VTERNARY, 0,        F32X4_RELAXED_MADD, F64X2_RELAXED_MADD),
    RELAXED_NMADD   (Op.VTERNARY, 0,        F32X4_RELAXED_NMADD, F64X2_RELAXED_NMADD),
    RELAXED_SELECT  (Op.VTERNARY, 0,        I8X16_RELAXED_LANESELECT, I16X8_RELAXED_LANESELECT, I32X4_RELAXED_LANESELECT,
                                             I64X2_RELAXED_LANESELECT),
    RELAXED_MIN     (Op.VBINARY,  0,        F32X4_RELAXED_MIN, F64X2_RELAXED_MIN),
    RELAXED_MAX     (Op.VBINARY,  0,        F32X4_RELAXED_MAX, F64X2_RELAXED_MAX),
    RELAXED_Q15MULR (Op.VBINARY,  LaneOp.C, I16X8_RELAXED_Q15MULR_S),
    RELAXED_DOT     (Op.VBINARY,  0,        I16X8_RELAXED_DOT_I8X16_I7X16_S),
    RELAXED_DOT_ADD (Op.VTERNARY, 0,        I32X4_RELAXED_DOT_I8X16_I7X16_ADD_S);
    // @formatter:on

    /** Operands a and b may be exchanged. */
    private static final int C = 1;

    /** In {@link #pack}: the vector as a whole. */
    private static final int NO_SHAPE = 7;

    private static final LaneOp[] VALUES = values();
    private static final LaneShape[] SHAPES = LaneShape.values();
    private static final @Nullable LaneOp[] BY_OPCODE = new LaneOp[Opcode.values().length];

    static {
        for (LaneOp op : VALUES) {
            for (Opcode opcode : op.opcodes) {
                BY_OPCODE[opcode.ordinal()] = op;
            }
        }
    }

    private final Op form;
    private final boolean commutes;
    private final Opcode[] opcodes;

    LaneOp(Op form, int properties, Opcode... opcodes) {
        this.form = form;
        commutes = properties == C;
        this.opcodes = opcodes;
    }

    /** The operation of a wasm instruction, or null when it is none on the lanes of vectors. */
    public static @Nullable LaneOp of(Opcode opcode) {
        return BY_OPCODE[opcode.ordinal()];
    }

    /** The operation of a second immediate. */
    public static LaneOp of(int aux) {
        return VALUES[aux >> 3];
    }

    /** The shape of a second immediate. @throws AssertionError for operations on vectors as a whole */
    public static LaneShape shape(int aux) {
        if ((aux & 7) == NO_SHAPE) {
            throw new AssertionError("BUG: " + of(aux) + " has no lanes");
        }
        return SHAPES[aux & 7];
    }

    static boolean hasShape(int aux) {
        return (aux & 7) != NO_SHAPE;
    }

    /** The second immediate that says operation and shape. */
    public int pack(@Nullable LaneShape shape) {
        return ordinal() << 3 | (shape == null ? NO_SHAPE : shape.ordinal());
    }

    /** The instruction of the graph that carries it. */
    Op form() {
        return form;
    }

    /** Operands a and b may be exchanged: also the bits of a NaN, which a machine may take from one of them, allow it. */
    public boolean commutes() {
        return commutes;
    }

    /** The name in the text form. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
