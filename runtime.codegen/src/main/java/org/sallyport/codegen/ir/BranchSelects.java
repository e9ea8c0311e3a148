package org.sallyport.codegen.ir;

import static org.sallyport.codegen.ir.LoopLocals.ensure;

import java.util.Arrays;

/**
 * Makes a branch of a {@link Op#SELECT} one of whose arms is expensive and used for nothing else: producers turn
 * conditions around divisions and roots into selects, and then the price is paid in every round. What only that arm
 * needs moves behind the branch.
 */
final class BranchSelects {
    /** Instructions that move at most. */
    private static final int ARM = 48;
    /** From here on an arm is worth a branch that may be mispredicted; in half cycles of latency, see {@link #cost}. */
    private static final int EXPENSIVE = 18;

    private Graph graph = Graph.NOTHING;
    /** By value: number of uses, and of those among the instructions of the arm. */
    private int[] uses = new int[256];
    private int[] armUses = new int[256];
    /** The arm, users before operands. */
    private final int[] arm = new int[ARM];
    private int armCount;
    private int armCost;

    void run(Graph of) {
        graph = of;
        if (!hasSelects()) {
            return;
        }
        countUses();
        boolean changed = false;
        for (int b = graph.firstBlock(); b >= 0; b = graph.nextBlock(b)) {
            for (int v = graph.first(b), next; v >= 0; v = next) {
                next = graph.next(v);
                if (graph.op(v) == Op.SELECT && (isExpensive(v, graph.b(v)) || isExpensive(v, graph.c(v)))) {
                    split(v);
                    changed = true;
                    break; // the rest of the block is in another one, which is still to come
                }
            }
        }
        if (changed) {
            graph.resolveAll();
        }
    }

    private boolean hasSelects() {
        if (!graph.hasMade(Op.SELECT)) {
            return false;
        }
        for (int b = graph.firstBlock(); b >= 0; b = graph.nextBlock(b)) {
            for (int v = graph.first(b); v >= 0; v = graph.next(v)) {
                if (graph.op(v) == Op.SELECT) {
                    return true;
                }
            }
        }
        return false;
    }

    private void countUses() {
        uses = ensure(uses, graph.size());
        armUses = ensure(armUses, graph.size());
        Arrays.fill(uses, 0, graph.size(), 0);
        Arrays.fill(armUses, 0, graph.size(), 0);
        for (int b = graph.firstBlock(); b >= 0; b = graph.nextBlock(b)) {
            for (int v = graph.first(b); v >= 0; v = graph.next(v)) {
                for (int i = graph.operandCount(v) - 1; i >= 0; i--) {
                    uses[graph.operand(v, i)]++;
                }
            }
        }
    }

    private boolean isExpensive(int select, int value) {
        gather(select, value);
        return armCost >= EXPENSIVE;
    }

    /** Collects the instructions of the select's block that only this operand needs. */
    private void gather(int select, int value) {
        int b = graph.blockOf(select);
        armCount = 0;
        armCost = 0;
        use(b, value);
        for (int i = 0; i < armCount; i++) {
            armCost += cost(graph.op(arm[i]));
            for (int k = 0; k < graph.operandCount(arm[i]); k++) {
                use(b, graph.operand(arm[i], k));
            }
        }
        forget(value);
        for (int i = 0; i < armCount; i++) {
            for (int k = 0; k < graph.operandCount(arm[i]); k++) {
                forget(graph.operand(arm[i], k));
            }
        }
    }

    private void use(int b, int v) {
        Op op = graph.op(v);
        if (++armUses[v] == uses[v] && armCount < ARM && graph.blockOf(v) == b && op.isPure() && !op.isPinned()) {
            arm[armCount++] = v;
        }
    }

    private void forget(int v) {
        armUses[v] = 0;
    }

    /** Latency in half cycles; what is done in one step often costs nothing beside others. */
    private static int cost(Op op) {
        return switch (op) {
            case CONST, VMCTX, REF_FUNC, TYPE_NUMBER, TAG_NUMBER -> 0;
            case MUL -> 6;
            case MULHI_S, MULHI_U, FADD, FSUB, FMUL, FMIN, FMAX, FCEIL, FFLOOR, FTRUNC, FNEAREST -> 8;
            case TRUNC_SAT_S, TRUNC_SAT_U, CONVERT_S, CONVERT_U, DEMOTE, PROMOTE -> 8;
            case FDIV, FSQRT -> 26;
            default -> 1;
        };
    }

    private void split(int select) {
        int b = graph.blockOf(select);
        graph.setPosition(graph.position(select));
        int rest = graph.cutBefore(graph.next(select));
        int result = graph.addParam(rest, graph.type(select));
        int yes = arm(select, graph.b(select), rest);
        int no = arm(select, graph.c(select), rest);
        int condition = graph.a(select);
        graph.remove(select);
        graph.replace(select, result);
        graph.appendBranch(b, condition, yes, no);
        graph.placeBlock(yes, b);
        graph.placeBlock(no, yes);
        graph.placeBlock(rest, no);
    }

    private int arm(int select, int value, int rest) {
        int block = graph.newBlock();
        gather(select, value);
        if (armCost >= EXPENSIVE) {
            for (int i = armCount - 1; i >= 0; i--) { // operands first
                graph.remove(arm[i]);
                graph.append(block, arm[i]);
            }
        }
        graph.appendJump(block, rest, value);
        return block;
    }
}
