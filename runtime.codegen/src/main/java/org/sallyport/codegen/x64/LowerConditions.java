package org.sallyport.codegen.x64;

import org.sallyport.codegen.ir.Graph;
import org.sallyport.codegen.ir.Op;
import org.sallyport.codegen.ir.Type;
import org.sallyport.codegen.lir.Lir;
import org.sallyport.codegen.regalloc.RegisterClass;
import org.sallyport.codegen.x64.Assembler.Sse;

/** Selects instructions for what depends on conditions: comparisons as values, selections, checks, branches. */
final class LowerConditions {
    private final Selection s;
    private final Graph graph;
    private final Lir lir;
    private final Comparison comparison;

    LowerConditions(Selection s, Address address) {
        this.s = s;
        graph = s.graph;
        lir = s.lir;
        comparison = new Comparison(s, address);
    }

    /** Whether it was a conditional operation. */
    boolean lower(int v, Op op) {
        switch (op) {
            case SELECT -> select(v);
            case GUARD -> guard(v);
            case TRAP_IF -> trapIf(v, false);
            case TRAP_UNLESS -> trapIf(v, true);
            case BRANCH -> branch(v);
            case BR_TABLE -> branchTable(v);
            default -> {
                if (!op.isCompare()) {
                    return false;
                }
                comparison.ofRoot(v);
                open(Inst.SETCC, 0, v);
                lir.def(s.result(v));
                comparison.write(0);
            }
        }
        return true;
    }

    private void open(Inst inst, int aux, int v) {
        lir.add(inst.ordinal(), aux | comparison.aux(), comparison.position(graph.position(v)));
    }

    private void trapIf(int v, boolean unless) {
        comparison.of(graph.a(v));
        if (unless) {
            comparison.negate();
        }
        open(Inst.TRAPCC, 0, v);
        comparison.write((int) graph.imm(v));
    }

    private void branch(int v) {
        comparison.of(graph.a(v));
        open(Inst.JCC, 0, v);
        comparison.write(0);
    }

    // ---- selections

    private void select(int v) {
        switch (graph.type(v)) {
            case F32, F64, V128 -> selectFloat(v);
            case I32, I64, REF -> selectInt(v, graph.b(v), graph.c(v));
            case VOID -> throw new AssertionError("BUG: selection of " + graph.type(v));
        }
    }

    private boolean isConst(int v, long value) {
        return graph.isConst(v) && graph.imm(v) == value;
    }

    private void selectInt(int v, int yes, int no) {
        if (isConst(yes, 1) && isConst(no, 0) || isConst(yes, 0) && isConst(no, 1)) {
            comparison.of(graph.a(v));
            if (isConst(yes, 0)) {
                comparison.negate();
            }
            open(Inst.SETCC, 0, v);
            lir.def(s.result(v));
            comparison.write(0);
            return;
        }
        comparison.of(graph.a(v));
        // the value that stays unless the condition holds shares its register with the result: best one that dies here
        boolean swap = prefersToStay(yes) && !prefersToStay(no);
        if (comparison.cond() == Fields.FEQ || comparison.cond() == Fields.FNE) {
            swap = comparison.cond() == Fields.FEQ; // only "unequal or unordered" can be done by conditional moves alone
        }
        if (swap) {
            comparison.negate();
            int t = yes;
            yes = no;
            no = t;
        }
        conditionalMove(v, s.reg(yes), s.reg(no));
    }

    private boolean prefersToStay(int v) {
        return graph.isConst(v) || s.hasOneUse(v);
    }

    private void conditionalMove(int v, int yes, int no) {
        open(Inst.CMOV, Width.of(graph.type(v)) == Width.QWORD ? Fields.WIDE : 0, v);
        lir.defReuse(s.result(v), 1);
        lir.use(no);
        lir.useAny(yes);
        comparison.write(0);
    }

    private void guard(int v) {
        comparison.of(graph.a(v));
        conditionalMove(v, s.reg(graph.b(v)), s.constant(0));
    }

