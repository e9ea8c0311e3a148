package org.sallyport.codegen.x64;

import org.sallyport.codegen.lir.Lir;
import org.sallyport.codegen.x64.IntegerAssembler.Alu;

/** Writes atomic instructions. */
final class EmitAtomics {
    private static final Alu[] ALU = Alu.values();

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
        Width w = Fields.width(aux);
        switch (inst) {
            case LOCK_ALU_MR -> {
                Mem mem = locked(1, aux, i);
                asm.alu(ALU[Fields.sub(aux)], w, mem, e.reg(0));
            }
            case LOCK_ALU_MI -> {
                Mem mem = locked(0, aux, i);
                asm.aluImm(ALU[Fields.sub(aux)], w, mem, (int) lir.imm(i));
            }
            case LOCK_XADD -> {
                Mem mem = locked(2, aux, i);
                asm.xadd(w, mem, e.reg(0));
                extend(w, e.reg(0));
            }
            case XCHG -> {
                asm.xchg(w, e.memory(2, aux, lir.disp(i)), e.reg(0));
                extend(w, e.reg(0));
            }
            case LOCK_LOOP -> loop(i, aux, w);
            case LOCK_CMPXCHG -> compareAndExchange(i, aux, w);
            case MFENCE -> asm.mfence();
            default -> {
                return false;
            }
        }
        e.forgetFlags();
        return true;
    }

    /** The memory operand of a locked instruction, which faults at its prefix. */
    private Mem locked(int k, int aux, int i) {
        Mem mem = e.memory(k, aux, lir.disp(i));
        asm.lock();
        return mem;
    }

    /** Instructions on bytes and words leave the rest of their register alone. */
    private void extend(Width w, int register) {
        if (w == Width.BYTE || w == Width.WORD) {
            asm.movzx(w, register, register);
        }
    }

    /** A memory that was accessible stays so: only the first access may fault. */
    private void loop(int i, int aux, Width w) {
        int temp = e.reg(1);
        int value = e.reg(2);
        asm.movzx(w, Reg.RAX, e.memory(3, aux, lir.disp(i)));
        int again = asm.here();
        asm.mov(w == Width.QWORD ? w : Width.DWORD, temp, Reg.RAX);
        asm.alu(ALU[Fields.sub(aux)], w == Width.QWORD ? w : Width.DWORD, temp, value);
        Mem mem = locked(3, aux, i);
        asm.cmpxchg(w, mem, temp);
        asm.jcc(Cond.NE, again);
    }

    /**
     * Of the expected value count as many bits as the access has. They are all that the instruction writes of the result, which
     * is extended behind it: until then the address may be in the same register.
     */
    private void compareAndExchange(int i, int aux, Width w) {
        Mem mem = locked(3, aux, i);
        asm.cmpxchg(w, mem, e.reg(2));
        if (!Fields.is(aux, Fields.UNCHECKED)) {
            asm.movzx(w, Reg.RAX, Reg.RAX);
        }
    }
}
