package org.sallyport.codegen.x64;

import static org.sallyport.codegen.x64.Reg.*;
import static org.sallyport.codegen.x64.Width.QWORD;

import org.sallyport.codegen.ir.Helper;
import org.sallyport.codegen.pipeline.FunctionCode;
import org.sallyport.codegen.x64.Assembler.Sse;
import org.sallyport.codegen.x64.IntegerAssembler.Alu;
import org.sallyport.spi.VmLayout;

/**
 * {@code memory.copy} and {@code memory.fill} as routines of the module that uses them, one per kind and memories. Arguments:
 * destination in {@code rdi}, source or value in {@code rsi}, length in {@code rdx}. They have no frame, keep all
 * registers but {@link LowerCalls#HELPER_CLOBBERS}, and return with the carry set if the range is out of bounds; then
 * nothing was written.
 *
 * <p>Up to four vectors (of 32 bytes with AVX, else 16) are read whole before anything is written, with loads from
 * both ends that overlap in the middle. Longer ranges go by four vectors in the direction that an overlap allows,
 * those of the far end kept in registers until last; very long ones by string instructions, unless they overlap,
 * which these are slow at.
 */
final class MemoryHelpers {
    /** From here on REP MOVSB and REP STOSB win. */
    private static final int STRING_INSTRUCTIONS = 64 << 10;
    /** Vectors that a loop moves at a time. */
    private static final int UNROLLED = 4;

    private final Assembler asm = new Assembler();
    private final VmLayout layout;
    private final boolean avx;

    private MemoryHelpers(VmLayout layout, boolean avx) {
        this.layout = layout;
        this.avx = avx;
    }