    private void selectFloat(int v) {
        int condition = graph.a(v);
        int yes = graph.b(v);
        int no = graph.c(v);
        Op op = graph.op(condition);
        if (s.isPrivate(condition) && op.isCompare() && graph.type(graph.a(condition)) == graph.type(v)) {
            if (minMax(v, op, condition, yes, no)) {
                return;
            }
            if (s.cpu.avx()) {
                blend(v, op, condition, yes, no);
                return;
            }
        }
        comparison.of(condition);
        boolean swap = comparison.cond() == Fields.FEQ || prefersToStay(yes) && !prefersToStay(no);
        swap &= comparison.cond() != Fields.FNE;
        if (swap) {
            comparison.negate();
        }
        int changed = s.reg(swap ? no : yes);
        int staying = s.reg(swap ? yes : no);
        open(Inst.FSEL, 0, v);
        lir.defReuse(s.result(v), 1);
        lir.use(staying);
        lir.use(changed);
        comparison.write(0);
    }

    /** {@code a < b ? a : b} is exactly MINSD, which gives its second operand when either is NaN. */
    private boolean minMax(int v, Op op, int condition, int yes, int no) {
        if (op != Op.FLT && op != Op.FGT) {
            return false;
        }
        int a = graph.a(condition);
        int b = graph.b(condition);
        boolean straight = a == yes && b == no;
        if (!straight && !(a == no && b == yes)) {
            return false;
        }
        boolean isMin = (op == Op.FLT) == straight;
        boolean isDouble = graph.type(v) == Type.F64;
        Sse row = isMin ? isDouble ? Sse.MINSD : Sse.MINSS : isDouble ? Sse.MAXSD : Sse.MAXSS;
        int x = s.reg(yes);
        int y = s.reg(no);
        lir.add(Inst.FOP_RR.ordinal(), Fields.sub(row), graph.position(v));
        if (s.cpu.avx()) {
            lir.def(s.result(v));
        } else {
            lir.defReuse(s.result(v), 1);
        }
        lir.use(x);
        lir.useAny(y);
        return true;
    }

    private void blend(int v, Op op, int condition, int yes, int no) {
        boolean swap = op == Op.FGT || op == Op.FGE;
        int predicate = switch (op) {
            case FEQ -> Assembler.CMP_EQ;
            case FNE -> Assembler.CMP_NE;
            case FLT, FGT -> Assembler.CMP_LT;
            default -> Assembler.CMP_LE;
        };
        int mark = Fields.precision(graph.type(v));
        int a = s.reg(graph.a(condition));
        int b = s.reg(graph.b(condition));
        int x = s.reg(yes);
        int y = s.reg(no);
        int mask = lir.newVreg(RegisterClass.FLOAT);
        lir.add(Inst.FCMP.ordinal(), mark, graph.position(v));
        lir.setImm(predicate);
        lir.def(mask);
        lir.use(swap ? b : a);
        lir.use(swap ? a : b);
        lir.add(Inst.FBLEND.ordinal(), mark, graph.position(v));
        lir.def(s.result(v));
        lir.use(y);
        lir.use(x);
        lir.use(mask);
    }

    // ---- br_table

    /** Longest table that is done by comparing with each case. */
    private static final int SMALL_TABLE = 3;

    /**
     * The operand is cut to the table's length by a conditional move, so that no speculation reads beyond it, and the
     * table holds distances from its own start.
     */
    private void branchTable(int v) {
        int b = graph.blockOf(v);
        int count = graph.tableCaseCount(v);
        int end = 0;
        for (int i = 0; i < count; i++) {
            end = lir.addTableTarget(s.number(graph.successor(b, graph.tableCase(v, i)))) + 1;
        }
        int index = s.lowReg(graph.a(v), 32);
        lir.add(Inst.SWITCH.ordinal(), 0, graph.position(v));
        lir.setImm(end - count);
        lir.setDisp(count);
        if (count > SMALL_TABLE) {
            lir.defEarly(lir.newVreg(RegisterClass.INT));
        }
        lir.use(index);
    }
}
