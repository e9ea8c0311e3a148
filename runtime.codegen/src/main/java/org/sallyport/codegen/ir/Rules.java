package org.sallyport.codegen.ir;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * The table of all rules by operation. Constants are on the right of commutative operations, and operations on
 * constants are computed,
 * before any rule is asked.
 */
final class Rules {
    private static final Rule[] NONE = {};

    private final Map<Op, List<Rule>> rules = new EnumMap<>(Op.class);

    /** Rules by {@link Op#ordinal()}. */
    static final Rule[][] TABLE = table();

    private Rules() {}

    private static Rule[][] table() {
        Rules rules = new Rules();
        ArithmeticRules.addTo(rules);
        BitRules.addTo(rules);
        ShiftRules.addTo(rules);
        CompareRules.addTo(rules);
        ConversionRules.addTo(rules);
        DivisionRules.addTo(rules);
        MemoryRules.addTo(rules);
        VectorRules.addTo(rules);
        LaneRules.addTo(rules);
        Rule[][] table = new Rule[Op.values().length][];
        for (Op op : Op.values()) {
            table[op.ordinal()] = rules.rules.getOrDefault(op, List.of()).toArray(NONE);
        }
        return table;
    }

    /** Adds a rule; earlier ones are asked first. Several operations may share a rule. */
    void add(Op op, String name, Rule.Body body) {
        add(op, name, Rule.always(), body);
    }

    /** The same for a rule that finds something only under a simple condition. */
    void add(Op op, String name, Rule.When when, Rule.Body body) {
        rules.computeIfAbsent(op, _ -> new ArrayList<>()).add(new Rule(name, when, body));
    }

    /** Names of all rules. */
    static Set<String> names() {
        Set<String> names = new TreeSet<>();
        for (Rule[] row : TABLE) {
            for (Rule rule : row) {
                names.add(rule.name());
            }
        }
        return names;
    }
}
