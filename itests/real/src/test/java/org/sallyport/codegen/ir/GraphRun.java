package org.sallyport.codegen.ir;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.sallyport.TrapCode;
import org.sallyport.codegen.ir.GraphFunction.TailCall;
import org.sallyport.spi.ArrayMemory;
import org.sallyport.spi.Builtin;
import org.sallyport.spi.GlobalCell;
import org.sallyport.spi.GuestFunction;
import org.sallyport.spi.ObjectParts;

/** One call of one function. Values are as {@link Fold} has them: i32 sign-extended, f32 in the low half with zeros above. */
final class GraphRun {
    /** What is understood: all but what belongs to machine code. */
    static final Set<Op> KNOWN = known();

    private static final long F32_NAN = 0x7FC0_0000L;
    private static final long F64_NAN = 0x7FF8_0000_0000_0000L;

    private final GraphFunction function;
    private final ObjectParts parts;
    private final Graph graph;
    private final GuestStack stack;
    private final @Nullable GlobalCell fuel;
    private final long[] values;

    GraphRun(GraphFunction function, GuestStack stack) {
        this.function = function;
        this.stack = stack;
        parts = function.parts;
        graph = function.graph;
        fuel = parts.fuel();
        values = new long[graph.size()];
    }

    private static Set<Op> known() {
        Set<Op> set = EnumSet.of(Op.RESULT, Op.LOAD, Op.STORE, Op.GLOBAL_GET, Op.GLOBAL_SET, Op.MEMORY_LENGTH,
                Op.TABLE_LENGTH, Op.TABLE_GET, Op.TABLE_SET, Op.FUNC_TYPE, Op.CALL, Op.CALL_IMPORT, Op.CALL_REF,
                Op.CALL_BUILTIN, Op.CALL_HELPER, Op.CHARGE, Op.CHARGE_BY, Op.TRAP_IF, Op.TRAP_UNLESS, Op.JUMP, Op.BRANCH,
                Op.BR_TABLE, Op.RETURN, Op.RETURN_CALL, Op.RETURN_CALL_IMPORT, Op.RETURN_CALL_REF, Op.TRAP);
        set.addAll(EnumSet.of(Op.DIV_S, Op.DIV_U, Op.REM_S, Op.REM_U, Op.TRUNC_S, Op.TRUNC_U));
        Arrays.stream(Op.values()).filter(op -> op.isPure() && op != Op.VMCTX).forEach(set::add);
        return set;
    }

    /** @return a call that follows in this one's place, or null: then the results are in the slots */
    @Nullable TailCall run(long[] slots) {
        parts.checkpoint();
        int block = graph.firstBlock();
        while (true) {
            int v = graph.first(block);
            for (; !graph.op(v).isTerminator(); v = graph.next(v)) {
                values[v] = graph.op(v) == Op.ARG ? argument(v, slots) : value(v);
            }
            switch (graph.op(v)) {
                case JUMP -> {
                    parts.checkpoint();
                    block = jump(block, v);
                }
                case BRANCH -> block = graph.successor(block, (int) a(v) != 0 ? 0 : 1);
                case BR_TABLE -> {
                    long index = a(v) & 0xFFFF_FFFFL;
                    block = graph.successor(block, graph.tableCase(v, (int) Math.min(index, graph.tableCaseCount(v) - 1)));
                }
                case RETURN -> {
                    for (int i = 0; i < graph.operandCount(v); i++) {
                        slots[2 * i] = operand(v, i);
                    }
                    return null;
                }
                case RETURN_CALL, RETURN_CALL_IMPORT -> {
                    stack.at(graph.position(v));
                    return new TailCall(target(v), arguments(v, 0));
                }
                case RETURN_CALL_REF -> {
                    stack.at(graph.position(v));
                    return new TailCall(parts.function(operand(v, 0)), arguments(v, 1));
                }
                default -> throw trap(v, TrapCode.values()[(int) graph.imm(v)]);
            }
        }
    }

