package org.sallyport.codegen.ir;

import java.util.Locale;
import org.sallyport.TrapCode;
import org.sallyport.spi.Builtin;

/**
 * The text form of a graph, for dumps and tests (the tests read it back):
 *
 * <pre>
 * function 3 (i32, i64) -> (i32)
 * b0:
 *   v0:i32 = arg number=0
 *   v1:i32 = const 10
 *   v2:i32 = load.u8 v0 offset=16 memory=0 @0x2f
 *   jump b1(v2)
 * b1(v3:i32): cold
 *   branch v3 b2 b3
 * </pre>
 */
final class Printer {
    private final Graph graph;
    private final StringBuilder out = new StringBuilder();

    private Printer(Graph graph) {
        this.graph = graph;
    }

    static String print(Graph graph) {
        return new Printer(graph).function();
    }

    static String instruction(Graph graph, int v) {
        Printer printer = new Printer(graph);
        printer.instruction(v);
        return printer.out.toString().strip();
    }

    private String function() {
        out.append("function ").append(graph.function()).append(" (");
        for (int i = 0; i < graph.parameterCount(); i++) {
            out.append(i == 0 ? "" : ", ").append(graph.parameterType(i));
        }
        out.append(") -> (");
        for (int i = 0; i < graph.resultCount(); i++) {
            out.append(i == 0 ? "" : ", ").append(graph.resultType(i));
        }
        out.append(")\n");
        for (int b = graph.firstBlock(); b >= 0; b = graph.nextBlock(b)) {
            block(b);
        }
        return out.toString();
    }

    private void block(int b) {
        out.append('b').append(b);
        for (int i = 0; i < graph.paramCount(b); i++) {
            out.append(i == 0 ? "(" : ", ");
            definition(graph.param(b, i));
        }
        out.append(graph.paramCount(b) > 0 ? "):" : ":").append(graph.isCold(b) ? " cold\n" : "\n");
        for (int v = graph.first(b); v >= 0; v = graph.next(v)) {
            instruction(v);
        }
    }

    private void definition(int v) {
        out.append('v').append(v).append(':').append(graph.type(v));
    }

    private void instruction(int v) {
        out.append("  ");
        if (graph.type(v) != Type.VOID) {
            definition(v);
            out.append(" = ");
        }
        Op op = graph.op(v);
        out.append(op);
        if (op == Op.JUMP) {
            out.append(" b").append(graph.successor(graph.blockOf(v), 0));
            operands(v, "(", ")");
        } else {
            operationDetails(op, v);
        }
        int position = graph.positions().original(graph.position(v));
        if (position >= 0) {
            out.append(" @0x").append(Integer.toHexString(position));
        }
        out.append('\n');
    }

