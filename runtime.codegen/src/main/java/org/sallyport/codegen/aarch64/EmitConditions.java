package org.sallyport.codegen.aarch64;

import org.sallyport.codegen.aarch64.Fields.Producer;
import org.sallyport.codegen.aarch64.IntegerAssembler.Alu;
import org.sallyport.codegen.aarch64.IntegerAssembler.Select;
import org.sallyport.codegen.aarch64.VectorAssembler.Three;
import org.sallyport.codegen.lir.Lir;
import org.sallyport.codegen.regalloc.Operand;
import org.sallyport.codegen.regalloc.RegisterClass;

/** Writes comparisons and what depends on them. */
final class EmitConditions {
    private final Emission e;
    private final Assembler asm;
    private final Lir lir;

    EmitConditions(Emission e) {
        this.e = e;
        asm = e.asm;
        lir = e.lir;
    }

    /** Whether it was a conditional instruction. */
    boolean emit(Inst inst, int i, int aux) {
        Cond cond = Fields.cond(aux);
        switch (inst) {
            case SETCC -> {
                compare(i, aux, 1);
                asm.cset(e.reg(0), cond);
            }
            case CSEL -> {
                compare(i, aux, 3);
                asm.select(Select.CSEL, true, e.reg(0), e.reg(1), e.reg(2), cond);
            }
            case CSEL_Z -> {
                compare(i, aux, 2);
                asm.select(Select.CSEL, true, e.reg(0), e.reg(1), Reg.ZR, cond);
            }
            case FSEL -> floatSelect(i, aux, cond);
            case TRAPCC -> branch(i, aux, cond, e.trapStub(lir.disp(i)));
            default -> {
                return false;
            }
        }
        return true;
    }

    /** Sets the flags; the comparison's operands begin at operand {@code k}. */
    private void compare(int i, int aux, int k) {
        boolean wide = Fields.is(aux, Fields.WIDE);
        boolean isDouble = Fields.is(aux, Fields.DOUBLE);
        switch (Fields.producer(aux)) {
            case CMP_RR -> asm.cmp(wide, e.reg(k), e.reg(k + 1));
            case CMP_RI -> asm.cmpImm(wide, e.reg(k), lir.imm(i));
            case TST_RR -> asm.alu(Alu.ANDS, wide, Reg.ZR, e.reg(k), e.reg(k + 1));
            case TST_RI -> asm.aluImm(Alu.ANDS, wide, Reg.ZR, e.reg(k), lir.imm(i));
            case FCMP_RR -> asm.fcmp(isDouble, e.vec(k), e.vec(k + 1));
            case FCMP_Z -> asm.fcmpZero(isDouble, e.vec(k));
        }
    }

    private void floatSelect(int i, int aux, Cond cond) {
        compare(i, aux, 3);
        boolean isVector = lir.registerClass(Operand.vreg(lir.operand(lir.operandStart(i)))) == RegisterClass.VECTOR;
        if (!isVector) {
            asm.fcsel(true, e.vec(0), e.vec(1), e.vec(2), cond);
            return;
        }
        asm.csetm(Abi.TEMP, cond);
        asm.dup(3, Abi.VECTOR_SCRATCH, Abi.TEMP);
        asm.three(Three.BSL, 0, Abi.VECTOR_SCRATCH, e.vec(1), e.vec(2));
        asm.movVector(e.vec(0), Abi.VECTOR_SCRATCH);
    }

    /** Branches when the condition holds; the comparison has no operands before it. Some need no flags. */
    void branch(int i, int aux, Cond cond, int target) {
        boolean wide = Fields.is(aux, Fields.WIDE);
        Producer producer = Fields.producer(aux);
        long imm = lir.imm(i);
        boolean tests = cond == Cond.EQ || cond == Cond.NE;
        if (producer == Producer.CMP_RI && imm == 0 && tests) {
            if (cond == Cond.EQ) {
                asm.cbz(wide, e.reg(0), target);
            } else {
                asm.cbnz(wide, e.reg(0), target);
            }
        } else if (producer == Producer.CMP_RI && imm == 0 && (cond == Cond.LT || cond == Cond.GE)) {
            bit(cond == Cond.LT, wide ? 63 : 31, target);
        } else if (producer == Producer.TST_RI && Long.bitCount(imm) == 1 && tests) {
            bit(cond == Cond.NE, Long.numberOfTrailingZeros(imm), target);
        } else {
            compare(i, aux, 0);
            asm.bCond(cond, target);
        }
    }

    private void bit(boolean isSet, int bit, int target) {
        if (isSet) {
            asm.tbnz(e.reg(0), bit, target);
        } else {
            asm.tbz(e.reg(0), bit, target);
        }
    }
}
