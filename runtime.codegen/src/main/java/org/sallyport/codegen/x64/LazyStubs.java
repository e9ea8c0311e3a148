package org.sallyport.codegen.x64;

import static org.sallyport.codegen.x64.Reg.*;
import static org.sallyport.codegen.x64.Width.DWORD;
import static org.sallyport.codegen.x64.Width.QWORD;

import org.sallyport.codegen.pipeline.Isa;
import org.sallyport.spi.Builtin;
import org.sallyport.spi.StoreContext;
import org.sallyport.spi.VmLayout;

/**
 * The stubs of a module whose functions are compiled when they are called ({@link org.sallyport.spi.LazyCompiler}).
 *
 * <pre>
 *   way out     saves what may hold arguments, leaves the guest, and jumps to the code
 *   stubs       jmp [slot]                         8 bytes each
 *   before code mov r11d, function; jmp way out    16 bytes each
 * </pre>
 */
final class LazyStubs implements Isa.LazyStubs {
    private static final int STUB = 8;
    private static final int BEFORE = 16;
    /** The block at {@code rsp}: function, 16 bytes; integer arguments; the caller's context; vectors. */
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
        java.util.Arrays.fill(code, (byte) 0xCC);
        System.arraycopy(WAY_OUT, 0, code, 0, WAY_OUT.length);
        for (int i = 0; i < functions; i++) {
            int stub = stub(i);
            code[stub] = (byte) 0xFF; // jmp [rip + disp32]
            code[stub + 1] = 0x25;
            CodeBuffer.put32(code, stub + 2, tableOffset + 8 * i - (stub + 6));
            int before = before(i, functions);
            code[before] = 0x41; // mov r11d, imm32
            code[before + 1] = (byte) 0xBB;
            CodeBuffer.put32(code, before + 2, i);
            code[before + 6] = (byte) 0xE9; // jmp rel32
            CodeBuffer.put32(code, before + 7, -(before + 11));
        }
        return code;
    }

    private static byte[] wayOut() {
        var asm = new Assembler();
        asm.push(RBP);
        asm.mov(QWORD, RBP, RSP);
        asm.aluImm(IntegerAssembler.Alu.SUB, QWORD, RSP, FRAME);
        asm.mov(QWORD, Mem.at(RSP, 0), R11);
        for (int i = 0; i < Abi.INT_ARGS.length; i++) {
            asm.mov(QWORD, Mem.at(RSP, INTEGERS + 8 * i), Abi.INT_ARGS[i]);
        }
        asm.mov(QWORD, Mem.at(RSP, CALLER), Abi.CALLER_VMCTX);
        for (int i = 0; i < Abi.VECTOR_ARGS; i++) {
            asm.movups(Mem.at(RSP, VECTORS + 16 * i), i);
        }
        int resume = asm.newLabel();
        asm.mov(QWORD, RCX, Mem.at(Abi.VMCTX, VmLayout.STORE));
        asm.mov(QWORD, Mem.at(RCX, StoreContext.CALLER_VMCTX), Abi.VMCTX);
        asm.movImm(DWORD, Mem.at(RCX, StoreContext.EXIT_ID), Builtin.COMPILE.ordinal());
        asm.mov(QWORD, Mem.at(RCX, StoreContext.EXIT_ARGS), RSP);
        asm.lea(QWORD, R11, Mem.rip(resume));
        asm.movImm(RAX, Abi.BUILTIN);
        asm.jmp(Mem.at(RCX, StoreContext.EXIT_STUB));
        asm.bind(resume);
        for (int i = 0; i < Abi.VECTOR_ARGS; i++) {
            asm.sse(Assembler.Sse.MOVUPS, i, Mem.at(RSP, VECTORS + 16 * i));
        }
        asm.mov(QWORD, Abi.CALLER_VMCTX, Mem.at(RSP, CALLER));
        for (int i = 0; i < Abi.INT_ARGS.length; i++) {
            asm.mov(QWORD, Abi.INT_ARGS[i], Mem.at(RSP, INTEGERS + 8 * i));
        }
        asm.mov(QWORD, R11, Mem.at(RSP, 0));
        asm.lea(QWORD, RSP, Mem.at(RSP, FRAME));
        asm.pop(RBP);
        asm.jmpReg(R11);
        return asm.finish();
    }
}
