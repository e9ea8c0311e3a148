package org.sallyport.codegen.aarch64;

import org.sallyport.codegen.aarch64.FloatAssembler.Binary;
import org.sallyport.codegen.aarch64.FloatAssembler.Unary;
import org.sallyport.codegen.ir.Graph;
import org.sallyport.codegen.ir.Op;
import org.sallyport.codegen.ir.Type;
import org.sallyport.codegen.lir.Lir;

/**
 * Selects instructions for float arithmetic and conversions. The machine's minimum, maximum, roundings and saturating conversions
 * are those of wasm, NaNs and zeros included (Arm ARM, shared pseudocode FPMin, FPToFixed); a NaN that comes out of arithmetic is
 * one that went in, made quiet, or the default one.
 */
final class LowerFloat {
    private final Selection s;
    private final Graph graph;
    private final Lir lir;
    private final LowerMemory memory;

    LowerFloat(Selection s, LowerMemory memory) {
        this.s = s;
        this.memory = memory;
        graph = s.graph;
        lir = s.lir;
    }

    /** Whether it was a float operation. */
    boolean lower(int v, Op op) {
        switch (op) {
            case FADD -> binary(v, Binary.FADD);
            case FSUB -> binary(v, Binary.FSUB);
            case FMUL -> binary(v, Binary.FMUL);
            case FDIV -> binary(v, Binary.FDIV);
            case FMIN -> binary(v, Binary.FMIN);
            case FMAX -> binary(v, Binary.FMAX);
            case FCOPYSIGN -> two(v, Inst.COPYSIGN, mark(v));
            case FABS -> unary(v, Unary.FABS);
            case FNEG -> unary(v, Unary.FNEG);
            case FSQRT -> unary(v, Unary.FSQRT);
            case FNEAREST -> unary(v, Unary.FRINTN);
            case FFLOOR -> unary(v, Unary.FRINTM);
            case FCEIL -> unary(v, Unary.FRINTP);
            case FTRUNC -> unary(v, Unary.FRINTZ);
            case PROMOTE -> one(v, Inst.PROMOTE, 0);
            case DEMOTE -> one(v, Inst.DEMOTE, 0);
            case CONVERT_S -> one(v, Inst.CVT_FROM_INT, mark(v) | Fields.width(graph.type(graph.a(v))) | Fields.SIGNED);
            case CONVERT_U -> one(v, Inst.CVT_FROM_INT, mark(v) | Fields.width(graph.type(graph.a(v))));
            case TRUNC_S -> toInt(v, Fields.SIGNED);
            case TRUNC_U -> toInt(v, 0);
            case TRUNC_SAT_S -> toInt(v, Fields.SIGNED | Fields.SATURATE);
            case TRUNC_SAT_U -> toInt(v, Fields.SATURATE);
            case REINTERPRET -> reinterpret(v);
            default -> {
                return false;
            }
        }
        return true;
    }

    private int mark(int v) {
        return Fields.precision(graph.type(v));
    }

    private void binary(int v, Binary row) {
        two(v, Inst.FOP, mark(v) | Fields.sub(row));
    }

    private void two(int v, Inst inst, int aux) {
        int x = s.reg(graph.a(v));
        int y = s.reg(graph.b(v));
        s.open(inst, aux, v);
        lir.def(s.result(v));
        lir.use(x);
        lir.use(y);
    }

    private void unary(int v, Unary row) {
        one(v, Inst.FUN, mark(v) | Fields.sub(row));
    }

    private void one(int v, Inst inst, int aux) {
        int x = s.reg(graph.a(v));
        s.open(inst, aux, v);
        lir.def(s.result(v));
        lir.use(x);
    }

    private void toInt(int v, int marks) {
        one(v, Inst.CVT_TO_INT, marks | Fields.width(graph.type(v)) | mark(graph.a(v)));
    }

    private void reinterpret(int v) {
        int a = graph.a(v);
        if (s.isSinkableLoad(a) && graph.access(a).bytes() == graph.type(a).bytes()) {
            s.swallow(a);
            memory.load(a, v);
            return;
        }
        boolean toFloat = graph.type(v) == Type.F32 || graph.type(v) == Type.F64;
        boolean wide = graph.type(v).bytes() == 8;
        one(v, toFloat ? Inst.INT_BITS : Inst.FLOAT_BITS, wide ? Fields.WIDE : 0);
    }
}
