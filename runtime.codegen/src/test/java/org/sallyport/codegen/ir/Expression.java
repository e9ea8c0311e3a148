package org.sallyport.codegen.ir;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Writes and reads an expression such as {@code add(x, 5)} as a graph that returns its value. The parameters are x y z (i32), p q
 * (i64), f g (f32), d e (f64), in this order.
 */
final class Expression {
    static final String PARAMETERS = "xyzpqfgde";
    private static final Pattern TOKEN = Pattern.compile("[a-z_][\\w.]*|-?\\d[\\d.]*[Lf]?|[(),]");

    private final Graph graph = new Graph();
    private final int[] parameters = new int[PARAMETERS.length()];
    private final List<String> tokens = new ArrayList<>();
    private int next;

    private Expression(String text) {
        Matcher m = TOKEN.matcher(text);
        while (m.find()) {
            tokens.add(m.group());
        }
    }

    static Type parameterType(int i) {
        return i < 3 ? Type.I32 : i < 5 ? Type.I64 : i < 7 ? Type.F32 : Type.F64;
    }

    static Graph parse(String text) {
        return new Expression(text).parse();
    }

    private Graph parse() {
        Type[] types = new Type[parameters.length];
        for (int i = 0; i < types.length; i++) {
            types[i] = parameterType(i);
        }
        Type[] results = new Type[1];
        graph.reset(0, types, results);
        int b = graph.newBlock();
        graph.appendBlock(b);
        for (int i = 0; i < types.length; i++) {
            parameters[i] = graph.append(b, graph.create(Op.ARG, types[i], -1, -1, -1, i, 0));
        }
        int v = expression(b);
        results[0] = graph.type(v);
        int end = graph.createList(Op.RETURN, Type.VOID, 1, 0, 0);
        graph.setOperand(end, 0, v);
        graph.append(b, end);
        return graph;
    }

    private int expression(int b) {
        String token = tokens.get(next++);
        if (token.length() == 1 && PARAMETERS.contains(token)) {
            return parameters[PARAMETERS.indexOf(token)];
        }
        if (token.matches("-?\\d.*")) {
            return constant(b, token);
        }
        String[] parts = token.split("\\.");
        Op op = Op.valueOf(parts[0].toUpperCase(Locale.ROOT));
        int[] operands = {-1, -1, -1};
        int count = 0;
        expect("(");
        do {
            operands[count++] = expression(b);
        } while (tokens.get(next++).equals(","));
        Type type = switch (op.result) {
            case SAME -> graph.type(operands[0]);
            case SECOND -> graph.type(operands[1]);
            case I32 -> Type.I32;
            case I64 -> Type.I64;
            case F32 -> Type.F32;
            case F64 -> Type.F64;
            default -> Type.valueOf(parts[1].toUpperCase(Locale.ROOT));
        };
        int aux = op == Op.LOAD ? Graph.memoryAux(Access.valueOf(parts[2].toUpperCase(Locale.ROOT)), 0, false) : 0;
        // shift counts may be written as i32
        if (operands[1] >= 0 && type == Type.I64 && graph.isConst(operands[1]) && graph.type(operands[1]) == Type.I32
                && op != Op.SELECT) {
            operands[1] = graph.appendConst(b, Type.I64, graph.imm(operands[1]));
        }
        return graph.append(b, graph.create(op, type, operands[0], operands[1], operands[2], 0, aux));
    }

    private void expect(String token) {
        if (!tokens.get(next++).equals(token)) {
            throw new IllegalArgumentException("expected " + token + " before " + tokens.subList(next, tokens.size()));
        }
    }

    private int constant(int b, String token) {
        if (token.endsWith("L")) {
            return graph.appendConst(b, Type.I64, Long.parseLong(token.substring(0, token.length() - 1)));
        }
        if (token.endsWith("f")) {
            return graph.appendConst(b, Type.F32, Float.floatToRawIntBits(Float.parseFloat(token)) & 0xFFFF_FFFFL);
        }
        if (token.contains(".")) {
            return graph.appendConst(b, Type.F64, Double.doubleToRawLongBits(Double.parseDouble(token)));
        }
        return graph.appendConst(b, Type.I32, Integer.parseInt(token));
    }

    /** The value that the function returns, as an expression. */
    static String print(Graph graph) {
        return print(graph, graph.operand(graph.last(graph.firstBlock()), 0));
    }

    private static String print(Graph graph, int v) {
        Op op = graph.op(v);
        if (op == Op.ARG) {
            return PARAMETERS.substring((int) graph.imm(v), (int) graph.imm(v) + 1);
        }
        if (op == Op.CONST) {
            return switch (graph.type(v)) {
                case I64 -> graph.imm(v) + "L";
                case F32 -> Float.intBitsToFloat((int) graph.imm(v)) + "f";
                case F64 -> Double.toString(Double.longBitsToDouble(graph.imm(v)));
                default -> Long.toString(graph.imm(v));
            };
        }
        StringBuilder out = new StringBuilder(op.toString());
        if (op.result == Op.Result.GIVEN || op.result == Op.Result.INT || op.result == Op.Result.FLOAT) {
            out.append('.').append(graph.type(v));
        }
        if (op == Op.LOAD) {
            out.append('.').append(graph.access(v));
        }
        for (int i = 0; i < graph.operandCount(v); i++) {
            out.append(i == 0 ? "(" : ", ").append(print(graph, graph.operand(v, i)));
        }
        return out.append(op == Op.LOAD && graph.imm(v) != 0 ? " + " + graph.imm(v) + ")" : ")").toString();
    }
}
