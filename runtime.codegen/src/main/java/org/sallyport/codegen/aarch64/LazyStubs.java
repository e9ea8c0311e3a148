package org.sallyport.codegen.aarch64;

import static org.sallyport.codegen.aarch64.Reg.*;

import org.sallyport.codegen.aarch64.IntegerAssembler.Alu;
import org.sallyport.codegen.aarch64.MemoryAssembler.Moved;
import org.sallyport.codegen.pipeline.Isa;
import org.sallyport.spi.Builtin;
import org.sallyport.spi.StoreContext;
import org.sallyport.spi.VmLayout;

/**
 * The stubs of a module whose functions are compiled when they are called ({@link org.sallyport.spi.LazyCompiler}).
 *
 * <pre>
 *   way out     saves what may hold arguments, leaves the guest, and jumps to the code
 *   stubs       x16 = [this + distance]; br x16        24 bytes each
 *   before code mov x17, function; b way out           16 bytes each
 * </pre>
 */
final class LazyStubs implements Isa.LazyStubs {
    private static final int STUB = 24;
    private static final int BEFORE = 16;

    /** The block at {@code sp}: function, 16 bytes; integer arguments; the caller's context; vectors. */
    private static final int INTEGERS = 16;

    private static final int CALLER = INTEGERS + 8 * Abi.INT_ARGS.length;
    private static final int VECTORS = CALLER + 16;
    private static final int FRAME = VECTORS + 16 * Abi.VECTOR_ARGS;

    private static final byte[] WAY_OUT = wayOut();
    private static final int FIRST = WAY_OUT.length + 15 & -16;

    @Override
    public int stub(int function) {
        return FIRST + STUB * function;
    }

    @Override
    public int before(int function, int functions) {
        return (stub(functions) + 15 & -16) + BEFORE * function;
    }

    @Override
    public int bytes(int functions) {
        return before(functions, functions);
    }

    @Override
    public byte[] emit(int functions, int tableOffset) {
        byte[] code = new byte[bytes(functions)];
        System.arraycopy(WAY_OUT, 0, code, 0, WAY_OUT.length);
        for (int i = 0; i < functions; i++) {
            int stub = stub(i);
            int distance = tableOffset + 8 * i - stub;
            CodeBuffer.put32(code, stub, 0x10000000 | X16); // adr x16, here
            CodeBuffer.put32(code, stub + 4, 0xD2800000 | (distance & 0xFFFF) << 5 | X17); // movz x17
            CodeBuffer.put32(code, stub + 8, 0xF2A00000 | (distance >>> 16) << 5 | X17); // movk x17, lsl 16
            CodeBuffer.put32(code, stub + 12, 0xF860C800 | X17 << 16 | X16 << 5 | X16); // ldr x16, [x16, w17, sxtw]
            CodeBuffer.put32(code, stub + 16, 0xD61F0000 | X16 << 5); // br x16
            int before = before(i, functions);
            CodeBuffer.put32(code, before, 0xD2800000 | (i & 0xFFFF) << 5 | X17);
            CodeBuffer.put32(code, before + 4, 0xF2A00000 | (i >>> 16) << 5 | X17);
            CodeBuffer.put32(code, before + 8, 0x14000000 | -(before + 8) >> 2 & 0x3FFFFFF); // b way out
        }
        return code;
    }

    private static byte[] wayOut() {
        var asm = new Assembler();
        asm.stpPre(FP, LR, SP, -EmitFrame.RECORD);
        asm.aluImm(Alu.ADD, true, FP, SP, 0);
        asm.aluImm(Alu.SUB, true, SP, SP, FRAME);
        asm.str(X17, SP, 0);
        for (int i = 0; i < Abi.INT_ARGS.length; i++) {
            asm.str(Abi.INT_ARGS[i], SP, INTEGERS + 8 * i);
        }
        asm.str(Abi.CALLER_VMCTX, SP, CALLER);
        for (int i = 0; i < Abi.VECTOR_ARGS; i++) {
            asm.moved(Moved.STR_Q, i, SP, VECTORS + 16 * i);
        }
        int resume = asm.newLabel();
        asm.ldr(X10, Abi.VMCTX, VmLayout.STORE);
        asm.str(Abi.VMCTX, X10, StoreContext.CALLER_VMCTX);
        asm.movImm(X16, Builtin.COMPILE.ordinal());
        asm.strw(X16, X10, StoreContext.EXIT_ID);
        asm.aluImm(Alu.ADD, true, X16, SP, 0);
        asm.str(X16, X10, StoreContext.EXIT_ARGS);
        asm.adr(X16, resume);
        asm.ldr(X17, X10, StoreContext.EXIT_STUB);
        asm.movImm(X0, Abi.BUILTIN);
        asm.br(X17);
        asm.bind(resume);
        for (int i = 0; i < Abi.VECTOR_ARGS; i++) {
            asm.moved(Moved.LDR_Q, i, SP, VECTORS + 16 * i);
        }
        asm.ldr(Abi.CALLER_VMCTX, SP, CALLER);
        for (int i = 0; i < Abi.INT_ARGS.length; i++) {
            asm.ldr(Abi.INT_ARGS[i], SP, INTEGERS + 8 * i);
        }
        asm.ldr(X16, SP, 0);
        asm.aluImm(Alu.ADD, true, SP, SP, FRAME);
        asm.ldpPost(FP, LR, SP, EmitFrame.RECORD);
        asm.br(X16);
        return asm.finish();
    }
}
