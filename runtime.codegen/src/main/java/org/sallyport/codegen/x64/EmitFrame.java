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
 *
 * <p>Tail calls. The callee's stack arguments must end where this function's own do, because behind them are the results of
 * both. If the callee has more of them than this function, they begin where this function's return address and saved frame
 * pointer are: the prologue moves these two down by as much as the most demanding tail call needs. From then on the function
 * is one that was given so much more ({@link Emission#address}, incoming), and every tail call finds room above its frame.
 */
final class EmitFrame {
    private static final int RED_ZONE = 128;
    /** What {@code ret imm16} can take off the stack. */
    private static final int MAX_RET = 0xFFFF;

    private final Emission e;
    private final Assembler asm;
    private final Lir lir;

    private int frame;
    /** Bytes by which return address and saved frame pointer are moved down. */
    private int moved;
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
        moved = facts.extraIncoming();
        e.begin(allocated, slots, Abi.INCOMING + moved);
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
        asm.push(Reg.RBP);
        asm.mov(QWORD, Reg.RBP, Reg.RSP);
        int room = frame + moved;
        if (facts.calls() || room > Abi.LEAF_FRAME) {
            Mem limit = Mem.at(Abi.VMCTX, VmLayout.STACK_LIMIT);
            if (room > Abi.UNCHECKED_FRAME) {
                asm.lea(QWORD, Abi.SCRATCH, Mem.at(Reg.RSP, -room));
                asm.alu(Alu.CMP, QWORD, Abi.SCRATCH, limit);
            } else {
                asm.alu(Alu.CMP, QWORD, Reg.RSP, limit);
            }
            asm.jcc(Cond.B, e.trapStub(TrapCode.STACK_OVERFLOW.ordinal(), position));
        }
        if (adjusts || moved > 0) {
            asm.aluImm(Alu.SUB, QWORD, Reg.RSP, room);
        }
        if (moved > 0) {
            move(0, -moved);
            move(8, 8 - moved);
            asm.lea(QWORD, Reg.RBP, Mem.at(Reg.RBP, -moved));
        }
        if (facts.leaves()) {
            asm.mov(QWORD, Mem.at(Reg.RBP, Abi.SAVED_VMCTX), Abi.VMCTX);
        }
    }

    private void move(int from, int to) {
        asm.mov(QWORD, Abi.SCRATCH, Mem.at(Reg.RBP, from));
        asm.mov(QWORD, Mem.at(Reg.RBP, to), Abi.SCRATCH);
    }

    private void popFrame() {
        if (adjusts) {
            asm.leave();
        } else {
            asm.pop(Reg.RBP);
        }
    }

    /**
     * Leaves the frame to a function that is jumped to: its stack arguments are in place, the return address comes below
     * them. Nothing below the stack pointer is read once it has moved: a signal handler may write there.
     *
     * @param popped bytes of these arguments
     */
    void giveUp(int popped) {
        int up = lir.frame().incoming() + moved - popped;
        if (up == 0) {
            popFrame();
            return;
        }
        move(8, 8 + up);
        asm.mov(QWORD, Abi.SCRATCH, Mem.at(Reg.RBP, 0));
        asm.lea(QWORD, Reg.RSP, Mem.at(Reg.RBP, 8 + up));
        asm.mov(QWORD, Reg.RBP, Abi.SCRATCH);
    }

    void epilogue() {
        popFrame();
        int popped = lir.frame().incoming() + moved;
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