    private long argument(int v, long[] slots) {
        return normal(graph.type(v), slots[2 * (int) graph.imm(v)]);
    }

    /** Without what may be above the bits that count. */
    private static long normal(Type type, long bits) {
        return switch (type) {
            case I32 -> (int) bits;
            case F32 -> bits & 0xFFFF_FFFFL;
            case I64, F64, REF -> bits;
            case V128, VOID -> throw new AssertionError("BUG: " + type);
        };
    }

    private int jump(int block, int v) {
        int target = graph.successor(block, 0);
        long[] arguments = new long[graph.operandCount(v)];
        for (int i = 0; i < arguments.length; i++) {
            arguments[i] = operand(v, i);
        }
        for (int i = 0; i < arguments.length; i++) {
            values[graph.param(target, i)] = arguments[i];
        }
        return target;
    }

    private long a(int v) {
        return values[graph.a(v)];
    }

    private long operand(int v, int i) {
        return values[graph.operand(v, i)];
    }

    private RuntimeException trap(int v, TrapCode code) {
        stack.at(graph.position(v));
        return parts.trap(code);
    }

    private long value(int v) {
        Op op = graph.op(v);
        int index = (int) graph.imm(v);
        return switch (op) {
            case CONST -> graph.imm(v);
            case SELECT -> (int) a(v) != 0 ? values[graph.b(v)] : values[graph.c(v)];
            case GUARD -> (int) a(v) != 0 ? values[graph.b(v)] : 0;
            case LOAD -> load(v);
            case STORE -> store(v);
            case GLOBAL_GET -> normal(graph.type(v), parts.global(index).low);
            case GLOBAL_SET -> parts.global(index).low = a(v);
            case MEMORY_LENGTH -> parts.memory(index).bytes.length;
            case TABLE_LENGTH -> parts.table(index).elements.length;
            case TABLE_GET -> parts.table(index).elements[(int) a(v)];
            case TABLE_SET -> parts.table(index).elements[(int) a(v)] = values[graph.b(v)];
            case REF_FUNC -> parts.reference(index);
            case FUNC_TYPE -> parts.typeOf(a(v));
            case TYPE_NUMBER -> parts.typeNumber(index);
            case CHARGE -> charge(v, graph.imm(v));
            case CHARGE_BY -> charge(v, a(v));
            case TRAP_IF -> check((int) a(v) == 0, v);
            case TRAP_UNLESS -> check((int) a(v) != 0, v);
            case CALL, CALL_IMPORT -> call(v, target(v), 0);
            case CALL_REF -> call(v, parts.function(operand(v, 0)), 1);
            case CALL_BUILTIN -> builtin(v, Builtin.values()[index]);
            case CALL_HELPER -> helper(v, Helper.of(index));
            case RESULT -> values[v]; // the call has set it
            default -> compute(v, op);
        };
    }

    private long compute(int v, Op op) {
        Type type = graph.type(graph.a(v));
        long a = a(v);
        long b = op.operandCount() > 1 ? values[graph.b(v)] : 0;
        TrapCode trap = Fold.trap(op, type, graph.type(v), a, b);
        if (trap != null) {
            throw trap(v, trap);
        }
        long bits = Fold.compute(op, type, graph.type(v), a, b);
        boolean bitwise = op == Op.FABS || op == Op.FNEG || op == Op.FCOPYSIGN || op == Op.REINTERPRET;
        if (bitwise || !Fold.isNaN(graph.type(v), bits)) {
            return bits;
        }
        return graph.type(v) == Type.F32 ? F32_NAN : F64_NAN;
    }

    private long check(boolean passed, int v) {
        if (!passed) {
            throw trap(v, TrapCode.values()[(int) graph.imm(v)]);
        }
        return 0;
    }