    /** Code of the helper that a relocation names ({@link FunctionCode#helper}). */
    static byte[] emit(VmLayout layout, CpuFeatures cpu, int target) {
        var helpers = new MemoryHelpers(layout, cpu.avx());
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

    private void succeedWithVectors() {
        if (avx) {
            asm.vzeroupper();
        }
        succeed();
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
        unlessAbove(16, above16);
        copyUpTo16();
        asm.bind(above16);
        for (int bytes = 16; bytes <= vector(); bytes *= 2) {
            copyEnds(bytes, 1);
        }
        copyEnds(vector(), 2);
        copyLong();
        fail(outside);
        return asm.finish();
    }

    /** Bytes of the widest vector. */
    private int vector() {
        return avx ? 32 : 16;
    }

    private void load(int bytes, int dst, Mem src) {
        if (avx) {
            asm.vmovups(bytes == 32, dst, src);
        } else {
            asm.sse(Sse.MOVUPS, dst, src);
        }
    }

    private void store(int bytes, Mem dst, int src) {
        if (avx) {
            asm.vmovups(bytes == 32, dst, src);
        } else {
            asm.movups(dst, src);
        }
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

    /** If {@code 2 * n} vectors are enough: {@code n} from the start and {@code n} from the end. */
    private void copyEnds(int bytes, int n) {
        int above = asm.newLabel();
        unlessAbove(2 * n * bytes, above);
        for (int i = 0; i < n; i++) {
            load(bytes, i, Mem.at(RSI, bytes * i));
            load(bytes, n + i, Mem.at(RSI, RDX, 0, -bytes * (i + 1)));
        }
        for (int i = 0; i < n; i++) {
            store(bytes, Mem.at(RDI, bytes * i), i);
            store(bytes, Mem.at(RDI, RDX, 0, -bytes * (i + 1)), n + i);
        }
        succeedWithVectors();
        asm.bind(above);
    }

    private void copyLong() {
        int forwards = asm.newLabel();
        int backwards = asm.newLabel();
        asm.mov(QWORD, RAX, RDI);
        asm.alu(Alu.SUB, QWORD, RAX, RSI);
        asm.alu(Alu.CMP, QWORD, RAX, RDX);
        asm.jcc(Cond.B, backwards); // the destination begins inside the source
        asm.aluImm(Alu.CMP, QWORD, RDX, STRING_INSTRUCTIONS);
        asm.jcc(Cond.B, forwards);
        asm.unary(IntegerAssembler.Unary.NEG, QWORD, RAX);
        asm.alu(Alu.CMP, QWORD, RAX, RDX);
        asm.jcc(Cond.B, forwards); // the source begins inside the destination
        asm.mov(QWORD, RCX, RDX);
        asm.repMovsb();
        succeed();
        asm.bind(forwards);
        copyForwards();
        asm.bind(backwards);
        copyBackwards();
    }

    private void copyForwards() {
        int bytes = vector();
        int step = UNROLLED * bytes;
        for (int i = 0; i < UNROLLED; i++) {
            load(bytes, UNROLLED + i, Mem.at(RSI, RDX, 0, -bytes * (i + 1)));
        }
        asm.alignCode(4);
        int loop = asm.here();
        for (int i = 0; i < UNROLLED; i++) {
            load(bytes, i, Mem.at(RSI, bytes * i));
        }
        asm.aluImm(Alu.SUB, QWORD, RSI, -step);
        for (int i = 0; i < UNROLLED; i++) {
            store(bytes, Mem.at(RDI, bytes * i), i);
        }
        asm.aluImm(Alu.SUB, QWORD, RDI, -step);
        asm.aluImm(Alu.ADD, QWORD, RDX, -step);
        asm.aluImm(Alu.CMP, QWORD, RDX, step);
        asm.jcc(Cond.A, loop);
        for (int i = 0; i < UNROLLED; i++) {
            store(bytes, Mem.at(RDI, RDX, 0, -bytes * (i + 1)), UNROLLED + i);
        }
        succeedWithVectors();
    }

    private void copyBackwards() {
        int bytes = vector();
        int step = UNROLLED * bytes;
        for (int i = 0; i < UNROLLED; i++) {
            load(bytes, UNROLLED + i, Mem.at(RSI, bytes * i));
        }
        asm.alignCode(4);
        int loop = asm.here();
        for (int i = 0; i < UNROLLED; i++) {
            load(bytes, i, Mem.at(RSI, RDX, 0, -bytes * (i + 1)));
        }
        for (int i = 0; i < UNROLLED; i++) {
            store(bytes, Mem.at(RDI, RDX, 0, -bytes * (i + 1)), i);
        }
        asm.aluImm(Alu.ADD, QWORD, RDX, -step);
        asm.aluImm(Alu.CMP, QWORD, RDX, step);
        asm.jcc(Cond.A, loop);
        for (int i = 0; i < UNROLLED; i++) {
            store(bytes, Mem.at(RDI, bytes * i), UNROLLED + i);
        }
        succeedWithVectors();
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
        unlessAbove(16, above16);
        fillUpTo16();
        asm.bind(above16);
        spread();
        for (int bytes = 16; bytes <= vector(); bytes *= 2) {
            fillEnds(bytes, 1);
        }
        fillEnds(vector(), 2);
        fillLong();
        fail(outside);
        return asm.finish();
    }

    /** The value in all bytes of the first vector register. */
    private void spread() {
        if (avx) {
            asm.vmovToXmm(QWORD, 0, RAX);
            asm.avx(Sse.UNPCKLPD, 0, 0, 0);
            asm.vdouble(0, 0);
        } else {
            asm.movToXmm(QWORD, 0, RAX);
            asm.sse(Sse.UNPCKLPD, 0, 0);
        }
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

    private void fillEnds(int bytes, int n) {
        int above = asm.newLabel();
        unlessAbove(2 * n * bytes, above);
        for (int i = 0; i < n; i++) {
            store(bytes, Mem.at(RDI, bytes * i), 0);
            store(bytes, Mem.at(RDI, RDX, 0, -bytes * (i + 1)), 0);
        }
        succeedWithVectors();
        asm.bind(above);
    }

    private void fillLong() {
        int bytes = vector();
        int step = UNROLLED * bytes;
        int vectors = asm.newLabel();
        asm.aluImm(Alu.CMP, QWORD, RDX, STRING_INSTRUCTIONS);
        asm.jcc(Cond.B, vectors);
        if (avx) {
            asm.vzeroupper();
        }
        asm.mov(QWORD, RCX, RDX);
        asm.repStosb();
        succeed();
        asm.bind(vectors);
        for (int i = 0; i < UNROLLED; i++) {
            store(bytes, Mem.at(RDI, RDX, 0, -bytes * (i + 1)), 0);
        }
        asm.alignCode(4);
        int loop = asm.here();
        for (int i = 0; i < UNROLLED; i++) {
            store(bytes, Mem.at(RDI, bytes * i), 0);
        }
        asm.aluImm(Alu.SUB, QWORD, RDI, -step);
        asm.aluImm(Alu.ADD, QWORD, RDX, -step);
        asm.aluImm(Alu.CMP, QWORD, RDX, step);
        asm.jcc(Cond.A, loop);
        succeedWithVectors();
    }
}
