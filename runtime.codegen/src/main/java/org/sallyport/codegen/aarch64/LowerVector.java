package org.sallyport.codegen.aarch64;

import static org.sallyport.codegen.aarch64.VectorCode.NEW;

import org.jspecify.annotations.Nullable;
import org.sallyport.codegen.aarch64.VectorAssembler.ShiftImm;
import org.sallyport.codegen.aarch64.VectorAssembler.Three;
import org.sallyport.codegen.aarch64.VectorAssembler.Two;
import org.sallyport.codegen.ir.Graph;
import org.sallyport.codegen.ir.LaneOp;
import org.sallyport.codegen.ir.Op;
import org.sallyport.codegen.lir.Lir;
import org.sallyport.codegen.regalloc.RegisterClass;
import org.sallyport.wasm.LaneShape;

/** Selects instructions for operations on vectors, most of which are one each; lanes and shuffles have classes of their own. */
final class LowerVector {
    private final Selection s;
    private final Graph graph;
    private final Lir lir;
    private final VectorCode code;
    private final LowerLanes lanes;
    private final LowerShuffle shuffles;

    LowerVector(Selection s) {
        this.s = s;
        graph = s.graph;
        lir = s.lir;
        code = new VectorCode(s);
        lanes = new LowerLanes(s, code);
        shuffles = new LowerShuffle(s, code);
    }

