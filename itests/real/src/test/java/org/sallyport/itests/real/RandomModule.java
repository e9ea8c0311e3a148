package org.sallyport.itests.real;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;

/**
 * Text of a random valid module: several functions of random types that call each other, directly and through a table
 * with holes and wrong types, blocks and loops with parameters and several results, branch tables, memory and bulk
 * instructions near the memory's end, mutable globals. Every call ends: functions use up the global {@code fuel}, loops
 * count. Bits of a NaN, which the specification leaves open, reach no memory, integer or sign.
 */
final class RandomModule {
    private static final String[] TYPES = {"i32", "i64", "f32", "f64"};
    private static final long[] INTERESTING = {
        0, 1, -1, 2, 3, 4, 5, 7, 8, 15, 16, 31, 32, 33, 63, 64, 100, 127, 128, 255, 256, 1000, 32767, 32768, 65535,
        65536, 65532, 131072, 0x7FFF_FFFFL, 0x8000_0000L, 0xFFFF_FFFFL, 0x1_0000_0000L, Long.MAX_VALUE, Long.MIN_VALUE
    };
    private static final String[] FLOATS = {
        "0", "-0", "1", "-1.5", "0.5", "2147483648", "-9.3e18", "inf", "-inf", "nan", "1e-40", "3.5e38"
    };
    private static final int TABLE = 8;

    /** Parameter and result types, as indices of {@link #TYPES}. */
    record Signature(int[] params, int[] results) {
        String paramsText() {
            return list("param", params);
        }

        String resultsText() {
            return list("result", results);
        }

        private static String list(String what, int[] types) {
            return types.length == 0 ? "" : Arrays.stream(types).mapToObj(t -> TYPES[t])
                    .collect(Collectors.joining(" ", "(" + what + " ", ")"));
        }
    }

    private record Label(String name, int[] types) {}

    private final Random random;
    private final List<Signature> signatures = new ArrayList<>();
    /** Functions in the table, from slot 1 on; the last slot stays null like the first. */
    private final int[] elements = new int[TABLE - 2];
    private final StringBuilder out = new StringBuilder();
    private final List<Label> labels = new ArrayList<>();
    private final List<Integer> locals = new ArrayList<>();
    private final List<Integer> counters = new ArrayList<>();
    private int loops;
    private int names;
    private int budget;
    /** The first function that the one being written calls often. */
    private int function;
    private Signature current = new Signature(new int[0], new int[0]);

    RandomModule(long seed) {
        random = new Random(seed * 0x9E37_79B9_7F4A_7C15L + 1);
        int count = 2 + random.nextInt(5);
        for (int i = 0; i < count; i++) {
            boolean again = i > 0 && random.nextInt(3) == 0;
            signatures.add(again ? signatures.get(random.nextInt(i)) : new Signature(types(5), types(4)));
        }
        Arrays.setAll(elements, _ -> random.nextInt(count));
    }

    /** Function {@code i} is exported as {@code e<i>}; global {@code i} as {@code g<i>}, the memory as {@code m}. */
    List<Signature> signatures() {
        return signatures;
    }

    String text() {
        out.append("(module (memory (export \"m\") 1 3) (global $fuel (mut i32) (i32.const 0))\n");
        for (int t = 0; t < TYPES.length; t++) {
            out.append("(global $g").append(t).append(" (export \"g").append(t).append("\") (mut ").append(TYPES[t])
                    .append(") ").append(constant(t)).append(")\n");
        }
        out.append("(global $c i32 (i32.const 65536))\n"
                + "(data (i32.const 8) \"sallyport\\ff\\80\\7f\") (data $p \"passive\")\n");
        for (int i = 0; i < signatures.size(); i++) {
            Signature type = signatures.get(i);
            out.append("(type $t%d (func %s %s))\n".formatted(i, type.paramsText(), type.resultsText()));
        }
        out.append("(table $t ").append(TABLE).append(' ').append(TABLE + 2).append(" funcref) (elem (i32.const 1)");
        for (int function : elements) {
            out.append(" $f").append(function);
        }
        out.append("""
                )
                (func $q32 (param f32) (result f32)
                  (select (local.get 0) (f32.const 3) (f32.eq (local.get 0) (local.get 0))))
                (func $q64 (param f64) (result f64)
                  (select (local.get 0) (f64.const 3) (f64.eq (local.get 0) (local.get 0))))
                """);
        for (int i = 0; i < signatures.size(); i++) {
            function(i);
        }
        return out.append(")").toString();
    }

