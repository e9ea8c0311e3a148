package org.sallyport.codegen.aarch64;

import org.sallyport.codegen.aarch64.VectorAssembler.ShiftImm;
import org.sallyport.codegen.aarch64.VectorAssembler.Three;
import org.sallyport.codegen.aarch64.VectorAssembler.Two;
import org.sallyport.codegen.lir.Lir;
import org.sallyport.codegen.regalloc.RegisterClass;

/** Makes instructions on vectors one by one; each gives the virtual register that it defines. */
final class VectorCode {
    /** In place of a register to define: a new one. */
    static final int NEW = -1;

    private final Lir lir;
    private int position = -1;

    VectorCode(Selection s) {
        lir = s.lir;
    }

    /** What is made from now on has that position in the binary. */
    void at(int instructionPosition) {
        position = instructionPosition;
    }

    int vector(int to) {
        return to == NEW ? lir.newVreg(RegisterClass.VECTOR) : to;
    }

    private int open(Inst inst, int aux, int to) {
        int result = vector(to);
        lir.add(inst.ordinal(), aux, position);
        return result;
    }

    int three(int to, Three row, int lanes, int a, int b) {
        int result = open(Inst.V3, Fields.sub(row) | Fields.lanes(lanes), to);
        lir.def(result);
        lir.use(a);
        lir.use(b);
        return result;
    }

    /** The first source is what is changed. */
    int change(int to, Three row, int lanes, int changed, int a, int b) {
        int result = open(Inst.V3_CHANGE, Fields.sub(row) | Fields.lanes(lanes), to);
        lir.defReuse(result, 1);
        lir.use(changed);
        lir.use(a);
        lir.use(b);
        return result;
    }

    int two(int to, Two row, int lanes, int a) {
        int result = open(Inst.V2, Fields.sub(row) | Fields.lanes(lanes), to);
        lir.def(result);
        lir.use(a);
        return result;
    }

    int change(int to, Two row, int lanes, int changed, int a) {
        int result = open(Inst.V2_CHANGE, Fields.sub(row) | Fields.lanes(lanes), to);
        lir.defReuse(result, 1);
        lir.use(changed);
        lir.use(a);
        return result;
    }

    int shift(int to, ShiftImm row, int lanes, int a, int amount) {
        int result = open(Inst.VSHIFT_I, Fields.sub(row) | Fields.lanes(lanes), to);
        lir.setImm(amount);
        lir.def(result);
        lir.use(a);
        return result;
    }

    int ext(int to, int a, int b, int from) {
        int result = open(Inst.VEXT, 0, to);
        lir.setImm(from);
        lir.def(result);
        lir.use(a);
        lir.use(b);
        return result;
    }

    /** One source of another class, or a lane. */
    int one(Inst inst, int to, int lanes, int lane, int a) {
        lir.add(inst.ordinal(), Fields.lanes(lanes), position);
        lir.setImm(lane);
        lir.def(to);
        lir.use(a);
        return to;
    }

    int insert(Inst inst, int to, int lanes, int lane, int changed, int a) {
        int result = open(inst, Fields.lanes(lanes), to);
        lir.setImm(lane);
        lir.defReuse(result, 1);
        lir.use(changed);
        lir.use(a);
        return result;
    }

    /** A lane, zero-extended, in a new general register. */
    int lane(int lanes, int lane, int a) {
        return one(Inst.VLANE, lir.newVreg(RegisterClass.INT), lanes, lane, a);
    }
}
