package org.sallyport.codegen.x64;

import static org.sallyport.codegen.x64.Width.QWORD;

import org.sallyport.codegen.lir.Lir;
import org.sallyport.codegen.regalloc.Allocation;
import org.sallyport.codegen.regalloc.RegisterClass;
import org.sallyport.codegen.regalloc.Registers;

/** Emits the moves that the register allocator asks for. They leave the flags alone. */
final class EmitMoves {
    private final Emission e;
    private final Assembler asm;
    private final Lir lir;
    private final EmitInteger integers;
    private final EmitFloat floats;
    private final EmitVector vectors;

    EmitMoves(Emission e, EmitInteger integers, EmitFloat floats, EmitVector vectors) {
        this.e = e;
        lir = e.lir;
        this.integers = integers;
        this.floats = floats;
        this.vectors = vectors;
        asm = e.asm;
    }

    /** Emits move number {@code i} of the allocation. */
    void emit(Allocation allocation, int i) {
        int from = allocation.moveFrom()[i];
        int to = allocation.moveTo()[i];
        if (from == Allocation.REMATERIALIZE) {
            rematerialize(to, allocation.moveVreg()[i]);
        } else {
            move(from, to, allocation.moveVector()[i]);
        }
        e.wrote(to);
    }

    private void rematerialize(int to, int vreg) {
        long bits = lir.constantBits(vreg);
        if (lir.registerClass(vreg) == RegisterClass.VECTOR) {
            vectors.constant(Reg.vector(to), (int) bits);
        } else if (Registers.isVector(to)) {
            floats.constant(Reg.vector(to), bits);
        } else {
            integers.constant(to, bits);
        }
    }

    private void move(int from, int to, boolean vector) {
        if (Allocation.isSlot(to)) {
            store(from, to, vector);
        } else if (Allocation.isSlot(from)) {
            load(from, to, vector);
        } else if (!Registers.isVector(to) && !Registers.isVector(from)) {
            asm.mov(QWORD, to, from);
        } else if (Registers.isVector(to) && Registers.isVector(from)) {
            EmitFloat.copy(e, Reg.vector(to), Reg.vector(from));
        } else if (Registers.isVector(to)) { // a value on its way through the scratch register of the other kind
            asm.movToXmm(QWORD, Reg.vector(to), from);
        } else {
            asm.movFromXmm(QWORD, to, Reg.vector(from));
        }
    }

    private void store(int from, int to, boolean vector) {
        if (vector) {
            EmitVector.spill(e, e.wideSlotAt(to), Reg.vector(from));
        } else if (Registers.isVector(from)) {
            EmitFloat.store(e, true, e.slotAt(to), Reg.vector(from));
        } else {
            asm.mov(QWORD, e.slotAt(to), from);
        }
    }

    private void load(int from, int to, boolean vector) {
        if (vector) {
            EmitVector.reload(e, Reg.vector(to), e.wideSlotAt(from));
        } else if (Registers.isVector(to)) {
            EmitFloat.load(e, true, Reg.vector(to), e.slotAt(from));
        } else {
            asm.mov(QWORD, to, e.slotAt(from));
        }
    }
}