    private void function(int index) {
        function = Math.min(index + 1, signatures.size() - 1);
        current = signatures.get(index);
        out.append("(func (export \"e%d\") (type $t%d) (global.set $fuel (i32.const 40))".formatted(index, index));
        for (int i = 0; i < current.params.length; i++) {
            out.append(" (local.get ").append(i).append(")");
        }
        out.append(" (call $f%1$d))\n(func $f%1$d (type $t%1$d)".formatted(index));
        locals.clear();
        counters.clear();
        labels.clear();
        Arrays.stream(current.params).forEach(locals::add);
        for (int i = random.nextInt(8) + 4; i > 0; i--) {
            int t = random.nextInt(TYPES.length);
            locals.add(t);
            out.append(" (local ").append(TYPES[t]).append(")");
        }
        for (int i = 0; i < 3; i++) {
            counters.add(locals.size() + i);
            out.append(" (local i32)");
        }
        out.append("\n(global.set $fuel (i32.sub (global.get $fuel) (i32.const 1)))"
                + " (if (i32.lt_s (global.get $fuel) (i32.const 0)) (then unreachable))\n");
        loops = 0;
        budget = 20 + random.nextInt(80);
        statements(6, 4);
        budget = Math.max(budget, 12);
        values(current.results, 3);
        out.append(")\n");
    }

    // ---- statements

    private void statements(int max, int depth) {
        for (int i = 1 + random.nextInt(max); i > 0 && budget > 0; i--) {
            statement(depth);
            out.append('\n');
        }
    }

    private void statement(int depth) {
        budget--;
        switch (random.nextInt(depth > 0 ? 22 : 10)) {
            case 0, 1, 2 -> {
                int local = random.nextInt(locals.size());
                out.append("(local.set ").append(local).append(' ').append(value(locals.get(local), 4)).append(")");
            }
            case 3, 4 -> store();
            case 5 -> {
                int t = random.nextInt(TYPES.length);
                out.append("(global.set $g").append(t).append(' ').append(value(t, 3)).append(")");
            }
            case 6, 7 -> branch();
            case 8 -> bulk();
            case 9 -> out.append("(drop ").append(value(random.nextInt(4), 3)).append(")");
            case 10, 11, 12 -> {
                out.append("(if ").append(value(0, 3)).append(" (then ");
                statements(3, depth - 1);
                out.append(") (else ");
                statements(random.nextInt(3) + 1, depth - 1);
                out.append("))");
            }
            case 13, 14, 15 -> block(depth);
            case 16, 17 -> loop(depth);
            case 18 -> table(depth);
            default -> call();
        }
    }

    private void store() {
        int t = random.nextInt(TYPES.length);
        String op = switch (t) {
            case 0 -> pick("i32.store", "i32.store8", "i32.store16");
            case 1 -> pick("i64.store", "i64.store8", "i64.store16", "i64.store32");
            default -> TYPES[t] + ".store";
        };
        out.append("(%s offset=%s %s %s)".formatted(op, offset(), address(), clean(t, value(t, 3))));
    }

    private void branch() {
        if (labels.isEmpty()) {
            int kind = random.nextInt(12);
            if (kind == 0) {
                out.append("(unreachable)");
            } else {
                out.append("(if ").append(value(0, 2)).append(" (then ");
                values(current.results, 2);
                out.append("return))");
            }
            return;
        }
        Label label = labels.get(random.nextInt(labels.size()));
        values(label.types, 2);
        out.append("(br_if ").append(label.name).append(' ').append(value(0, 3)).append(")");
        out.append(" drop".repeat(label.types.length));
        if (random.nextInt(6) == 0) {
            out.append(' ');
            values(label.types, 1);
            out.append("(br ").append(label.name).append(")");
        }
    }

