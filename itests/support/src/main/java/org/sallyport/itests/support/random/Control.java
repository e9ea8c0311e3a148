package org.sallyport.itests.support.random;

import static org.sallyport.itests.support.random.Draft.i32;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.sallyport.itests.support.random.Draft.Label;
import org.sallyport.itests.support.random.Draft.Loop;

/** Statements that hold others, with parameters and several results: blocks, conditions, loops, branch tables; and branches. */
final class Control implements Piece {
    private final Draft draft;
    private final Values values;
    private final Calls calls;

    Control(Draft draft, Values values, Calls calls) {
        this.draft = draft;
        this.values = values;
        this.calls = calls;
    }

    String statements(int max, int depth) {
        StringBuilder out = new StringBuilder();
        for (int i = 1 + draft.random.nextInt(max); i > 0 && draft.budget > 0; i--) {
            out.append(any(depth)).append('\n');
        }
        return out.toString();
    }

    private String any(int depth) {
        draft.budget--;
        for (int tries = 0; tries < 5; tries++) {
            String statement = draft.random.nextInt(9) < 5 ? statement(depth) : draft.any(draft.pieces).statement(depth);
            if (statement != null) {
                return statement;
            }
        }
        return assignment();
    }

    @Override
    public @Nullable String statement(int depth) {
        return switch (draft.random.nextInt(depth > 0 ? 20 : 9)) {
            case 0, 1, 2, 3 -> assignment();
            case 4 -> "(drop " + values.value(draft.any(draft.types), 3) + ")";
            case 5, 6, 7 -> branch();
            case 8 -> leave();
            case 9, 10, 11 -> condition(depth);
            case 12, 13 -> block(depth);
            case 14, 15, 16 -> loop(depth);
            case 17 -> table(depth);
            default -> calls.call();
        };
    }

    private String assignment() {
        if (draft.oneIn(3)) {
            int global = draft.random.nextInt(draft.globals.size());
            return "(global.set $g" + global + " " + values.value(draft.globals.get(global), 3) + ")";
        }
        int local = draft.random.nextInt(draft.locals.size());
        return "(local.set " + local + " " + values.value(draft.locals.get(local), 4) + ")";
    }

    /** Seldom a return or a trap, most often neither. */
    private String leave() {
        return switch (draft.random.nextInt(10)) {
            case 0 -> "(if " + values.value("i32", 2) + " (then " + end(2) + "))";
            case 1 -> "(if (i32.eq " + values.value("i32", 2) + " " + values.constant("i32") + ") (then unreachable))";
            case 2 -> "nop";
            default -> assignment();
        };
    }

    /** In place of the last values of a function; null if there is none. */
    @Nullable String tail() {
        return calls.tail();
    }

    /** A return, or a tail call. */
    private String end(int depth) {
        String tail = draft.random.nextBoolean() ? calls.tail() : null;
        return tail != null ? tail : values.all(draft.current.results(), depth) + "return";
    }

    private String branch() {
        if (draft.labels.isEmpty()) {
            return leave();
        }
        Label label = draft.any(draft.labels);
        StringBuilder out = new StringBuilder(values.all(label.types(), 2));
        String test = values.value("i32", 3);
        String condition = label.again().isEmpty() ? test
                : draft.oneIn(3) ? label.again()
                : "(i32.and (i32.ne " + test + " (i32.const 0)) " + label.again() + ")";
        out.append("(br_if ").append(label.name()).append(' ').append(condition).append(")");
        out.append(" drop".repeat(label.types().size()));
        if (label.again().isEmpty() && draft.oneIn(6)) {
            out.append(' ').append(values.all(label.types(), 1)).append("(br ").append(label.name()).append(")");
        }
        return out.toString();
    }

    // ---- what holds others

