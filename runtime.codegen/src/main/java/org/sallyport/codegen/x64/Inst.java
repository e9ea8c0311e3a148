package org.sallyport.codegen.x64;

import static org.sallyport.codegen.x64.Inst.Family.*;
import static org.sallyport.codegen.x64.Inst.Table.*;

import java.util.Locale;

/**
 * Machine instructions of the {@link org.sallyport.codegen.lir.Lir}, one row each: a pattern that the emitter knows how to
 * write, mostly one instruction of the ISA. A row says who writes it, which table its sub-operation is from, and what its
 * operands and fields are ({@link Form}); {@link LirRules} holds what instruction selection makes to that.
 */
enum Inst {
    // @formatter:off
    //           family     table      form
    /** Constant, any 64 bits. */
    MOVI        (INTEGER,   NONE,      "#: i <-"),
    /** Float constant, raw bits. */
    MOVF        (FLOAT,     NONE,      "#: f <-"),
    /** The instance context. */
    VMCTX       (INTEGER,   NONE,      ": i <-"),

    ALU_RR      (INTEGER,   ALU,       "w: i= <- i i?"),
    ALU_RM      (INTEGER,   ALU,       "w: i= <- i mem"),
    ALU_RI      (INTEGER,   ALU,       "w#: i= <- i"),
    /** {@code mem = mem op a}. */
    ALU_MR      (INTEGER,   ALU,       "w: <- i mem"),
    ALU_MI      (INTEGER,   ALU,       "w#: <- mem"),
    /** Sum in any registers. */
    ADD_RRR     (INTEGER,   NONE,      "w: i <- i i"),
    ADD_RRI     (INTEGER,   NONE,      "w#: i <- i"),
    /** The address. */
    LEA         (INTEGER,   NONE,      "w: i <- mem"),
    IMUL_RR     (INTEGER,   NONE,      "w: i= <- i i?"),
    IMUL_RM     (INTEGER,   NONE,      "w: i= <- i mem"),
    IMUL_RI     (INTEGER,   NONE,      "w#: i <- i?"),
    IMUL_MI     (INTEGER,   NONE,      "w#: i <- mem"),
    /** Upper half of the product. */
    MULHI       (INTEGER,   NONE,      "ws: i:rdx <- i:rax i? / rax"),
    /** The same by MULX. */
    MULHI_X     (INTEGER,   NONE,      "w: i <- i:rdx i?"),
    /** Quotient in rax, or {@link Fields#REMAINDER} in rdx; {@link Fields#UNCHECKED}: the divisor is harmless. */
    DIV         (INTEGER,   NONE,      "wsmu: i:rax i:rdx! <- i:rax i? | i:rdx! <- i:rax i? / rax"),
    SHIFT_I     (INTEGER,   SHIFT,     "w#: i= <- i"),
    SHIFT_MI    (INTEGER,   SHIFT,     "w#: <- mem"),
    SHIFT_CL    (INTEGER,   SHIFT,     "w: i= <- i i:rcx"),
    SHIFT_X     (INTEGER,   SHIFT_BMI, "w: i <- i? i"),
    /** Rotation to the right in any registers. */
    RORX        (INTEGER,   NONE,      "w#: i <- i"),
    /** Shift to the left by 1 to 3 in any registers. */
    SHL_LEA     (INTEGER,   NONE,      "w#: i <- i"),
    UNARY       (INTEGER,   NOT_NEG,   "w: i= <- i"),
    BITS        (INTEGER,   COUNTS,    "w: i <- i?"),
    /** Leading zeros without LZCNT. */
    CLZ         (INTEGER,   NONE,      "w: i <- i"),
    /** Trailing zeros without TZCNT. */
    CTZ         (INTEGER,   NONE,      "w: i <- i"),
    /** {@code ~a & b}. */
    ANDN        (INTEGER,   NONE,      "w: i <- i i?"),
    BLX         (INTEGER,   BMI,       "w: i <- i"),
    /** Zero-extends from a width. */
    MOVZX       (INTEGER,   WIDTH,     "w: i <- i?"),
    /** Sign-extends to {@link Fields#width}. */
    MOVSX       (INTEGER,   WIDTH,     "w: i <- i?"),

