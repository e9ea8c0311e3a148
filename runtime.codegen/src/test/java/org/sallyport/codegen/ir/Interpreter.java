package org.sallyport.codegen.ir;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.sallyport.TrapCode;

/**
 * Executes a graph, for tests: what a graph means before a pass and after it must be the same. Linear memory is 64
 * KiB. The
 * runtime's structures are a sparse map of bytes, and the instance context is at {@link #VMCTX}; reading a byte that
 * nobody wrote is a
 * fault of the compiler. Calls are events: their arguments are recorded, they change memory and the mutable
 * structures in a way that
 * depends on them, and their results are a hash.
 */
final class Interpreter {
    static final long VMCTX = 0x4000_0000L;
    static final int MEMORY_SIZE = 1 << 16;

    /** What can be observed of a run. */
    record Outcome(String end, List<String> events, int memoryHash, Map<Long, Byte> structures, long fuel) {}

    /** The run used up its steps: says nothing. */
    static final class OutOfSteps extends RuntimeException {
        private static final long serialVersionUID = 1;
    }

    private static final class Trapped extends RuntimeException {
        private static final long serialVersionUID = 1;
        private final TrapCode code;

        Trapped(TrapCode code) {
            super(code.text(), null, false, false);
            this.code = code;
        }
    }

    private final Graph graph;
    private final long[] values;
    private final byte[] memory = new byte[MEMORY_SIZE];
    private final Map<Long, Byte> structures = new TreeMap<>();
    /** Addresses of 8-byte cells that calls change. */
    private final long[] volatileCells;
    private final List<String> events = new ArrayList<>();
    private int steps;
    private long fuel = Long.MAX_VALUE;

    /**
     * @param initial contents of the runtime's structures
     * @param volatileCells 8-byte cells (mutable globals) that calls change
     */
    Interpreter(Graph graph, Map<Long, Byte> initial, long[] volatileCells, int steps) {
        this.graph = graph;
        this.volatileCells = volatileCells;
        this.steps = steps;
        values = new long[graph.size()];
        structures.putAll(initial);
        for (int i = 0; i < MEMORY_SIZE; i++) {
            memory[i] = (byte) (i * 31 ^ i >> 5);
        }
    }

    /** What charges take from; before, it is more than enough. */
    Interpreter withFuel(long units) {
        fuel = units;
        return this;
    }

    /** @throws OutOfSteps if it takes too long */
    Outcome run(long... arguments) {
        String end;
        try {
            end = Arrays.toString(execute(arguments));
        } catch (Trapped t) {
            end = "trap " + t.code;
        }
        return new Outcome(end, events, Arrays.hashCode(memory), structures, fuel);
    }

    private long[] execute(long[] arguments) {
        int block = graph.firstBlock();
        while (true) {
            int v = graph.first(block);
            for (; !graph.op(v).isTerminator(); v = graph.next(v)) {
                step();
                values[v] = graph.op(v) == Op.ARG ? arguments[(int) graph.imm(v)] : value(v);
            }
            step();
            switch (graph.op(v)) {
                case JUMP -> block = jump(block, v);
                case BRANCH -> block = graph.successor(block, (int) values[graph.a(v)] != 0 ? 0 : 1);
                case BR_TABLE -> {
                    long index = values[graph.a(v)] & 0xFFFF_FFFFL;
                    block = graph.successor(block, graph.tableCase(v, (int) Math.min(index, graph.tableCaseCount(v) - 1)));
                }
                case RETURN -> {
                    return operands(v);
                }
                case RETURN_CALL, RETURN_CALL_IMPORT, RETURN_CALL_REF, RETURN_CALL_INDIRECT -> {
                    return new long[] {call(v, graph.op(v))};
                }
                default -> throw new Trapped(TrapCode.values()[(int) graph.imm(v)]);
            }
        }
    }

    private void step() {
        if (--steps < 0) {
            throw new OutOfSteps();
        }
    }

    private int jump(int block, int v) {
        long[] arguments = operands(v);
        int target = graph.successor(block, 0);
        for (int i = 0; i < arguments.length; i++) {
            values[graph.param(target, i)] = arguments[i];
        }
        return target;
    }

    private long[] operands(int v) {
        long[] list = new long[graph.operandCount(v)];
        for (int i = 0; i < list.length; i++) {
            list[i] = values[graph.operand(v, i)];
        }
        return list;
    }

    private long value(int v) {
        Op op = graph.op(v);
        long a = op.operandCount() > 0 ? values[graph.a(v)] : 0;
        long b = op.operandCount() > 1 ? values[graph.b(v)] : 0;
        return switch (op) {
            case CONST -> graph.imm(v);
            case VMCTX -> VMCTX;
            case SELECT -> (int) a != 0 ? b : values[graph.c(v)];
            case GUARD -> (int) a != 0 ? b : 0;
            case LOAD, ATOMIC_LOAD -> load(v, a);
            case STORE, ATOMIC_STORE -> store(v, a, b);
            case ATOMIC_ADD, ATOMIC_AND, ATOMIC_OR, ATOMIC_XOR, ATOMIC_XCHG, ATOMIC_CMPXCHG -> modify(v, op, a, b);
            case ATOMIC_FENCE -> 0;
            case VMLOAD -> vmLoad(v, a);
            case VMSTORE -> vmStore(v, a, b);
            case TRAP_IF -> check((int) a == 0, v);
            case TRAP_UNLESS -> check((int) a != 0, v);
            case CALL, CALL_IMPORT, CALL_INDIRECT, CALL_BUILTIN, CALL_HELPER -> call(v, op);
            case CHARGE -> charge(v, graph.imm(v));
            case CHARGE_BY -> charge(v, a);
            case RESULT -> result(graph.type(v), hash("result " + graph.imm(v) + a));
            default -> compute(v, op, a, b);
        };
    }

