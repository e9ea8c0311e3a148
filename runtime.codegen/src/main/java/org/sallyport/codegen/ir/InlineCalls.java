package org.sallyport.codegen.ir;

import static org.sallyport.codegen.ir.LoopLocals.ensure;

import org.sallyport.spi.ValidModule.FunctionFacts;

/**
 * Replaces calls of small functions of the same module by their bodies. Small are bodies of few instructions without
 * loops and tail calls, fewer still if they call; what they call stays a call, so one level is all there is. A small function
 * that calls itself takes one level of itself in: half of its calls, those of short lives before all, are none then. The copied
 * instructions keep their positions in the binary, which lie in the callee's body: a backtrace can tell from that which
 * function was there (docs/abi.md).
 */
final class InlineCalls {
    /** Instructions of a body that is copied. */
    private static final int SMALL = 24;
    /** Instructions of a body that is copied although it calls: one that passes on what it was given. */
    private static final int SMALL_CALLER = 8;
    /** Instructions of a body that is copied into itself, loops included. */
    private static final int SMALL_RECURSION = 40;
    /** Instructions copied into one function: a constant and a share of its own. */
    private static final int GROWTH = 400;

    private final ModuleFacts facts;
    private final BuildGraph builder;
    private final Graph callee = new Graph();
    private Graph graph = Graph.NOTHING;
    private boolean hasCopied;
    /** The block that a block was cut into by the latest call; -1 if it was not cut. */
    private int rest;
    /** Where the call that is replaced goes on if it throws, a block with nothing but a jump; -1: out of the function. */
    private int landing;
    /** The last of the blocks that were copied so far. */
    private int placed;
    private final FoldBranches foldBranches = new FoldBranches();
    /** By value and block of the callee: what it became. */
    private int[] values = new int[64];
    private int[] blocks = new int[16];

    InlineCalls(ModuleFacts facts) {
        this.facts = facts;
        builder = new BuildGraph(facts);
    }

    void run(Graph of) {
        graph = of;
        if (!graph.hasMade(Op.CALL)) {
            return;
        }
        int budget = GROWTH + facts.valid().facts(graph.function()).instructions() / 2;
        hasCopied = false;
        boolean hadHandlers = graph.hasMade(Op.OUTCOME);
        int b = graph.firstBlock();
        while (b >= 0) {
            int next = graph.nextBlock(b);
            for (int v = graph.first(b), behind; v >= 0; v = behind) {
                behind = graph.next(v);
                if (graph.op(v) != Op.CALL) {
                    continue;
                }
                int size = size((int) graph.imm(v));
                if (size <= budget && inline(v, b)) {
                    budget -= size;
                    if (rest >= 0) {
                        next = rest; // what stood behind the call; the copied blocks in between stay as they are
                        break;
                    }
                }
            }
            b = next;
        }
        if (hasCopied) {
            graph.resolveAll();
            if (hadHandlers) {
                foldBranches.run(graph); // regions without calls have handlers that nothing reaches
            }
        }
    }

    /** What ends the block of a call in a protected region, or -1. */
    private int outcome(int call) {
        int v = graph.next(call);
        while (graph.op(v) == Op.RESULT) {
            v = graph.next(v);
        }
        return graph.op(v) == Op.OUTCOME ? v : -1;
    }

    /** Instructions of a body that may be copied, else a large number. */
    private int size(int function) {
        FunctionFacts f = facts.valid().facts(function);
        boolean recursion = function == graph.function();
        int most = recursion ? SMALL_RECURSION : f.calls() ? SMALL_CALLER : SMALL;
        return f.instructions() <= most && (recursion || !f.loops()) && !f.tailCalls() ? f.instructions() : Integer.MAX_VALUE;
    }

    private boolean inline(int call, int b) {
        builder.build((int) graph.imm(call), callee);
        if (!returns()) {
            return false; // what follows is unreachable, and the call a better place to say so
        }
        hasCopied = true;
        rest = -1;
        values = ensure(values, callee.size());
        int outcome = outcome(call);
        landing = outcome < 0 ? -1 : graph.successor(b, 1);
        if (callee.firstBlock() == callee.lastBlock() && (outcome < 0 || !mayThrow())) {
            straight(call, b);
        } else {
            branching(call, b);
        }
        if (outcome >= 0) {
            returned(outcome);
        }
        return true;
    }

    /** The call is gone: its block goes on to where it had returned, and its landing is nobody's. */
    private void returned(int outcome) {
        int b = graph.blockOf(outcome);
        int next = graph.successor(b, 0);
        graph.setPosition(graph.position(outcome));
        graph.remove(outcome);
        graph.appendJump(b, next);
        graph.remove(graph.last(landing));
        graph.removeBlock(landing);
    }

    private boolean mayThrow() {
        for (int b = callee.firstBlock(); b >= 0; b = callee.nextBlock(b)) {
            for (int v = callee.first(b); v >= 0; v = callee.next(v)) {
                if (mayThrow(v)) {
                    return true;
                }
            }
        }
        return false;
    }

    /** Whether the callee's instruction may throw out of the callee. */
    private boolean mayThrow(int v) {
        return callee.op(v).isCall()
                && !callee.op(v).isAllocation()
                && (callee.op(v) != Op.CALL_BUILTIN || BuildExceptions.throwing((int) callee.imm(v)))
                && callee.op(lastResult(v)) != Op.OUTCOME;
    }

    /** What stands behind the callee's call and its results. */
    private int lastResult(int call) {
        int v = callee.next(call);
        while (callee.op(v) == Op.RESULT) {
            v = callee.next(v);
        }
        return v;
    }

