package org.sallyport.codegen.x64;

import java.util.Locale;

/**
 * Machine instructions of the {@link org.sallyport.codegen.lir.Lir}, one row each: a pattern that the emitter knows
 * how to write, mostly one instruction of the ISA. Operands are listed as definitions, uses, then base and index of
 * the memory operand if there is one ({@link Fields}). {@code d=a} means that the definition shares the register of use
 * a; {@code any} may be a spill slot; {@code t} is a temporary.
 */
enum Inst {
    // @formatter:off
    /** d; imm. Constant, any 64 bits. */
    MOVI,
    /** d; imm. Float constant, raw bits. */
    MOVF,
    /** d, a any. Copy within a register class; {@link Fields#DOUBLE} tells nothing, all bits are copied. */
    MOV,
    /** d. The instance context. */
    VMCTX,

    /** d=a, a, b any. {@link Fields#sub} is the {@link IntegerAssembler.Alu}. */
    ALU_RR,
    /** d=a, a, mem. */
    ALU_RM,
    /** d=a, a; imm. */
    ALU_RI,
    /** a, mem: {@code mem = mem op a}. */
    ALU_MR,
    /** mem; imm. */
    ALU_MI,
    /** d, a, b: sum in any registers. */
    ADD_RRR,
    /** d, a; imm. Sum in any registers. */
    ADD_RRI,
    /** d, mem: the address. */
    LEA,
    /** d=a, a, b any. */
    IMUL_RR,
    /** d=a, a, mem. */
    IMUL_RM,
    /** d, a any; imm. */
    IMUL_RI,
    /** d, mem; imm. */
    IMUL_MI,
    /** d in rdx, t in rax, a in rax, b any. Upper half of the product; {@link Fields#SIGNED}. */
    MULHI,
    /** d, a in rdx, b any. MULX. */
    MULHI_X,
    /** d, t, a, b any. Division; {@link Fields#SIGNED}, {@link Fields#REMAINDER}, {@link Fields#UNCHECKED}. */
    DIV,
    /** d=a, a; imm. {@link Fields#sub} is the {@link BitAssembler.Shift}. */
    SHIFT_I,
    /** mem; imm. */
    SHIFT_MI,
    /** d=a, a, b in rcx. */
    SHIFT_CL,
    /** d, a any, b. {@link Fields#sub} is the {@link BitAssembler.ShiftX}. */
    SHIFT_X,
    /** d, a; imm. Rotation to the right in any registers. */
    RORX,
    /** d, a; imm 1–3. Shift to the left in any registers. */
    SHL_LEA,
    /** d=a, a. {@link Fields#sub} is the {@link IntegerAssembler.Unary}. */
    UNARY,
    /** d, a any. {@link Fields#sub} is the {@link BitAssembler.Bits}. */
    BITS,
    /** d, a. Leading zeros without LZCNT. */
    CLZ,
    /** d, a. Trailing zeros without TZCNT. */
    CTZ,
    /** d, a, b any: {@code ~a & b}. */
    ANDN,
    /** d, a. {@link Fields#sub} is the {@link BitAssembler.Blx}. */
    BLX,
    /** d, a any. {@link Fields#sub} is the {@link Width} extended from. */
    MOVZX,
    /** d, a any. The same, sign-extended to {@link Fields#width}. */
    MOVSX,

    /** d, mem. {@link Fields#sub} is the width loaded; {@link Fields#SIGNED}. */
    LOAD,
    /** a, mem. */
    STORE,
    /** mem; imm, sign-extended. */
    STORE_I,
    /** mem, or a, mem: {@code lock op mem, a}; {@link Fields#sub} is the {@link IntegerAssembler.Alu}. */
    LOCK_ALU_MR,
    /** mem; imm. */
    LOCK_ALU_MI,
    /** d=a, a, mem. What was there is extended to all of d; so for the following ones. */
    LOCK_XADD,
    /** d=a, a, mem. */
    XCHG,
    /** d in rax, t, a, mem: {@code mem = mem op a}, by a loop; {@link Fields#sub} is the {@link IntegerAssembler.Alu}. */
    LOCK_LOOP,
    /** d in rax, a in rax, b, mem: b where a was; {@link Fields#UNCHECKED}: a is no larger than the access. */
    LOCK_CMPXCHG,
    MFENCE,
    /** d, mem; {@link Fields#DOUBLE}. */
    FLOAD,
    /** a, mem. */
    FSTORE,

