package org.sallyport.codegen.x64;

import static org.sallyport.codegen.x64.Reg.*;
import static org.sallyport.codegen.x64.Width.QWORD;

import org.sallyport.codegen.ir.Helper;
import org.sallyport.codegen.x64.Assembler.Sse;
import org.sallyport.codegen.x64.IntegerAssembler.Alu;
import org.sallyport.spi.VmLayout;

/**
 * {@code memory.copy} and {@code memory.fill} as routines of the module that uses them, one per kind and memories. Arguments:
 * destination in {@code rdi}, source or value in {@code rsi}, length in {@code rdx}. They have no frame, keep all
 * registers but {@link LowerCalls#HELPER_CLOBBERS}, and return with the carry set if the range is out of bounds; then
 * nothing was written.
 *
 * <p>Up to 64 bytes are read whole before anything is written, with loads from both ends that overlap in the middle.
 * Longer ranges go by 32 bytes in the direction that an overlap allows, the bytes of the far end kept in registers
 * until last; long ones by string instructions.
 */
final class MemoryHelpers {
    /** From here on REP MOVSB and REP STOSB win. */
    private static final int STRING_INSTRUCTIONS = 2048;

    private final Assembler asm = new Assembler();
    private final VmLayout layout;

    private MemoryHelpers(VmLayout layout) {
        this.layout = layout;
    }

    /** Code of the helper that a relocation names ({@link FunctionCode#helper}). */
    static byte[] emit(VmLayout layout, int target) {
        var helpers = new MemoryHelpers(layout);
        int destination = FunctionCode.helperDestination(target);
        return switch (Helper.of(FunctionCode.helperKind(target))) {
            case MEMORY_COPY -> helpers.copy(destination, FunctionCode.helperSource(target));
            case MEMORY_FILL -> helpers.fill(destination);
        };
    }

    // ---- bounds

    /** {@code start + length} must not exceed the memory's length; no sum may overflow. */
    private void check(int memory, int start, int outside) {
        asm.mov(QWORD, R11, Mem.at(Abi.VMCTX, layout.memoryDef(memory)));
        asm.mov(QWORD, RAX, start);
        asm.alu(Alu.ADD, QWORD, RAX, RDX);
        asm.jcc(Cond.B, outside);
        asm.alu(Alu.CMP, QWORD, RAX, Mem.at(R11, VmLayout.MEMORY_DEF_LENGTH));
        asm.jcc(Cond.A, outside);
    }

    private void addBase(int memory, int register) {
        if (memory == 0) {
            asm.alu(Alu.ADD, QWORD, register, Abi.MEMORY0);
        } else {
            asm.alu(Alu.ADD, QWORD, register, Mem.at(Abi.VMCTX, layout.memoryBase(memory)));
        }
    }

    private void succeed() {
        asm.clc();
        asm.ret();
    }

    private void fail(int outside) {
        asm.bind(outside);
        asm.stc();
        asm.ret();
    }

    private void unlessAbove(int length, int next) {
        asm.aluImm(Alu.CMP, QWORD, RDX, length);
        asm.jcc(Cond.A, next);
    }

    // ---- copy

    private byte[] copy(int destination, int source) {
        int outside = asm.newLabel();
        check(destination, RDI, outside);
        check(source, RSI, outside);
        addBase(destination, RDI);
        addBase(source, RSI);
        int above16 = asm.newLabel();
        int above32 = asm.newLabel();
        int above64 = asm.newLabel();
        unlessAbove(16, above16);
        copyUpTo16();
        asm.bind(above16);
        unlessAbove(32, above32);
        copyEnds(1);
        asm.bind(above32);
        unlessAbove(64, above64);
        copyEnds(2);
        asm.bind(above64);
        copyLong();
        fail(outside);
        return asm.finish();
    }

    private void copyUpTo16() {
        int done = asm.newLabel();
        for (Width w : new Width[] {Width.QWORD, Width.DWORD, Width.WORD}) {
            int smaller = asm.newLabel();
            asm.aluImm(Alu.CMP, QWORD, RDX, w.bytes());
            asm.jcc(Cond.B, smaller);
            asm.movzx(w, RAX, Mem.at(RSI, 0));
            asm.movzx(w, RCX, Mem.at(RSI, RDX, 0, -w.bytes()));
            asm.mov(w, Mem.at(RDI, 0), RAX);
            asm.mov(w, Mem.at(RDI, RDX, 0, -w.bytes()), RCX);
            succeed();
            asm.bind(smaller);
        }
        asm.test(QWORD, RDX, RDX);
        asm.jcc(Cond.E, done);
        asm.movzx(Width.BYTE, RAX, Mem.at(RSI, 0));
        asm.mov(Width.BYTE, Mem.at(RDI, 0), RAX);
        asm.bind(done);
        succeed();
    }

    /** {@code n} vectors from the start and {@code n} from the end. */
    private void copyEnds(int n) {
        for (int i = 0; i < n; i++) {
            asm.sse(Sse.MOVUPS, i, Mem.at(RSI, 16 * i));
            asm.sse(Sse.MOVUPS, n + i, Mem.at(RSI, RDX, 0, -16 * (i + 1)));
        }
        for (int i = 0; i < n; i++) {
            asm.movups(Mem.at(RDI, 16 * i), i);
            asm.movups(Mem.at(RDI, RDX, 0, -16 * (i + 1)), n + i);
        }
        succeed();
    }