    private long compute(int v, Op op, long a, long b) {
        Type type = graph.type(graph.a(v));
        @Nullable TrapCode trap = Fold.trap(op, type, graph.type(v), a, b);
        if (trap != null) {
            throw new Trapped(trap);
        }
        long bits = Fold.compute(op, type, graph.type(v), a, b);
        boolean bitwise = op == Op.FABS || op == Op.FNEG || op == Op.FCOPYSIGN || op == Op.REINTERPRET;
        return !bitwise && Fold.isNaN(graph.type(v), bits) ? canonicalNaN(graph.type(v)) : bits;
    }

    private static long canonicalNaN(Type type) {
        return type == Type.F32 ? 0x7FC0_0000L : 0x7FF8_0000_0000_0000L;
    }

    private long check(boolean passed, int v) {
        return check(passed, TrapCode.values()[(int) graph.imm(v)]);
    }

    private static long check(boolean passed, TrapCode code) {
        if (!passed) {
            throw new Trapped(code);
        }
        return 0;
    }

    private long charge(int v, long units) {
        fuel -= units;
        return check(fuel >= 0 || !graph.isCheckedCharge(v), TrapCode.OUT_OF_FUEL);
    }

    // ---- memory ----

    private int linear(int v, long address) {
        long at = (graph.type(graph.a(v)) == Type.I32 ? address & 0xFFFF_FFFFL : address) + graph.imm(v);
        if (at < 0 || at + graph.access(v).bytes() > MEMORY_SIZE) {
            if (graph.type(graph.a(v)) != Type.I32) {
                throw new AssertionError("checked access outside of memory: " + Printer.instruction(graph, v));
            }
            throw new Trapped(TrapCode.MEMORY_OUT_OF_BOUNDS);
        }
        return (int) at;
    }

    private long load(int v, long address) {
        int at = linear(v, address);
        long bits = 0;
        for (int i = graph.access(v).bytes() - 1; i >= 0; i--) {
            bits = bits << 8 | memory[at + i] & 0xFF;
        }
        return extend(v, bits);
    }

    private long modify(int v, Op op, long address, long b) {
        long before = load(v, address);
        long after = switch (op) {
            case ATOMIC_ADD -> before + b;
            case ATOMIC_AND -> before & b;
            case ATOMIC_OR -> before | b;
            case ATOMIC_XOR -> before ^ b;
            case ATOMIC_XCHG -> b;
            default -> before == wrapped(v, b) ? values[graph.c(v)] : before;
        };
        store(v, address, after);
        return before;
    }

    /** The bits of a value that an access reads or writes, as it reads them. */
    private long wrapped(int v, long bits) {
        int unused = 64 - 8 * graph.access(v).bytes();
        return extend(v, bits << unused >>> unused);
    }

    private long extend(int v, long bits) {
        Access access = graph.access(v);
        int unused = 64 - 8 * access.bytes();
        long value = access.isSigned() ? bits << unused >> unused : bits;
        return graph.type(v) == Type.I32 ? (int) value : value;
    }

    private long store(int v, long address, long bits) {
        int at = linear(v, address);
        for (int i = 0; i < graph.access(v).bytes(); i++) {
            memory[at + i] = (byte) (bits >> 8 * i);
        }
        return 0;
    }

    private long vmLoad(int v, long address) {
        long bits = 0;
        for (int i = graph.access(v).bytes() - 1; i >= 0; i--) {
            Byte b = structures.get(address + graph.imm(v) + i);
            if (b == null) {
                throw new AssertionError("faults: " + Printer.instruction(graph, v) + " at 0x" + Long.toHexString(address));
            }
            bits = bits << 8 | b & 0xFF;
        }
        return extend(v, bits);
    }

    private long vmStore(int v, long address, long bits) {
        for (int i = 0; i < graph.access(v).bytes(); i++) {
            structures.put(address + graph.imm(v) + i, (byte) (bits >> 8 * i));
        }
        return 0;
    }

    // ---- calls ----

    private long call(int v, Op op) {
        String event = op + " " + graph.imm(v) + Arrays.toString(operands(v)) + (fuel == Long.MAX_VALUE ? "" : " fuel " + fuel);
        events.add(event);
        long hash = hash(event + events.size());
        for (int i = 0; i < 16; i++) {
            memory[(int) (hash >>> 3 * i & MEMORY_SIZE - 1)] ^= (byte) (hash >> i);
        }
        if (op.isCall()) {
            for (long cell : volatileCells) {
                structures.put(cell, (byte) (hash ^ cell));
            }
        }
        return result(graph.type(v), hash);
    }

    private static long hash(String text) {
        long h = 1125899906842597L;
        for (int i = 0; i < text.length(); i++) {
            h = 31 * h + text.charAt(i);
        }
        return h;
    }

    private static long result(Type type, long hash) {
        return switch (type) {
            case I32 -> (int) hash;
            case F32 -> Float.floatToRawIntBits((int) hash / 16f) & 0xFFFF_FFFFL;
            case F64 -> Double.doubleToRawLongBits(hash / 16d);
            default -> hash;
        };
    }
}
