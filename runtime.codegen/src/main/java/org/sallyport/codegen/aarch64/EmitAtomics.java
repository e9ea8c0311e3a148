package org.sallyport.codegen.aarch64;

import org.sallyport.codegen.aarch64.IntegerAssembler.Alu;
import org.sallyport.codegen.aarch64.MemoryAssembler.Atomic;
import org.sallyport.codegen.lir.Lir;

/**
 * Writes atomic instructions. Without FEAT_LSE they are loops of an exclusive load and store, between which nothing but
 * arithmetic happens; a memory that was accessible stays so, and only the first access may fault.
 */
final class EmitAtomics {
    private static final Atomic[] ATOMIC = Atomic.values();

    private final Emission e;
    private final Assembler asm;
    private final Lir lir;

    EmitAtomics(Emission e) {
        this.e = e;
        asm = e.asm;
        lir = e.lir;
    }

    /** Whether it was an atomic instruction. */
    boolean emit(Inst inst, int i, int aux) {
        int log = Fields.sub(aux);
        switch (inst) {
            case LDAR -> {
                int address = e.address(1, i);
                e.faultsHere(aux);
                asm.ldar(log, e.reg(0), address);
            }
            case STLR -> {
                int address = e.address(1, i);
                e.faultsHere(aux);
                asm.stlr(log, e.reg(0), address);
            }
            case MODIFY -> modify(ATOMIC[(int) lir.imm(i)], log, i, aux);
            case CMPXCHG -> compareAndExchange(log, i, aux);
            case DMB -> asm.dmb();
            default -> {
                return false;
            }
        }
        return true;
    }

    private void modify(Atomic op, int log, int i, int aux) {
        int result = e.reg(0);
        int value = e.reg(1);
        int address = e.address(2, i);
        if (e.cpu.lse()) {
            if (op == Atomic.LDCLRAL) { // clears the bits that are set
                asm.alu(Alu.ORN, true, Abi.SCRATCH, Reg.ZR, value);
                value = Abi.SCRATCH;
            }
            e.faultsHere(aux);
            asm.atomic(op, log, value, result, address);
            return;
        }
        int again = asm.here();
        e.faultsHere(aux);
        asm.ldaxr(log, result, address);
        int fresh = Abi.SCRATCH;
        switch (op) {
            case LDADDAL -> asm.alu(Alu.ADD, true, fresh, result, value);
            case LDCLRAL -> asm.alu(Alu.AND, true, fresh, result, value);
            case LDEORAL -> asm.alu(Alu.EOR, true, fresh, result, value);
            case LDSETAL -> asm.alu(Alu.ORR, true, fresh, result, value);
            case SWPAL -> fresh = value;
        }
        asm.stlxr(log, Reg.LR, fresh, address);
        asm.cbnz(false, Reg.LR, again);
    }

    /** Of what is expected all bits count; the machine's own instruction looks at as many as it accesses. */
    private void compareAndExchange(int log, int i, int aux) {
        int result = e.reg(0);
        int expected = e.reg(1);
        int value = e.reg(2);
        int address = e.address(3, i);
        if (e.cpu.lse() && Fields.is(aux, Fields.UNCHECKED)) {
            asm.mov(true, result, expected);
            e.faultsHere(aux);
            asm.casal(log, result, value, address);
            return;
        }
        int again = asm.here();
        int done = asm.newLabel();
        e.faultsHere(aux);
        asm.ldaxr(log, result, address);
        asm.cmp(true, result, expected);
        asm.bCond(Cond.NE, done);
        asm.stlxr(log, Reg.LR, value, address);
        asm.cbnz(false, Reg.LR, again);
        asm.bind(done);
    }
}
