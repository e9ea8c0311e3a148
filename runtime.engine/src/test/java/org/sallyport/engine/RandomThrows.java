package org.sallyport.engine;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * Text of a random module whose functions throw and catch: {@code try_table} with all kinds of clauses, {@code try} with
 * {@code catch}, {@code catch_all}, {@code delegate} and {@code rethrow}, references kept in locals, a global and a table, within
 * each other and within loops and conditions, left by branches and returns; calls of functions, through a table, of the host
 * and of another function that throws. What happened is mixed into locals and a global, so that a handler that sees old or
 * wrong values shows. Every call ends: functions and branches back use up the global {@code fuel}. {@code f0} and so on are
 * exported with and, as {@code n0}, without giving fuel.
 */
final class RandomThrows {
    private static final int FUNCTIONS = 5;
    private static final int TAGS = 4;
    /** Values of each tag: none, an i32, i32 and f64, i64 and i32. */
    private static final String[] VALUES = {"", "i32", "i32 f64", "i64 i32"};
    private static final int LOCALS = 5;

    /** A label that a branch may go to, with what it takes; {@code catches}: a rethrow may name it. */
    private record Label(String name, boolean loop, boolean catches) {}

    private final Random random;
    private final StringBuilder out = new StringBuilder();
    private final List<Label> labels = new ArrayList<>();
    private int names;
    private int budget;

    RandomThrows(long seed) {
        random = new Random(seed * 0x9E37_79B9_7F4A_7C15L + 7);
    }

    String text() {
        out.append("(module (import \"host\" \"h\" (func $h (param i32) (result i32)))\n");
        for (int t = 0; t < TAGS; t++) {
            out.append("(tag $e").append(t).append(" (export \"e").append(t).append("\") (param ").append(VALUES[t])
                    .append("))\n");
        }
        out.append("""
                (global $fuel (mut i32) (i32.const 0)) (global $g (export "g") (mut i32) (i32.const 1))
                (global $x (mut exnref) (ref.null exn)) (table $refs 4 exnref)
                (memory 1)
                (func $mix (param i32) (global.set $g (i32.add (i32.mul (global.get $g) (i32.const 31)) (local.get 0))))
                """);
        out.append("(table $t funcref (elem");
        for (int i = 0; i < FUNCTIONS; i++) {
            out.append(" $f").append(i);
        }
        out.append("))\n");
        for (int i = 0; i < FUNCTIONS; i++) {
            function(i);
        }
        return out.append(")").toString();
    }

    private void function(int index) {
        out.append("(func $f").append(index).append(" (export \"n").append(index).append("\")")
                .append(" (param i32) (result i32) (local i32 i32 i32 i32 f64 i64 exnref)\n")
                .append("(global.set $fuel (i32.sub (global.get $fuel) (i32.const 1)))\n")
                .append("(if (i32.lt_s (global.get $fuel) (i32.const 0)) (then (return (i32.const -1))))\n");
        budget = index == 0 ? 4 : 30;
        labels.clear();
        statements(5);
        out.append(value(2)).append(")\n(func (export \"f").append(index)
                .append("\") (param i32) (result i32) (global.set $fuel (i32.const 25)) (call $f").append(index)
                .append(" (local.get 0)))\n");
    }

    private boolean oneIn(int n) {
        return random.nextInt(n) == 0;
    }

    private String local() {
        return Integer.toString(random.nextInt(LOCALS));
    }

    private String value(int depth) {
        if (depth == 0) {
            return oneIn(2) ? "(local.get " + local() + ")" : "(i32.const " + (random.nextInt(20) - 4) + ")";
        }
        return switch (random.nextInt(8)) {
            case 0 -> "(global.get $g)";
            case 1 -> "(i32.load offset=8 (i32.and " + value(depth - 1) + " (i32.const 255)))";
            case 2 -> "(i32.trunc_sat_f64_s (local.get 5))";
            case 3 -> "(i32.wrap_i64 (local.get 6))";
            case 4 -> call(depth);
            default -> "(i32." + new String[] {"add", "sub", "xor", "mul"}[random.nextInt(4)] + " " + value(depth - 1) + " "
                    + value(depth - 1) + ")";
        };
    }

