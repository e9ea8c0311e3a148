package org.sallyport.codegen.x64;

import org.jspecify.annotations.Nullable;
import org.sallyport.codegen.ir.Access;
import org.sallyport.codegen.ir.Graph;
import org.sallyport.codegen.ir.LaneOp;
import org.sallyport.codegen.ir.Op;
import org.sallyport.codegen.ir.Type;
import org.sallyport.codegen.lir.Lir;
import org.sallyport.wasm.LaneShape;

/**
 * Selects instructions for operations on vectors: those of {@link VectorRows} here, with operands in memory and constants; the
 * others in the classes beside this one. With AVX an operand may be in memory at any address, without it only constants may.
 */
final class LowerVector {
    private final Selection s;
    private final Graph graph;
    private final Lir lir;
    private final Address address;
    private final VectorCode code;
    private final LowerVectorInteger integers;
    private final LowerVectorFloat floats;
    private final LowerLanes lanes;
    private final LowerShuffle shuffles;

    LowerVector(Selection s, Address address, VectorCode code, LowerLanes lanes) {
        this.s = s;
        this.address = address;
        this.code = code;
        this.lanes = lanes;
        graph = s.graph;
        lir = s.lir;
        integers = new LowerVectorInteger(s, code);
        floats = new LowerVectorFloat(s, code);
        shuffles = new LowerShuffle(s, code);
    }

    /** Whether it was an operation on vectors. */
    boolean lower(int v, Op op) {
        code.at(graph.position(v));
        switch (op) {
            case VUNARY -> unary(v, graph.lane(v));
            case VBINARY -> binary(v, graph.lane(v));
            case VTERNARY -> ternary(v, graph.lane(v));
            case VSHIFT -> integers.shift(v);
            case VTEST -> lanes.test(v);
            case VSPLAT -> lanes.splat(v);
            case VEXTRACT -> lanes.extract(v);
            case VREPLACE -> lanes.replace(v);
            case VSHUFFLE -> shuffles.lower(v);
            default -> {
                return false;
            }
        }
        return true;
    }

    private static @Nullable Simd direct(LaneOp op, LaneShape shape) {
        return VectorRows.direct(op, shape);
    }

    // ---- one operand

    private void unary(int v, LaneOp op) {
        int a = graph.a(v);
        if (op == LaneOp.NOT) {
            not(v, a);
            return;
        }
        Simd row = direct(op, graph.shape(v));
        if (row == null) {
            boolean isFloat = graph.shape(v).isFloat() || floats.isFromFloat(op);
            int r = s.reg(a);
            if (isFloat) {
                floats.unary(v, op, graph.shape(v), r);
            } else {
                integers.unary(v, op, graph.shape(v), r);
            }
        } else if (isSinkable(a, readsHalf(row) ? Access.W64 : Access.W128)) {
            address.swallow(a);
            lir.add(Inst.VUN_M.ordinal(), Fields.row(row) | address.aux(), address.position());
            lir.setImm(VectorRows.imm(op));
            lir.def(s.result(v));
            address.write();
        } else {
            int r = s.reg(a);
            code.un(s.result(v), row, r, VectorRows.imm(op));
        }
    }

    /** Whether the instruction reads the lower 8 bytes only. */
    private static boolean readsHalf(Simd row) {
        return switch (row) {
            case PMOVSXBW, PMOVSXWD, PMOVSXDQ, PMOVZXBW, PMOVZXWD, PMOVZXDQ, CVTDQ2PD, CVTPS2PD -> true;
            default -> false;
        };
    }

    /** Eight bytes may lie anywhere, 16 only with AVX. */
    private boolean isSinkable(int v, Access access) {
        return s.isSinkableLoad(v) && graph.type(v) == Type.V128 && graph.access(v) == access
                && (access == Access.W64 || s.cpu.avx());
    }

    private void not(int v, int a) {
        int r = s.reg(a);
        int ones = code.ones();
        code.commutative(s.result(v), Simd.PXOR, r, ones);
    }

    // ---- two operands

