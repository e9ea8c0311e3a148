package org.sallyport.codegen.x64;

import static org.sallyport.codegen.x64.Reg.*;
import static org.sallyport.codegen.x64.Width.DWORD;
import static org.sallyport.codegen.x64.Width.QWORD;

import org.sallyport.codegen.ir.Type;
import org.sallyport.codegen.pipeline.CallLayout;
import org.sallyport.codegen.x64.IntegerAssembler.Alu;
import org.sallyport.spi.Builtin;
import org.sallyport.spi.CallBlock;
import org.sallyport.spi.StoreContext;
import org.sallyport.spi.VmLayout;
import org.sallyport.wasm.FuncType;

/**
 * Code between the enter and exit stubs and functions that use the calling convention of guest code (docs/abi.md).
 * All of it is position independent. A {@code ud2} in a trampoline means STACK_OVERFLOW.
 */
final class Trampolines {
    /** Blocks larger than this check the stack limit: the caller's check left room for smaller ones. */
    private static final int UNCHECKED_BLOCK = 1024;

    private final Assembler asm = new Assembler();

    /**
     * Jumped to with {@code rsp} at the argument block and {@code r15} the callee's context. The frame's saved frame
     * pointer is 0, its return address the code address in the block's first word.
     */
    static byte[] entry(FuncType type) {
        return new Trampolines().emitEntry(CallLayout.of(Abi.CONVENTION, type));
    }

    static byte[] host(FuncType type) {
        return new Trampolines().emitExit(CallLayout.of(Abi.CONVENTION, type), -1);
    }

    static byte[] builtin(Builtin builtin) {
        return new Trampolines().emitExit(CallLayout.of(Abi.CONVENTION, builtin.type()), builtin.ordinal());
    }

    private byte[] emitEntry(CallLayout layout) {
        int code = 8; // [rbp]: 0, [rbp + 8]: the block
        int slots = code + CallBlock.FIRST_SLOT;
        asm.zero(RBP);
        asm.push(RBP);
        asm.mov(QWORD, RBP, RSP);
        asm.aluImm(Alu.SUB, QWORD, RSP, layout.outgoing() + 8);
        for (int i = 0; i < layout.paramCount(); i++) {
            load(layout.paramType(i), layout.param(i), RSP, 0, Mem.at(RBP, slots + CallBlock.SLOT * i));
        }
        asm.call(Mem.at(RBP, code));
        for (int i = 0; i < layout.resultCount(); i++) {
            store(layout.resultType(i), Mem.at(RBP, slots + CallBlock.SLOT * i), layout.result(i), RSP, -layout.popped());
        }
        asm.lea(QWORD, RSP, Mem.at(RBP, code));
        asm.zero(R11);
        asm.zero(RAX); // Abi.DONE
        leave();
        return asm.finish();
    }

    private void leave() {
        asm.mov(QWORD, RCX, Mem.at(Abi.VMCTX, VmLayout.STORE));
        asm.jmp(Mem.at(RCX, StoreContext.EXIT_STUB));
    }

    /** @param builtin ordinal of a builtin, or -1 for a host function */
    private byte[] emitExit(CallLayout layout, int builtin) {
        boolean isBuiltin = builtin >= 0;
        int block = CallBlock.SLOT * Math.max(layout.paramCount(), layout.resultCount());
        int frame = block + (isBuiltin ? 16 : 0);
        asm.push(RBP);
        asm.mov(QWORD, RBP, RSP);
        if (frame != 0) {
            asm.aluImm(Alu.SUB, QWORD, RSP, frame);
        }
        int overflow = asm.newLabel();
        if (frame > UNCHECKED_BLOCK) {
            asm.alu(Alu.CMP, QWORD, RSP, Mem.at(Abi.VMCTX, VmLayout.STACK_LIMIT));
            asm.jcc(Cond.B, overflow);
        }
        if (isBuiltin) {
            asm.mov(QWORD, Mem.at(RBP, Abi.SAVED_VMCTX), Abi.VMCTX);
        }
        for (int i = 0; i < layout.paramCount(); i++) {
            store(layout.paramType(i), Mem.at(RSP, CallBlock.SLOT * i), layout.param(i), RBP, Abi.INCOMING);
        }
        int resume = asm.newLabel();
        emitLeave(builtin, resume);
        asm.bind(resume);
        asm.lea(QWORD, RBP, Mem.at(RSP, frame));
        if (isBuiltin) {
            asm.mov(QWORD, Abi.VMCTX, Mem.at(RBP, Abi.SAVED_VMCTX));
            asm.mov(QWORD, Abi.MEMORY0, Mem.at(Abi.VMCTX, VmLayout.MEMORY0_BASE));
        }
        for (int i = 0; i < layout.resultCount(); i++) {
            load(layout.resultType(i), layout.result(i), RBP, Abi.INCOMING, Mem.at(RSP, CallBlock.SLOT * i));
        }
        asm.mov(QWORD, RSP, RBP);
        asm.pop(RBP);
        EmitFrame.returnByJump(asm, layout.popped());
        asm.bind(overflow);
        asm.ud2();
        return asm.finish();
    }

