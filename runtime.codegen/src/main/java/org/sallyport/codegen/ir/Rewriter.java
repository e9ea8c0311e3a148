package org.sallyport.codegen.ir;

/**
 * What a {@link Rule} works with: the graph, questions about values, and makers of new instructions, which are
 * placed before the one
 * being rewritten.
 */
final class Rewriter {
    /** A rule's answer: does not apply. */
    static final int NO = -1;

    private Graph graph = Graph.NOTHING;
    private int at;
    private int firstNew;

    void begin(Graph of) {
        graph = of;
    }

    Graph graph() {
        return graph;
    }

    /** New instructions go before {@code v} from now on. */
    void moveTo(int v) {
        at = v;
        firstNew = NO;
    }

    /** The first instruction made since {@link #moveTo}, or -1. */
    int firstNew() {
        return firstNew;
    }

    // ---- questions ----

    Op op(int v) {
        return graph.op(v);
    }

    boolean is(int v, Op op) {
        return graph.op(v) == op;
    }

    Type type(int v) {
        return graph.type(v);
    }

    int a(int v) {
        return graph.a(v);
    }

    int b(int v) {
        return graph.b(v);
    }

    int c(int v) {
        return graph.c(v);
    }

    boolean isConst(int v) {
        return graph.isConst(v);
    }

    boolean isConst(int v, long value) {
        return graph.isConst(v) && graph.imm(v) == value;
    }

    /** The constant's value; i32 sign-extended. */
    long value(int v) {
        return graph.imm(v);
    }

    /** Whether {@code v} is {@code op} with a constant as its second operand. */
    boolean isWithConst(int v, Op op) {
        return graph.op(v) == op && graph.isConst(graph.b(v));
    }

    /** Width in bits. */
    int bits(int v) {
        return graph.type(v).bytes() * 8;
    }

    boolean isI32(int v) {
        return graph.type(v) == Type.I32;
    }

    /** Whether the value is 0 or 1. */
    boolean isBoolean(int v) {
        return (KnownBits.possible(graph, v) & ~1L) == 0;
    }

    /** Bits that may be set; see {@link KnownBits}. */
    long possible(int v) {
        return KnownBits.possible(graph, v);
    }

    /** The constant's bits without sign extension. */
    long unsigned(int v) {
        return isI32(v) ? value(v) & 0xFFFF_FFFFL : value(v);
    }

    // ---- makers ----

    int constant(Type type, long value) {
        return add(graph.create(Op.CONST, type, -1, -1, -1, type == Type.I32 ? (int) value : value, 0));
    }

    /** A constant of the type of {@code like}. */
    int constantLike(int like, long value) {
        return constant(graph.type(like), value);
    }

    int unary(Op op, Type type, int x) {
        return add(graph.create(op, type, x, -1, -1, 0, 0));
    }

    /** An operation whose result has the type of its operands. */
    int binary(Op op, int x, int y) {
        return add(graph.create(op, graph.type(x), x, y, -1, 0, 0));
    }

    int binaryConst(Op op, int x, long constant) {
        return binary(op, x, constantLike(x, constant));
    }

    int compare(Op op, int x, int y) {
        return add(graph.create(op, Type.I32, x, y, -1, 0, 0));
    }

    int compareConst(Op op, int x, long constant) {
        return compare(op, x, constantLike(x, constant));
    }

    int select(int condition, int yes, int no) {
        return add(graph.create(Op.SELECT, graph.type(yes), condition, yes, no, 0, 0));
    }

    /** Any instruction without a list of operands. */
    int make(Op op, Type type, int x, int y, int z, long imm, int aux) {
        return add(graph.create(op, type, x, y, z, imm, aux));
    }

    private int add(int v) {
        graph.setPosition(v, graph.position(at));
        graph.insertBefore(at, v);
        if (firstNew == NO) {
            firstNew = v;
        }
        return v;
    }
}