    private long charge(int v, long units) {
        GlobalCell cell = fuel;
        if (cell == null) {
            throw new AssertionError("BUG: nobody counts fuel: " + Printer.instruction(graph, v));
        }
        cell.low -= units;
        if (cell.low < 0 && graph.isCheckedCharge(v)) {
            stack.at(graph.position(v));
            throw parts.outOfFuel();
        }
        return 0;
    }

    // ---- memory

    private int place(int v, ArrayMemory memory) {
        boolean checked = graph.isChecked(v);
        long at = (checked ? a(v) : a(v) & 0xFFFF_FFFFL) + graph.imm(v);
        if (at < 0 || at > memory.bytes.length - graph.access(v).bytes()) {
            if (checked) {
                throw new AssertionError("BUG: checked access outside of memory: " + Printer.instruction(graph, v));
            }
            throw trap(v, TrapCode.MEMORY_OUT_OF_BOUNDS);
        }
        return (int) at;
    }

    private long load(int v) {
        ArrayMemory memory = parts.memory(graph.memory(v));
        int at = place(v, memory);
        Access access = graph.access(v);
        long bits = 0;
        for (int i = access.bytes() - 1; i >= 0; i--) {
            bits = bits << 8 | memory.bytes[at + i] & 0xFF;
        }
        int unused = 64 - 8 * access.bytes();
        return normal(graph.type(v), access.isSigned() ? bits << unused >> unused : bits);
    }

    private long store(int v) {
        ArrayMemory memory = parts.memory(graph.memory(v));
        int at = place(v, memory);
        long bits = values[graph.b(v)];
        for (int i = 0; i < graph.access(v).bytes(); i++) {
            memory.bytes[at + i] = (byte) (bits >> 8 * i);
        }
        return 0;
    }

    private long helper(int v, Helper helper) {
        stack.at(graph.position(v));
        int memories = graph.aux(v);
        switch (helper) {
            case MEMORY_COPY -> parts.copyMemory(memories & 0xFFFF, memories >>> 16, operand(v, 0), operand(v, 1), operand(v, 2));
            case MEMORY_FILL -> parts.fillMemory(memories, operand(v, 0), (byte) operand(v, 1), operand(v, 2));
        }
        return 0;
    }

    // ---- calls

    private GuestFunction target(int v) {
        int index = (int) graph.imm(v);
        int imported = function.code.facts.spaces().importedFuncs();
        return index < imported ? parts.imported(index) : function.own[index - imported];
    }

    /** Arguments, and room for the results of a call in this one's place. */
    private long[] arguments(int v, int first) {
        int count = graph.operandCount(v) - first;
        long[] slots = new long[2 * Math.max(count, graph.resultCount())];
        for (int i = 0; i < count; i++) {
            slots[2 * i] = operand(v, first + i);
        }
        return slots;
    }

    private long call(int v, GuestFunction target, int first) {
        stack.at(graph.position(v));
        int results = graph.type(v) == Type.VOID ? 0 : 1;
        int last = v;
        while (graph.op(graph.next(last)) == Op.RESULT && graph.a(graph.next(last)) == v) {
            last = graph.next(last);
            results++;
        }
        int count = graph.operandCount(v) - first;
        long[] slots = new long[2 * Math.max(count, results)];
        for (int i = 0; i < count; i++) {
            slots[2 * i] = operand(v, first + i);
        }
        target.call(slots);
        int result = v;
        for (int i = 1; i < results; i++) {
            result = graph.next(result);
            values[result] = normal(graph.type(result), slots[2 * i]);
        }
        return results == 0 ? 0 : normal(graph.type(v), slots[0]);
    }

    private long builtin(int v, Builtin builtin) {
        stack.at(graph.position(v));
        long[] arguments = new long[graph.operandCount(v)];
        for (int i = 0; i < arguments.length; i++) {
            arguments[i] = operand(v, i);
        }
        return parts.builtin(builtin, arguments);
    }
}