    private void bulk() {
        String length = random.nextInt(6) == 0 ? value(0, 2) : "(i32.and " + value(0, 2) + " (i32.const 63))";
        out.append(switch (random.nextInt(7)) {
            case 0 -> "(memory.fill %s %s %s)".formatted(address(), value(0, 1), length);
            case 1, 2 -> "(memory.copy %s %s %s)".formatted(address(), address(), length);
            case 3 -> "(memory.init $p %s (i32.const 2) (i32.const 5))".formatted(address());
            case 4 -> "(table.set $t (i32.and %s (i32.const 15)) (ref.null func))".formatted(value(0, 1));
            case 5 -> "(table.copy (i32.and %s (i32.const 7)) (i32.const 1) (i32.const 2))".formatted(value(0, 1));
            default -> "(drop (memory.grow (i32.and %s (i32.const 1))))".formatted(value(0, 2));
        });
    }

    /** A block with parameters and results, whose results go to locals or nowhere. */
    private void block(int depth) {
        int[] params = types(3);
        int[] results = types(3);
        String name = "$l" + names++;
        values(params, 2);
        Signature type = new Signature(params, results);
        out.append("(block %s %s %s ".formatted(name, type.paramsText(), type.resultsText()));
        take(params);
        labels.add(new Label(name, results));
        statements(3, depth - 1);
        values(results, 2);
        labels.removeLast();
        out.append(")");
        take(results);
    }

    /** Values that are carried around the loop on the stack, and a counter. */
    private void loop(int depth) {
        if (loops == counters.size()) {
            store();
            return;
        }
        int counter = counters.get(loops++);
        int[] carried = types(3);
        out.append("(local.set ").append(counter).append(" (i32.const ").append(1 + random.nextInt(5)).append(")) ");
        values(carried, 2);
        Signature type = new Signature(carried, carried);
        String name = "$l" + names++;
        out.append("(loop %s %s %s ".formatted(name, type.paramsText(), type.resultsText()));
        take(carried);
        statements(3, depth - 1);
        values(carried, 2);
        out.append("(br_if %1$s (local.tee %2$d (i32.sub (local.get %2$d) (i32.const 1)))))".formatted(name, counter));
        take(carried);
        loops--;
    }

    private void table(int depth) {
        int cases = 1 + random.nextInt(5);
        int[] types = types(2);
        int first = names;
        names += cases + 1;
        String results = new Signature(types, types).resultsText();
        for (int i = cases; i >= 0; i--) {
            out.append("(block $l").append(first + i).append(' ').append(results).append(' ');
        }
        values(types, 2);
        out.append("(br_table");
        for (int i = 0; i <= cases; i++) {
            out.append(" $l").append(first + random.nextInt(cases + 1));
        }
        String selector = value(0, 3);
        out.append(random.nextBoolean() ? selector : "(i32.and " + selector + " (i32.const 7))").append(")");
        for (int i = 0; i <= cases; i++) {
            out.append(")");
            take(types);
            statements(2, depth - 1);
            if (i < cases) {
                values(types, 1);
            }
        }
    }

    private void call() {
        int index = random.nextInt(10) == 0 ? random.nextInt(signatures.size())
                : function + random.nextInt(signatures.size() - function); // most often a later one: less recursion
        Signature type = signatures.get(index);
        values(type.params, 2);
        if (random.nextInt(3) == 0) {
            out.append("(call_indirect $t (type $t%d) %s)".formatted(index, slot(index)));
        } else {
            out.append("(call $f").append(index).append(")");
        }
        take(type.results);
    }

