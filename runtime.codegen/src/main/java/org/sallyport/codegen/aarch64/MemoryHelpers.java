package org.sallyport.codegen.aarch64;

import static org.sallyport.codegen.aarch64.Reg.*;

import org.sallyport.codegen.aarch64.IntegerAssembler.Alu;
import org.sallyport.codegen.aarch64.MemoryAssembler.Moved;
import org.sallyport.codegen.ir.Helper;
import org.sallyport.codegen.pipeline.FunctionCode;
import org.sallyport.spi.VmLayout;

/**
 * {@code memory.copy} and {@code memory.fill} as routines of the module that uses them, one per kind and memories. Arguments:
 * destination in {@code x0}, source or value in {@code x1}, length in {@code x2}. They have no frame, keep all registers but
 * {@link LowerCalls#HELPER_CLOBBERS} and the scratch ones, and return with "equal" in the flags, or without it if the range
 * is out of bounds; then nothing was written.
 *
 * <p>Up to 64 bytes are read whole before anything is written, from both ends, which overlap in the middle. Longer ranges go
 * by 64 bytes in the direction that an overlap allows, those of the far end kept in registers until last.
 */
final class MemoryHelpers {
    private static final int STEP = 64;
    private static final int LENGTH = X2;
    /** Behind the last byte of source and destination. */
    private static final int SOURCE_END = X16;
    private static final int DESTINATION_END = X17;

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

    private void load(int dst, int base, int disp) {
        if (MemoryAssembler.reaches(Moved.LDRX, disp)) {
            asm.ldr(dst, base, disp);
        } else {
            asm.movImm(dst, disp);
            asm.movedIndexed(Moved.LDRX, dst, base, dst, 0);
        }
    }

    /** {@code start + length} must not exceed the memory's length; no sum may overflow. */
    private void check(int memory, int start, int outside) {
        load(X16, Abi.VMCTX, layout.memoryDef(memory));
        asm.alu(Alu.ADDS, true, X3, start, LENGTH);
        asm.bCond(Cond.HS, outside);
        asm.ldr(X17, X16, VmLayout.MEMORY_DEF_LENGTH);
        asm.cmp(true, X3, X17);
        asm.bCond(Cond.HI, outside);
    }

    private void addBase(int memory, int register) {
        if (memory == 0) {
            asm.alu(Alu.ADD, true, register, register, Abi.MEMORY0);
        } else {
            load(X3, Abi.VMCTX, layout.memoryBase(memory));
            asm.alu(Alu.ADD, true, register, register, X3);
        }
    }

    private void succeed() {
        asm.cmp(true, ZR, ZR);
        asm.ret();
    }

    private void fail(int outside) {
        asm.bind(outside);
        asm.movImm(X3, 1);
        asm.cmpImm(true, X3, 0);
        asm.ret();
    }

    private void unlessAbove(int length, int next) {
        asm.cmpImm(true, LENGTH, length);
        asm.bCond(Cond.HI, next);
    }

    // ---- copy

    private byte[] copy(int destination, int source) {
        int outside = asm.newLabel();
        int above16 = asm.newLabel();
        int above32 = asm.newLabel();
        int above64 = asm.newLabel();
        check(destination, X0, outside);
        check(source, X1, outside);
        addBase(destination, X0);
        addBase(source, X1);
        asm.alu(Alu.ADD, true, SOURCE_END, X1, LENGTH);
        asm.alu(Alu.ADD, true, DESTINATION_END, X0, LENGTH);
        unlessAbove(16, above16);
        copyUpTo16();
        asm.bind(above16);
        unlessAbove(32, above32);
        asm.moved(Moved.LDR_Q, 0, X1, 0);
        asm.moved(Moved.LDR_Q, 1, SOURCE_END, -16);
        asm.moved(Moved.STR_Q, 0, X0, 0);
        asm.moved(Moved.STR_Q, 1, DESTINATION_END, -16);
        succeed();
        asm.bind(above32);
        unlessAbove(STEP, above64);
        asm.ldpVector(0, 1, X1, 0);
        asm.ldpVector(2, 3, SOURCE_END, -32);
        asm.stpVector(0, 1, X0, 0);
        asm.stpVector(2, 3, DESTINATION_END, -32);
        succeed();
        asm.bind(above64);
        copyLong();
        fail(outside);
        return asm.finish();
    }

