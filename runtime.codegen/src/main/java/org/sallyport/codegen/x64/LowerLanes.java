package org.sallyport.codegen.x64;

import static org.sallyport.codegen.x64.VectorCode.NEW;

import org.jspecify.annotations.Nullable;
import org.sallyport.codegen.ir.Access;
import org.sallyport.codegen.ir.Graph;
import org.sallyport.codegen.ir.LaneOp;
import org.sallyport.codegen.ir.Op;
import org.sallyport.codegen.lir.Lir;
import org.sallyport.codegen.regalloc.RegisterClass;
import org.sallyport.codegen.x64.VectorAssembler.Lane;
import org.sallyport.codegen.x64.VectorAssembler.Mask;
import org.sallyport.wasm.LaneShape;

/** Selects instructions between vectors and scalars: splats, lanes taken out and put in, tests of all lanes. */
final class LowerLanes {
    private final Selection s;
    private final Graph graph;
    private final Lir lir;
    private final Address address;
    private final VectorCode code;
    private final Comparison comparison;

    LowerLanes(Selection s, Address address, VectorCode code) {
        this.s = s;
        this.address = address;
        this.code = code;
        graph = s.graph;
        lir = s.lir;
        comparison = new Comparison(s, address);
    }

    private static Lane lane(LaneShape shape) {
        return switch (shape) {
            case I8X16 -> Lane.B;
            case I16X8 -> Lane.W;
            case I32X4, F32X4 -> Lane.D;
            case I64X2, F64X2 -> Lane.Q;
        };
    }

    private static Access access(LaneShape shape) {
        return switch (shape) {
            case I8X16 -> Access.U8;
            case I16X8 -> Access.U16;
            case I32X4, F32X4 -> Access.U32;
            case I64X2, F64X2 -> Access.W64;
        };
    }

    /** A load of exactly one lane that nobody else wants. */
    private boolean isSinkableLane(int v, LaneShape shape) {
        return s.isSinkableLoad(v) && graph.access(v) == access(shape);
    }

    // ---- the same in all lanes

    void splat(int v) {
        LaneShape shape = graph.shape(v);
        int a = graph.a(v);
        Simd broadcast = broadcastOfMemory(shape);
        if (broadcast != null && isSinkableLane(a, shape)) {
            address.swallow(a);
            lir.add(Inst.VUN_M.ordinal(), Fields.row(broadcast) | address.aux(), address.position());
            lir.def(s.result(v));
            address.write();
            return;
        }
        switch (shape) {
            case F32X4 -> {
                int r = s.reg(a);
                int to = s.result(v);
                if (s.cpu.avx2()) {
                    code.un(to, Simd.VBROADCASTSS, r);
                } else {
                    code.un(to, Simd.PSHUFD, r, 0);
                }
            }
            case F64X2 -> {
                int r = s.reg(a);
                code.un(s.result(v), Simd.MOVDDUP, r);
            }
            default -> splatInt(v, shape, s.lowReg(a, 8 * shape.laneBytes()));
        }
    }

    private @Nullable Simd broadcastOfMemory(LaneShape shape) {
        return switch (shape) {
            case I8X16 -> s.cpu.avx2() ? Simd.VPBROADCASTB : null;
            case I16X8 -> s.cpu.avx2() ? Simd.VPBROADCASTW : null;
            case I32X4, F32X4 -> s.cpu.avx() ? Simd.VBROADCASTSS : null;
            case I64X2, F64X2 -> Simd.MOVDDUP;
        };
    }

    private void splatInt(int v, LaneShape shape, int r) {
        int to = s.result(v);
        int x = code.fromInt(NEW, shape == LaneShape.I64X2 ? Width.QWORD : Width.DWORD, r);
        switch (shape) {
            case I8X16 -> {
                if (s.cpu.avx2()) {
                    code.un(to, Simd.VPBROADCASTB, x);
                } else {
                    code.op(to, Simd.PSHUFB, x, code.zero());
                }
            }
            case I16X8 -> {
                if (s.cpu.avx2()) {
                    code.un(to, Simd.VPBROADCASTW, x);
                } else {
                    code.un(to, Simd.PSHUFD, code.un(NEW, Simd.PSHUFLW, x, 0), 0);
                }
            }
            case I32X4 -> code.un(to, Simd.PSHUFD, x, 0);
            case I64X2 -> code.un(to, Simd.PSHUFD, x, 0x44);
            case F32X4, F64X2 -> throw new AssertionError("BUG: floats in general registers");
        }
    }

    // ---- out

    void extract(int v) {
        LaneShape shape = graph.shape(v);
        int lane = (int) graph.imm(v);
        int a = s.reg(graph.a(v));
        int to = s.result(v);
        switch (shape) {
            case F32X4, F64X2 -> {
                if (lane == 0) {
                    code.copy(to, a);
                } else {
                    code.un(to, Simd.PSHUFD, a, shape == LaneShape.F32X4 ? lane : 0xEE);
                }
            }
            case I32X4, I64X2 -> {
                if (lane == 0) {
                    code.toInt(to, shape == LaneShape.I32X4 ? Width.DWORD : Width.QWORD, a);
                } else {
                    take(to, lane(shape), a, lane);
                }
            }
            case I8X16, I16X8 -> {
                if (graph.lane(v) == LaneOp.EXTRACT) {
                    take(to, lane(shape), a, lane);
                    return;
                }
                int bits = lir.newVreg(RegisterClass.INT);
                take(bits, lane(shape), a, lane);
                Width from = shape == LaneShape.I8X16 ? Width.BYTE : Width.WORD;
                lir.add(Inst.MOVSX.ordinal(), Fields.DWORD | Fields.sub(from), graph.position(v));
                lir.def(to);
                lir.useAny(bits);
            }
        }
    }