    LOAD        (INTEGER,   WIDTH,     "ws: i <- mem"),
    STORE       (INTEGER,   NONE,      "w: <- i mem"),
    /** Stores an immediate, sign-extended. */
    STORE_I     (INTEGER,   NONE,      "w#: <- mem"),
    /** {@code lock op mem, a}. */
    LOCK_ALU_MR (ATOMIC,    ALU,       "w: <- i mem"),
    LOCK_ALU_MI (ATOMIC,    ALU,       "w#: <- mem"),
    /** What was there is extended to all of d; so for the following ones. */
    LOCK_XADD   (ATOMIC,    NONE,      "w: i= <- i mem"),
    XCHG        (ATOMIC,    NONE,      "w: i= <- i mem"),
    /** {@code mem = mem op a}, by a loop. */
    LOCK_LOOP   (ATOMIC,    ALU,       "w: i:rax! i! <- i mem"),
    /** The second where the first was; {@link Fields#UNCHECKED}: the first is no larger than the access. */
    LOCK_CMPXCHG(ATOMIC,    NONE,      "wu: i:rax <- i:rax i mem"),
    MFENCE      (ATOMIC,    NONE,      ": <-"),
    FLOAD       (FLOAT,     NONE,      "d: f <- mem"),
    FSTORE      (FLOAT,     NONE,      "d: <- f mem"),

    FOP_RR      (FLOAT,     SSE,       "d: f~ <- f f?"),
    /** With {@link Fields.Base#POOL} as memory operand the immediate is the constant's bits. */
    FOP_RM      (FLOAT,     SSE,       "d#: f~ <- f mem"),
    /** The second source is a 16-byte constant of twice the immediate. */
    FOP_RC      (FLOAT,     SSE,       "#: f~ <- f"),
    /** Square root, promotion, demotion. */
    FUN_R       (FLOAT,     SSE,       ": f <- f?"),
    FUN_M       (FLOAT,     SSE,       ": f <- mem"),
    /** Rounding; the immediate is the mode. */
    FROUND      (FLOAT,     NONE,      "d#: f <- f"),
    /** Minimum, or {@link Fields#MAX}. */
    FMINMAX     (FLOAT,     NONE,      "dm: f~ <- f f"),
    /** Mask of a comparison (AVX); the immediate is the predicate. */
    FCMP        (FLOAT,     NONE,      "d#: f <- f f"),
    /** {@code c ? b : a} for a mask c (AVX). */
    FBLEND      (FLOAT,     NONE,      "d: f <- f f f"),
    /** Signed integer of the width to float. */
    CVT_FROM_INT(FLOAT,     NONE,      "wd: f <- i?"),
    /** Unsigned 64-bit integer to float. */
    CVT_FROM_U64(FLOAT,     NONE,      "wd: f <- i"),
    /** {@link Fields#SIGNED}, {@link Fields#SATURATE}; the width is that of the integer. */
    CVT_TO_INT  (FLOAT,     NONE,      "wdsu: i <- f"),
    /** Bits of an integer as a float, or as the lowest of a vector. */
    INT_BITS    (FLOAT,     NONE,      "w: y <- i?"),
    /** Bits of a float as an integer. */
    FLOAT_BITS  (FLOAT,     NONE,      "w: i <- f? | i <- v"),

    // Vectors. The immediate is the byte that follows; with POOL as memory operand disp is a number of a wide constant.
    /** 128-bit constant; disp is its number. */
    VCONST      (VECTOR,    NONE,      "%: v <-"),
    VOP_RR      (VECTOR,    SIMD,      "#: y~ <- y y?"),
    /** Without AVX the operand in memory is aligned. */
    VOP_RM      (VECTOR,    SIMD,      "#: y~ <- y mem"),
    /** Fused multiplication and addition. */
    VOP_RRR     (VECTOR,    SIMD,      ": v= <- v v v?"),
    /** Bytes or lanes of b where the mask c is negative, else of a; without AVX the mask is in xmm0. */
    VBLEND      (VECTOR,    SIMD,      ": v~ <- v v v | v= <- v v v:xmm0"),
    /** One source. */
    VUN_R       (VECTOR,    SIMD,      "#: y <- y?"),
    VUN_M       (VECTOR,    SIMD,      "#: y <- mem"),
    VSHIFT_I    (VECTOR,    SHIFT128,  "#: v~ <- v"),
    VSTORE      (VECTOR,    STORED,    ": <- y mem"),
    /** The immediate is the lane; so for the following three. */
    VLANE       (VECTOR,    LANE,      "#: i <- v"),
    VLANE_M     (VECTOR,    LANE,      "#: <- v mem"),
    VINSERT_R   (VECTOR,    LANE,      "#: v~ <- v i?"),
    VINSERT_M   (VECTOR,    LANE,      "#: v~ <- v mem"),
    VMASK       (VECTOR,    MASK,      ": i <- v"),
    /** The same register as one of another class. */
    VCOPY       (VECTOR,    NONE,      ": y <- y"),

