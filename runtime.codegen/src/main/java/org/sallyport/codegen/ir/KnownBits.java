package org.sallyport.codegen.ir;

/** Which bits of an integer value can be other than zero, found by looking a few operations deep. */
final class KnownBits {
    private static final int DEPTH = 4;
    private static final long LOW32 = 0xFFFF_FFFFL;

    private KnownBits() {}

    /** A mask; bits outside of it are 0 in every execution. For an i32 the upper half is 0. */
    static long possible(Graph graph, int v) {
        return possible(graph, v, DEPTH);
    }

    private static long all(Graph graph, int v) {
        return graph.type(v) == Type.I32 ? LOW32 : -1;
    }

    private static long possible(Graph graph, int v, int depth) {
        long all = all(graph, v);
        if (depth == 0) {
            return graph.isConst(v) ? graph.imm(v) & all : all;
        }
        Op op = graph.op(v);
        if (op.isCompare()) {
            return 1;
        }
        return switch (op) {
            case CONST -> graph.imm(v) & all;
            case PARAM -> graph.imm(v) == 0 ? all : below(graph.imm(v)); // see Counters
            case AND -> possible(graph, graph.a(v), depth - 1) & possible(graph, graph.b(v), depth - 1);
            case OR, XOR -> possible(graph, graph.a(v), depth - 1) | possible(graph, graph.b(v), depth - 1);
            case ADD -> sum(graph, v, depth) & all;
            case MUL -> product(graph, v, depth) & all;
            case SHL, SHR_U, SHR_S -> shift(graph, v, op, depth) & all;
            case DIV_U -> below(possible(graph, graph.a(v), depth - 1));
            case REM_U -> below(possible(graph, graph.a(v), depth - 1)) & below(possible(graph, graph.b(v), depth - 1));
            case LOAD, VMLOAD -> load(graph, v, all);
            case ATOMIC_LOAD, ATOMIC_ADD, ATOMIC_AND, ATOMIC_OR, ATOMIC_XOR, ATOMIC_XCHG, ATOMIC_CMPXCHG -> load(graph, v, all);
            case EXTEND_U -> possible(graph, graph.a(v), depth - 1);
            case EXTEND_S -> {
                long p = possible(graph, graph.a(v), depth - 1);
                yield p >>> 31 == 0 ? p : p | ~LOW32;
            }
            case WRAP -> possible(graph, graph.a(v), depth - 1) & LOW32;
            case CLZ, CTZ, POPCNT -> 127;
            case SELECT -> possible(graph, graph.b(v), depth - 1) | possible(graph, graph.c(v), depth - 1);
            case GUARD -> possible(graph, graph.b(v), depth - 1);
            default -> all;
        };
    }

    /** All bits up to the highest one of the mask. */
    private static long below(long mask) {
        return mask == 0 ? 0 : -1L >>> Long.numberOfLeadingZeros(mask);
    }

    private static long sum(Graph graph, int v, int depth) {
        long x = below(possible(graph, graph.a(v), depth - 1));
        long y = below(possible(graph, graph.b(v), depth - 1));
        return x < 0 || y < 0 ? -1 : below(x + y);
    }

    private static long product(Graph graph, int v, int depth) {
        long x = below(possible(graph, graph.a(v), depth - 1));
        long y = below(possible(graph, graph.b(v), depth - 1));
        return Math.unsignedMultiplyHigh(x, y) != 0 ? -1 : below(x * y);
    }

    private static long shift(Graph graph, int v, Op op, int depth) {
        int y = graph.b(v);
        if (!graph.isConst(y)) {
            return op == Op.SHR_U ? below(possible(graph, graph.a(v), depth - 1)) : -1;
        }
        long x = possible(graph, graph.a(v), depth - 1);
        boolean is32 = graph.type(v) == Type.I32;
        int n = (int) graph.imm(y) & (is32 ? 31 : 63);
        return switch (op) {
            case SHL -> x << n;
            case SHR_U -> x >>> n;
            default -> is32 ? (int) x >> n : x >> n;
        };
    }

    private static long load(Graph graph, int v, long all) {
        Access access = graph.access(v);
        return graph.type(v).isInt() && !access.isSigned() && access.bytes() < 8 ? (1L << 8 * access.bytes()) - 1 : all;
    }
}
