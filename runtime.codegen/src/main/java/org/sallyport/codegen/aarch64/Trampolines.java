package org.sallyport.codegen.aarch64;

import static org.sallyport.codegen.aarch64.Reg.*;

import org.sallyport.codegen.aarch64.IntegerAssembler.Alu;
import org.sallyport.codegen.aarch64.IntegerAssembler.Extend;
import org.sallyport.codegen.aarch64.MemoryAssembler.Moved;
import org.sallyport.codegen.ir.Access;
import org.sallyport.codegen.ir.Type;
import org.sallyport.codegen.pipeline.CallLayout;
import org.sallyport.codegen.regalloc.Registers;
import org.sallyport.spi.Builtin;
import org.sallyport.spi.CallBlock;
import org.sallyport.spi.StoreContext;
import org.sallyport.spi.VmLayout;
import org.sallyport.wasm.FuncType;

/**
 * Code between the enter and exit stubs and functions that use the calling convention of guest code (docs/abi.md).
 * All of it is position independent. A {@code udf} in a trampoline means STACK_OVERFLOW.
 */
final class Trampolines {
    /** Blocks larger than this check the stack limit: the caller's check left room for smaller ones. */
    private static final int UNCHECKED_BLOCK = 1024;

    private final Assembler asm = new Assembler();

    /**
     * Jumped to with {@code sp} at the argument block and the callee's context in its register. The frame's saved frame
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
        int code = 8; // [fp]: 0, [fp + 8]: the block
        int slots = code + CallBlock.FIRST_SLOT;
        asm.aluImm(Alu.SUB, true, FP, SP, code);
        asm.addAny(SP, SP, -16 - layout.outgoing());
        asm.str(ZR, FP, 0);
        for (int i = 0; i < layout.paramCount(); i++) {
            load(layout.paramType(i), layout.param(i), SP, 0, FP, slots + CallBlock.SLOT * i);
        }
        asm.ldr(X16, FP, code);
        asm.blr(X16);
        for (int i = 0; i < layout.resultCount(); i++) {
            store(layout.resultType(i), FP, slots + CallBlock.SLOT * i, layout.result(i), SP, -layout.popped());
        }
        asm.aluImm(Alu.ADD, true, SP, FP, code);
        asm.movImm(X16, 0);
        leave(Abi.DONE);
        return asm.finish();
    }

    /** With the address to go on at in {@link Abi#SCRATCH}. */
    private void leave(int reason) {
        asm.ldr(X10, Abi.VMCTX, VmLayout.STORE);
        asm.ldr(X17, X10, StoreContext.EXIT_STUB);
        asm.movImm(X0, reason);
        asm.br(X17);
    }

    /** @param builtin ordinal of a builtin, or -1 for a host function */
    private byte[] emitExit(CallLayout layout, int builtin) {
        boolean isBuiltin = builtin >= 0;
        int block = CallBlock.SLOT * Math.max(layout.paramCount(), layout.resultCount());
        int frame = block + (isBuiltin ? 16 : 0);
        asm.stpPre(FP, LR, SP, -EmitFrame.RECORD);
        asm.aluImm(Alu.ADD, true, FP, SP, 0);
        if (frame != 0) {
            asm.addAny(SP, SP, -frame);
        }
        int overflow = asm.newLabel();
        if (frame > UNCHECKED_BLOCK) {
            asm.ldr(X16, Abi.VMCTX, VmLayout.STACK_LIMIT);
            asm.aluExtended(Alu.SUBS, true, ZR, SP, X16, Extend.UXTX, 0);
            asm.bCond(Cond.LO, overflow);
        }
        if (isBuiltin) {
            asm.moved(Moved.STRX, Abi.VMCTX, FP, Abi.SAVED_VMCTX);
        }
        for (int i = 0; i < layout.paramCount(); i++) {
            store(layout.paramType(i), SP, CallBlock.SLOT * i, layout.param(i), FP, Abi.INCOMING);
        }
        int resume = asm.newLabel();
        emitLeave(builtin, resume);
        asm.bind(resume);
        asm.addAny(FP, SP, frame);
        if (isBuiltin) {
            asm.moved(Moved.LDRX, Abi.VMCTX, FP, Abi.SAVED_VMCTX);
            asm.ldr(Abi.MEMORY0, Abi.VMCTX, VmLayout.MEMORY0_BASE);
        }
        for (int i = 0; i < layout.resultCount(); i++) {
            load(layout.resultType(i), layout.result(i), FP, Abi.INCOMING, SP, CallBlock.SLOT * i);
        }
        asm.aluImm(Alu.ADD, true, SP, FP, 0);
        asm.ldpPost(FP, LR, SP, EmitFrame.RECORD);
        asm.addAny(SP, SP, layout.popped());
        asm.br(LR); // no call led here (EmitCalls)
        asm.bind(overflow);
        asm.udf();
        return asm.finish();
    }

