package org.sallyport.codegen.x64;

import org.sallyport.codegen.lir.Lir;
import org.sallyport.codegen.x64.VectorAssembler.Lane;
import org.sallyport.codegen.x64.VectorAssembler.Mask;
import org.sallyport.codegen.x64.VectorAssembler.Shift128;
import org.sallyport.codegen.x64.VectorAssembler.Stored;

/** Writes vector instructions, all in VEX encoding where the CPU has it. */
final class EmitVector {
    private final Emission e;
    private final Assembler asm;
    private final Lir lir;
    private final boolean avx;

    EmitVector(Emission e) {
        this.e = e;
        asm = e.asm;
        lir = e.lir;
        avx = e.cpu.avx();
    }

    /** Whether it was a vector instruction. */
    boolean emit(Inst inst, int i, int aux) {
        int imm = (int) lir.imm(i);
        switch (inst) {
            case VCONST -> constant(e.xmm(0), lir.disp(i));
            case VOP_RR -> binary(row(aux), imm);
            case VOP_RM -> binary(row(aux), e.xmm(0), e.xmm(1), memory(2, i, aux), imm);
            case VOP_RRR -> fused(row(aux));
            case VBLEND -> blend(row(aux));
            case VUN_R -> unary(row(aux), imm);
            case VUN_M -> unary(row(aux), e.xmm(0), memory(1, i, aux), imm);
            case VSHIFT_I -> shift(Shift128.of(Fields.row(aux)), imm);
            case VSTORE -> store(e, Stored.of(Fields.row(aux)), e.memory(1, aux, lir.disp(i)), e.xmm(0));
            case VCOPY -> EmitFloat.copy(e, e.xmm(0), e.xmm(1));
            default -> {
                return lane(inst, i, aux, imm);
            }
        }
        return true;
    }

    private static Simd row(int aux) {
        return Simd.of(Fields.row(aux));
    }

    /** The memory operand, whose registers begin at operand {@code k}. */
    private Mem memory(int k, int i, int aux) {
        return Fields.base(aux) == Fields.Base.POOL ? e.wideConstant(lir.disp(i)) : e.memory(k, aux, lir.disp(i));
    }

    // ---- moves

    /** All zeros and all ones are made of nothing. */
    void constant(int dst, int number) {
        long low = lir.wide().low(number);
        long high = lir.wide().high(number);
        if (low == 0 && high == 0) {
            same(Simd.PXOR, dst);
        } else if (low == -1 && high == -1) {
            same(Simd.PCMPEQD, dst);
        } else if (high == 0) {
            unary(Simd.MOVQ, dst, e.constant(low), 0);
        } else {
            unary(Simd.MOVAPS, dst, e.wideConstant(number), 0);
        }
    }

    /** An operation of a register with itself that does not depend on its value. */
    private void same(Simd op, int dst) {
        if (avx) {
            asm.vsimd(op, dst, dst, dst, 0);
        } else {
            asm.simd(op, dst, dst, 0);
        }
    }

    static void spill(Emission e, Mem to, int src) {
        store(e, Stored.MOVAPS, to, src);
    }

    static void reload(Emission e, int dst, Mem from) {
        if (e.cpu.avx()) {
            e.asm.vsimd(Simd.MOVAPS, dst, 0, from, 0);
        } else {
            e.asm.simd(Simd.MOVAPS, dst, from, 0);
        }
    }

    private static void store(Emission e, Stored op, Mem to, int src) {
        if (e.cpu.avx()) {
            e.asm.vstore(op, to, src);
        } else {
            e.asm.store(op, to, src);
        }
    }

    // ---- arithmetic

    private void binary(Simd op, int imm) {
        int dst = e.xmm(0);
        int a = e.xmm(1);
        if (e.isSlot(2)) {
            binary(op, dst, a, e.wideSlot(2), imm);
        } else if (avx) {
            asm.vsimd(op, dst, a, e.xmm(2), imm);
        } else {
            assert dst == a : "BUG: two-address instruction with three registers";
            asm.simd(op, dst, e.xmm(2), imm);
        }
    }

    private void binary(Simd op, int dst, int a, Mem b, int imm) {
        if (avx) {
            asm.vsimd(op, dst, a, b, imm);
        } else {
            assert dst == a : "BUG: two-address instruction with three registers";
            asm.simd(op, dst, b, imm);
        }
    }

