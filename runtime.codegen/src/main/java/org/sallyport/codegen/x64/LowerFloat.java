package org.sallyport.codegen.x64;

import org.sallyport.codegen.ir.Access;
import org.sallyport.codegen.ir.Graph;
import org.sallyport.codegen.ir.Op;
import org.sallyport.codegen.ir.Type;
import org.sallyport.codegen.lir.Lir;
import org.sallyport.codegen.regalloc.RegisterClass;
import org.sallyport.codegen.x64.Assembler.Sse;

/**
 * Selects instructions for float arithmetic and conversions. With AVX the definitions are free to go to any register;
 * without, they share that of the first source.
 */
final class LowerFloat {
    private static final long F64_SIGN = 1L << 63;
    private static final long F32_SIGNS = 0x8000_0000_8000_0000L;

    private final Selection s;
    private final Graph graph;
    private final Lir lir;
    private final Address address;
    private final LowerMemory memory;

    LowerFloat(Selection s, Address address, LowerMemory memory) {
        this.s = s;
        this.address = address;
        this.memory = memory;
        graph = s.graph;
        lir = s.lir;
    }

    /** Whether it was a float operation. */
    boolean lower(int v, Op op) {
        switch (op) {
            case FADD -> binary(v, Sse.ADDSS, Sse.ADDSD, true);
            case FSUB -> binary(v, Sse.SUBSS, Sse.SUBSD, false);
            case FMUL -> binary(v, Sse.MULSS, Sse.MULSD, true);
            case FDIV -> binary(v, Sse.DIVSS, Sse.DIVSD, false);
            case FMIN, FMAX -> minMax(v, op == Op.FMAX);
            case FCOPYSIGN -> copySign(v);
            case FABS -> withMask(v, s.reg(graph.a(v)), s.result(v), Sse.ANDPS, ~sign(v));
            case FNEG -> withMask(v, s.reg(graph.a(v)), s.result(v), Sse.XORPS, sign(v));
            case FSQRT -> unary(v, isDouble(v) ? Sse.SQRTSD : Sse.SQRTSS);
            case PROMOTE -> unary(v, Sse.CVTSS2SD);
            case DEMOTE -> unary(v, Sse.CVTSD2SS);
            case FNEAREST -> round(v, 0);
            case FFLOOR -> round(v, 1);
            case FCEIL -> round(v, 2);
            case FTRUNC -> round(v, 3);
            case CONVERT_S -> fromInt(v, graph.type(graph.a(v)) == Type.I64);
            case CONVERT_U -> fromUnsigned(v);
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

    private boolean isDouble(int v) {
        return graph.type(v) == Type.F64;
    }

    private int mark(int v) {
        return isDouble(v) ? Fields.DOUBLE : 0;
    }

    private long sign(int v) {
        return isDouble(v) ? F64_SIGN : F32_SIGNS;
    }

    private void open(Inst inst, int aux, int v) {
        lir.add(inst.ordinal(), aux, graph.position(v));
    }

    /** The definition of an instruction whose first source is operand 1. */
    private void define(int vreg) {
        if (s.cpu.avx()) {
            lir.def(vreg);
        } else {
            lir.defReuse(vreg, 1);
        }
    }

    // ---- arithmetic

    private void binary(int v, Sse single, Sse dbl, boolean commutes) {
        int a = graph.a(v);
        int b = graph.b(v);
        if (commutes && (s.isSinkableFull(a, v) && !s.isSinkableFull(b, v) || isPoolConstant(a))) {
            int t = a;
            a = b;
            b = t;
        }
        Sse row = isDouble(v) ? dbl : single;
        if (s.isSinkableFull(b, v)) {
            int r = s.reg(a);
            address.swallow(b);
            lir.add(Inst.FOP_RM.ordinal(), Fields.sub(row) | mark(v) | address.aux(), address.position());
            define(s.result(v));
            lir.use(r);
            address.write();
        } else if (isPoolConstant(b)) {
            int r = s.reg(a);
            address.pool();
            open(Inst.FOP_RM, Fields.sub(row) | mark(v) | address.aux(), v);
            lir.setImm(s.constantBits(b));
            define(s.result(v));
            lir.use(r);
        } else {
            int x = s.reg(a);
            int y = s.reg(b);
            open(Inst.FOP_RR, Fields.sub(row) | mark(v), v);
            define(s.result(v));
            lir.use(x);
            lir.useAny(y);
            if (commutes && !s.cpu.avx()) {
                lir.markCommutative();
            }
        }
    }

    /** Zero is better made in a register. */
    private boolean isPoolConstant(int v) {
        return graph.isConst(v) && s.constantBits(v) != 0;
    }

    private void minMax(int v, boolean max) {
        int a = s.reg(graph.a(v));
        int b = s.reg(graph.b(v));
        open(Inst.FMINMAX, mark(v) | (max ? Fields.MAX : 0), v);
        define(s.result(v));
        lir.use(a);
        lir.use(b);
    }

    /**
     * Sign bits are masked in registers: the instruction reads 16 bytes, so that nothing may be swallowed or come
     * from a spill slot.
     */
    private void withMask(int v, int a, int result, Sse row, long mask) {
        open(Inst.FOP_RC, Fields.sub(row), v);
        lir.setImm(mask);
        define(result);
        lir.use(a);
    }

    private void copySign(int v) {
        int a = s.reg(graph.a(v));
        int b = s.reg(graph.b(v));
        int magnitude = lir.newVreg(RegisterClass.FLOAT);
        int signBit = lir.newVreg(RegisterClass.FLOAT);
        withMask(v, a, magnitude, Sse.ANDPS, ~sign(v));
        withMask(v, b, signBit, Sse.ANDPS, sign(v));
        open(Inst.FOP_RR, Fields.sub(Sse.ORPS) | mark(v), v);
        define(s.result(v));
        lir.use(magnitude);
        lir.use(signBit);
    }

    /** The operand's own type decides how much a load must have read. */
    private void unary(int v, Sse row) {
        int a = graph.a(v);
        if (s.isSinkableFull(a, a)) {
            address.swallow(a);
            lir.add(Inst.FUN_M.ordinal(), Fields.sub(row) | address.aux(), address.position());
            lir.def(s.result(v));
            address.write();
        } else {
            int r = s.reg(a);
            open(Inst.FUN_R, Fields.sub(row), v);
            lir.def(s.result(v));
            lir.useAny(r);
        }
    }

    private void round(int v, int mode) {
        int r = s.reg(graph.a(v));
        open(Inst.FROUND, mark(v), v);
        lir.setImm(mode);
        lir.def(s.result(v));
        lir.use(r);
    }

    // ---- conversions

    private void fromInt(int v, boolean is64) {
        int a = graph.a(v);
        int r = is64 ? s.reg(a) : s.lowReg(a, 32);
        open(Inst.CVT_FROM_INT, Fields.wide(is64) | mark(v), v);
        lir.def(s.result(v));
        lir.useAny(r);
    }

    private void fromUnsigned(int v) {
        if (graph.type(graph.a(v)) == Type.I32) { // zero-extended: a positive 64-bit number
            int r = s.reg(graph.a(v));
            open(Inst.CVT_FROM_INT, Fields.QWORD | mark(v), v);
            lir.def(s.result(v));
            lir.useAny(r);
        } else {
            int r = s.reg(graph.a(v));
            open(Inst.CVT_FROM_U64, Fields.QWORD | mark(v), v);
            lir.def(s.result(v));
            lir.use(r);
        }
    }

    private void toInt(int v, int marks) {
        int a = graph.a(v);
        int r = s.reg(a);
        open(Inst.CVT_TO_INT, Fields.width(graph.type(v)) | mark(a) | marks, v);
        lir.def(s.result(v));
        lir.use(r);
    }

    private void reinterpret(int v) {
        int a = graph.a(v);
        if (s.isSinkableLoad(a) && graph.access(a) == Access.full(graph.type(a))) {
            s.swallow(a);
            memory.load(a, v);
            return;
        }
        int r = s.reg(a);
        Inst inst = switch (graph.type(v)) {
            case F32, F64 -> Inst.INT_BITS;
            case I32, I64 -> Inst.FLOAT_BITS;
            case REF, V128, VOID -> throw new AssertionError("BUG: bits of " + graph.type(a) + " as " + graph.type(v));
        };
        open(inst, Fields.wide(graph.type(v).bytes() == 8), v);
        lir.def(s.result(v));
        lir.useAny(r);
    }
}