    private void take(int to, Lane row, int a, int lane) {
        lir.add(Inst.VLANE.ordinal(), Fields.row(row), -1);
        lir.setImm(lane);
        lir.def(to);
        lir.use(a);
    }

    /** Stores a lane that only the store wants, and that it stores as wide as it is. */
    boolean store(int store, Access access, int value) {
        if (graph.op(value) != Op.VEXTRACT || !s.isPrivate(value)
                || access(graph.shape(value)) != access) {
            return false;
        }
        int lane = (int) graph.imm(value);
        boolean isFirst = lane == 0 && access.bytes() >= 4;
        int a = s.reg(graph.a(value));
        s.swallow(value);
        address.of(store);
        if (isFirst || access == Access.W64) {
            VectorAssembler.Stored row = access == Access.U32 ? VectorAssembler.Stored.MOVSS
                    : lane == 0 ? VectorAssembler.Stored.MOVLPS : VectorAssembler.Stored.MOVHPS;
            lir.add(Inst.VSTORE.ordinal(), Fields.row(row) | address.aux(), address.position());
        } else {
            lir.add(Inst.VLANE_M.ordinal(), Fields.row(lane(graph.shape(value))) | address.aux(), address.position());
            lir.setImm(lane);
        }
        lir.use(a);
        address.write();
        return true;
    }

    // ---- in

    void replace(int v) {
        LaneShape shape = graph.shape(v);
        int lane = (int) graph.imm(v);
        int b = graph.b(v);
        if (!shape.isFloat() && isSinkableLane(b, shape)) {
            int a = s.reg(graph.a(v));
            address.swallow(b);
            lir.add(Inst.VINSERT_M.ordinal(), Fields.row(lane(shape)) | address.aux(), address.position());
            insert(v, a, lane);
            address.write();
            return;
        }
        switch (shape) {
            case F32X4 -> replaceFloat(v, lane);
            case F64X2 -> {
                int a = s.reg(graph.a(v));
                int r = s.reg(b);
                if (lane == 0) {
                    code.op(s.result(v), Simd.PBLENDW, a, r, 0x0F);
                } else {
                    code.op(s.result(v), Simd.PUNPCKLQDQ, a, r);
                }
            }
            default -> {
                int a = s.reg(graph.a(v));
                int r = s.lowReg(b, 8 * shape.laneBytes());
                lir.add(Inst.VINSERT_R.ordinal(), Fields.row(lane(shape)), graph.position(v));
                insert(v, a, lane);
                lir.useAny(r);
            }
        }
    }

    private void insert(int v, int a, int lane) {
        lir.setImm(lane);
        define(s.result(v));
        lir.use(a);
    }

    private void define(int vreg) {
        if (s.cpu.avx()) {
            lir.def(vreg);
        } else {
            lir.defReuse(vreg, 1);
        }
    }

    private void replaceFloat(int v, int lane) {
        int a = s.reg(graph.a(v));
        int b = graph.b(v);
        if (isSinkableLane(b, LaneShape.F32X4)) {
            address.swallow(b);
            lir.add(Inst.VOP_RM.ordinal(), Fields.row(Simd.INSERTPS) | address.aux(), address.position());
            insert(v, a, lane << 4);
            address.write();
        } else {
            int r = s.reg(b);
            code.op(s.result(v), Simd.INSERTPS, a, r, lane << 4);
        }
    }

    // ---- tests

    void test(int v) {
        if (graph.lane(v) == LaneOp.BITMASK) {
            bitmask(v);
            return;
        }
        comparison.ofRoot(v);
        lir.add(Inst.SETCC.ordinal(), comparison.aux(), graph.position(v));
        lir.def(s.result(v));
        comparison.write(0);
    }

    private void bitmask(int v) {
        int a = s.reg(graph.a(v));
        int to = s.result(v);
        switch (graph.shape(v)) {
            case I8X16 -> code.mask(to, Mask.B, a);
            case I16X8 -> code.mask(to, Mask.B, code.op(NEW, Simd.PACKSSWB, a, code.zero()));
            case I32X4, F32X4 -> code.mask(to, Mask.PS, a);
            case I64X2, F64X2 -> code.mask(to, Mask.PD, a);
        }
    }

    // ---- whole vectors in memory

    /** Loads 4, 8 or 16 bytes; the others become 0. */
    void load(int v) {
        address.of(v);
        Simd row = switch (graph.access(v)) {
            case U32 -> Simd.MOVSS;
            case W64 -> Simd.MOVQ;
            case W128 -> Simd.MOVUPS;
            default -> throw new AssertionError("BUG: load of a vector by " + graph.access(v));
        };
        lir.add(Inst.VUN_M.ordinal(), Fields.row(row) | address.aux(), address.position());
        lir.def(s.result(v));
        address.write();
    }

    void store(int v, int value) {
        int r = s.reg(value);
        address.of(v);
        lir.add(Inst.VSTORE.ordinal(), Fields.row(VectorAssembler.Stored.MOVUPS) | address.aux(), address.position());
        lir.use(r);
        address.write();
    }
}
