package org.sallyport.codegen.aarch64;

import org.sallyport.codegen.aarch64.IntegerAssembler.Alu;
import org.sallyport.codegen.aarch64.IntegerAssembler.Shift;
import org.sallyport.codegen.aarch64.VectorAssembler.ShiftImm;
import org.sallyport.codegen.aarch64.VectorAssembler.Three;
import org.sallyport.codegen.aarch64.VectorAssembler.Two;
import org.sallyport.codegen.lir.Lir;

/** Writes vector instructions. */
final class EmitVector {
    private static final Three[] THREE = Three.values();
    private static final Two[] TWO = Two.values();
    private static final ShiftImm[] SHIFT_IMM = ShiftImm.values();
    private static final Shift[] SHIFTS = Shift.values();

    private final Emission e;
    private final Assembler asm;
    private final Lir lir;

    EmitVector(Emission e) {
        this.e = e;
        asm = e.asm;
        lir = e.lir;
    }

    /** Whether it was a vector instruction. */
    boolean emit(Inst inst, int i, int aux) {
        int lanes = Fields.lanesOf(aux);
        int imm = (int) lir.imm(i);
        switch (inst) {
            case VCONST -> constant(e.vec(0), lir.disp(i));
            case V3 -> asm.three(THREE[Fields.sub(aux)], lanes, e.vec(0), e.vec(1), e.vec(2));
            case V3_CHANGE -> asm.three(THREE[Fields.sub(aux)], lanes, e.vec(0), e.vec(2), e.vec(3));
            case V2 -> asm.two(TWO[Fields.sub(aux)], lanes, e.vec(0), e.vec(1));
            case V2_CHANGE -> asm.two(TWO[Fields.sub(aux)], lanes, e.vec(0), e.vec(2));
            case VSHIFT_I -> asm.shiftImm(SHIFT_IMM[Fields.sub(aux)], lanes, e.vec(0), e.vec(1), imm);
            case VSHIFT_R -> shift(SHIFTS[Fields.sub(aux)], lanes);
            case VEXT -> asm.ext(e.vec(0), e.vec(1), e.vec(2), imm);
            case VDUP -> asm.dup(lanes, e.vec(0), e.reg(1));
            case VDUP_LANE, VLANE_FLOAT -> asm.dupLane(lanes, e.vec(0), e.vec(1), imm);
            case VINS -> asm.ins(lanes, e.vec(0), imm, e.reg(2));
            case VINS_FLOAT -> asm.insLane(lanes, e.vec(0), imm, e.vec(2), 0);
            case VLANE -> asm.umov(lanes, e.reg(0), e.vec(1), imm);
            case VLANE_S -> asm.smov(lanes, e.reg(0), e.vec(1), imm);
            default -> {
                return false;
            }
        }
        return true;
    }

    void constant(int dst, int number) {
        long low = lir.wide().low(number);
        long high = lir.wide().high(number);
        if (low == high && (low == 0 || low == -1)) {
            asm.movi(dst, low == -1);
        } else {
            asm.ldrVector(16, dst, asm.constant(low, high));
        }
    }

    /** The machine shifts each lane by a signed count of its own, to the right if that is negative. */
    private void shift(Shift how, int lanes) {
        asm.aluImm(Alu.AND, false, Abi.TEMP, e.reg(2), (8 << lanes) - 1);
        if (how != Shift.LSL) {
            asm.alu(Alu.SUB, true, Abi.TEMP, Reg.ZR, Abi.TEMP);
        }
        asm.dup(lanes, Abi.VECTOR_SCRATCH, Abi.TEMP);
        asm.three(how == Shift.ASR ? Three.SSHL : Three.USHL, lanes, e.vec(0), e.vec(1), Abi.VECTOR_SCRATCH);
    }
}
