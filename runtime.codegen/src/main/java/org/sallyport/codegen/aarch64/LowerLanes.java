package org.sallyport.codegen.aarch64;

import static org.sallyport.codegen.aarch64.VectorCode.NEW;

import org.sallyport.codegen.aarch64.VectorAssembler.ShiftImm;
import org.sallyport.codegen.aarch64.VectorAssembler.Three;
import org.sallyport.codegen.aarch64.VectorAssembler.Two;
import org.sallyport.codegen.ir.Graph;
import org.sallyport.codegen.ir.LaneOp;
import org.sallyport.codegen.lir.Lir;
import org.sallyport.wasm.LaneShape;

/** Selects instructions between vectors and scalars: splats, lanes taken out and put in, tests of all lanes. */
final class LowerLanes {
    private final Selection s;
    private final Graph graph;
    private final Lir lir;
    private final VectorCode code;

    LowerLanes(Selection s, VectorCode code) {
        this.s = s;
        this.code = code;
        graph = s.graph;
        lir = s.lir;
    }

    private int log(int v) {
        return LowerVector.log(graph.shape(v));
    }

    void splat(int v) {
        LaneShape shape = graph.shape(v);
        int a = graph.a(v);
        int r = shape.isFloat() ? s.reg(a) : s.lowReg(a, 8 * shape.laneBytes());
        code.one(shape.isFloat() ? Inst.VDUP_LANE : Inst.VDUP, s.result(v), log(v), 0, r);
    }

    void extract(int v) {
        int a = s.reg(graph.a(v));
        Inst inst = graph.shape(v).isFloat() ? Inst.VLANE_FLOAT : graph.lane(v) == LaneOp.EXTRACT_S ? Inst.VLANE_S : Inst.VLANE;
        code.one(inst, s.result(v), log(v), (int) graph.imm(v), a);
    }

    void replace(int v) {
        LaneShape shape = graph.shape(v);
        int a = s.reg(graph.a(v));
        int r = shape.isFloat() ? s.reg(graph.b(v)) : s.lowReg(graph.b(v), 8 * shape.laneBytes());
        code.insert(shape.isFloat() ? Inst.VINS_FLOAT : Inst.VINS, s.result(v), log(v), (int) graph.imm(v), a, r);
    }

    // ---- tests

    void test(int v) {
        int a = s.reg(graph.a(v));
        switch (graph.lane(v)) {
            case ANY_TRUE -> set(v, Cond.NE, a);
            case ALL_TRUE -> set(v, Cond.EQ, code.two(NEW, Two.CMEQ0, log(v), a));
            case BITMASK -> bitmask(v, a);
            default -> throw new AssertionError("BUG: no instruction for " + graph.lane(v));
        }
    }

    /** Whether any bit is set, or none. */
    private void set(int v, Cond cond, int a) {
        int folded = code.lane(3, 0, code.three(NEW, Three.UMAXP, 2, a, a));
        lir.add(Inst.SETCC.ordinal(), Fields.compare(Fields.Producer.CMP_RI, cond) | Fields.WIDE, graph.position(v));
        lir.def(s.result(v));
        lir.use(folded);
    }

    /** Each lane's sign becomes a bit of its own; their sum is the mask. */
    private void bitmask(int v, int a) {
        int lanes = log(v);
        if (lanes == 3) {
            int signs = code.shift(NEW, ShiftImm.USHR, 3, a, 63);
            int low = code.lane(3, 0, signs);
            int high = code.lane(3, 1, signs);
            s.open(Inst.ALU_RR, Fields.sub(IntegerAssembler.Alu.ADD), v);
            lir.setImm(Fields.shifted(IntegerAssembler.Shift.LSL, 1));
            lir.def(s.result(v));
            lir.use(low);
            lir.use(high);
            return;
        }
        int signs = code.shift(NEW, ShiftImm.SSHR, lanes, a, (8 << lanes) - 1);
        int weights = s.wideConstant(switch (lanes) {
            case 0 -> lir.wide().number(0x8040_2010_0804_0201L, 0x8040_2010_0804_0201L);
            case 1 -> lir.wide().number(0x0008_0004_0002_0001L, 0x0080_0040_0020_0010L);
            default -> lir.wide().number(0x0000_0002_0000_0001L, 0x0000_0008_0000_0004L);
        });
        int bits = code.three(NEW, Three.AND, 0, signs, weights);
        if (lanes == 0) { // bytes of the lower and the upper half beside each other
            bits = code.three(NEW, Three.ZIP1, 0, bits, code.ext(NEW, bits, bits, 8));
        }
        int sum = code.two(NEW, Two.ADDV, Math.max(lanes, 1), bits);
        code.one(Inst.VLANE, s.result(v), Math.max(lanes, 1), 0, sum);
    }
}