    /** Most often a slot that holds, at first, a function of the right type. */
    private String slot(int function) {
        int at = random.nextInt(TABLE);
        for (int i = 0; i < elements.length && random.nextInt(20) != 0; i++) {
            if (elements[i] == function) {
                at = i + 1;
            }
        }
        String some = value(0, 2);
        return random.nextInt(12) == 0 ? "(i32.and " + some + " (i32.const " + TABLE + "))"
                : random.nextBoolean() ? "(i32.const " + at + ")"
                : "(i32.or (i32.and " + some + " (i32.const 0)) (i32.const " + at + "))";
    }

    /** Takes values from the stack, the last first. */
    private void take(int[] types) {
        for (int i = types.length - 1; i >= 0; i--) {
            int local = random.nextInt(locals.size());
            if (locals.get(local) == types[i]) {
                out.append(" (local.set ").append(local).append(")");
            } else {
                out.append(random.nextBoolean() && types[i] < 4 ? " (global.set $g" + types[i] + ")" : " drop");
            }
        }
        out.append(' ');
    }

    private void values(int[] types, int depth) {
        for (int type : types) {
            out.append(value(type, depth)).append(' ');
        }
    }

    // ---- expressions

    private String pick(String... of) {
        return of[random.nextInt(of.length)];
    }

    private int[] types(int below) {
        return random.ints(random.nextInt(below), 0, TYPES.length).toArray();
    }

    private static String clean(int t, String value) {
        return t < 2 ? value : "(call $q" + TYPES[t].substring(1) + " " + value + ")";
    }

    private String offset() {
        return random.nextInt(200) == 0
                ? pick("65536", "131068", "2147483647", "4294967295")
                : pick("0", "1", "4", "8", "16", "60", "255");
    }

    private String address() {
        return switch (random.nextInt(60)) {
            case 0 -> value(0, 2);
            case 1 -> "(i32.sub (i32.shl (memory.size) (i32.const 16)) (i32.const " + random.nextInt(300) + "))";
            case 2, 3, 4, 5, 6 -> "(i32.const " + random.nextInt(1024) + ")";
            case 7, 8, 9, 10, 11, 12 -> "(i32.shl (i32.and " + value(0, 2) + " (i32.const 255)) (i32.const 3))";
            default -> "(i32.and " + value(0, 2) + " (i32.const 1023))";
        };
    }

    private String constant(int t) {
        long value = random.nextInt(4) == 0 ? random.nextLong() : INTERESTING[random.nextInt(INTERESTING.length)];
        return switch (t) {
            case 0 -> "(i32.const " + (int) value + ")";
            case 1 -> "(i64.const " + value + ")";
            default -> "(" + TYPES[t] + ".const " + (random.nextBoolean() ? "" + (random.nextInt(64) - 32) * 0.25
                    : FLOATS[random.nextInt(t == 2 ? FLOATS.length - 1 : FLOATS.length)]) + ")";
        };
    }

    private String leaf(int t) {
        for (int i = random.nextInt(5); i > 0; i--) {
            int local = random.nextInt(locals.size());
            if (locals.get(local) == t) {
                return "(local.get " + local + ")";
            }
        }
        return random.nextInt(4) == 0 ? "(global.get $g" + t + ")" : constant(t);
    }

    private String value(int t, int depth) {
        if (depth <= 0 || budget <= 0 || random.nextInt(5) == 0) {
            return leaf(t);
        }
        int d = depth - 1;
        return switch (random.nextInt(14)) {
            case 0 -> "(%s offset=%s %s)".formatted(load(t), offset(), address());
            case 1 -> "(select %s %s %s)".formatted(value(t, d), value(t, d), value(0, d));
            case 2 -> "(if (result %s) %s (then %s) (else %s))".formatted(
                    TYPES[t], value(0, d), value(t, d), value(t, d));
            case 3, 4 -> conversion(t, d);
            case 5 -> tee(t, d);
            case 6 -> t == 0 ? comparison(d) : unary(t, d);
            case 7 -> t == 0 ? pick("(memory.size)", "(global.get $c)", comparison(d)) : unary(t, d);
            case 8 -> "(block (result %s) %s (br_if 0 %s) drop %s)".formatted(
                    TYPES[t], value(t, d), value(0, d), value(t, d));
            case 9 -> "(%s.%s %s %s)".formatted(TYPES[t], binary(t), value(t, d), constant(t));
            default -> "(%s.%s %s %s)".formatted(TYPES[t], binary(t), value(t, d), value(t, d));
        };
    }

