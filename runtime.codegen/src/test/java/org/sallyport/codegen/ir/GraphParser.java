package org.sallyport.codegen.ir;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.sallyport.TrapCode;
import org.sallyport.spi.Builtin;

/**
 * Reads the text form that {@link Printer} writes. Names of values and blocks are free ({@code v12}, {@code vsum}; {@code b0},
 * {@code bloop}); a value must be defined before its use in the text, except in jumps.
 */
final class GraphParser {
    private final Graph graph = new Graph();
    private final Map<String, Integer> values = new HashMap<>();
    private final Map<String, Integer> blocks = new HashMap<>();
    private final List<Object[]> arguments = new ArrayList<>();
    private int block = -1;

    private GraphParser() {}

    static Graph parse(String text) {
        GraphParser parser = new GraphParser();
        for (String line : text.lines().toList()) {
            String code = line.replaceAll(";.*", "").strip();
            if (!code.isEmpty()) {
                parser.line(code);
            }
        }
        for (Object[] a : parser.arguments) {
            parser.graph.setOperand((int) a[0], (int) a[1], parser.value((String) a[2]));
        }
        return parser.graph;
    }

    private void line(String code) {
        if (code.startsWith("function")) {
            header(code);
        } else if (code.matches("b\\w+(\\(.*\\))?:( cold)?")) {
            block(code);
        } else {
            instruction(code);
        }
    }

    private void header(String code) {
        String[] parts = code.split("[()]");
        graph.reset(Integer.parseInt(parts[0].replaceAll("\\D", "")), types(parts[1]), types(parts.length > 3 ? parts[3] : ""));
    }

    private static Type[] types(String list) {
        return list.isBlank() ? new Type[0]
                : java.util.Arrays.stream(list.split(",")).map(t -> type(t.strip())).toArray(Type[]::new);
    }

    private static Type type(String name) {
        return Type.valueOf(name.toUpperCase(Locale.ROOT));
    }

    private int blockId(String name) {
        return blocks.computeIfAbsent(name, _ -> graph.newBlock());
    }

    private int value(String name) {
        Integer v = values.get(name);
        if (v == null) {
            throw new IllegalArgumentException("no value " + name);
        }
        return v;
    }

    private void block(String code) {
        block = blockId(code.replaceAll("[(:].*", ""));
        graph.appendBlock(block);
        graph.setCold(block, code.endsWith("cold"));
        int open = code.indexOf('(');
        if (open >= 0) {
            for (String param : code.substring(open + 1, code.indexOf(')')).split(",")) {
                String[] parts = param.strip().split(":");
                values.put(parts[0], graph.addParam(block, type(parts[1])));
            }
        }
    }

    private void instruction(String code) {
        String name = "";
        Type type = Type.VOID;
        int equals = code.indexOf(" = ");
        String rest = code;
        if (equals > 0) {
            String[] definition = code.substring(0, equals).split(":");
            name = definition[0];
            type = type(definition[1]);
            rest = code.substring(equals + 3);
        }
        List<String> words = new ArrayList<>(List.of(rest.replaceAll("[()]|, ", " ").strip().split(" +")));
        String[] mnemonic = words.removeFirst().split("\\.");
        Op op = Op.valueOf(mnemonic[0].toUpperCase(Locale.ROOT));
        Map<String, String> attributes = new HashMap<>();
        List<String> operands = new ArrayList<>();
        List<Integer> targets = new ArrayList<>();
        long constant = 0;
        for (String word : words) {
            if (word.contains("=")) {
                attributes.put(word.substring(0, word.indexOf('=')), word.substring(word.indexOf('=') + 1));
            } else if (word.startsWith("@")) {
                graph.setPosition(Integer.decode(word.substring(1)));
            } else if (word.startsWith("v")) {
                operands.add(word);
            } else if (word.startsWith("b")) {
                targets.add(blockId(word));
            } else {
                constant = word.startsWith("0x") ? Long.parseUnsignedLong(word.substring(2), 16) : Long.parseLong(word);
            }
        }
        int v = make(op, type, operands, constant, attributes, mnemonic);
        if (!targets.isEmpty()) {
            graph.setSuccessors(block, targets.stream().mapToInt(i -> i).toArray());
        }
        if (attributes.containsKey("cases")) {
            int[] cases = java.util.Arrays.stream(attributes.get("cases").split(",")).mapToInt(Integer::parseInt).toArray();
            graph.setTableCases(v, cases, cases.length);
        }
        graph.append(block, v);
        graph.setPosition(-1);
        if (!name.isEmpty()) {
            values.put(name, v);
        }
    }

    private int make(Op op, Type type, List<String> operands, long constant, Map<String, String> attributes, String[] mnemonic) {
        long imm = op == Op.CONST ? constant : immediate(op, attributes);
        int aux = aux(op, attributes, mnemonic);
        int n = operands.size();
        if (op.operandCount() < 0) {
            int v = graph.createList(op, type, n, imm, aux);
            for (int i = 0; i < n; i++) {
                if (op == Op.JUMP) {
                    arguments.add(new Object[] {v, i, operands.get(i)});
                } else {
                    graph.setOperand(v, i, value(operands.get(i)));
                }
            }
            return v;
        }
        return graph.create(op, type, n > 0 ? value(operands.get(0)) : -1, n > 1 ? value(operands.get(1)) : -1,
                n > 2 ? value(operands.get(2)) : -1, imm, aux);
    }

    private static long immediate(Op op, Map<String, String> attributes) {
        return switch (op) {
            case TRAP_IF, TRAP_UNLESS, TRAP -> TrapCode.valueOf(attributes.get("code").toUpperCase(Locale.ROOT)).ordinal();
            case CALL_BUILTIN -> Builtin.valueOf(attributes.get("builtin").toUpperCase(Locale.ROOT)).ordinal();
            case CALL_HELPER -> Helper.valueOf(attributes.get("helper").toUpperCase(Locale.ROOT)).ordinal();
            default -> Long.parseLong(java.util.stream.Stream
                    .of("number", "offset", "function", "type", "global", "table", "memory")
                    .map(attributes::get).filter(java.util.Objects::nonNull).findFirst().orElse("0"));
        };
    }

    private static int aux(Op op, Map<String, String> attributes, String[] mnemonic) {
        if (op == Op.CALL_HELPER) {
            return Integer.parseInt(attributes.getOrDefault("memories", "0"));
        }
        if (op == Op.CALL_INDIRECT || op == Op.CALL_REF || op == Op.RETURN_CALL_INDIRECT || op == Op.RETURN_CALL_REF) {
            return Integer.parseInt(attributes.getOrDefault("same", "0"));
        }
        if (op.isAllocation()) {
            return Integer.parseInt(attributes.get("bytes"));
        }
        if (!Printer.isAccess(op)) {
            return 0;
        }
        Access access = Access.valueOf(mnemonic[1].toUpperCase(Locale.ROOT));
        String in = attributes.get("in");
        if (in != null) {
            return Graph.vmAux(access, alias(in));
        }
        int memory = Integer.parseInt(attributes.getOrDefault("memory", "0"));
        return Graph.memoryAux(access, memory, attributes.containsKey("checked"));
    }

    private static int alias(String in) {
        String[] parts = in.split(":");
        Alias.Kind kind = Alias.Kind.valueOf(parts[0].toUpperCase(Locale.ROOT));
        return kind == Alias.Kind.CONSTANT ? Alias.CONSTANT
                : Alias.of(kind, parts[1].equals("*") ? Alias.IMPORTED : Integer.parseInt(parts[1]));
    }
}
