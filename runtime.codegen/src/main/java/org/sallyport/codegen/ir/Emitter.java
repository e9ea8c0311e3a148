package org.sallyport.codegen.ir;

import static org.sallyport.codegen.ir.LoopLocals.ensure;

import org.sallyport.TrapCode;

/** Where the builders put instructions: the end of the current block, and the operand stack as a stack of value ids. */
final class Emitter {
    private Graph graph = Graph.NOTHING;
    private int[] stack = new int[64];
    private int height;
    private int block;

    /** Begins a function whose entry block is {@code entry}. */
    void reset(Graph to, int entry) {
        graph = to;
        height = 0;
        block = entry;
    }

    Graph graph() {
        return graph;
    }

    /** The block that instructions go to, or -1 in unreachable code. */
    int block() {
        return block;
    }

    boolean isReachable() {
        return block >= 0;
    }

    void setBlock(int to) {
        block = to;
    }

    // ---- operand stack ----

    int height() {
        return height;
    }

    void setHeight(int to) {
        height = to;
    }

    int pop() {
        return stack[--height];
    }

    int top() {
        return stack[height - 1];
    }

    /** The operand {@code i} above the lowest of the top {@code n}. */
    int peek(int n, int i) {
        return stack[height - n + i];
    }

    void push(int v) {
        stack = ensure(stack, height);
        stack[height++] = v;
    }

    // ---- instructions ----

    int emit(Op op, Type type) {
        return emit(op, type, -1, -1, -1, 0, 0);
    }

    int emit(Op op, Type type, int a) {
        return emit(op, type, a, -1, -1, 0, 0);
    }

    int emit(Op op, Type type, int a, int b) {
        return emit(op, type, a, b, -1, 0, 0);
    }

    int emit(Op op, Type type, int a, int b, int c, long imm, int aux) {
        return graph.append(block, graph.create(op, type, a, b, c, imm, aux));
    }

    int constant(Type type, long bits) {
        return emit(Op.CONST, type, -1, -1, -1, bits, 0);
    }

    int i32(int value) {
        return constant(Type.I32, value);
    }

    int i64(long value) {
        return constant(Type.I64, value);
    }

    /** Appends an instruction with a list of operands. */
    int list(Op op, Type type, long imm, int aux, int... operands) {
        int v = graph.createList(op, type, operands.length, imm, aux);
        for (int i = 0; i < operands.length; i++) {
            graph.setOperand(v, i, operands[i]);
        }
        return graph.append(block, v);
    }

    /** Whether a reference is null, i32. */
    int isNull(int reference) {
        return emit(Op.EQ, Type.I32, reference, nullLike(reference));
    }

    int isZero(int number) {
        return emit(Op.EQ, Type.I32, number, i32(0));
    }

    /** The null of the reference's type. */
    int nullLike(int reference) {
        return constant(graph.type(reference), 0);
    }

    void trapUnless(int condition, TrapCode code) {
        emit(Op.TRAP_UNLESS, Type.VOID, condition, -1, -1, code.ordinal(), 0);
    }
}
