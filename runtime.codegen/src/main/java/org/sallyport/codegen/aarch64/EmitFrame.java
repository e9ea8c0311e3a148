package org.sallyport.codegen.aarch64;

import org.sallyport.TrapCode;
import org.sallyport.codegen.aarch64.IntegerAssembler.Alu;
import org.sallyport.codegen.aarch64.IntegerAssembler.Extend;
import org.sallyport.codegen.lir.FrameFacts;
import org.sallyport.codegen.lir.Lir;
import org.sallyport.codegen.regalloc.Allocation;
import org.sallyport.codegen.regalloc.RegisterClass;
import org.sallyport.spi.VmLayout;

/**
 * Writes how a function's frame is made and left (docs/abi.md).
 *
 * <p>The frame, from the frame pointer down: saved context (8 bytes, if a call may leave the instance), spill slots,
 * outgoing area. Nothing is kept below the stack pointer, where signal handlers write. The frame pointer points to the
 * caller's, behind which the return address is, as everywhere on this machine.
 *
 * <p>Tail calls. The callee's stack arguments must end where this function's own do, because behind them are the results of
 * both. If the callee has more of them than this function, they begin where this function's saved frame pointer and return
 * address are: the prologue moves these two down by as much as the most demanding tail call needs. From then on the function
 * is one that was given so much more.
 */
final class EmitFrame {
    /** Where this function returns to while it has no frame: in the link register; then on the stack. */
    static final int RECORD = 16;

    private final Emission e;
    private final Assembler asm;
    private final Lir lir;
    private int frame;
    /** Bytes by which return address and saved frame pointer are moved down. */
    private int moved;

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
        moved = facts.extraIncoming();
        e.begin(allocated, frame - slots, Abi.INCOMING + moved);
    }

    private boolean hasVectors() {
        for (int v = 0; v < lir.vregCount(); v++) {
            if (lir.registerClass(v) == RegisterClass.VECTOR) {
                return true;
            }
        }
        return false;
    }

    /** From the frame pointer down to the stack pointer, in a function that calls. */
    int bytes() {
        return frame;
    }

    void prologue(int position) {
        FrameFacts facts = lir.frame();
        asm.stpPre(Reg.FP, Reg.LR, Reg.SP, -RECORD);
        asm.aluImm(Alu.ADD, true, Reg.FP, Reg.SP, 0);
        int room = frame + moved;
        if (facts.calls() || room > Abi.LEAF_FRAME) {
            int pointer = Reg.SP;
            if (room > Abi.UNCHECKED_FRAME) {
                asm.addAny(Abi.TEMP, Reg.SP, -room);
                pointer = Abi.TEMP;
            }
            asm.ldr(Abi.SCRATCH, Abi.VMCTX, VmLayout.STACK_LIMIT);
            asm.aluExtended(Alu.SUBS, true, Reg.ZR, pointer, Abi.SCRATCH, Extend.UXTX, 0);
            asm.bCond(Cond.LO, e.trapStub(TrapCode.STACK_OVERFLOW.ordinal(), position));
        }
        if (room > 0) {
            asm.addAny(Reg.SP, Reg.SP, -room);
        }
        if (moved > 0) {
            asm.ldr(Abi.SCRATCH, Reg.FP, 0);
            asm.addAny(Reg.LR, Reg.FP, -moved);
            asm.str(Abi.SCRATCH, Reg.LR, 0);
            asm.ldr(Abi.SCRATCH, Reg.FP, 8);
            asm.str(Abi.SCRATCH, Reg.LR, 8);
            asm.mov(true, Reg.FP, Reg.LR); // a chain of frames at every instruction
        }
        if (facts.leaves()) {
            asm.moved(MemoryAssembler.Moved.STRX, Abi.VMCTX, Reg.FP, Abi.SAVED_VMCTX);
        }
    }

    private void popFrame() {
        if (frame > 0) {
            asm.aluImm(Alu.ADD, true, Reg.SP, Reg.FP, 0);
        }
        asm.ldpPost(Reg.FP, Reg.LR, Reg.SP, RECORD);
    }

    /**
     * Leaves the frame to a function that is jumped to: its stack arguments are in place. Nothing below the stack pointer is read
     * once it has moved: a signal handler may write there.
     *
     * @param popped bytes of these arguments
     */
    void giveUp(int popped) {
        popFrame();
        asm.addAny(Reg.SP, Reg.SP, lir.frame().incoming() + moved - popped);
    }

    void epilogue() {
        popFrame();
        asm.addAny(Reg.SP, Reg.SP, lir.frame().incoming() + moved);
        asm.ret();
    }
}