    private void unary(Simd op, int imm) {
        if (e.isSlot(1)) {
            unary(op, e.xmm(0), e.wideSlot(1), imm);
        } else if (avx) {
            asm.vsimd(op, e.xmm(0), 0, e.xmm(1), imm);
        } else {
            asm.simd(op, e.xmm(0), e.xmm(1), imm);
        }
    }

    private void unary(Simd op, int dst, Mem src, int imm) {
        if (avx) {
            asm.vsimd(op, dst, 0, src, imm);
        } else {
            asm.simd(op, dst, src, imm);
        }
    }

    private void fused(Simd op) {
        assert e.xmm(0) == e.xmm(1) : "BUG: a factor that is not the destination";
        if (e.isSlot(3)) {
            asm.vsimd(op, e.xmm(0), e.xmm(2), e.wideSlot(3), 0);
        } else {
            asm.vsimd(op, e.xmm(0), e.xmm(2), e.xmm(3), 0);
        }
    }

    private void blend(Simd op) {
        if (avx) {
            asm.vblend(op, e.xmm(0), e.xmm(1), e.xmm(2), e.xmm(3));
        } else {
            assert e.xmm(0) == e.xmm(1) && e.xmm(3) == 0 : "BUG: mask in xmm" + e.xmm(3);
            asm.simd(op, e.xmm(0), e.xmm(2), 0);
        }
    }

    private void shift(Shift128 op, int count) {
        if (avx) {
            asm.vshift(op, e.xmm(0), e.xmm(1), count);
        } else {
            assert e.xmm(0) == e.xmm(1) : "BUG: two-address shift with two registers";
            asm.shift(op, e.xmm(0), count);
        }
    }

    // ---- lanes

    private boolean lane(Inst inst, int i, int aux, int imm) {
        Lane row = inst == Inst.VMASK ? Lane.B : Lane.of(Math.min(Fields.row(aux), Lane.Q.ordinal()));
        switch (inst) {
            case VLANE -> {
                if (avx) {
                    asm.vextract(row, e.reg(0), e.xmm(1), imm);
                } else {
                    asm.extract(row, e.reg(0), e.xmm(1), imm);
                }
                e.wrote(e.reg(0));
            }
            case VLANE_M -> {
                int a = e.xmm(0);
                Mem to = e.memory(1, aux, lir.disp(i));
                if (avx) {
                    asm.vextract(row, to, a, imm);
                } else {
                    asm.extract(row, to, a, imm);
                }
            }
            case VINSERT_R -> {
                if (e.isSlot(2)) {
                    insert(row, e.slot(2), imm);
                } else if (avx) {
                    asm.vinsert(row, e.xmm(0), e.xmm(1), e.reg(2), imm);
                } else {
                    asm.insert(row, e.xmm(0), e.reg(2), imm);
                }
            }
            case VINSERT_M -> insert(row, e.memory(2, aux, lir.disp(i)), imm);
            case VMASK -> mask(Mask.of(Fields.row(aux)));
            default -> {
                return false;
            }
        }
        return true;
    }

    private void insert(Lane op, Mem from, int lane) {
        if (avx) {
            asm.vinsert(op, e.xmm(0), e.xmm(1), from, lane);
        } else {
            asm.insert(op, e.xmm(0), from, lane);
        }
    }

    private void mask(Mask op) {
        if (avx) {
            asm.vmask(op, e.reg(0), e.xmm(1));
        } else {
            asm.mask(op, e.reg(0), e.xmm(1));
        }
        e.wrote(e.reg(0));
    }

    /** Operand {@code k} with {@code k + 1}: ZF when they have no bit in common, CF when all of the second's are in the first. */
    static void test(Emission e, int k) {
        int a = e.xmm(k);
        if (e.isSlot(k + 1)) {
            Mem b = e.wideSlot(k + 1);
            if (e.cpu.avx()) {
                e.asm.vsimd(Simd.PTEST, a, 0, b, 0);
            } else {
                e.asm.simd(Simd.PTEST, a, b, 0);
            }
        } else if (e.cpu.avx()) {
            e.asm.vsimd(Simd.PTEST, a, 0, e.xmm(k + 1), 0);
        } else {
            e.asm.simd(Simd.PTEST, a, e.xmm(k + 1), 0);
        }
    }
}
