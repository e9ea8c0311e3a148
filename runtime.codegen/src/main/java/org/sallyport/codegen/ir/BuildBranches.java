package org.sallyport.codegen.ir;

import static org.sallyport.codegen.ir.LoopLocals.ensure;

import org.sallyport.codegen.ir.Constructs.Kind;
import org.sallyport.wasm.CodeReader;

/** Builds branches to open constructs, and goes on with other blocks. */
final class BuildBranches {
    private final CodeReader reader;
    private final Emitter out;
    private final Constructs constructs;
    private final LocalValues locals;
    private final FuelSections fuel;

    // br_table
    private int[] cases = new int[16];
    private int[] caseOfDepth = new int[32];
    private int[] caseStamp = new int[32];
    private int caseStampNow;

    BuildBranches(CodeReader reader, Emitter out, Constructs constructs, LocalValues locals, FuelSections fuel) {
        this.reader = reader;
        this.out = out;
        this.constructs = constructs;
        this.locals = locals;
        this.fuel = fuel;
    }

    // ---- blocks

    /** A block that branches will lead to. */
    int newLabel() {
        int target = out.graph().newBlock();
        locals.openBlock(target);
        return target;
    }

    /** Instructions go to a block that stands behind the last one. */
    void start(int next) {
        out.graph().appendBlock(next);
        out.setBlock(next);
        fuel.beginSection();
    }

    /** Jumps from the current block with the top {@code n} operands, which stay. */
    void jump(int target, int n) {
        int v = withOperands(Op.JUMP, n);
        out.graph().setSuccessors(out.block(), target);
        out.graph().append(out.block(), v);
        locals.addEdge(target, v);
    }

    /** Jumps behind the construct with its results, where code is reachable. */
    void jumpBehind(int construct) {
        if (out.isReachable()) {
            jump(constructs.label(construct), constructs.results(construct).length);
        }
    }

    void emitReturn() {
        int v = withOperands(Op.RETURN, constructs.results(0).length);
        out.graph().append(out.block(), v);
    }

    private int withOperands(Op op, int n) {
        Graph graph = out.graph();
        int v = graph.createList(op, Type.VOID, n, 0, 0);
        for (int i = 0; i < n; i++) {
            graph.setOperand(v, i, out.peek(n, i));
        }
        return v;
    }

    // ---- branches

    /** Ends the current block with a branch to the label; operands stay on the stack. */
    void branchTo(int relative) {
        int frame = constructs.at(relative);
        if (constructs.kind(frame) == Kind.FUNCTION) {
            emitReturn();
        } else {
            jump(constructs.label(frame), constructs.labelArity(frame));
        }
    }

    void branchIf(int condition, int relative) {
        int taken = out.graph().newBlock();
        int next = out.graph().newBlock();
        out.graph().appendBranch(out.block(), condition, taken, next);
        start(taken);
        branchTo(relative);
        start(next);
    }

    void branchTable() {
        Graph graph = out.graph();
        int index = out.pop();
        int n = reader.labelCount();
        cases = ensure(cases, n);
        caseOfDepth = ensure(caseOfDepth, constructs.depth());
        caseStamp = ensure(caseStamp, constructs.depth());
        int[] targets = new int[Math.min(n + 1, constructs.depth())];
        int distinct = 0;
        caseStampNow++;
        for (int i = 0; i <= n; i++) {
            int frame = constructs.at(reader.label(i));
            if (caseStamp[frame] != caseStampNow) {
                caseStamp[frame] = caseStampNow;
                caseOfDepth[frame] = distinct;
                targets[distinct++] = reader.label(i);
            }
            cases[i] = caseOfDepth[frame];
        }
        int from = out.block();
        int[] edges = new int[distinct];
        int v = graph.create(Op.BR_TABLE, Type.VOID, index, -1, -1, 0, 0);
        graph.setTableCases(v, cases, n + 1);
        graph.append(from, v);
        for (int i = 0; i < distinct; i++) {
            edges[i] = graph.newBlock();
            start(edges[i]);
            branchTo(targets[i]);
        }
        graph.setSuccessors(from, edges);
        out.setBlock(-1);
    }

    void branchOnNull(int relative) {
        int reference = out.pop();
        branchIf(out.isNull(reference), relative);
        out.push(reference);
    }

    void branchOnNonNull(int relative) {
        int reference = out.pop();
        int condition = out.isNull(reference);
        int taken = out.graph().newBlock();
        int next = out.graph().newBlock();
        out.graph().appendBranch(out.block(), condition, next, taken);
        start(taken);
        out.push(reference);
        branchTo(relative);
        out.pop();
        start(next);
    }
}
