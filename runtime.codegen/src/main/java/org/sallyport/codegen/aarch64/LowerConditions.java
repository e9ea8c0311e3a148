package org.sallyport.codegen.aarch64;

import org.sallyport.codegen.ir.Graph;
import org.sallyport.codegen.ir.Op;
import org.sallyport.codegen.lir.Lir;

/** Selects instructions for what depends on conditions: comparisons as values, selections, checks, branches. */
final class LowerConditions {
    private final Selection s;
    private final Graph graph;
    private final Lir lir;
    private final Comparison comparison;

    LowerConditions(Selection s) {
        this.s = s;
        graph = s.graph;
        lir = s.lir;
        comparison = new Comparison(s);
    }

    /** Whether it was a conditional operation. */
    boolean lower(int v, Op op) {
        switch (op) {
            case SELECT -> select(v);
            case GUARD -> orZero(v, graph.b(v), false);
            case TRAP_IF -> trapIf(v, false);
            case TRAP_UNLESS -> trapIf(v, true);
            case BRANCH -> {
                comparison.of(graph.a(v));
                open(Inst.JCC, 0, v);
                comparison.write();
            }
            case BR_TABLE -> branchTable(v);
            default -> {
                if (!op.isCompare()) {
                    return false;
                }
                comparison.ofRoot(v);
                set(v);
            }
        }
        return true;
    }

    private void open(Inst inst, int aux, int v) {
        s.open(inst, aux | comparison.aux(), v);
    }

    private void set(int v) {
        open(Inst.SETCC, 0, v);
        lir.def(s.result(v));
        comparison.write();
    }

    private void trapIf(int v, boolean unless) {
        comparison.of(graph.a(v));
        if (unless) {
            comparison.negate();
        }
        open(Inst.TRAPCC, 0, v);
        lir.setDisp((int) graph.imm(v));
        comparison.write();
    }

    // ---- selections

    private void select(int v) {
        int yes = graph.b(v);
        int no = graph.c(v);
        switch (graph.type(v)) {
            case F32, F64, V128 -> {
                comparison.of(graph.a(v));
                int x = s.reg(yes);
                int y = s.reg(no);
                open(Inst.FSEL, 0, v);
                lir.def(s.result(v));
                lir.use(x);
                lir.use(y);
                comparison.write();
            }
            case I32, I64, REF -> selectInt(v, yes, no);
            case VOID -> throw new AssertionError("BUG: selection of " + graph.type(v));
        }
    }

    private void selectInt(int v, int yes, int no) {
        boolean isFlag = s.isConst(yes, 1) && s.isConst(no, 0);
        if (isFlag || s.isConst(yes, 0) && s.isConst(no, 1)) {
            comparison.of(graph.a(v));
            if (!isFlag) {
                comparison.negate();
            }
            set(v);
        } else if (s.isConst(no, 0)) {
            orZero(v, yes, false);
        } else if (s.isConst(yes, 0)) {
            orZero(v, no, true);
        } else {
            comparison.of(graph.a(v));
            int x = s.reg(yes);
            int y = s.reg(no);
            open(Inst.CSEL, 0, v);
            lir.def(s.result(v));
            lir.use(x);
            lir.use(y);
            comparison.write();
        }
    }

    private void orZero(int v, int value, boolean unless) {
        comparison.of(graph.a(v));
        if (unless) {
            comparison.negate();
        }
        int x = s.reg(value);
        open(Inst.CSEL_Z, 0, v);
        lir.def(s.result(v));
        lir.use(x);
        comparison.write();
    }

    // ---- br_table

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
        s.open(Inst.SWITCH, 0, v);
        lir.setImm(end - count);
        lir.setDisp(count);
        lir.use(index);
    }
}
