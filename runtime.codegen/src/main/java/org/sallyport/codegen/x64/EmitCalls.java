package org.sallyport.codegen.x64;

import static org.sallyport.codegen.x64.Width.DWORD;
import static org.sallyport.codegen.x64.Width.QWORD;

import org.sallyport.TrapCode;
import org.sallyport.codegen.lir.Lir;
import org.sallyport.codegen.pipeline.FunctionCode;
import org.sallyport.codegen.x64.IntegerAssembler.Alu;
import org.sallyport.spi.StoreContext;
import org.sallyport.spi.VmLayout;

/** Writes calls (docs/abi.md). */
final class EmitCalls {
    private final Emission e;
    private final Assembler asm;
    private final Lir lir;

    private final EmitFrame frame;

    EmitCalls(Emission e, EmitFrame frame) {
        this.e = e;
        this.frame = frame;
        asm = e.asm;
        lir = e.lir;
    }

    /** Whether it was a call. */
    boolean emit(Inst inst, int i) {
        switch (inst) {
            case CALL -> {
                int function = (int) lir.imm(i);
                e.callOutside(function);
                int popped = e.module.functionLayout(function).popped();
                if (e.module.leavesInstance(function)) {
                    returned(popped);
                } else {
                    e.calledAndPopped(popped);
                }
            }
            case CALL_IMPORT -> imported((int) lir.imm(i));
            case CALL_INDIRECT -> indirect(i);
            case CALL_REF -> byReference(i);
            case CALL_CODE -> {
                int last = lir.operandCount(i) - 1;
                if (e.isSlot(last)) {
                    asm.call(e.slot(last));
                } else {
                    asm.callReg(e.reg(last));
                }
                e.calledAndPopped(popped(i));
            }
            case CALL_CODE_M -> {
                asm.call(e.address(firstAddressOperand(i), lir.aux(i), lir.disp(i)));
                e.calledAndPopped(popped(i));
            }
            case CALL_BUILTIN -> builtin((int) lir.imm(i));
            case CALL_HELPER -> {
                e.callOutside(FunctionCode.helper((int) lir.imm(i), lir.disp(i)));
                e.called();
                asm.jcc(Cond.B, e.trapStub(TrapCode.MEMORY_OUT_OF_BOUNDS.ordinal()));
            }
            default -> {
                return inPlace(inst, i);
            }
        }
        e.forgetFlags();
        return true;
    }

    /** The memory operand's registers are the last operands. */
    private int firstAddressOperand(int i) {
        int aux = lir.aux(i);
        int registers = (Fields.base(aux) == Fields.Base.VREG ? 1 : 0) + (Fields.is(aux, Fields.INDEX) ? 1 : 0);
        return lir.operandCount(i) - registers;
    }

    /** A function of the host is called by a jump, one of another instance by a call: each returns by the like. */
    private void imported(int function) {
        VmLayout layout = e.module.vmLayout();
        int host = asm.newLabel();
        int back = asm.newLabel();
        enterImport(function);
        int code = layout.importCode(function);
        asm.aluImm(Alu.CMP, DWORD, e.at(Abi.VMCTX, VmLayout.HOST_FUNCTION), 0);
        asm.jcc(Cond.NE, host);
        asm.call(e.at(Abi.CALLER_VMCTX, code));
        asm.bind(back);
        e.cold(() -> {
            asm.bind(host);
            jumpOut(Mem.at(Abi.CALLER_VMCTX, code), back);
        });
        returned(e.module.functionLayout(function).popped());
    }

    /**
     * Calls by a jump, with the return address pushed by hand. The callee is a trampoline out of the guest, and a {@code
     * call} would leave an entry in the CPU's stack of return addresses that the way out does not take: the returns to
     * Java, and later those of the guest, would all be predicted wrong (docs/abi.md).
     */
    private void jumpOut(Mem target, int back) {
        asm.lea(QWORD, Abi.SCRATCH, Mem.rip(back));
        asm.push(Abi.SCRATCH);
        asm.jmp(target);
    }

    private void enterImport(int function) {
        asm.mov(QWORD, Abi.CALLER_VMCTX, Abi.VMCTX);
        asm.mov(QWORD, Abi.VMCTX, e.at(Abi.VMCTX, e.module.vmLayout().importVmctx(function)));
        enterInstance();
    }

