package org.sallyport.codegen.aarch64;

import org.sallyport.codegen.aarch64.FloatAssembler.Unary;
import org.sallyport.codegen.aarch64.MemoryAssembler.Moved;
import org.sallyport.codegen.lir.Lir;
import org.sallyport.codegen.regalloc.Allocation;
import org.sallyport.codegen.regalloc.RegisterClass;
import org.sallyport.codegen.regalloc.Registers;

/** Emits the moves that the register allocator asks for. They leave the flags and {@link Abi#SCRATCH} alone. */
final class EmitMoves {
    private final Emission e;
    private final Assembler asm;
    private final Lir lir;
    private final EmitFloat floats;
    private final EmitVector vectors;

    EmitMoves(Emission e, EmitFloat floats, EmitVector vectors) {
        this.e = e;
        lir = e.lir;
        this.floats = floats;
        this.vectors = vectors;
        asm = e.asm;
    }

    /** Emits move number {@code i} of the allocation. */
    void emit(Allocation allocation, int i) {
        int from = allocation.moveFrom()[i];
        int to = allocation.moveTo()[i];
        boolean isVector = allocation.moveVector()[i];
        if (from == Allocation.REMATERIALIZE) {
            rematerialize(to, allocation.moveVreg()[i]);
        } else if (Allocation.isSlot(to)) {
            transfer(from, to, isVector, false);
        } else if (Allocation.isSlot(from)) {
            transfer(to, from, isVector, true);
        } else {
            move(from, to, isVector);
        }
    }

    private void rematerialize(int to, int vreg) {
        long bits = lir.constantBits(vreg);
        if (lir.registerClass(vreg) == RegisterClass.VECTOR) {
            vectors.constant(Reg.vector(to), (int) bits);
        } else if (Registers.isVector(to)) {
            floats.constant(Reg.vector(to), bits);
        } else {
            asm.movImm(to, bits);
        }
    }

    private void move(int from, int to, boolean isVector) {
        if (!Registers.isVector(to) && !Registers.isVector(from)) {
            asm.mov(true, to, from);
        } else if (!Registers.isVector(to)) { // a value on its way through the scratch register of the other kind
            asm.fmovToInt(true, to, Reg.vector(from));
        } else if (!Registers.isVector(from)) {
            asm.fmovFromInt(true, Reg.vector(to), from);
        } else if (isVector) {
            asm.movVector(Reg.vector(to), Reg.vector(from));
        } else {
            asm.funary(Unary.FMOV, true, Reg.vector(to), Reg.vector(from));
        }
    }

    private void transfer(int register, int slot, boolean isVector, boolean isLoad) {
        int disp = e.slot(slot, isVector ? 2 : 1);
        if (!Registers.isVector(register)) {
            e.move(isLoad ? Moved.LDRX : Moved.STRX, register, Reg.SP, disp);
        } else if (isVector) {
            e.move(isLoad ? Moved.LDR_Q : Moved.STR_Q, Reg.vector(register), Reg.SP, disp);
        } else {
            e.move(isLoad ? Moved.LDR_D : Moved.STR_D, Reg.vector(register), Reg.SP, disp);
        }
    }
}
