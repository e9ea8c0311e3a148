package org.sallyport.codegen.bytecode;

import java.util.Arrays;
import org.sallyport.codegen.ir.Graph;
import org.sallyport.codegen.ir.Op;
import org.sallyport.codegen.ir.Type;

/**
 * What becomes of each value of a graph: computed where its only use is (deferred), or kept in a variable. Deferred are values
 * without effect, and reads where nothing between could change what they read or trap before them; neither is what may trap
 * when the use is the arm of a select.
 */
final class Plan {
    /** Trees are no deeper: their emission recurs. */
    private static final int DEEPEST = 24;

    private final Graph graph;
    /** By block: number of its start in the order of the layout; of an instruction behind it. */
    final int[] start;
    final int[] end;
    final int[] order;
    final int[] uses;
    final boolean[] deferred;
    /** By value: the instruction in whose place it is computed. */
    private final int[] root;
    private final int[] user;
    private final boolean[] conditional;
    private final int[] depth;
    private int[] barriers;

    Plan(Graph graph) {
        this.graph = graph;
        int n = graph.size();
        order = new int[n];
        uses = new int[n];
        deferred = new boolean[n];
        root = new int[n];
        user = new int[n];
        conditional = new boolean[n];
        depth = new int[n];
        barriers = new int[n + 2];
        int blocks = 0;
        for (int b = graph.firstBlock(); b >= 0; b = graph.nextBlock(b)) {
            blocks = Math.max(blocks, b + 1);
        }
        start = new int[blocks];
        end = new int[blocks];
        count();
        for (int b = graph.firstBlock(); b >= 0; b = graph.nextBlock(b)) {
            defer(b);
        }
        for (int b = graph.firstBlock(); b >= 0; b = graph.nextBlock(b)) {
            limitDepth(b);
        }
    }

    /** Where the value is computed, in the order. */
    int place(int v) {
        return order[rootOf(v)];
    }

    private int rootOf(int v) {
        int at = v;
        while (deferred[at]) {
            at = user[at];
        }
        return at;
    }

    /** Whether the value is kept in a variable. */
    boolean isKept(int v) {
        return !deferred[v] && uses[v] > 0 && graph.op(v) != Op.CONST && graph.type(v) != Type.VOID;
    }

    private void count() {
        Arrays.fill(user, -1);
        int at = 0;
        int crossed = 0;
        for (int b = graph.firstBlock(); b >= 0; b = graph.nextBlock(b)) {
            start[b] = at++;
            for (int v = graph.first(b); v >= 0; v = graph.next(v)) {
                order[v] = at;
                if (at + 1 >= barriers.length) {
                    barriers = Arrays.copyOf(barriers, 2 * at + 16);
                }
                crossed += isBarrier(v) ? 1 : 0;
                barriers[at++] = crossed;
                for (int i = graph.operandCount(v) - 1; i >= 0; i--) {
                    int x = graph.operand(v, i);
                    uses[x]++;
                    user[x] = v;
                }
            }
            end[b] = at++;
        }
    }

    private boolean isBarrier(int v) {
        Op op = graph.op(v);
        return op.writes() || op.isCall() || op.charges() || op.mayTrap() && op != Op.LOAD || op == Op.RESULT;
    }

    private void defer(int b) {
        for (int v = graph.last(b); v >= 0; v = graph.previous(v)) {
            root[v] = v;
            if (uses[v] != 1 || graph.blockOf(user[v]) != b || !mayMove(graph.op(v)) || isPushedTwice(v)) {
                continue;
            }
            int u = user[v];
            boolean inArm = graph.op(u) == Op.SELECT || graph.op(u) == Op.GUARD || conditional[u];
            boolean pure = graph.op(v).isPure();
            if (!pure && (inArm || barriers[order[root[u]] - 1] != barriers[order[v]])) {
                continue;
            }
            deferred[v] = true;
            root[v] = root[u];
            conditional[v] = inArm;
        }
    }

    /** Vectors are pushed by halves, and so is what both halves take. */
    private boolean isPushedTwice(int v) {
        return graph.type(v) == Type.V128 || graph.op(user[v]) == Op.VSHIFT;
    }

    private static boolean mayMove(Op op) {
        return switch (op) {
            case ARG, PARAM, CONST, RESULT -> false;
            case LOAD, GLOBAL_GET, MEMORY_LENGTH, TABLE_LENGTH, TABLE_GET, FUNC_TYPE, FUNC_ANCESTOR -> true;
            default -> op.isPure();
        };
    }

    private void limitDepth(int b) {
        for (int v = graph.first(b); v >= 0; v = graph.next(v)) {
            int deepest = 0;
            for (int i = graph.operandCount(v) - 1; i >= 0; i--) {
                int x = graph.operand(v, i);
                if (deferred[x]) {
                    deepest = Math.max(deepest, depth[x] + 1);
                }
            }
            depth[v] = deepest;
            if (deferred[v] && deepest >= DEEPEST) {
                deferred[v] = false;
                depth[v] = 0;
            }
        }
    }
}