    private void copyLong() {
        int backwards = asm.newLabel();
        int vectors = asm.newLabel();
        asm.mov(QWORD, RAX, RDI);
        asm.alu(Alu.SUB, QWORD, RAX, RSI);
        asm.alu(Alu.CMP, QWORD, RAX, RDX);
        asm.jcc(Cond.B, backwards); // the destination begins inside the source
        asm.aluImm(Alu.CMP, QWORD, RDX, STRING_INSTRUCTIONS);
        asm.jcc(Cond.B, vectors);
        asm.mov(QWORD, RCX, RDX);
        asm.repMovsb();
        succeed();
        asm.bind(vectors);
        copyForwards();
        asm.bind(backwards);
        copyBackwards();
    }

    private void copyForwards() {
        asm.sse(Sse.MOVUPS, 2, Mem.at(RSI, RDX, 0, -32));
        asm.sse(Sse.MOVUPS, 3, Mem.at(RSI, RDX, 0, -16));
        asm.alignCode(4);
        int loop = asm.here();
        asm.sse(Sse.MOVUPS, 0, Mem.at(RSI, 0));
        asm.sse(Sse.MOVUPS, 1, Mem.at(RSI, 16));
        asm.movups(Mem.at(RDI, 0), 0);
        asm.movups(Mem.at(RDI, 16), 1);
        asm.aluImm(Alu.ADD, QWORD, RSI, 32);
        asm.aluImm(Alu.ADD, QWORD, RDI, 32);
        asm.aluImm(Alu.SUB, QWORD, RDX, 32);
        asm.aluImm(Alu.CMP, QWORD, RDX, 32);
        asm.jcc(Cond.A, loop);
        asm.movups(Mem.at(RDI, RDX, 0, -32), 2);
        asm.movups(Mem.at(RDI, RDX, 0, -16), 3);
        succeed();
    }

    private void copyBackwards() {
        asm.sse(Sse.MOVUPS, 2, Mem.at(RSI, 0));
        asm.sse(Sse.MOVUPS, 3, Mem.at(RSI, 16));
        asm.alignCode(4);
        int loop = asm.here();
        asm.sse(Sse.MOVUPS, 0, Mem.at(RSI, RDX, 0, -32));
        asm.sse(Sse.MOVUPS, 1, Mem.at(RSI, RDX, 0, -16));
        asm.movups(Mem.at(RDI, RDX, 0, -32), 0);
        asm.movups(Mem.at(RDI, RDX, 0, -16), 1);
        asm.aluImm(Alu.SUB, QWORD, RDX, 32);
        asm.aluImm(Alu.CMP, QWORD, RDX, 32);
        asm.jcc(Cond.A, loop);
        asm.movups(Mem.at(RDI, 0), 2);
        asm.movups(Mem.at(RDI, 16), 3);
        succeed();
    }

    // ---- fill

    private byte[] fill(int memory) {
        int outside = asm.newLabel();
        check(memory, RDI, outside);
        addBase(memory, RDI);
        asm.movzx(Width.BYTE, RAX, RSI);
        asm.movImm(RCX, 0x0101_0101_0101_0101L);
        asm.imul(QWORD, RAX, RCX);
        int above16 = asm.newLabel();
        int above32 = asm.newLabel();
        int above64 = asm.newLabel();
        unlessAbove(16, above16);
        fillUpTo16();
        asm.bind(above16);
        asm.movToXmm(QWORD, 0, RAX);
        asm.sse(Sse.UNPCKLPD, 0, 0);
        unlessAbove(32, above32);
        fillEnds(1);
        asm.bind(above32);
        unlessAbove(64, above64);
        fillEnds(2);
        asm.bind(above64);
        fillLong();
        fail(outside);
        return asm.finish();
    }

    private void fillUpTo16() {
        int done = asm.newLabel();
        for (Width w : new Width[] {Width.QWORD, Width.DWORD, Width.WORD}) {
            int smaller = asm.newLabel();
            asm.aluImm(Alu.CMP, QWORD, RDX, w.bytes());
            asm.jcc(Cond.B, smaller);
            asm.mov(w, Mem.at(RDI, 0), RAX);
            asm.mov(w, Mem.at(RDI, RDX, 0, -w.bytes()), RAX);
            succeed();
            asm.bind(smaller);
        }
        asm.test(QWORD, RDX, RDX);
        asm.jcc(Cond.E, done);
        asm.mov(Width.BYTE, Mem.at(RDI, 0), RAX);
        asm.bind(done);
        succeed();
    }

    private void fillEnds(int n) {
        for (int i = 0; i < n; i++) {
            asm.movups(Mem.at(RDI, 16 * i), 0);
            asm.movups(Mem.at(RDI, RDX, 0, -16 * (i + 1)), 0);
        }
        succeed();
    }

    private void fillLong() {
        int vectors = asm.newLabel();
        asm.aluImm(Alu.CMP, QWORD, RDX, STRING_INSTRUCTIONS);
        asm.jcc(Cond.B, vectors);
        asm.mov(QWORD, RCX, RDX);
        asm.repStosb();
        succeed();
        asm.bind(vectors);
        asm.movups(Mem.at(RDI, RDX, 0, -32), 0);
        asm.movups(Mem.at(RDI, RDX, 0, -16), 0);
        asm.alignCode(4);
        int loop = asm.here();
        asm.movups(Mem.at(RDI, 0), 0);
        asm.movups(Mem.at(RDI, 16), 0);
        asm.aluImm(Alu.ADD, QWORD, RDI, 32);
        asm.aluImm(Alu.SUB, QWORD, RDX, 32);
        asm.aluImm(Alu.CMP, QWORD, RDX, 32);
        asm.jcc(Cond.A, loop);
        succeed();
    }
}