    private String binary(int t) {
        return t < 2
                ? pick("add", "sub", "mul", "and", "or", "xor", "shl", "shr_s", "shr_u", "rotl", "rotr",
                        random.nextInt(4) == 0 ? pick("div_s", "div_u", "rem_s", "rem_u") : "add")
                : pick("add", "sub", "mul", "div", "min", "max");
    }

    private String tee(int t, int depth) {
        int local = random.nextInt(locals.size());
        return locals.get(local) == t ? "(local.tee " + local + " " + value(t, depth) + ")" : leaf(t);
    }

    private String load(int t) {
        return switch (t) {
            case 0 -> pick("i32.load", "i32.load8_u", "i32.load8_s", "i32.load16_u", "i32.load16_s");
            case 1 -> pick("i64.load", "i64.load8_u", "i64.load8_s", "i64.load16_s", "i64.load16_u", "i64.load32_u",
                    "i64.load32_s");
            default -> TYPES[t] + ".load";
        };
    }

    private String comparison(int d) {
        int t = random.nextInt(TYPES.length);
        if (t < 2 && random.nextInt(4) == 0) {
            return "(%s.eqz %s)".formatted(TYPES[t], value(t, d));
        }
        String op = t < 2 ? pick("eq", "ne", "lt_s", "lt_u", "gt_s", "gt_u", "le_s", "le_u", "ge_s", "ge_u")
                : pick("eq", "ne", "lt", "gt", "le", "ge");
        return "(%s.%s %s %s)".formatted(TYPES[t], op, value(t, d), value(t, d));
    }

    private String unary(int t, int d) {
        if (t < 2) {
            String op = pick("clz", "ctz", "popcnt", "extend8_s", "extend16_s", t == 1 ? "extend32_s" : "clz");
            return "(%s.%s %s)".formatted(TYPES[t], op, value(t, d));
        }
        if (random.nextInt(6) == 0) {
            return "(%s.copysign %s %s)".formatted(TYPES[t], value(t, d), clean(t, value(t, d)));
        }
        String op = pick("neg", "abs", "sqrt", "ceil", "floor", "trunc", "nearest");
        return "(%s.%s %s)".formatted(TYPES[t], op, value(t, d));
    }

    private String conversion(int t, int d) {
        int from = random.nextInt(TYPES.length);
        String x = value(from, d);
        String sign = pick("_s ", "_u ");
        String trunc = random.nextInt(4) == 0 ? ".trunc_" : ".trunc_sat_";
        if (t == from) {
            return x;
        }
        if (t < 2 && from >= 2) {
            boolean sameSize = from == t + 2;
            return sameSize && random.nextBoolean()
                    ? "(" + TYPES[t] + ".reinterpret_" + TYPES[from] + " " + clean(from, x) + ")"
                    : "(" + TYPES[t] + trunc + TYPES[from] + sign + x + ")";
        }
        if (t >= 2 && from < 2) {
            if (t == 2 && from == 1) { // the peer (1.7.5) rounds f32.convert_i64_u wrongly from 2^63 on
                return "(f32.convert_i64" + sign + "(i64.shr_u " + x + " (i64.const 1)))";
            }
            return "(" + TYPES[t] + ".convert_" + TYPES[from] + sign + x + ")";
        }
        return switch (t) {
            case 0 -> "(i32.wrap_i64 " + x + ")";
            case 1 -> "(i64.extend_i32" + sign + x + ")";
            case 2 -> "(f32.demote_f64 " + x + ")";
            default -> "(f64.promote_f32 " + x + ")";
        };
    }
}
