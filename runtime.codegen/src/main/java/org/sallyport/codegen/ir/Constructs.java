package org.sallyport.codegen.ir;

import java.util.Arrays;

/** The constructs that are open while {@link BuildGraph} walks over a body, by depth: the function itself is number 0. */
final class Constructs {
    enum Kind {
        FUNCTION,
        BLOCK,
        LOOP,
        IF,
        /** An {@code if} whose {@code else} has begun. */
        ELSE,
        TRY_TABLE,
        TRY,
        /** A {@code try} of which a {@code catch} or {@code catch_all} has begun. */
        CATCH
    }

    private Kind[] kind = new Kind[32];
    private int[] label = new int[32];
    private int[] elseBlock = new int[32];
    private int[] handler = new int[32];
    private int[] floor = new int[32];
    private int[] mark = new int[32];
    private Type[][] params = new Type[32][];
    private Type[][] results = new Type[32][];
    private int depth;

    void clear() {
        depth = 0;
    }

    /**
     * Opens a construct within those that are open.
     *
     * @param target its {@link #label}
     * @param bottom height of the operand stack below its parameters
     * @param localsMark see {@link LocalValues#mark}
     */
    void open(Kind what, int target, int bottom, int localsMark, Type[] takes, Type[] gives) {
        if (depth == kind.length) {
            grow();
        }
        kind[depth] = what;
        label[depth] = target;
        elseBlock[depth] = -1;
        handler[depth] = depth == 0 ? -1 : handler[depth - 1];
        floor[depth] = bottom;
        mark[depth] = localsMark;
        params[depth] = takes;
        results[depth] = gives;
        depth++;
    }

    private void grow() {
        int n = depth * 2;
        kind = Arrays.copyOf(kind, n);
        label = Arrays.copyOf(label, n);
        elseBlock = Arrays.copyOf(elseBlock, n);
        handler = Arrays.copyOf(handler, n);
        floor = Arrays.copyOf(floor, n);
        mark = Arrays.copyOf(mark, n);
        params = Arrays.copyOf(params, n);
        results = Arrays.copyOf(results, n);
    }

    /** The innermost one is closed; what is known of it stays until another is opened. */
    void close() {
        depth--;
    }

    /** Takes back a {@link #close}. */
    void reopen() {
        depth++;
    }

    int depth() {
        return depth;
    }

    /** The innermost one. */
    int top() {
        return depth - 1;
    }

    /** The one that a label of an instruction means: {@code relative} constructs further out. */
    int at(int relative) {
        return depth - 1 - relative;
    }

    Kind kind(int i) {
        return kind[i];
    }

    void setKind(int i, Kind to) {
        kind[i] = to;
    }

    /** Where a branch to the construct goes: the loop's header, or the block behind it. */
    int label(int i) {
        return label[i];
    }

    /** How many operands a branch to the construct takes along. */
    int labelArity(int i) {
        return kind[i] == Kind.LOOP ? params[i].length : results[i].length;
    }

    /** The block that {@code else} begins, or where exceptions arrive that no {@code catch} so far was for; -1: none. */
    int elseBlock(int i) {
        return elseBlock[i];
    }

    void setElseBlock(int i, int to) {
        elseBlock[i] = to;
    }

    /** Where exceptions of instructions within the construct go: a block that dispatches them; -1: out of the function. */
    int handler(int i) {
        return handler[i];
    }

    void setHandler(int i, int to) {
        handler[i] = to;
    }

    /** Height of the operand stack below its parameters. */
    int floor(int i) {
        return floor[i];
    }

    int mark(int i) {
        return mark[i];
    }

    Type[] params(int i) {
        return params[i];
    }

    Type[] results(int i) {
        return results[i];
    }
}