    private void emitLeave(int builtin, int resume) {
        asm.mov(QWORD, RCX, Mem.at(Abi.VMCTX, VmLayout.STORE));
        if (builtin >= 0) {
            asm.mov(QWORD, Mem.at(RCX, StoreContext.CALLER_VMCTX), Abi.VMCTX);
            asm.movImm(DWORD, Mem.at(RCX, StoreContext.EXIT_ID), builtin);
        } else {
            asm.mov(QWORD, Mem.at(RCX, StoreContext.CALLER_VMCTX), Abi.CALLER_VMCTX);
            asm.mov(DWORD, RAX, Mem.at(Abi.VMCTX, VmLayout.HOST_FUNCTION));
            asm.mov(DWORD, Mem.at(RCX, StoreContext.EXIT_ID), RAX);
        }
        asm.mov(QWORD, Mem.at(RCX, StoreContext.EXIT_ARGS), RSP);
        asm.lea(QWORD, R11, Mem.rip(resume));
        asm.movImm(RAX, builtin >= 0 ? Abi.BUILTIN : Abi.HOST_CALL);
        asm.jmp(Mem.at(RCX, StoreContext.EXIT_STUB));
    }

    /** From a slot to a register, or by way of the scratch register to {@code [base + disp + offset]}. */
    private void load(Type type, int place, int base, int disp, Mem slot) {
        boolean isStack = CallLayout.isStack(place);
        Mem stack = isStack ? Mem.at(base, disp + place - CallLayout.STACK) : slot;
        switch (type) {
            case I32, I64, REF -> {
                int register = isStack ? R11 : place;
                asm.mov(Width.of(type), register, slot);
                if (isStack) {
                    asm.mov(QWORD, stack, R11);
                }
            }
            case F32, F64 -> {
                asm.movs(type == Type.F64, isStack ? XMM15 : Reg.vector(place), slot);
                if (isStack) {
                    asm.movs(true, stack, XMM15);
                }
            }
            case V128 -> {
                asm.sse(Assembler.Sse.MOVUPS, isStack ? XMM15 : Reg.vector(place), slot);
                if (isStack) {
                    asm.movups(stack, XMM15);
                }
            }
            case VOID -> throw new AssertionError("BUG: void in a signature");
        }
    }

    /** The reverse of {@link #load}. */
    private void store(Type type, Mem slot, int place, int base, int disp) {
        boolean isStack = CallLayout.isStack(place);
        Mem stack = isStack ? Mem.at(base, disp + place - CallLayout.STACK) : slot;
        switch (type) {
            case I32, I64, REF -> asm.mov(QWORD, slot, isStack ? viaScratch(stack) : place);
            case F32, F64 -> {
                if (isStack) {
                    asm.mov(QWORD, slot, viaScratch(stack));
                } else {
                    asm.movs(type == Type.F64, slot, Reg.vector(place));
                }
            }
            case V128 -> {
                if (isStack) {
                    asm.sse(Assembler.Sse.MOVUPS, XMM15, stack);
                }
                asm.movups(slot, isStack ? XMM15 : Reg.vector(place));
            }
            case VOID -> throw new AssertionError("BUG: void in a signature");
        }
    }

    private int viaScratch(Mem from) {
        asm.mov(QWORD, R11, from);
        return R11;
    }
}
