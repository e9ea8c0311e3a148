package org.sallyport.codegen.ir;

import static org.sallyport.codegen.ir.LoopLocals.ensure;

import java.util.Arrays;
import org.sallyport.TrapCode;

/**
 * Tidies the blocks: branches on constants become jumps, code behind a certain trap and blocks that nothing reaches go, a block
 * with one predecessor that jumps to it joins that one, and jumps go directly to where a block of nothing but a jump leads.
 */
final class FoldBranches {
    private Graph graph = Graph.NOTHING;
    /** By block: number of edges from reachable blocks; 0 means not reached. */
    private int[] edges = new int[64];
    private int[] work = new int[64];
    /** By block: place in the layout; whether a jump goes back to it. */
    private int[] number = new int[64];
    private boolean[] header = new boolean[64];

    void run(Graph of) {
        graph = of;
        boolean hasChecks = graph.hasMade(Op.TRAP_IF) || graph.hasMade(Op.TRAP_UNLESS);
        for (int b = graph.firstBlock(); b >= 0; b = graph.nextBlock(b)) {
            if (hasChecks) {
                cutAtCertainTrap(b);
            }
            foldTerminator(b);
        }
        countEdges();
        removeUnreached();
        skipEmptyBlocks();
        joinBlocks();
        graph.resolveAll();
    }

    // ---- constant conditions ----

    private void foldTerminator(int b) {
        int v = graph.last(b);
        switch (graph.op(v)) {
            case BRANCH -> {
                int condition = graph.a(v);
                if (graph.isConst(condition)) {
                    toJump(b, v, graph.imm(condition) != 0 ? 0 : 1);
                } else if (leadToSamePlace(graph.successor(b, 0), graph.successor(b, 1))) {
                    toJump(b, v, 0);
                }
            }
            case BR_TABLE -> foldTable(b, v);
            default -> {}
        }
    }

    private void cutAtCertainTrap(int b) {
        for (int v = graph.first(b); v >= 0; v = graph.next(v)) {
            Op op = graph.op(v);
            if ((op == Op.TRAP_IF || op == Op.TRAP_UNLESS) && graph.isConst(graph.a(v))
                    && (graph.imm(graph.a(v)) != 0) == (op == Op.TRAP_IF)) {
                int code = (int) graph.imm(v);
                graph.setPosition(graph.position(v));
                while (graph.last(b) != v) {
                    graph.remove(graph.last(b));
                }
                graph.remove(v);
                graph.appendTrap(b, TrapCode.values()[code]);
                graph.setSuccessors(b);
                return;
            }
        }
    }

    private void foldTable(int b, int v) {
        int cases = graph.tableCaseCount(v);
        int index = graph.a(v);
        if (graph.isConst(index)) {
            long i = graph.imm(index) & 0xFFFF_FFFFL;
            toJump(b, v, graph.tableCase(v, (int) Math.min(i, cases - 1)));
        } else if (graph.successorCount(b) == 1) {
            toJump(b, v, 0);
        } else if (cases == 2) { // 0, or anything else
            int zero = graph.successor(b, graph.tableCase(v, 0));
            int other = graph.successor(b, graph.tableCase(v, 1));
            graph.become(v, Op.BRANCH, Type.VOID, index, -1, -1, 0, 0);
            graph.setSuccessors(b, other, zero);
        }
    }

    private void toJump(int b, int v, int successor) {
        int target = graph.successor(b, successor);
        graph.setPosition(graph.position(v));
        graph.remove(v);
        graph.appendJump(b, target);
    }

    /** Whether both blocks hold nothing but a jump to the same block with the same arguments. */
    private boolean leadToSamePlace(int x, int y) {
        if (!isJumpOnly(x) || !isJumpOnly(y) || graph.successor(x, 0) != graph.successor(y, 0)) {
            return false;
        }
        int jumpX = graph.last(x);
        int jumpY = graph.last(y);
        for (int i = 0; i < graph.operandCount(jumpX); i++) {
            if (graph.operand(jumpX, i) != graph.operand(jumpY, i)) {
                return false;
            }
        }
        return true;
    }

