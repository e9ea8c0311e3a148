package org.sallyport.codegen.x64;

import org.sallyport.codegen.lir.Lir;
import org.sallyport.codegen.regalloc.RegisterClass;
import org.sallyport.codegen.regalloc.Registers;
import org.sallyport.codegen.x64.IntegerAssembler.Alu;
import org.sallyport.codegen.x64.VectorAssembler.Mask;
import org.sallyport.codegen.x64.VectorAssembler.Shift128;

/**
 * Appends vector instructions over virtual registers, for operations that take several. Each method answers the register of its
 * result: {@code to}, or a new one for {@link #NEW}. All registers of the values of the graph must have been asked for before.
 */
final class VectorCode {
    static final int NEW = -1;

    private final Lir lir;
    private final boolean avx;
    private int position;

    VectorCode(Selection s) {
        lir = s.lir;
        avx = s.cpu.avx();
    }

    /** Where the instructions come from. */
    void at(int offset) {
        position = offset;
    }

    private int result(int to) {
        return to == NEW ? lir.newVreg(RegisterClass.VECTOR) : to;
    }

    private void open(Inst inst, int fields, int imm) {
        lir.add(inst.ordinal(), fields, position);
        lir.setImm(imm);
    }

    /** The definition of an instruction whose first source is operand 1. */
    private void define(int vreg) {
        if (avx) {
            lir.def(vreg);
        } else {
            lir.defReuse(vreg, 1);
        }
    }

    /** A use that may be a spill slot if that is as wide as the instruction reads. */
    private void useAny(int vreg) {
        if (lir.registerClass(vreg) == RegisterClass.VECTOR) {
            lir.useAny(vreg);
        } else {
            lir.use(vreg);
        }
    }

    // ---- constants

    /** A constant that may have several uses. */
    private int made(int number) {
        int r = lir.newVreg(RegisterClass.VECTOR);
        open(Inst.VCONST, 0, 0);
        lir.setDisp(number);
        lir.def(r);
        return r;
    }

    int zero() {
        return made(lir.wide().number(0, 0));
    }

    int ones() {
        return made(lir.wide().number(-1, -1));
    }

    int constant(long low, long high) {
        return made(lir.wide().number(low, high));
    }

    // ---- instructions

    int op(int to, Simd row, int a, int b) {
        return op(to, row, a, b, 0);
    }

    int op(int to, Simd row, int a, int b, int imm) {
        int r = result(to);
        open(Inst.VOP_RR, Fields.row(row), imm);
        define(r);
        lir.use(a);
        useAny(b);
        return r;
    }

    /** The same where the operands may be exchanged. */
    int commutative(int to, Simd row, int a, int b) {
        return commutative(to, row, a, b, 0);
    }

    int commutative(int to, Simd row, int a, int b, int imm) {
        int r = op(to, row, a, b, imm);
        if (!avx) {
            lir.markCommutative();
        }
        return r;
    }

    /** With a constant twice 8 bytes long as second operand. */
    int with(int to, Simd row, int a, long twice) {
        return with(to, row, a, lir.wide().number(twice, twice));
    }

    /** With a constant by its number. */
    int with(int to, Simd row, int a, int number) {
        int r = result(to);
        open(Inst.VOP_RM, Fields.row(row) | Fields.memory(Fields.Base.POOL, false, 0), 0);
        lir.setDisp(number);
        define(r);
        lir.use(a);
        return r;
    }

    int un(int to, Simd row, int a) {
        return un(to, row, a, 0);
    }

    int un(int to, Simd row, int a, int imm) {
        int r = result(to);
        open(Inst.VUN_R, Fields.row(row), imm);
        lir.def(r);
        useAny(a);
        return r;
    }

    int shift(int to, Shift128 row, int a, int count) {
        int r = result(to);
        open(Inst.VSHIFT_I, Fields.row(row), count);
        define(r);
        lir.use(a);
        return r;
    }

    /** {@code a * b + c}, or {@code c - a * b}, rounded once. */
    int fused(int to, Simd row, int a, int b, int c) {
        int r = result(to);
        open(Inst.VOP_RRR, Fields.row(row), 0);
        lir.defReuse(r, 1);
        lir.use(a);
        lir.use(b);
        useAny(c);
        return r;
    }

    /** Lanes of b where the mask is negative, else of a. */
    int blend(int to, Simd row, int a, int b, int mask) {
        int r = result(to);
        open(Inst.VBLEND, Fields.row(row), 0);
        define(r);
        lir.use(a);
        lir.use(b);
        if (avx) {
            lir.use(mask);
        } else {
            lir.useFixed(mask, Registers.VECTORS);
        }
        return r;
    }

    /** The same register of another class. */
    int copy(int to, int a) {
        int r = result(to);
        open(Inst.VCOPY, 0, 0);
        lir.def(r);
        lir.use(a);
        return r;
    }

    // ---- between vectors and general registers

    /** MOVD or MOVQ; the upper bits are 0. */
    int fromInt(int to, Width w, int a) {
        int r = result(to);
        open(Inst.INT_BITS, Fields.width(w), 0);
        lir.def(r);
        lir.useAny(a);
        return r;
    }

    /** The lowest lane. */
    void toInt(int to, Width w, int a) {
        open(Inst.FLOAT_BITS, Fields.width(w), 0);
        lir.def(to);
        lir.use(a);
    }

    void mask(int to, Mask row, int a) {
        open(Inst.VMASK, Fields.row(row), 0);
        lir.def(to);
        lir.use(a);
    }

    /** {@code a op imm} of 32 bits. */
    int alu(Alu op, int a, int imm) {
        int r = lir.newVreg(RegisterClass.INT);
        open(Inst.ALU_RI, Fields.DWORD | Fields.sub(op), imm);
        lir.defReuse(r, 1);
        lir.use(a);
        return r;
    }
}