    private String call(int depth) {
        return switch (random.nextInt(6)) {
            case 0 -> "(call $h " + value(depth - 1) + ")";
            case 1 -> "(call_indirect $t (param i32) (result i32) " + value(depth - 1) + " (i32.const "
                    + random.nextInt(FUNCTIONS) + "))";
            default -> "(call $f" + random.nextInt(FUNCTIONS) + " " + value(depth - 1) + ")";
        };
    }

    private void statements(int depth) {
        for (int i = 1 + random.nextInt(4); i > 0 && budget > 0; i--) {
            statement(depth);
            out.append('\n');
        }
    }

    private void statement(int depth) {
        budget--;
        switch (random.nextInt(depth > 0 ? 16 : 8)) {
            case 0, 1 -> out.append("(local.set ").append(local()).append(' ').append(value(2)).append(")");
            case 2 -> out.append("(local.set 5 (f64.add (local.get 5) (f64.convert_i32_s ").append(value(1)).append(")))");
            case 3 -> out.append("(local.set 6 (i64.xor (i64.extend_i32_s ").append(value(1)).append(") (local.get 6)))");
            case 4 -> out.append("(call $mix ").append(value(2)).append(")");
            case 5 -> raise();
            case 6 -> branch();
            case 7 -> out.append("(i32.store offset=8 (i32.and ").append(value(1)).append(" (i32.const 255)) ").append(value(1))
                    .append(")");
            case 8 -> block("(if " + value(1) + " (then ", "))", depth, false);
            case 9 -> loop(depth);
            case 10, 11, 12 -> table(depth);
            default -> old(depth);
        }
    }

    /** Most often under a condition. */
    private void raise() {
        boolean maybe = !oneIn(5);
        if (maybe) {
            out.append("(if (i32.and ").append(value(1)).append(" (i32.const ").append(1 + random.nextInt(3)).append(")) (then ");
        }
        Label caught = labels.stream().filter(Label::catches).reduce((a, b) -> b).orElse(null);
        if (caught != null && oneIn(2)) {
            out.append("(rethrow ").append(caught.name).append(")");
        } else if (oneIn(4)) {
            String from = oneIn(2) ? "(local.get 7)" : oneIn(2) ? "(global.get $x)"
                    : "(table.get $refs (i32.const " + random.nextInt(4) + "))";
            out.append("(if (i32.eqz (ref.is_null ").append(from).append(")) (then (throw_ref ").append(from).append(")))");
        } else {
            int tag = random.nextInt(TAGS);
            out.append("(throw $e").append(tag);
            for (String type : VALUES[tag].isEmpty() ? new String[0] : VALUES[tag].split(" ")) {
                out.append(switch (type) {
                    case "i32" -> " " + value(1);
                    case "i64" -> " (local.get 6)";
                    default -> " (local.get 5)";
                });
            }
            out.append(")");
        }
        if (maybe) {
            out.append("))");
        }
    }

    private void branch() {
        if (labels.isEmpty() || oneIn(6)) {
            out.append("(if (i32.eq ").append(value(1)).append(" (i32.const 3)) (then (return ").append(value(1)).append(")))");
            return;
        }
        Label label = labels.get(random.nextInt(labels.size()));
        out.append("(br_if ").append(label.name).append(' ');
        if (label.loop) {
            out.append("(i32.gt_s (global.get $fuel) (i32.const 3))");
            out.insert(out.lastIndexOf("(br_if"), "(global.set $fuel (i32.sub (global.get $fuel) (i32.const 1)))");
        } else {
            out.append("(i32.and ").append(value(1)).append(" (i32.const 1))");
        }
        out.append(")");
    }