    /** Whether it was an operation on vectors. */
    boolean lower(int v, Op op) {
        code.at(graph.position(v));
        switch (op) {
            case VUNARY -> unary(v, graph.lane(v));
            case VBINARY -> binary(v, graph.lane(v));
            case VTERNARY -> ternary(v, graph.lane(v));
            case VSHIFT -> shift(v);
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

    /** Logarithm of a lane's bytes. */
    static int log(LaneShape shape) {
        return Integer.numberOfTrailingZeros(shape.laneBytes());
    }

    // ---- one operand

    private void unary(int v, LaneOp op) {
        int a = s.reg(graph.a(v));
        int to = s.result(v);
        if (op == LaneOp.NOT) {
            code.two(to, Two.NOT, 0, a);
            return;
        }
        LaneShape shape = graph.shape(v);
        int lanes = log(shape);
        switch (op) {
            case ABS -> code.two(to, shape.isFloat() ? Two.FABS : Two.ABS, lanes, a);
            case NEG -> code.two(to, shape.isFloat() ? Two.FNEG : Two.NEG, lanes, a);
            case POPCNT -> code.two(to, Two.CNT, lanes, a);
            case SQRT -> code.two(to, Two.FSQRT, lanes, a);
            case CEIL -> code.two(to, Two.FRINTP, lanes, a);
            case FLOOR -> code.two(to, Two.FRINTM, lanes, a);
            case TRUNC -> code.two(to, Two.FRINTZ, lanes, a);
            case NEAREST -> code.two(to, Two.FRINTN, lanes, a);
            case EXTEND_LOW_S -> code.shift(to, ShiftImm.SSHLL, lanes - 1, a, 0);
            case EXTEND_LOW_U -> code.shift(to, ShiftImm.USHLL, lanes - 1, a, 0);
            case EXTEND_HIGH_S -> code.shift(to, ShiftImm.SSHLL2, lanes - 1, a, 0);
            case EXTEND_HIGH_U -> code.shift(to, ShiftImm.USHLL2, lanes - 1, a, 0);
            case EXTADD_S -> code.two(to, Two.SADDLP, lanes - 1, a);
            case EXTADD_U -> code.two(to, Two.UADDLP, lanes - 1, a);
            default -> convert(op, shape, to, a);
        }
    }

    private void convert(LaneOp op, LaneShape shape, int to, int a) {
        switch (op) {
            case TRUNC_SAT_S, RELAXED_TRUNC_S -> code.two(to, Two.FCVTZS, 2, a);
            case TRUNC_SAT_U, RELAXED_TRUNC_U -> code.two(to, Two.FCVTZU, 2, a);
            case TRUNC_ZERO_S, RELAXED_ZERO_S -> code.two(to, Two.SQXTN, 2, code.two(NEW, Two.FCVTZS, 3, a));
            case TRUNC_ZERO_U, RELAXED_ZERO_U -> code.two(to, Two.UQXTN, 2, code.two(NEW, Two.FCVTZU, 3, a));
            case CONVERT_S -> {
                boolean isDouble = shape == LaneShape.F64X2;
                code.two(to, Two.SCVTF, log(shape), isDouble ? code.shift(NEW, ShiftImm.SSHLL, 2, a, 0) : a);
            }
            case CONVERT_U -> {
                boolean isDouble = shape == LaneShape.F64X2;
                code.two(to, Two.UCVTF, log(shape), isDouble ? code.shift(NEW, ShiftImm.USHLL, 2, a, 0) : a);
            }
            case DEMOTE -> code.two(to, Two.FCVTN, 3, a);
            case PROMOTE -> code.two(to, Two.FCVTL, 3, a);
            default -> throw new AssertionError("BUG: no instruction for " + op);
        }
    }

    // ---- two operands

    private void binary(int v, LaneOp op) {
        int a = s.reg(graph.a(v));
        int b = s.reg(graph.b(v));
        int to = s.result(v);
        switch (op) {
            case AND -> code.three(to, Three.AND, 0, a, b);
            case OR -> code.three(to, Three.ORR, 0, a, b);
            case XOR -> code.three(to, Three.EOR, 0, a, b);
            case ANDNOT -> code.three(to, Three.BIC, 0, a, b);
            case SWIZZLE, RELAXED_SWIZZLE -> code.three(to, Three.TBL, 0, a, b);
            default -> {
                LaneShape shape = graph.shape(v);
                if (!(arithmetic(op, shape, to, a, b) || comparison(op, shape, to, a, b) || widening(op, shape, to, a, b))) {
                    throw new AssertionError("BUG: no instruction for " + op);
                }
            }
        }
    }

    private boolean arithmetic(LaneOp op, LaneShape shape, int to, int a, int b) {
        boolean isFloat = shape.isFloat();
        if (op == LaneOp.MUL && shape == LaneShape.I64X2) {
            multiplyLong(to, a, b);
            return true;
        }
        if (op == LaneOp.PMIN || op == LaneOp.PMAX) { // b < a ? b : a, and a < b ? b : a
            boolean isMin = op == LaneOp.PMIN;
            int takes = code.three(NEW, Three.FCMGT, log(shape), isMin ? a : b, isMin ? b : a);
            code.change(to, Three.BSL, 0, takes, b, a);
            return true;
        }
        @Nullable Three row = switch (op) {
            case ADD -> isFloat ? Three.FADD : Three.ADD;
            case SUB -> isFloat ? Three.FSUB : Three.SUB;
            case MUL -> isFloat ? Three.FMUL : Three.MUL;
            case DIV -> Three.FDIV;
            case ADD_SAT_S -> Three.SQADD;
            case ADD_SAT_U -> Three.UQADD;
            case SUB_SAT_S -> Three.SQSUB;
            case SUB_SAT_U -> Three.UQSUB;
            case MIN_S -> Three.SMIN;
            case MIN_U -> Three.UMIN;
            case MAX_S -> Three.SMAX;
            case MAX_U -> Three.UMAX;
            case AVGR_U -> Three.URHADD;
            case FMIN, RELAXED_MIN -> Three.FMIN;
            case FMAX, RELAXED_MAX -> Three.FMAX;
            case Q15MULR_SAT, RELAXED_Q15MULR -> Three.SQRDMULH;
            default -> null;
        };
        if (row == null) {
            return false;
        }
        code.three(to, row, log(shape), a, b);
        return true;
    }

    /** The machine multiplies no lanes of 8 bytes. */
    private void multiplyLong(int to, int a, int b) {
        int low = product(code.lane(3, 0, a), code.lane(3, 0, b));
        int high = product(code.lane(3, 1, a), code.lane(3, 1, b));
        int both = code.one(Inst.VDUP, code.vector(NEW), 3, 0, low);
        code.insert(Inst.VINS, to, 3, 1, both, high);
    }

    private int product(int x, int y) {
        int result = lir.newVreg(RegisterClass.INT);
        lir.add(Inst.MUL.ordinal(), Fields.WIDE | Fields.sub(IntegerAssembler.Multiply.MADD), -1);
        lir.def(result);
        lir.use(x);
        lir.use(y);
        return result;
    }

    private boolean comparison(LaneOp op, LaneShape shape, int to, int a, int b) {
        boolean swaps = switch (op) {
            case LT_S, LT_U, LE_S, LE_U, FLT, FLE -> true;
            default -> false;
        };
        @Nullable Three row = switch (op) {
            case EQ, NE -> shape.isFloat() ? Three.FCMEQ : Three.CMEQ;
            case LT_S, GT_S -> Three.CMGT;
            case LT_U, GT_U -> Three.CMHI;
            case LE_S, GE_S -> Three.CMGE;
            case LE_U, GE_U -> Three.CMHS;
            case FLT, FGT -> Three.FCMGT;
            case FLE, FGE -> Three.FCMGE;
            default -> null;
        };
        if (row == null) {
            return false;
        }
        boolean negates = op == LaneOp.NE;
        int result = code.three(negates ? NEW : to, row, log(shape), swaps ? b : a, swaps ? a : b);
        if (negates) {
            code.two(to, Two.NOT, 0, result);
        }
        return true;
    }

    private boolean widening(LaneOp op, LaneShape shape, int to, int a, int b) {
        int lanes = log(shape);
        switch (op) {
            case NARROW_S -> code.change(to, Two.SQXTN2, lanes, code.two(NEW, Two.SQXTN, lanes, a), b);
            case NARROW_U -> code.change(to, Two.SQXTUN2, lanes, code.two(NEW, Two.SQXTUN, lanes, a), b);
            case EXTMUL_LOW_S -> code.three(to, Three.SMULL, lanes - 1, a, b);
            case EXTMUL_LOW_U -> code.three(to, Three.UMULL, lanes - 1, a, b);
            case EXTMUL_HIGH_S -> code.three(to, Three.SMULL2, lanes - 1, a, b);
            case EXTMUL_HIGH_U -> code.three(to, Three.UMULL2, lanes - 1, a, b);
            case DOT, RELAXED_DOT -> dot(to, lanes, a, b);
            default -> {
                return false;
            }
        }
        return true;
    }

    /** Sums of pairs of products, in lanes twice as wide. */
    private int dot(int to, int lanes, int a, int b) {
        int low = code.three(NEW, Three.SMULL, lanes - 1, a, b);
        int high = code.three(NEW, Three.SMULL2, lanes - 1, a, b);
        return code.three(to, Three.ADDP, lanes, low, high);
    }

    // ---- three operands

    private void ternary(int v, LaneOp op) {
        int a = s.reg(graph.a(v));
        int b = s.reg(graph.b(v));
        int c = s.reg(graph.c(v));
        int to = s.result(v);
        switch (op) {
            case BITSELECT, RELAXED_SELECT -> code.change(to, Three.BSL, 0, c, a, b);
            case RELAXED_MADD -> code.change(to, Three.FMLA, log(graph.shape(v)), c, a, b);
            case RELAXED_NMADD -> code.change(to, Three.FMLS, log(graph.shape(v)), c, a, b);
            case RELAXED_DOT_ADD -> {
                int pairs = dot(NEW, 1, a, b);
                code.three(to, Three.ADD, 2, code.two(NEW, Two.SADDLP, 1, pairs), c);
            }
            default -> throw new AssertionError("BUG: no instruction for " + op);
        }
    }

    // ---- shifts

    private void shift(int v) {
        LaneShape shape = graph.shape(v);
        int bits = 8 * shape.laneBytes();
        int count = graph.b(v);
        int a = s.reg(graph.a(v));
        LaneOp op = graph.lane(v);
        if (!graph.isConst(count)) {
            IntegerAssembler.Shift how = op == LaneOp.SHL ? IntegerAssembler.Shift.LSL
                    : op == LaneOp.SHR_S ? IntegerAssembler.Shift.ASR : IntegerAssembler.Shift.LSR;
            int r = s.lowReg(count, Integer.numberOfTrailingZeros(bits));
            lir.add(Inst.VSHIFT_R.ordinal(), Fields.sub(how) | Fields.lanes(log(shape)), graph.position(v));
            lir.def(s.result(v));
            lir.use(a);
            lir.use(r);
            return;
        }
        int amount = (int) graph.imm(count) & bits - 1;
        if (amount == 0) { // shifts to the right by nothing have no encoding
            code.three(s.result(v), Three.ORR, 0, a, a);
        } else {
            ShiftImm row = op == LaneOp.SHL ? ShiftImm.SHL : op == LaneOp.SHR_S ? ShiftImm.SSHR : ShiftImm.USHR;
            code.shift(s.result(v), row, log(shape), a, amount);
        }
    }
}