    private void copyUpTo16() {
        Moved[] loads = {Moved.LDRX, Moved.LDRW, Moved.LDRH};
        Moved[] stores = {Moved.STRX, Moved.STRW, Moved.STRH};
        int done = asm.newLabel();
        for (int i = 0; i < loads.length; i++) {
            int smaller = asm.newLabel();
            int bytes = 1 << loads[i].log;
            asm.cmpImm(true, LENGTH, bytes);
            asm.bCond(Cond.LO, smaller);
            asm.moved(loads[i], X3, X1, 0);
            asm.moved(loads[i], X4, SOURCE_END, -bytes);
            asm.moved(stores[i], X3, X0, 0);
            asm.moved(stores[i], X4, DESTINATION_END, -bytes);
            succeed();
            asm.bind(smaller);
        }
        asm.cbz(true, LENGTH, done);
        asm.moved(Moved.LDRB, X3, X1, 0);
        asm.moved(Moved.STRB, X3, X0, 0);
        asm.bind(done);
        succeed();
    }

    private void copyLong() {
        int backwards = asm.newLabel();
        asm.alu(Alu.SUB, true, X3, X0, X1);
        asm.cmp(true, X3, LENGTH);
        asm.bCond(Cond.LO, backwards); // the destination begins inside the source
        copyForwards();
        asm.bind(backwards);
        copyBackwards();
    }

    private void copyForwards() {
        loadVectors(4, SOURCE_END, -STEP);
        int loop = asm.here();
        loadVectors(0, X1, 0);
        asm.aluImm(Alu.ADD, true, X1, X1, STEP);
        store(0, X0, 0);
        asm.aluImm(Alu.ADD, true, X0, X0, STEP);
        again(loop);
        store(4, DESTINATION_END, -STEP);
        succeed();
    }

    private void copyBackwards() {
        loadVectors(4, X1, 0);
        int loop = asm.here();
        loadVectors(0, SOURCE_END, -STEP);
        asm.aluImm(Alu.SUB, true, SOURCE_END, SOURCE_END, STEP);
        store(0, DESTINATION_END, -STEP);
        asm.aluImm(Alu.SUB, true, DESTINATION_END, DESTINATION_END, STEP);
        again(loop);
        store(4, X0, 0);
        succeed();
    }

    /** Four vectors, from register {@code v} on. */
    private void loadVectors(int v, int base, int disp) {
        asm.ldpVector(v, v + 1, base, disp);
        asm.ldpVector(v + 2, v + 3, base, disp + 32);
    }

    private void store(int v, int base, int disp) {
        asm.stpVector(v, v + 1, base, disp);
        asm.stpVector(v + 2, v + 3, base, disp + 32);
    }

    private void again(int loop) {
        asm.aluImm(Alu.SUB, true, LENGTH, LENGTH, STEP);
        asm.cmpImm(true, LENGTH, STEP);
        asm.bCond(Cond.HI, loop);
    }

    // ---- fill

    private byte[] fill(int memory) {
        int outside = asm.newLabel();
        int above16 = asm.newLabel();
        int above64 = asm.newLabel();
        check(memory, X0, outside);
        addBase(memory, X0);
        asm.dup(0, 0, X1);
        asm.movVector(1, 0);
        asm.movVector(2, 0);
        asm.movVector(3, 0);
        asm.alu(Alu.ADD, true, DESTINATION_END, X0, LENGTH);
        unlessAbove(15, above16);
        fillUpTo16();
        asm.bind(above16);
        int above32 = asm.newLabel();
        unlessAbove(32, above32);
        asm.moved(Moved.STR_Q, 0, X0, 0);
        asm.moved(Moved.STR_Q, 0, DESTINATION_END, -16);
        succeed();
        asm.bind(above32);
        unlessAbove(STEP, above64);
        asm.stpVector(0, 1, X0, 0);
        asm.stpVector(0, 1, DESTINATION_END, -32);
        succeed();
        asm.bind(above64);
        int loop = asm.here();
        store(0, X0, 0);
        asm.aluImm(Alu.ADD, true, X0, X0, STEP);
        again(loop);
        store(0, DESTINATION_END, -STEP);
        succeed();
        fail(outside);
        return asm.finish();
    }

    private void fillUpTo16() {
        Moved[] stores = {Moved.STR_D, Moved.STR_S, Moved.STR_H};
        int done = asm.newLabel();
        for (Moved row : stores) {
            int smaller = asm.newLabel();
            int bytes = 1 << row.log;
            asm.cmpImm(true, LENGTH, bytes);
            asm.bCond(Cond.LO, smaller);
            asm.moved(row, 0, X0, 0);
            asm.moved(row, 0, DESTINATION_END, -bytes);
            succeed();
            asm.bind(smaller);
        }
        asm.cbz(true, LENGTH, done);
        asm.moved(Moved.STR_B, 0, X0, 0);
        asm.bind(done);
        succeed();
    }
}
