package org.sallyport.codegen.x64;

import static org.sallyport.codegen.x64.Width.QWORD;

import org.sallyport.TrapCode;
import org.sallyport.codegen.lir.FrameFacts;
import org.sallyport.codegen.lir.Lir;
import org.sallyport.codegen.regalloc.Allocation;
import org.sallyport.codegen.regalloc.RegisterClass;
import org.sallyport.codegen.x64.IntegerAssembler.Alu;
import org.sallyport.spi.VmLayout;

/**
 * Writes how a function's frame is made and left (docs/abi.md).
 *
 * <p>The frame, from the frame pointer down: saved context (8 bytes, if a call may leave the instance), spill slots,
 * outgoing area. A function that calls nothing and needs little keeps its slots below the stack pointer, where signal
 * handlers leave 128 bytes alone (psABI 3.2.2).
 */
final class EmitFrame {
    private static final int RED_ZONE = 128;
    /** What {@code ret imm16} can take off the stack. */
    private static final int MAX_RET = 0xFFFF;

    private final Emission e;
    private final Assembler asm;
    private final Lir lir;

    private int frame;
    private boolean adjusts;

    EmitFrame(Emission e) {
        this.e = e;
        asm = e.asm;
        lir = e.lir;
    }

    /** Lays the frame out and begins the function. */
    void begin(Allocation allocated) {
        FrameFacts facts = lir.frame();
        int slots = facts.leaves() ? 8 : 0;
        if (hasVectors()) {
            slots = slots + 15 & -16;
        }
        frame = slots + 8 * allocated.spillUnits() + facts.outgoing() + 15 & -16;
        boolean isLeaf = !facts.calls() && !facts.helps();
        adjusts = frame > 0 && !(isLeaf && frame <= RED_ZONE);
        e.begin(allocated, slots);
    }

    private boolean hasVectors() {
        for (int v = 0; v < lir.vregCount(); v++) {
            if (lir.registerClass(v) == RegisterClass.VECTOR) {
                return true;
            }
        }
        return false;
    }

    void prologue(int position) {
        FrameFacts facts = lir.frame();
        asm.push(Reg.RBP);
        asm.mov(QWORD, Reg.RBP, Reg.RSP);
        if (facts.calls() || frame > Abi.LEAF_FRAME) {
            Mem limit = Mem.at(Abi.VMCTX, VmLayout.STACK_LIMIT);
            if (frame > Abi.UNCHECKED_FRAME) {
                asm.lea(QWORD, Abi.SCRATCH, Mem.at(Reg.RSP, -frame));
                asm.alu(Alu.CMP, QWORD, Abi.SCRATCH, limit);
            } else {
                asm.alu(Alu.CMP, QWORD, Reg.RSP, limit);
            }
            asm.jcc(Cond.B, e.trapStub(TrapCode.STACK_OVERFLOW.ordinal(), position));
        }
        if (adjusts) {
            asm.aluImm(Alu.SUB, QWORD, Reg.RSP, frame);
        }
        if (facts.leaves()) {
            asm.mov(QWORD, Mem.at(Reg.RBP, Abi.SAVED_VMCTX), Abi.VMCTX);
        }
    }

    void epilogue() {
        if (adjusts) {
            asm.leave();
        } else {
            asm.pop(Reg.RBP);
        }
        int popped = lir.frame().incoming();
        if (popped == 0) {
            asm.ret();
        } else if (popped <= MAX_RET) {
            asm.ret(popped);
        } else {
            returnByJump(asm, popped);
        }
    }

    /**
     * Returns without {@code ret}, for a function that no {@code call} led to ({@link EmitCalls}).
     *
     * @param popped bytes behind the return address that come off the stack, too
     */
    static void returnByJump(Assembler asm, int popped) {
        asm.pop(Abi.SCRATCH);
        if (popped != 0) {
            asm.lea(QWORD, Reg.RSP, Mem.at(Reg.RSP, popped));
        }
        asm.jmpReg(Abi.SCRATCH);
    }
}