    /** 0 or 1. */
    SETCC       (CONDITION, NONE,      "#: i <- cmp"),
    /** {@code cond ? b : a}; {@link Fields#WIDE}. */
    CMOV        (CONDITION, NONE,      "m#: i= <- i i? cmp"),
    /** {@code cond ? b : a}, in vector registers. */
    FSEL        (CONDITION, NONE,      "#: x= <- x x cmp"),
    /** The upper half of the immediate is the trap code. */
    TRAPCC      (CONDITION, NONE,      "#: <- cmp"),
    /** To successor 0 if the condition holds. */
    JCC         (CONTROL,   NONE,      "#: <- cmp"),
    JMP         (CONTROL,   NONE,      ": <-"),
    /** imm: start of the targets in the function's table list; disp: their number. Long tables need a temporary. */
    SWITCH      (CONTROL,   NONE,      "#%: i! <- i | <- i"),
    RET         (CONTROL,   NONE,      ": <- ..."),
    /** The immediate is the trap code. */
    UD2         (CONTROL,   NONE,      "#: <-"),

    /** Takes as much fuel as the immediate says. */
    CHARGE      (CONTROL,   NONE,      "#: <-"),
    /** The same, and checks that it was there. */
    CHARGE_CHECKED(CONTROL, NONE,      "#: <-"),
    CHARGE_BY   (CONTROL,   NONE,      ": <- i"),

    /** The function's arguments, in their registers. */
    ARGS        (CONTROL,   NONE,      ": ... <-"),
    /** imm: function index. */
    CALL        (CALLS,     NONE,      "#: ... <- ... / all"),
    /** imm: import. */
    CALL_IMPORT (CALLS,     NONE,      "#: ... <- ... / all"),
    /** Last code and context; imm: type index, as for the following three. */
    CALL_INDIRECT(CALLS,    NONE,      "#: ... i:r10! <- ... i i? / all | ... <- ... i i:r10 / all"),
    /** Last the reference: code and context are loaded from it. */
    CALL_REF    (CALLS,     NONE,      "#: ... i:r10! <- ... i / all"),
    /** Last the code. Within the instance. */
    CALL_CODE   (CALLS,     NONE,      "#: ... <- ... i? / all"),
    /** Last where the code's address is. Within the instance. */
    CALL_CODE_M (CALLS,     NONE,      "#: ... <- ... mem / all"),
    /** imm: builtin. */
    CALL_BUILTIN(CALLS,     NONE,      "#: ... <- ... / all"),
    /** imm: helper, disp: memories. */
    CALL_HELPER (CALLS,     NONE,      "#%: <- ... / helper"),
    /** As {@link #CALL}, in this function's place; for all of this kind, disp: bytes that the callee pops. */
    RETURN_CALL (CALLS,     NONE,      "#%: <- ..."),
    RETURN_CALL_IMPORT(CALLS, NONE,    "#%: <- ..."),
    RETURN_CALL_INDIRECT(CALLS, NONE,  "#%: <- ... i:r12 i:r10"),
    RETURN_CALL_REF(CALLS,  NONE,      "#%: <- ... i:r12"),
    RETURN_CALL_CODE(CALLS, NONE,      "#%: <- ... i:r12");
    // @formatter:on

    /** Who writes it. */
    enum Family {
        INTEGER,
        FLOAT,
        VECTOR,
        ATOMIC,
        CONDITION,
        CALLS,
        CONTROL
    }

    /** Whose rows {@link Fields#sub} counts, or {@link Fields#row} where {@link #isWide}. */
    enum Table {
        NONE(),
        ALU(IntegerAssembler.Alu.values()),
        SHIFT(BitAssembler.Shift.values()),
        SHIFT_BMI(BitAssembler.ShiftX.values()),
        NOT_NEG(IntegerAssembler.Unary.values()),
        COUNTS(BitAssembler.Bits.values()),
        BMI(BitAssembler.Blx.values()),
        WIDTH(Width.values()),
        SSE(Assembler.Sse.values()),
        SIMD(Simd.values()),
        SHIFT128(VectorAssembler.Shift128.values()),
        STORED(VectorAssembler.Stored.values()),
        LANE(VectorAssembler.Lane.values()),
        MASK(VectorAssembler.Mask.values());

        private final Enum<?>[] rows;

        Table(Enum<?>... rows) {
            this.rows = rows;
        }

        /** Whether {@link Fields#row} has the number. */
        boolean isWide() {
            return switch (this) {
                case SIMD, SHIFT128, STORED, LANE, MASK -> true;
                case NONE, ALU, SHIFT, SHIFT_BMI, NOT_NEG, COUNTS, BMI, WIDTH, SSE -> false;
            };
        }

        int number(int aux) {
            return isWide() ? Fields.row(aux) : Fields.sub(aux);
        }

        boolean has(int aux) {
            return this == NONE || number(aux) < rows.length;
        }

        /** The row's name; empty where there are no rows. */
        String name(int aux) {
            return this == NONE ? "" : has(aux) ? rows[number(aux)].name() : "row" + number(aux);
        }
    }

    private static final Inst[] ALL = values();

    final Family family;
    final Table table;
    final String form;

    Inst(Family family, Table table, String form) {
        this.family = family;
        this.table = table;
        this.form = form;
    }

    static Inst of(int ordinal) {
        return ALL[ordinal];
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