    private void binary(int v, LaneOp op) {
        int a = graph.a(v);
        int b = graph.b(v);
        switch (op) {
            case AND -> direct(v, Simd.PAND, a, b, 0, true);
            case OR -> {
                if (!integers.rotation(v, a, b)) {
                    direct(v, Simd.POR, a, b, 0, true);
                }
            }
            case XOR -> direct(v, Simd.PXOR, a, b, 0, true);
            case ANDNOT -> direct(v, Simd.PANDN, b, a, 0, false);
            case SWIZZLE -> shuffles.swizzle(v);
            default -> {
                LaneShape shape = graph.shape(v);
                Simd row = direct(op, shape);
                Simd swapped = VectorRows.swapped(op, shape);
                if (row != null) {
                    direct(v, row, a, b, VectorRows.imm(op), op.commutes());
                } else if (swapped != null) {
                    direct(v, swapped, b, a, VectorRows.imm(op), false);
                } else if (op == LaneOp.FMIN || op == LaneOp.FMAX) {
                    floats.minMax(v, op, shape, s.reg(a), s.reg(b));
                } else {
                    integers.binary(v, op, shape, s.reg(a), s.reg(b));
                }
            }
        }
    }

    private void direct(int v, Simd row, int a, int b, int imm, boolean commutes) {
        if (commutes && (isFoldable(a) && !isFoldable(b))) {
            int t = a;
            a = b;
            b = t;
        }
        if (isSinkable(b, Access.W128)) {
            int r = s.reg(a);
            address.swallow(b);
            lir.add(Inst.VOP_RM.ordinal(), Fields.row(row) | address.aux(), address.position());
            lir.setImm(imm);
            if (s.cpu.avx()) {
                lir.def(s.result(v));
            } else {
                lir.defReuse(s.result(v), 1);
            }
            lir.use(r);
            address.write();
        } else if (isPoolConstant(b) && imm == 0) {
            int r = s.reg(a);
            code.with(s.result(v), row, r, (int) graph.imm(b));
        } else {
            int x = s.reg(a);
            int y = s.reg(b);
            if (commutes) {
                code.commutative(s.result(v), row, x, y, imm);
            } else {
                code.op(s.result(v), row, x, y, imm);
            }
        }
    }

    private boolean isFoldable(int v) {
        return isSinkable(v, Access.W128) || isPoolConstant(v);
    }

    /** All zeros and all ones are better made in a register. */
    private boolean isPoolConstant(int v) {
        if (!graph.isConst(v)) {
            return false;
        }
        int number = (int) graph.imm(v);
        long low = graph.wide().low(number);
        return low != graph.wide().high(number) || low != 0 && low != -1;
    }

    // ---- three operands

    private void ternary(int v, LaneOp op) {
        int a = s.reg(graph.a(v));
        int b = s.reg(graph.b(v));
        int c = s.reg(graph.c(v));
        switch (op) {
            case BITSELECT -> bitSelect(v, a, b, c);
            case RELAXED_MADD, RELAXED_NMADD -> floats.multiplyAdd(v, op, graph.shape(v), a, b, c);
            case RELAXED_SELECT -> {
                switch (graph.shape(v)) {
                    case I32X4 -> code.blend(s.result(v), Simd.BLENDVPS, b, a, c);
                    case I64X2 -> code.blend(s.result(v), Simd.BLENDVPD, b, a, c);
                    case I8X16 -> code.blend(s.result(v), Simd.PBLENDVB, b, a, c);
                    case F32X4, F64X2 -> throw new AssertionError("BUG: a choice of floats");
                    case I16X8 -> { // bytes are chosen one by one: both of a lane by its sign
                        int signs = code.shift(VectorCode.NEW, VectorAssembler.Shift128.PSRAW, c, 15);
                        code.blend(s.result(v), Simd.PBLENDVB, b, a, signs);
                    }
                }
            }
            case RELAXED_DOT_ADD -> integers.dotAdd(v, a, b, c);
            default -> throw new AssertionError("BUG: no instruction for " + op);
        }
    }

    private void bitSelect(int v, int a, int b, int mask) {
        int yes = code.commutative(VectorCode.NEW, Simd.PAND, a, mask);
        int no = code.op(VectorCode.NEW, Simd.PANDN, mask, b);
        code.commutative(s.result(v), Simd.POR, yes, no);
    }
}
