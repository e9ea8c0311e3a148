package org.sallyport.codegen.aarch64;

import static org.sallyport.codegen.aarch64.Reg.NONE;

import org.sallyport.codegen.aarch64.Fields.Producer;
import org.sallyport.codegen.ir.Graph;
import org.sallyport.codegen.ir.Op;
import org.sallyport.codegen.lir.Lir;

/**
 * The comparison that the instruction being made contains: chosen for a condition, then written behind the instruction's other
 * operands. A comparison of floats that are unordered holds for NE and, negated, for what holds when one is not; so that every
 * condition can be negated (Arm ARM, C1.2.4).
 */
final class Comparison {
    private final Selection s;
    private final Graph graph;
    private final Lir lir;

    private Producer producer = Producer.CMP_RR;
    private Cond cond = Cond.NE;
    private int marks;
    private int a = NONE;
    private int b = NONE;
    private long imm;

    Comparison(Selection s) {
        this.s = s;
        graph = s.graph;
        lir = s.lir;
    }

    /** That the value is not 0. Asks for registers. */
    void of(int condition) {
        int v = s.behindExtensions(condition);
        boolean negated = false;
        while (graph.op(v) == Op.EQ && s.isLocal(v) && s.isConst(graph.b(v), 0) && isTaken(graph.a(v))) {
            negated = !negated;
            v = graph.a(v);
        }
        if (isTaken(v)) {
            compare(v);
        } else {
            integers(Cond.NE, v, NONE);
        }
        if (negated) {
            negate();
        }
    }

    /** The comparison whose turn it is. */
    void ofRoot(int v) {
        compare(v);
    }

    /** Whether a comparison is done here, whoever else wants its result. */
    private boolean isTaken(int v) {
        return graph.op(v).isCompare() && s.isLocal(v);
    }

    void negate() {
        cond = cond.negated();
    }

    Cond cond() {
        return cond;
    }

    private void compare(int v) {
        Op op = graph.op(v);
        Cond integer = integerCond(op);
        if (integer != Cond.AL) {
            int x = graph.a(v);
            int y = graph.b(v);
            if (graph.isConst(x) && !graph.isConst(y)) {
                integers(integer.swapped(), y, x);
            } else {
                integers(integer, x, y);
            }
        } else {
            floats(op, graph.a(v), graph.b(v));
        }
    }

    private static Cond integerCond(Op op) {
        return switch (op) {
            case EQ -> Cond.EQ;
            case NE -> Cond.NE;
            case LT_S -> Cond.LT;
            case LT_U -> Cond.LO;
            case GT_S -> Cond.GT;
            case GT_U -> Cond.HI;
            case LE_S -> Cond.LE;
            case LE_U -> Cond.LS;
            case GE_S -> Cond.GE;
            case GE_U -> Cond.HS;
            default -> Cond.AL;
        };
    }

    /** @param y {@link Reg#NONE} for 0 */
    private void integers(Cond wanted, int x, int y) {
        cond = wanted;
        marks = Fields.width(graph.type(x));
        int bits = s.bits(x);
        boolean isZero = y == NONE || s.isConst(y, 0);
        if (isZero && (wanted == Cond.EQ || wanted == Cond.NE) && graph.op(x) == Op.AND && s.isPrivate(x)) {
            test(graph.a(x), graph.b(x), bits);
            return;
        }
        a = s.lowReg(x, bits);
        b = NONE;
        imm = isZero ? 0 : graph.isConst(y) ? graph.imm(y) : 0;
        if (isZero || graph.isConst(y) && Immediates.isArithmetic(imm)) {
            producer = Producer.CMP_RI;
        } else {
            producer = Producer.CMP_RR;
            imm = 0;
            b = s.lowReg(y, bits);
        }
    }

    private void test(int x, int y, int bits) {
        a = s.lowReg(x, bits);
        if (graph.isConst(y) && Immediates.bitmask(bits == 64, s.constantBits(y)) >= 0) {
            producer = Producer.TST_RI;
            imm = s.constantBits(y);
            b = NONE;
        } else {
            producer = Producer.TST_RR;
            imm = 0;
            b = s.lowReg(y, bits);
        }
    }

    private void floats(Op op, int x, int y) {
        cond = switch (op) {
            case FEQ -> Cond.EQ;
            case FNE -> Cond.NE;
            case FLT -> Cond.MI;
            case FGT -> Cond.GT;
            case FLE -> Cond.LS;
            case FGE -> Cond.GE;
            default -> throw new AssertionError("BUG: no comparison: " + op);
        };
        marks = Fields.precision(graph.type(x));
        imm = 0;
        a = s.reg(x);
        if (graph.isConst(y) && s.constantBits(y) == 0) {
            producer = Producer.FCMP_Z;
            b = NONE;
        } else {
            producer = Producer.FCMP_RR;
            b = s.reg(y);
        }
    }

    /** The bits for {@link Fields} of an instruction with this comparison. */
    int aux() {
        return Fields.compare(producer, cond) | marks;
    }

    /** Writes immediate and registers into the instruction just added, behind its other operands. */
    void write() {
        lir.setImm(imm);
        lir.use(a);
        if (b != NONE) {
            lir.use(b);
        }
    }
}