    /** d=a (with AVX d), a, b any. {@link Fields#sub} is the {@link Assembler.Sse}. */
    FOP_RR,
    /** d=a (with AVX d), a, mem. */
    FOP_RM,
    /** d=a (with AVX d), a; imm: 16-byte constant of twice these bits. */
    FOP_RC,
    /** d, a any. One source: square root, promotion, demotion. */
    FUN_R,
    /** d, mem. */
    FUN_M,
    /** d, a; imm: rounding mode. */
    FROUND,
    /** d=a (with AVX d), a, b. Minimum; {@link Fields#MAX}. */
    FMINMAX,
    /** d, a, b; imm: predicate. Mask of a comparison (AVX). */
    FCMP,
    /** d, a, b, mask: mask ? b : a (AVX). */
    FBLEND,
    /** d, a any. Signed integer of the width to float. */
    CVT_FROM_INT,
    /** d, a. Unsigned 64-bit integer to float. */
    CVT_FROM_U64,
    /** d, a. {@link Fields#SIGNED}, {@link Fields#SATURATE}; the width is that of the integer. */
    CVT_TO_INT,
    /** d, a any. Bits of an integer as a float. */
    INT_BITS,
    /** d, a any. Bits of a float as an integer. */
    FLOAT_BITS,

    // Vectors: {@link Fields#row} is the {@link Simd} or another table of {@link VectorAssembler}; {@code imm} is the byte that
    // follows; with {@link Fields.Base#POOL} as memory operand {@code disp} is a number of the function's wide constants.
    /** d; disp: number. 128-bit constant. */
    VCONST,
    /** d=a (with AVX d), a, b any. */
    VOP_RR,
    /** d=a (with AVX d), a, mem. Without AVX mem is aligned. */
    VOP_RM,
    /** d=a, a, b, c any. Fused multiplication and addition. */
    VOP_RRR,
    /** d=a, a, b, mask in xmm0 (with AVX d, a, b, mask): bytes or lanes of b where the mask is negative, else of a. */
    VBLEND,
    /** d, a any. One source. */
    VUN_R,
    /** d, mem. */
    VUN_M,
    /** d=a (with AVX d), a; imm. {@link VectorAssembler.Shift128}. */
    VSHIFT_I,
    /** a, mem. {@link VectorAssembler.Stored}. */
    VSTORE,
    /** d, a; imm: lane. {@link VectorAssembler.Lane}. */
    VLANE,
    /** a, mem; imm. */
    VLANE_M,
    /** d=a (with AVX d), a, b any; imm. */
    VINSERT_R,
    /** d=a (with AVX d), a, mem; imm. */
    VINSERT_M,
    /** d, a. {@link VectorAssembler.Mask}. */
    VMASK,
    /** d, a. The same register as one of another class. */
    VCOPY,

    /** d, then the comparison's operands ({@link Producer}). 0 or 1. */
    SETCC,
    /** d=a, a, b any, comparison: cond ? b : a. {@link Fields#WIDE}. */
    CMOV,
    /** d=a, a, b, comparison: cond ? b : a, floats. */
    FSEL,
    /** comparison; upper half of imm: trap code. */
    TRAPCC,
    /** comparison; to successor 0 if the condition holds. */
    JCC,
    JMP,
    /** t, t, a; imm: start of the targets in the function's table list, disp: their number. */
    SWITCH,
    /** a… */
    RET,
    /** imm: trap code. */
    UD2,

    /** imm. Takes fuel. */
    CHARGE,
    /** imm. Takes fuel and checks that it was there. */
    CHARGE_CHECKED,
    /** a. The same. */
    CHARGE_BY,

    /** d… in argument registers. */
    ARGS,
    /** d…, a…; imm: function index. */
    CALL,
    /** d…, a…; imm: import. */
    CALL_IMPORT,
    /** d…, a…, code, context; imm: type index, as for the following three. */
    CALL_INDIRECT,
    /** d…, a…, reference. Code and context are loaded from the function reference. */
    CALL_REF,
    /** d…, a…, code any. Within the instance. */
    CALL_CODE,
    /** d…, a…, mem: the code address. Within the instance. */
    CALL_CODE_M,
    /** d…, a…; imm: builtin. */
    CALL_BUILTIN,
    /** a…; imm: helper, disp: memories. */
    CALL_HELPER,
    /** a…; imm: function index. As {@link #CALL}, in this function's place; for all of this kind, disp: bytes that the callee pops. */
    RETURN_CALL,
    /** a…; imm: import. */
    RETURN_CALL_IMPORT,
    /** a…, code in r12, context in r13. */
    RETURN_CALL_INDIRECT,
    /** a…, reference in r12. Code and context are loaded from the function reference. */
    RETURN_CALL_REF,
    /** a…, code in r12. Within the instance. */
    RETURN_CALL_CODE;
    // @formatter:on

    private static final Inst[] ALL = values();

    static Inst of(int ordinal) {
        return ALL[ordinal];
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