    private void enterInstance() {
        asm.mov(QWORD, Abi.MEMORY0, e.at(Abi.VMCTX, VmLayout.MEMORY0_BASE));
    }

    /** Bytes that the callee of a call by type pops. */
    private int popped(int i) {
        return e.module.typeLayout((int) lir.imm(i)).popped();
    }

    private void returned(int popped) {
        e.calledAndPopped(popped);
        asm.mov(QWORD, Abi.VMCTX, e.at(Reg.RBP, Abi.SAVED_VMCTX));
        if (e.module.hasMemory()) {
            enterInstance();
        }
    }

    /** The last two operands are code and context. */
    private void indirect(int i) {
        int count = lir.operandCount(i);
        if (e.place(count - 1) == Abi.CALLER_VMCTX) {
            exchangeContexts();
        } else {
            asm.mov(QWORD, Abi.CALLER_VMCTX, Abi.VMCTX);
            if (e.isSlot(count - 1)) {
                asm.mov(QWORD, Abi.VMCTX, e.slot(count - 1));
            } else {
                asm.mov(QWORD, Abi.VMCTX, e.reg(count - 1));
            }
        }
        enterInstance();
        asm.callReg(e.reg(count - 2));
        returned(popped(i));
    }

    /** The callee's context is where the caller's goes ({@link Abi#CALLEE_VMCTX}). */
    private void exchangeContexts() {
        asm.mov(QWORD, Abi.SCRATCH, Abi.VMCTX);
        asm.mov(QWORD, Abi.VMCTX, Abi.CALLEE_VMCTX);
        asm.mov(QWORD, Abi.CALLER_VMCTX, Abi.SCRATCH);
    }

    /** The last operand is the function reference. */
    private void byReference(int i) {
        int reference = e.reg(lir.operandCount(i) - 1);
        asm.mov(QWORD, Abi.CALLER_VMCTX, Abi.VMCTX);
        asm.mov(QWORD, Abi.VMCTX, e.at(reference, VmLayout.FUNCREF_VMCTX));
        enterInstance();
        asm.call(e.at(reference, VmLayout.FUNCREF_CODE));
        returned(popped(i));
    }

    /**
     * Tail calls: everything is read and checked, then the frame goes, then a jump. A function of the host is reached
     * likewise; it returns by a jump of its own, to whoever called this function.
     */
    private boolean inPlace(Inst inst, int i) {
        int popped = lir.disp(i);
        int callee = (int) lir.imm(i);
        switch (inst) {
            case RETURN_CALL -> {
                frame.giveUp(popped);
                e.jumpOutside(callee);
            }
            case RETURN_CALL_IMPORT -> {
                enterImport(callee);
                frame.giveUp(popped);
                asm.jmp(e.at(Abi.CALLER_VMCTX, e.module.vmLayout().importCode(callee)));
            }
            case RETURN_CALL_INDIRECT -> {
                exchangeContexts();
                enterInstance();
                frame.giveUp(popped);
                asm.jmpReg(Abi.CALLEE_CODE);
            }
            case RETURN_CALL_REF -> {
                asm.mov(QWORD, Abi.CALLER_VMCTX, Abi.VMCTX);
                asm.mov(QWORD, Abi.VMCTX, e.at(Abi.CALLEE_CODE, VmLayout.FUNCREF_VMCTX));
                enterInstance();
                frame.giveUp(popped);
                asm.jmp(e.at(Abi.CALLEE_CODE, VmLayout.FUNCREF_CODE));
            }
            case RETURN_CALL_CODE -> {
                frame.giveUp(popped);
                asm.jmpReg(Abi.CALLEE_CODE);
            }
            default -> {
                return false;
            }
        }
        return true;
    }

    private void builtin(int ordinal) {
        asm.mov(QWORD, Abi.CALLER_VMCTX, e.at(Abi.VMCTX, VmLayout.STORE));
        int back = asm.newLabel();
        jumpOut(e.at(Abi.CALLER_VMCTX, StoreContext.BUILTINS + 8 * ordinal), back);
        asm.bind(back);
        e.called();
    }
}
