package org.sallyport.codegen.aarch64;

import org.sallyport.TrapCode;
import org.sallyport.codegen.aarch64.MemoryAssembler.Moved;
import org.sallyport.codegen.lir.Lir;
import org.sallyport.codegen.pipeline.FunctionCode;
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
                    e.called(popped);
                }
            }
            case CALL_IMPORT -> imported((int) lir.imm(i));
            case CALL_INDIRECT -> {
                int count = lir.operandCount(i);
                enter(e.reg(count - 1));
                asm.blr(e.reg(count - 2));
                returned(popped(i));
            }
            case CALL_REF -> {
                byReference(e.reg(lir.operandCount(i) - 1));
                asm.blr(Abi.SCRATCH);
                returned(popped(i));
            }
            case CALL_CODE -> {
                asm.blr(e.reg(lir.operandCount(i) - 1));
                e.called(popped(i));
            }
            case CALL_BUILTIN -> builtin((int) lir.imm(i));
            case CALL_HELPER -> {
                e.callOutside(FunctionCode.helper((int) lir.imm(i), lir.disp(i)));
                e.called(0);
                asm.bCond(Cond.NE, e.trapStub(TrapCode.MEMORY_OUT_OF_BOUNDS.ordinal()));
            }
            default -> {
                return inPlace(inst, i);
            }
        }
        return true;
    }

    /** A function of the host is called by a jump, one of another instance by a call: each returns by the like. */
    private void imported(int function) {
        VmLayout layout = e.module.vmLayout();
        int host = asm.newLabel();
        int back = asm.newLabel();
        enterImport(function);
        e.load(Abi.SCRATCH, Abi.CALLER_VMCTX, layout.importCode(function));
        asm.ldrw(Abi.TEMP, Abi.VMCTX, VmLayout.HOST_FUNCTION);
        asm.cbnz(false, Abi.TEMP, host);
        asm.blr(Abi.SCRATCH);
        asm.bind(back);
        e.cold(() -> {
            asm.bind(host);
            jumpOut(back);
        });
        returned(e.module.functionLayout(function).popped());
    }

    /**
     * Calls what is in {@link Abi#SCRATCH} by a jump. The callee is a trampoline out of the guest, and a call would leave an
     * entry in the CPU's stack of return addresses that the way out does not take: the returns to Java, and later those of
     * the guest, would all be predicted wrong (docs/abi.md).
     */
    private void jumpOut(int back) {
        asm.adr(Reg.LR, back);
        asm.br(Abi.SCRATCH);
    }

    private void enterImport(int function) {
        asm.mov(true, Abi.CALLER_VMCTX, Abi.VMCTX);
        e.load(Abi.VMCTX, Abi.VMCTX, e.module.vmLayout().importVmctx(function));
        enterInstance();
    }

    /** @param context the callee's */
    private void enter(int context) {
        asm.mov(true, Abi.CALLER_VMCTX, Abi.VMCTX);
        asm.mov(true, Abi.VMCTX, context);
        enterInstance();
    }

    private void enterInstance() {
        asm.ldr(Abi.MEMORY0, Abi.VMCTX, VmLayout.MEMORY0_BASE);
    }

    /** Bytes that the callee of a call by type pops. */
    private int popped(int i) {
        return e.module.typeLayout((int) lir.imm(i)).popped();
    }

    private void returned(int popped) {
        e.called(popped);
        asm.moved(Moved.LDRX, Abi.VMCTX, Reg.FP, Abi.SAVED_VMCTX);
        if (e.module.hasMemory()) {
            enterInstance();
        }
    }

    /** The callee's code is then in {@link Abi#SCRATCH}. */
    private void byReference(int reference) {
        asm.ldr(Abi.SCRATCH, reference, VmLayout.FUNCREF_CODE);
        asm.mov(true, Abi.CALLER_VMCTX, Abi.VMCTX);
        asm.ldr(Abi.VMCTX, reference, VmLayout.FUNCREF_VMCTX);
        enterInstance();
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
                e.load(Abi.SCRATCH, Abi.CALLER_VMCTX, e.module.vmLayout().importCode(callee));
                leaveTo(Abi.SCRATCH, popped);
            }
            case RETURN_CALL_INDIRECT -> {
                asm.mov(true, Abi.SCRATCH, Abi.VMCTX);
                asm.mov(true, Abi.VMCTX, Abi.CALLEE_VMCTX);
                asm.mov(true, Abi.CALLER_VMCTX, Abi.SCRATCH);
                enterInstance();
                leaveTo(Abi.CALLEE_CODE, popped);
            }
            case RETURN_CALL_REF -> {
                byReference(Abi.CALLEE_CODE);
                leaveTo(Abi.SCRATCH, popped);
            }
            case RETURN_CALL_CODE -> leaveTo(Abi.CALLEE_CODE, popped);
            default -> {
                return false;
            }
        }
        return true;
    }

    private void leaveTo(int code, int popped) {
        frame.giveUp(popped);
        asm.br(code);
    }

    private void builtin(int ordinal) {
        asm.ldr(Abi.SCRATCH, Abi.VMCTX, VmLayout.STORE);
        e.load(Abi.SCRATCH, Abi.SCRATCH, StoreContext.BUILTINS + 8 * ordinal);
        int back = asm.newLabel();
        jumpOut(back);
        asm.bind(back);
        e.called(0);
    }
}
