package org.sallyport.codegen.aarch64;

import static org.sallyport.codegen.aarch64.Inst.Family.*;

import java.util.Locale;

/**
 * Machine instructions of the {@link org.sallyport.codegen.lir.Lir}, one row each: a pattern that the emitter knows how to write,
 * mostly one instruction of the ISA. A row says who writes it and what its operands are ({@link Form}).
 */
enum Inst {
    // @formatter:off
    //           family     form
    /** Constant, any 64 bits. */
    MOVI        (INTEGER,   "i <-"),
    /** Float constant, raw bits. */
    MOVF        (FLOAT,     "f <-"),
    /** The instance context. */
    VMCTX       (INTEGER,   "i <-"),
    /** {@code a op shift(b)}; imm: {@link Fields#shifted}. */
    ALU_RR      (INTEGER,   "i <- i i"),
    ALU_RI      (INTEGER,   "i <- i"),
    /** {@code 0 op shift(a)}. */
    ALU_ZR      (INTEGER,   "i <- i"),
    /** Product, or its upper half. */
    MUL         (INTEGER,   "i <- i i"),
    /** {@code c ± a * b}. */
    MADD        (INTEGER,   "i <- i i i"),
    /** {@link Fields#SIGNED}, {@link Fields#REMAINDER}, {@link Fields#UNCHECKED}: the divisor is harmless. */
    DIV         (INTEGER,   "i <- i i"),
    SHIFT_I     (INTEGER,   "i <- i"),
    SHIFT_R     (INTEGER,   "i <- i i"),
    /** Rotation to the left. */
    ROTL        (INTEGER,   "i <- i i"),
    /** imm: immr in bits 6 and up, imms below. */
    BITFIELD    (INTEGER,   "i <- i"),
    CLZ         (INTEGER,   "i <- i"),
    CTZ         (INTEGER,   "i <- i"),
    POPCNT      (INTEGER,   "i <- i"),
    /** Table: {@link MemoryAssembler.Moved}. */
    LOAD        (MEMORY,    "a <- mem"),
    STORE       (MEMORY,    "<- a mem"),
    /** Stores zero. */
    STORE_Z     (MEMORY,    "<- mem"),
    /** sub: logarithm of the bytes; so for the following ones. */
    LDAR        (ATOMIC,    "i <- mem"),
    STLR        (ATOMIC,    "<- i mem"),
    /** imm: row of {@link MemoryAssembler.Atomic}. */
    MODIFY      (ATOMIC,    "i! <- i mem"),
    /** Expected, new; {@link Fields#UNCHECKED}: what is expected is no larger than the access. */
    CMPXCHG     (ATOMIC,    "i! <- i i mem"),
    DMB         (ATOMIC,    "<-"),
    FOP         (FLOAT,     "f <- f f"),
    FUN         (FLOAT,     "f <- f"),
    PROMOTE     (FLOAT,     "f <- f"),
    DEMOTE      (FLOAT,     "f <- f"),
    COPYSIGN    (FLOAT,     "f <- f f"),
    CVT_FROM_INT(FLOAT,     "f <- i"),
    /** {@link Fields#SATURATE}. */
    CVT_TO_INT  (FLOAT,     "i <- f"),
    /** Bits of an integer as a float, and the other way round. */
    INT_BITS    (FLOAT,     "f <- i"),
    FLOAT_BITS  (FLOAT,     "i <- f"),
    // Vectors; lanes in the condition's place
    /** disp: number of the constant. */
    VCONST      (VECTOR,    "v <-"),
    V3          (VECTOR,    "v <- v v"),
    /** The first source is changed. */
    V3_CHANGE   (VECTOR,    "v= <- v v v"),
    V2          (VECTOR,    "v <- v"),
    V2_CHANGE   (VECTOR,    "v= <- v v"),
    VSHIFT_I    (VECTOR,    "v <- v"),
    /** Shift of all lanes by a count modulo their width; sub: {@link IntegerAssembler.Shift}. */
    VSHIFT_R    (VECTOR,    "v <- v i"),
    /** imm: byte. */
    VEXT        (VECTOR,    "v <- v v"),
    VDUP        (VECTOR,    "v <- i"),
    /** imm: lane; so for the following ones. */
    VDUP_LANE   (VECTOR,    "v <- y"),
    VINS        (VECTOR,    "v= <- v i"),
    VINS_FLOAT  (VECTOR,    "v= <- v f"),
    VLANE       (VECTOR,    "i <- v"),
    VLANE_S     (VECTOR,    "i <- v"),
    VLANE_FLOAT (VECTOR,    "f <- v"),
    SETCC       (CONDITION, "i <- cmp"),
    CSEL        (CONDITION, "i <- i i cmp"),
    /** {@code cond ? a : 0}. */
    CSEL_Z      (CONDITION, "i <- i cmp"),
    FSEL        (CONDITION, "y <- y y cmp"),
    /** disp: trap code. */
    TRAPCC      (CONDITION, "<- cmp"),
    /** To successor 0 if the condition holds. */
    JCC         (CONTROL,   "<- cmp"),
    JMP         (CONTROL,   "<-"),
    /** imm: start of the targets in the function's table list; disp: their number. */
    SWITCH      (CONTROL,   "<- i"),
    RET         (CONTROL,   "<- ..."),
    /** imm: trap code. */
    UDF         (CONTROL,   "<-"),
    /** Takes as much fuel as the immediate says. */
    CHARGE      (CONTROL,   "<-"),
    /** The same, and checks that it was there. */
    CHARGE_CHECKED(CONTROL, "<-"),
    CHARGE_BY   (CONTROL,   "<- i"),
    /** The function's arguments, in their registers. */
    ARGS        (CONTROL,   "... <-"),
    /** imm: function index. */
    CALL        (CALLS,     "... <- ... / all"),
    /** imm: import. */
    CALL_IMPORT (CALLS,     "... <- ... / all"),
    /** Last code and context; imm: type index, as for the following ones. */
    CALL_INDIRECT(CALLS,    "... i! <- ... i i / all"),
    /** Last the reference: code and context are loaded from it. */
    CALL_REF    (CALLS,     "... i! <- ... i / all"),
    /** Last the code. Within the instance. */
    CALL_CODE   (CALLS,     "... <- ... i / all"),
    /** imm: builtin. */
    CALL_BUILTIN(CALLS,     "... <- ... / all"),
    /** imm: helper, disp: memories. */
    CALL_HELPER (CALLS,     "<- ... / helper"),
    /** As {@link #CALL}, in this function's place; for all of this kind, disp: bytes that the callee pops. */
    RETURN_CALL (CALLS,     "<- ..."),
    RETURN_CALL_IMPORT(CALLS, "<- ..."),
    RETURN_CALL_INDIRECT(CALLS, "<- ..."),
    RETURN_CALL_REF(CALLS,  "<- ..."),
    RETURN_CALL_CODE(CALLS, "<- ...");
    // @formatter:on

    /** Who writes it. */
    enum Family {
        INTEGER,
        MEMORY,
        FLOAT,
        VECTOR,
        ATOMIC,
        CONDITION,
        CALLS,
        CONTROL
    }

    private static final Inst[] ALL = values();

    final Family family;
    final String form;

    Inst(Family family, String form) {
        this.family = family;
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