    private void emitLeave(int builtin, int resume) {
        asm.ldr(X10, Abi.VMCTX, VmLayout.STORE);
        if (builtin >= 0) {
            asm.str(Abi.VMCTX, X10, StoreContext.CALLER_VMCTX);
            asm.movImm(X16, builtin);
        } else {
            asm.str(Abi.CALLER_VMCTX, X10, StoreContext.CALLER_VMCTX);
            asm.ldrw(X16, Abi.VMCTX, VmLayout.HOST_FUNCTION);
        }
        asm.strw(X16, X10, StoreContext.EXIT_ID);
        asm.aluImm(Alu.ADD, true, X16, SP, 0);
        asm.str(X16, X10, StoreContext.EXIT_ARGS);
        asm.adr(X16, resume);
        leave(builtin >= 0 ? Abi.BUILTIN : Abi.HOST_CALL);
    }

    private void move(Moved op, int register, int base, long disp) {
        if (MemoryAssembler.reaches(op, disp)) {
            asm.moved(op, register, base, disp);
        } else {
            asm.movImm(X17, disp);
            asm.movedIndexed(op, register, base, X17, 0);
        }
    }

    private static boolean isGeneral(Type type) {
        return switch (type) {
            case I32, I64, REF -> true;
            case F32, F64, V128 -> false;
            case VOID -> throw new AssertionError("BUG: void in a signature");
        };
    }

    /** From {@code [slotBase + slot]} to a register, or by way of the scratch register to {@code [base + disp + offset]}. */
    private void load(Type type, int place, int base, int disp, int slotBase, int slot) {
        boolean isStack = CallLayout.isStack(place);
        boolean isGeneral = isGeneral(type);
        int register = isStack ? isGeneral ? X16 : V31 : Registers.isVector(place) ? Reg.vector(place) : place;
        move(LowerMemory.load(type, Access.full(type)), register, slotBase, slot);
        if (isStack) {
            long to = (long) disp + place - CallLayout.STACK;
            move(isGeneral ? Moved.STRX : type == Type.V128 ? Moved.STR_Q : Moved.STR_D, register, base, to);
        }
    }

    /** The reverse of {@link #load}. */
    private void store(Type type, int slotBase, int slot, int place, int base, int disp) {
        boolean isStack = CallLayout.isStack(place);
        boolean isGeneral = isGeneral(type);
        int register = isStack ? isGeneral ? X16 : V31 : Registers.isVector(place) ? Reg.vector(place) : place;
        boolean isWide = type == Type.V128;
        if (isStack) {
            long from = (long) disp + place - CallLayout.STACK;
            move(isGeneral ? Moved.LDRX : isWide ? Moved.LDR_Q : Moved.LDR_D, register, base, from);
        }
        move(isGeneral ? Moved.STRX : isWide ? Moved.STR_Q : type == Type.F64 || isStack ? Moved.STR_D : Moved.STR_S, register,
                slotBase, slot);
    }
}
