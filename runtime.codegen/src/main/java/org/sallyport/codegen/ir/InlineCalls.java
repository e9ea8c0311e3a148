package org.sallyport.codegen.ir;

import static org.sallyport.codegen.ir.LoopLocals.ensure;

import org.sallyport.spi.ValidModule.FunctionFacts;

/**
 * Replaces calls of small functions of the same module by their bodies. Small are bodies of few instructions without
 * loops and tail calls, fewer still if they call; what they call stays a call, so one level is all there is. The copied
 * instructions keep their positions in the binary, which lie in the callee's body: a backtrace can tell from that which
 * function was there (docs/abi.md).
 */
final class InlineCalls {
    /** Instructions of a body that is copied. */
    private static final int SMALL = 24;
    /** Instructions of a body that is copied although it calls: one that passes on what it was given. */
    private static final int SMALL_CALLER = 8;
    /** Instructions copied into one function: a constant and a share of its own. */
    private static final int GROWTH = 400;

    private final ModuleFacts facts;
    private final BuildGraph builder;
    private final Graph callee = new Graph();
    private Graph graph = Graph.NOTHING;
    private boolean hasCopied;
    /** The block that a block was cut into by the latest call with branches. */
    private int rest;
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
        rest = -1;
        int b = graph.firstBlock();
        while (b >= 0) {
            int next = graph.nextBlock(b);
            for (int v = graph.first(b), behind; v >= 0; v = behind) {
                behind = graph.next(v);
                if (graph.op(v) != Op.CALL || isProtected(v)) {
                    continue;
                }
                int size = size((int) graph.imm(v));
                if (size <= budget && inline(v, b)) {
                    budget -= size;
                    if (callee.firstBlock() != callee.lastBlock()) {
                        next = rest; // what stood behind the call; the copied blocks in between stay as they are
                        break;
                    }
                }
            }
            b = next;
        }
        if (hasCopied) {
            graph.resolveAll();
        }
    }

    private boolean isProtected(int call) {
        int v = graph.next(call);
        while (graph.op(v) == Op.RESULT) {
            v = graph.next(v);
        }
        return graph.op(v) == Op.OUTCOME;
    }

    /** Instructions of a body that may be copied, else a large number. */
    private int size(int function) {
        FunctionFacts f = facts.valid().facts(function);
        boolean small = f.instructions() <= (f.calls() ? SMALL_CALLER : SMALL);
        return small && !f.loops() && !f.tailCalls() && function != graph.function() ? f.instructions() : Integer.MAX_VALUE;
    }

    private boolean inline(int call, int b) {
        builder.build((int) graph.imm(call), callee);
        if (callee.hasMade(Op.OUTCOME) || !returns()) {
            return false; // what follows is unreachable, and the call a better place to say so
        }
        hasCopied = true;
        values = ensure(values, callee.size());
        if (callee.firstBlock() == callee.lastBlock()) {
            straight(call, b);
        } else {
            branching(call, b);
        }
        return true;
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
        for (int from = callee.firstBlock(); from >= 0; from = callee.nextBlock(from)) {
            copyBlock(from, call);
        }
        graph.remove(call);
        int last = b;
        for (int from = callee.nextBlock(callee.firstBlock()); from >= 0; from = callee.nextBlock(from)) {
            graph.placeBlock(blocks[from], last);
            last = blocks[from];
        }
        graph.placeBlock(rest, last);
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

    private void copyBlock(int from, int call) {
        int to = blocks[from];
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
        boolean canBeSeen = op.mayTrap() || op.isCall();
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
