package org.sallyport.codegen.ir;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.StringJoiner;
import java.util.TreeSet;
import org.sallyport.CompileOptions;
import org.sallyport.spi.ValidModule;

/** What rules for vectors make of a function, for tests that run it too. */
public final class VectorRuleTexts {
    private static final String ARGUMENTS = "pqrn";

    private VectorRuleTexts() {}

    /** Names of the rules for operations on vectors. */
    public static Set<String> names() {
        Set<String> names = new TreeSet<>();
        for (Op op : Op.values()) {
            if (isVector(op)) {
                for (Rule rule : Rules.TABLE[op.ordinal()]) {
                    names.add(rule.name());
                }
            }
        }
        return names;
    }

    static boolean isVector(Op op) {
        return switch (op) {
            case VUNARY, VBINARY, VTERNARY, VSHIFT, VTEST, VSPLAT, VEXTRACT, VREPLACE, VSHUFFLE -> true;
            default -> false;
        };
    }

    /** The instructions of a function as simplified; its parameters are p, q, r and n. */
    public static String simplified(ValidModule module, int function) {
        var graph = new Graph();
        new BuildGraph(new ModuleFacts(module, CompileOptions.DEFAULT)).build(function, graph);
        new Simplify().run(graph);
        new RemoveDead().run(graph);
        Verifier.verify(graph, "simplify");
        Map<Integer, String> names = new HashMap<>();
        var text = new StringJoiner("; ");
        for (int v = graph.first(graph.firstBlock()); v >= 0; v = graph.next(v)) {
            if (graph.op(v) == Op.ARG) {
                names.put(v, ARGUMENTS.substring((int) graph.imm(v), (int) graph.imm(v) + 1));
                continue;
            }
            String line = Printer.instruction(graph, v).strip().replaceAll(" @0x[0-9a-f]+", "");
            names.put(v, "t" + names.size());
            for (Map.Entry<Integer, String> name : names.entrySet()) {
                line = line.replaceAll("\\bv" + name.getKey() + "\\b", name.getValue());
            }
            text.add(line);
        }
        return text.toString();
    }
}