    private void block(String before, String after, int depth, boolean catches) {
        out.append(before);
        statements(depth - 1);
        out.append(after);
    }

    private void loop(int depth) {
        String name = "$l" + names++;
        labels.add(new Label(name, true, false));
        block("(loop " + name + " (call $mix (i32.const " + names + "))", ")", depth, false);
        labels.removeLast();
    }

    /** Blocks around a try_table, one for each clause; behind each its values are taken. */
    private void table(int depth) {
        int clauses = 1 + random.nextInt(3);
        int[] tags = random.ints(clauses, -1, TAGS).toArray();
        boolean[] refs = new boolean[clauses];
        String end = "$d" + names++;
        out.append("(block ").append(end).append(' ');
        StringBuilder list = new StringBuilder();
        String[] blocks = new String[clauses];
        for (int i = clauses - 1; i >= 0; i--) {
            refs[i] = oneIn(2);
            blocks[i] = "$c" + names++;
            String types = (tags[i] < 0 ? "" : VALUES[tags[i]]) + (refs[i] ? " exnref" : "");
            out.append("(block ").append(blocks[i]).append(" (result ").append(types).append(") ");
        }
        for (int i = 0; i < clauses; i++) {
            list.append(tags[i] < 0 ? " (catch_all" : " (catch").append(refs[i] ? "_ref" : "")
                    .append(tags[i] < 0 ? "" : " $e" + tags[i]).append(' ').append(blocks[i]).append(")");
        }
        labels.add(new Label(end, false, false));
        String label = "$t" + names++;
        out.append("(try_table ").append(label).append(list).append(' ');
        labels.add(new Label(label, false, false));
        statements(depth - 1);
        labels.removeLast();
        out.append(") (br ").append(end).append("))\n");
        for (int i = 0; i < clauses; i++) {
            if (refs[i]) {
                out.append(switch (random.nextInt(3)) {
                    case 0 -> "(local.set 7)";
                    case 1 -> "(global.set $x)";
                    default -> "(local.set 7) (table.set $refs (i32.const " + random.nextInt(4) + ") (local.get 7))";
                });
            }
            take(tags[i]);
            statements(depth - 1);
            out.append(i == clauses - 1 ? ")" : " (br " + end + "))\n");
        }
        labels.removeLast();
    }

    private void take(int tag) {
        String[] types = tag < 0 || VALUES[tag].isEmpty() ? new String[0] : VALUES[tag].split(" ");
        for (int i = types.length; i-- > 0; ) {
            out.append(switch (types[i]) {
                case "i32" -> oneIn(2) ? " (local.set " + local() + ")" : " (call $mix)";
                case "i64" -> " (local.set 6)";
                default -> " (local.set 5)";
            });
        }
        out.append(' ');
    }

    private void old(int depth) {
        String name = "$o" + names++;
        out.append("(try ").append(name).append(" (do ");
        labels.add(new Label(name, false, false));
        statements(depth - 1);
        labels.removeLast();
        out.append(")");
        if (oneIn(3)) {
            String target = labels.isEmpty() || oneIn(3) ? Integer.toString(labels.size())
                    : labels.get(random.nextInt(labels.size())).name;
            // structures without a name stand between: a number would mean another label
            out.append(" (delegate ").append(target.startsWith("$") ? target : "0").append("))");
            return;
        }
        labels.add(new Label(name, false, true));
        for (int i = random.nextInt(3); i > 0; i--) {
            int tag = random.nextInt(TAGS);
            out.append("\n(catch $e").append(tag).append(' ');
            take(tag);
            statements(depth - 1);
            out.append(")");
        }
        if (oneIn(2)) {
            out.append("\n(catch_all ");
            statements(depth - 1);
            out.append(")");
        }
        labels.removeLast();
        out.append(")");
    }
}