    private boolean isJumpOnly(int b) {
        int v = graph.first(b);
        return v == graph.last(b) && graph.op(v) == Op.JUMP && graph.paramCount(b) == 0;
    }

    // ---- reachability ----

    private void countEdges() {
        edges = ensure(edges, graph.blockBound());
        Arrays.fill(edges, 0, graph.blockBound(), 0);
        int count = 0;
        work = ensure(work, graph.blockBound());
        work[count++] = graph.firstBlock();
        edges[graph.firstBlock()] = 1;
        while (count > 0) {
            int b = work[--count];
            for (int i = 0; i < graph.successorCount(b); i++) {
                int s = graph.successor(b, i);
                if (edges[s]++ == 0) {
                    work[count++] = s;
                }
            }
        }
    }

    private void removeUnreached() {
        for (int b = graph.firstBlock(); b >= 0; b = graph.nextBlock(b)) {
            if (edges[b] == 0) {
                for (int v = graph.first(b); v >= 0; v = graph.next(v)) {
                    graph.remove(v);
                }
                graph.removeBlock(b);
            }
        }
    }

    // ---- jumps to jumps ----

    /** Lets jumps to a block that only jumps on go where that one goes. Its arguments dominate it, hence its predecessors. */
    private void skipEmptyBlocks() {
        findHeaders();
        for (int b = graph.firstBlock(); b >= 0; b = graph.nextBlock(b)) {
            int v = graph.last(b);
            if (graph.op(v) != Op.JUMP) {
                continue;
            }
            int target = graph.successor(b, 0);
            for (int hops = 0; hops < 8 && canSkip(b, target); hops++) {
                int onward = graph.last(target);
                int n = graph.operandCount(onward);
                graph.resizeList(v, n);
                for (int i = 0; i < n; i++) {
                    graph.setOperand(v, i, graph.operand(onward, i));
                }
                int next = graph.successor(target, 0);
                graph.setSuccessor(b, 0, next);
                edges[next]++;
                if (--edges[target] == 0) {
                    drop(target);
                }
                target = next;
            }
        }
    }

    /** Not skipped is the one block before a loop that all ways in share: it is where hoisted code goes. */
    private boolean canSkip(int b, int target) {
        if (!isJumpOnly(target)) {
            return false;
        }
        int next = graph.successor(target, 0);
        return next != target && !(header[next] && number[b] < number[next]);
    }

    private void findHeaders() {
        number = ensure(number, graph.blockBound());
        if (header.length < graph.blockBound()) {
            header = new boolean[graph.blockBound() * 2];
        }
        int n = 0;
        for (int b = graph.firstBlock(); b >= 0; b = graph.nextBlock(b)) {
            number[b] = n++;
            header[b] = false;
        }
        for (int b = graph.firstBlock(); b >= 0; b = graph.nextBlock(b)) {
            for (int i = 0; i < graph.successorCount(b); i++) {
                int s = graph.successor(b, i);
                header[s] |= number[s] <= number[b];
            }
        }
    }

    /** Removes a block that only jumps and is not reached any more. */
    private void drop(int b) {
        edges[graph.successor(b, 0)]--;
        graph.remove(graph.last(b));
        graph.removeBlock(b);
    }

    /** Appends to each block the one it alone jumps to. */
    private void joinBlocks() {
        for (int b = graph.firstBlock(); b >= 0; b = graph.nextBlock(b)) {
            while (graph.op(graph.last(b)) == Op.JUMP) {
                int target = graph.successor(b, 0);
                if (edges[target] != 1 || target == b) {
                    break;
                }
                join(b, target);
            }
        }
    }

    private void join(int b, int target) {
        int jump = graph.last(b);
        for (int i = 0; i < graph.paramCount(target); i++) {
            graph.replace(graph.param(target, i), graph.operand(jump, i));
        }
        graph.truncateParams(target, 0);
        graph.remove(jump);
        graph.moveTail(graph.first(target), b);
        int n = graph.successorCount(target);
        int[] successors = new int[n];
        for (int i = 0; i < n; i++) {
            successors[i] = graph.successor(target, i);
        }
        graph.setSuccessors(b, successors);
        graph.removeBlock(target);
    }
}