    /** What is in a block, condition's arm or loop: takes the parameters, leaves the results. */
    String body(List<String> params, Label label, List<String> results, int depth) {
        String taken = values.take(params);
        draft.labels.add(label);
        String body = taken + statements(3, depth - 1) + values.all(results, 2);
        draft.labels.removeLast();
        return body;
    }

    /** A block with parameters and results, whose results go to locals or nowhere. */
    private String block(int depth) {
        Signature type = new Signature(draft.types(3), draft.types(3));
        Label label = new Label(draft.name("l"), type.results());
        return values.all(type.params(), 2) + "(block " + label.name() + type.text() + ' '
                + body(type.params(), label, type.results(), depth) + ")" + values.take(type.results());
    }

    private String condition(int depth) {
        if (draft.oneIn(10)) { // what it computes is for nothing, unless it traps
            return "(if " + values.value("i32", 3) + " (then))";
        }
        boolean plain = draft.random.nextBoolean();
        Signature type = plain ? Signature.NONE : new Signature(draft.types(3), draft.types(3));
        Label label = new Label(draft.name("l"), type.results());
        StringBuilder out = new StringBuilder(values.all(type.params(), 2))
                .append("(if ").append(label.name()).append(type.text()).append(' ').append(values.value("i32", 3))
                .append(" (then ").append(body(type.params(), label, type.results(), depth)).append(")");
        if (!plain || draft.random.nextBoolean()) {
            out.append(" (else ").append(body(type.params(), label, type.results(), depth)).append(")");
        }
        return out.append(")").append(values.take(type.results())).toString();
    }

    /** Values that are carried around the loop on the stack, and a counter that goes up or down. */
    private @Nullable String loop(int depth) {
        if (draft.loops.size() == Draft.COUNTERS) {
            return null;
        }
        String counter = "$c" + draft.loops.size();
        List<String> carried = draft.types(3);
        int times = 1 + draft.random.nextInt(5);
        boolean up = draft.random.nextBoolean();
        String again = up
                ? "(i32.lt_" + draft.pick("s", "u") + " (local.tee " + counter + " (i32.add (local.get " + counter
                        + ") (i32.const 1))) " + (draft.oneIn(3) ? "(i32.and " + values.value("i32", 1) + " (i32.const 7))"
                        : i32(times)) + ")"
                : "(i32.gt_s (local.tee " + counter + " (i32.sub (local.get " + counter
                        + ") (i32.const 1))) (i32.const 0))";
        Label label = new Label(draft.name("l"), carried, again, false);
        StringBuilder out = new StringBuilder(values.all(carried, 2)).append("(local.set ").append(counter).append(' ')
                .append(i32(up ? 0 : times)).append(")(loop ").append(label.name())
                .append(new Signature(carried, carried).text()).append(' ');
        draft.loops.add(new Loop(counter, up));
        out.append(body(carried, label, carried, depth));
        out.append("(br_if ").append(label.name()).append(' ').append(again).append("))");
        draft.loops.removeLast();
        return out.append(values.take(carried)).toString();
    }

    private String table(int depth) {
        int cases = 1 + draft.random.nextInt(draft.oneIn(8) ? 16 : 5);
        List<String> types = draft.types(2);
        String name = draft.name("l");
        StringBuilder out = new StringBuilder();
        for (int i = cases; i >= 0; i--) {
            out.append("(block ").append(name).append('_').append(i).append(Signature.list("result", types)).append(' ');
        }
        out.append(values.all(types, 2)).append("(br_table");
        for (int i = 0; i <= cases; i++) {
            out.append(' ').append(name).append('_').append(draft.random.nextInt(cases + 1));
        }
        String selector = values.value("i32", 3);
        out.append(' ').append(draft.random.nextBoolean() ? selector : "(i32.and " + selector + " (i32.const 7))").append(")");
        for (int i = 0; i <= cases; i++) {
            out.append(")").append(values.take(types)).append(statements(2, depth - 1));
            if (i < cases) {
                out.append(values.all(types, 1));
            }
        }
        return out.toString();
    }
}
