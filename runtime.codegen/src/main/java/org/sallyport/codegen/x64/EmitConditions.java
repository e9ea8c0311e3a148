package org.sallyport.codegen.x64;

import org.sallyport.codegen.lir.Lir;
import org.sallyport.codegen.regalloc.Allocation;
import org.sallyport.codegen.x64.Assembler.Sse;
import org.sallyport.codegen.x64.BitAssembler.BitTest;
import org.sallyport.codegen.x64.IntegerAssembler.Alu;

/** Writes comparisons and what depends on them, except branches between blocks. */
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
        switch (inst) {
            case SETCC -> set(i, aux);
            case CMOV -> conditionalMove(i, aux);
            case FSEL -> floatSelect(i, aux);
            case TRAPCC -> trap(i, aux);
            default -> {
                return false;
            }
        }
        return true;
    }

    // ---- comparisons

    /** Sets the flags; the comparison's operands begin at operand {@code k}. */
    void compare(int i, int aux, int k) {
        int imm = (int) lir.imm(i);
        Width w = Fields.width(aux);
        Producer producer = Fields.producer(aux);
        if (isKnown(producer, aux, imm, k)) {
            return;
        }
        switch (producer) {
            case CMP_RR -> compareRegisters(w, k);
            case CMP_RI -> compareImm(w, k, imm);
            case CMP_RM -> {
                int a = e.reg(k);
                asm.alu(Alu.CMP, w, a, e.memory(k + 1, aux, lir.disp(i)));
            }
            case CMP_MR -> {
                int a = e.reg(k);
                asm.alu(Alu.CMP, w, e.memory(k + 1, aux, lir.disp(i)), a);
            }
            case CMP_MI -> asm.aluImm(Alu.CMP, w, e.memory(k, aux, lir.disp(i)), imm);
            case TEST_RR -> {
                if (e.isSlot(k + 1)) {
                    asm.test(w, e.slot(k + 1), e.reg(k));
                } else {
                    asm.test(w, e.reg(k), e.reg(k + 1));
                }
            }
            case TEST_RI -> {
                if (e.isSlot(k)) {
                    asm.testImm(w, e.slot(k), imm);
                } else {
                    asm.testImm(w, e.reg(k), imm);
                }
            }
            case TEST_MI -> asm.testImm(w, e.memory(k, aux, lir.disp(i)), imm);
            case BT_RR -> asm.bitTest(BitTest.BT, w, e.reg(k), e.reg(k + 1));
            case BT_RI -> asm.bitTestImm(BitTest.BT, w, e.reg(k), imm);
            case UCOMIS_RR, UCOMIS_RM -> compareFloats(producer, i, aux, k);
            case PTEST_RR -> EmitVector.test(e, k);
        }
        remember(producer, aux, imm, k);
    }

    private void compareRegisters(Width w, int k) {
        if (e.isSlot(k + 1)) {
            asm.alu(Alu.CMP, w, e.reg(k), e.slot(k + 1));
        } else {
            asm.alu(Alu.CMP, w, e.reg(k), e.reg(k + 1));
        }
    }

    private void compareImm(Width w, int k, int imm) {
        if (e.isSlot(k)) {
            asm.aluImm(Alu.CMP, w, e.slot(k), imm);
        } else if (imm == 0) {
            asm.test(w, e.reg(k), e.reg(k));
        } else {
            asm.aluImm(Alu.CMP, w, e.reg(k), imm);
        }
    }

    private void compareFloats(Producer producer, int i, int aux, int k) {
        Sse row = Fields.is(aux, Fields.DOUBLE) ? Sse.UCOMISD : Sse.UCOMISS;
        int a = e.xmm(k);
        boolean isMemory = producer == Producer.UCOMIS_RM;
        if (!isMemory && !e.isSlot(k + 1)) {
            if (e.cpu.avx()) {
                asm.avx(row, a, e.xmm(k + 1));
            } else {
                asm.sse(row, a, e.xmm(k + 1));
            }
            return;
        }
        Mem mem = isMemory ? e.memory(k + 1, aux, lir.disp(i)) : e.slot(k + 1);
        if (e.cpu.avx()) {
            asm.avx(row, a, mem);
        } else {
            asm.sse(row, a, mem);
        }
    }

    /** What identifies a comparison besides its places. */
    private static long form(Producer producer, int aux, int imm) {
        return (long) imm << 32 | producer.ordinal() << 2 | Fields.width(aux).ordinal();
    }

    private boolean isKnown(Producer producer, int aux, int imm, int k) {
        return switch (producer) {
            case CMP_RI -> e.isCompared(form(producer, aux, imm), Emission.places(e.place(k), -1))
                    || imm == 0 && e.hasFlagsOf(e.place(k), Fields.width(aux), Fields.cond(aux));
            case CMP_RR -> e.isCompared(form(producer, aux, imm), Emission.places(e.place(k), e.place(k + 1)));
            default -> false;
        };
    }

    private void remember(Producer producer, int aux, int imm, int k) {
        switch (producer) {
            case CMP_RI -> e.setCompared(form(producer, aux, imm), Emission.places(e.place(k), -1));
            case CMP_RR -> e.setCompared(form(producer, aux, imm), Emission.places(e.place(k), e.place(k + 1)));
            default -> e.forgetFlags();
        }
    }

    // ---- users of the flags

    private static boolean isSimple(int cond) {
        return cond < Fields.FEQ;
    }

    /** Zeroing the register first saves an extension, where the comparison does not need it and is made here. */
    private void set(int i, int aux) {
        int dst = e.reg(0);
        boolean zeroed = !isOperand(i, dst) && !isKnown(Fields.producer(aux), aux, (int) lir.imm(i), 1);
        if (zeroed) {
            asm.zero(dst);
            e.forgetFlags();
        }
        compare(i, aux, 1);
        int cond = Fields.cond(aux);
        if (isSimple(cond)) {
            asm.set(Cond.of(cond), dst);
        } else {
            boolean equal = cond == Fields.FEQ;
            asm.set(equal ? Cond.NP : Cond.P, dst);
            asm.set(equal ? Cond.E : Cond.NE, Abi.SCRATCH);
            asm.alu(equal ? Alu.AND : Alu.OR, Width.BYTE, dst, Abi.SCRATCH);
            e.forgetFlags();
        }
        if (!zeroed) {
            asm.movzx(Width.BYTE, dst, dst);
        }
        e.wrote(dst);
    }

    private boolean isOperand(int i, int register) {
        int count = lir.operandCount(i);
        for (int k = 1; k < count; k++) {
            if (e.place(k) == register) {
                return true;
            }
        }
        return false;
    }

    private void conditionalMove(int i, int aux) {
        compare(i, aux, 3);
        Width w = Width.of64(Fields.is(aux, Fields.WIDE));
        int cond = Fields.cond(aux);
        if (isSimple(cond)) {
            move(Cond.of(cond), w);
        } else if (cond == Fields.FNE) {
            move(Cond.NE, w);
            move(Cond.P, w);
        } else {
            throw new AssertionError("BUG: no conditional move for equal and ordered");
        }
        e.wrote(e.reg(0));
    }

    private void move(Cond cond, Width w) {
        if (e.isSlot(2)) {
            asm.cmov(cond, w, e.reg(0), e.slot(2));
        } else {
            asm.cmov(cond, w, e.reg(0), e.reg(2));
        }
    }

    private void floatSelect(int i, int aux) {
        compare(i, aux, 3);
        int skip = asm.newLabel();
        unless(Fields.cond(aux), skip);
        EmitFloat.copy(e, e.xmm(0), e.xmm(2));
        asm.bind(skip);
    }

    /** Branches to {@code target} when the condition does not hold. */
    private void unless(int cond, int target) {
        branch(Fields.negated(cond), target, -1);
    }

    private void trap(int i, int aux) {
        compare(i, aux, 0);
        int stub = e.trapStub((int) (lir.imm(i) >> 32));
        branch(Fields.cond(aux), stub, -1);
    }

    /**
     * Branches to {@code yes} when the condition holds.
     *
     * @param no where to go on otherwise, or -1: behind the branch
     */
    void branch(int cond, int yes, int no) {
        if (isSimple(cond)) {
            asm.jcc(Cond.of(cond), yes);
        } else if (cond == Fields.FNE) {
            asm.jcc(Cond.NE, yes);
            asm.jcc(Cond.P, yes);
        } else if (no >= 0) {
            asm.jcc(Cond.NE, no);
            asm.jcc(Cond.NP, yes);
        } else {
            int behind = asm.newLabel();
            asm.jcc(Cond.NE, behind);
            asm.jcc(Cond.NP, yes);
            asm.bind(behind);
        }
        if (no >= 0) {
            asm.jmp(no);
        }
    }

    /** The comparison of a branch; it has no other operands. */
    void compareForBranch(int i, int aux) {
        compare(i, aux, 0);
    }

    static boolean isSlotPlace(int place) {
        return Allocation.isSlot(place);
    }
}