    private void operationDetails(Op op, int v) {
        if (isAccess(op)) {
            out.append('.').append(graph.access(v));
        }
        operands(v, " ", "");
        switch (op) {
            case CONST -> constant(v);
            case ARG, RESULT -> attribute("number", graph.imm(v));
            case LOAD, STORE, ATOMIC_LOAD, ATOMIC_STORE, ATOMIC_ADD, ATOMIC_AND, ATOMIC_OR, ATOMIC_XOR, ATOMIC_XCHG,
                    ATOMIC_CMPXCHG -> {
                attribute("offset", graph.imm(v));
                if (Graph.isHeap(graph.memory(v))) {
                    out.append(" heap");
                } else {
                    attribute("memory", graph.memory(v));
                }
                if (graph.isChecked(v) && !Graph.isHeap(graph.memory(v))) {
                    attribute("checked", 1);
                }
            }
            case VMLOAD, VMSTORE -> {
                attribute("offset", graph.imm(v));
                out.append(" in=").append(Alias.text(graph.aliasClass(v)));
            }
            case VUNARY, VBINARY, VTERNARY, VSHIFT, VTEST, VSPLAT -> lanes(v);
            case VEXTRACT, VREPLACE -> {
                lanes(v);
                attribute("lane", graph.imm(v));
            }
            case VSHUFFLE -> out.append(" pattern=").append(wide(graph.imm(v)));
            case GLOBAL_GET, GLOBAL_SET -> attribute("global", graph.imm(v));
            case MEMORY_LENGTH -> attribute("memory", graph.imm(v));
            case TABLE_LENGTH, TABLE_GET, TABLE_SET -> attribute("table", graph.imm(v));
            case TYPE_NUMBER -> attribute("type", graph.imm(v));
            case TAG_NUMBER -> attribute("tag", graph.imm(v));
            case EXCEPTION_GET, EXCEPTION_SET -> attribute("value", graph.imm(v));
            case CALL, CALL_IMPORT, REF_FUNC, RETURN_CALL, RETURN_CALL_IMPORT -> attribute("function", graph.imm(v));
            case CALL_INDIRECT, CALL_REF, RETURN_CALL_INDIRECT, RETURN_CALL_REF -> {
                attribute("type", graph.imm(v));
                attribute("same", graph.aux(v));
            }
            case NEW_STRUCT, NEW_ARRAY -> {
                attribute("type", graph.imm(v));
                attribute("bytes", graph.aux(v));
            }
            case OBJECT -> {
                out.append(' ').append(lower(graph.objectOp(v)));
                attribute("type", graph.objectType(v));
                attribute("index", graph.objectIndex(v));
            }
            case REF_TEST -> {
                out.append(" heap=").append(graph.heapType(v));
                attribute("null", graph.aux(v));
            }
            case I31_GET -> attribute("signed", graph.aux(v));
            case CALL_BUILTIN -> out.append(" builtin=").append(lower(Builtin.values()[(int) graph.imm(v)]));
            case CALL_HELPER -> {
                out.append(" helper=").append(Helper.of((int) graph.imm(v)));
                attribute("memories", graph.aux(v));
            }
            case TRAP_IF, TRAP_UNLESS, TRAP -> out.append(" code=").append(lower(TrapCode.values()[(int) graph.imm(v)]));
            case BRANCH, BR_TABLE, OUTCOME -> branch(op, v);
            case CHARGE -> {
                attribute("fuel", graph.imm(v));
                attribute("check", graph.aux(v));
            }
            default -> {}
        }
    }

    private void branch(Op op, int v) {
        int b = graph.blockOf(v);
        for (int i = 0; b >= 0 && i < graph.successorCount(b); i++) {
            out.append(" b").append(graph.successor(b, i));
        }
        if (op == Op.BR_TABLE) {
            out.append(" cases=");
            for (int i = 0; i < graph.tableCaseCount(v); i++) {
                out.append(i == 0 ? "" : ",").append(graph.tableCase(v, i));
            }
        }
    }

    private void operands(int v, String before, String after) {
        int n = graph.operandCount(v);
        for (int i = 0; i < n; i++) {
            out.append(i == 0 ? before : ", ").append('v').append(graph.operand(v, i));
        }
        out.append(n > 0 ? after : "");
    }

    private void constant(int v) {
        long bits = graph.imm(v);
        switch (graph.type(v)) {
            case F32 -> out.append(" 0x").append(Integer.toHexString((int) bits))
                    .append(" ;").append(Float.intBitsToFloat((int) bits));
            case F64 -> out.append(" 0x").append(Long.toHexString(bits)).append(" ;").append(Double.longBitsToDouble(bits));
            case V128 -> out.append(' ').append(wide(bits));
            default -> out.append(' ').append(bits);
        }
    }

    private void lanes(int v) {
        out.append(" lanes=").append(graph.lane(v)).append('.');
        out.append(LaneOp.hasShape(graph.aux(v)) ? graph.shape(v).toString() : "v128");
    }

    /** 32 digits, the highest byte first. */
    private String wide(long number) {
        return "0x%016x%016x".formatted(graph.wide().high((int) number), graph.wide().low((int) number));
    }

    private void attribute(String name, long value) {
        out.append(' ').append(name).append('=').append(value);
    }

    private static String lower(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }

    static boolean isAccess(Op op) {
        return op.isLinearAccess() || op == Op.VMLOAD || op == Op.VMSTORE;
    }
}