    private boolean returns() {
        for (int b = callee.firstBlock(); b >= 0; b = callee.nextBlock(b)) {
            if (callee.op(callee.last(b)) == Op.RETURN) {
                return true;
            }
        }
        return false;
    }

    /** The body is one block: its instructions go where the call was. */
    private void straight(int call, int b) {
        int entry = callee.firstBlock();
        int end = callee.last(entry);
        for (int v = callee.first(entry); v != end; v = callee.next(v)) {
            int copy = copy(v, call);
            if (copy >= 0) {
                graph.insertBefore(call, copy);
            }
        }
        int after = graph.next(call);
        for (int i = 0; i < callee.operandCount(end); i++) {
            after = replaceResult(call, i, values[callee.operand(end, i)], after);
        }
        graph.remove(call);
    }

    /** The value of result {@code i} of the call is {@code by}; returns the instruction behind. */
    private int replaceResult(int call, int i, int by, int after) {
        if (i == 0) {
            graph.replace(call, by);
            return after;
        }
        graph.replace(after, by); // the RESULT instructions stand in order
        int next = graph.next(after);
        graph.remove(after);
        return next;
    }

    /** The block is cut behind the call; the body's blocks come between. */
    private void branching(int call, int b) {
        int after = graph.next(call);
        rest = graph.cutBefore(after);
        for (int i = 0; i < callee.resultCount(); i++) {
            int param = graph.addParam(rest, callee.resultType(i));
            after = replaceResult(call, i, param, after);
        }
        makeBlocks(b);
        placed = b;
        for (int from = callee.firstBlock(); from >= 0; from = callee.nextBlock(from)) {
            if (blocks[from] != b) {
                place(blocks[from]);
            }
            copyBlock(from, call);
        }
        graph.remove(call);
        place(rest);
    }

    private void place(int block) {
        graph.placeBlock(block, placed);
        placed = block;
    }

    /** The callee's entry becomes the end of {@code b}. */
    private void makeBlocks(int b) {
        blocks = ensure(blocks, callee.blockBound());
        for (int from = callee.firstBlock(); from >= 0; from = callee.nextBlock(from)) {
            blocks[from] = from == callee.firstBlock() ? b : graph.newBlock();
            for (int i = 0; i < callee.paramCount(from); i++) {
                int param = callee.param(from, i);
                values[param] = graph.addParam(blocks[from], callee.type(param));
            }
        }
    }

    /** A copied call may throw to where the replaced one might: ends its block, and returns the one behind. */
    private int split(int block) {
        int behind = graph.newBlock();
        int thrown = graph.newBlock();
        graph.setSuccessors(block, behind, thrown);
        graph.append(block, graph.create(Op.OUTCOME, Type.VOID, -1, -1, -1, 0, 0));
        place(thrown);
        place(behind);
        graph.append(thrown, graph.copy(graph.last(landing)));
        graph.setSuccessors(thrown, graph.successor(landing, 0));
        return behind;
    }

    private void copyBlock(int from, int call) {
        int to = blocks[from];
        int thrower = -1;
        for (int v = callee.first(from); v >= 0; v = callee.next(v)) {
            if (callee.op(v) == Op.RETURN) {
                int jump = copyOperands(v, Op.JUMP, call);
                graph.setSuccessors(to, rest);
                graph.append(to, jump);
                return;
            }
            int copy = copy(v, call);
            if (copy >= 0) {
                graph.append(to, copy);
            }
            if (landing >= 0 && mayThrow(v)) {
                thrower = v;
            }
            if (thrower >= 0 && callee.op(callee.next(v)) != Op.RESULT) {
                thrower = -1;
                to = split(to);
            }
        }
        int[] successors = new int[callee.successorCount(from)];
        for (int i = 0; i < successors.length; i++) {
            successors[i] = blocks[callee.successor(from, i)];
        }
        graph.setSuccessors(to, successors);
    }

    /** Copies an instruction, or finds what it stands for here and returns -1. */
    private int copy(int v, int call) {
        Op op = callee.op(v);
        if (op == Op.ARG) {
            values[v] = graph.resolve(graph.operand(call, (int) callee.imm(v)));
            return -1;
        }
        int copy = copyOperands(v, op, call);
        if (op == Op.BR_TABLE) {
            int[] cases = new int[callee.tableCaseCount(v)];
            for (int i = 0; i < cases.length; i++) {
                cases[i] = callee.tableCase(v, i);
            }
            graph.setTableCases(copy, cases, cases.length);
        }
        values[v] = copy;
        return copy;
    }

    private int copyOperands(int v, Op op, int call) {
        boolean canBeSeen = op.mayTrap() || op.isCall() || op == Op.TRAP;
        int position = callee.position(v);
        graph.setPosition(canBeSeen ? graph.positions().inlined(position, graph.position(call)) : position);
        int n = callee.operandCount(v);
        long imm = callee.imm(v);
        if (op == Op.VSHUFFLE || op == Op.CONST && callee.type(v) == Type.V128) {
            imm = graph.wide().number(callee.wide().low((int) imm), callee.wide().high((int) imm));
        }
        int copy = op.operandCount() < 0
                ? graph.createList(op, callee.type(v), n, imm, callee.aux(v))
                : graph.create(op, callee.type(v), -1, -1, -1, imm, callee.aux(v));
        for (int i = 0; i < n; i++) {
            graph.setOperand(copy, i, values[callee.operand(v, i)]);
        }
        return copy;
    }
}
