package org.sallyport.itests.support.random;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.sallyport.itests.support.random.Draft.Label;

/**
 * Exceptions of the tags {@code $x<i>}, thrown and caught in one of the two forms. {@code x0} has an i32, {@code x1} nothing,
 * {@code x2} two numbers, {@code x3} whatever types there are.
 */
final class Throws implements Piece {
    private static final int TAGS = 4;
    private static final int KEPT = 4;

    private final Draft draft;
    private final Values values;
    private final Control control;
    private final boolean old;
    private final List<List<String>> tags = new ArrayList<>();

    Throws(Draft draft, Values values, Control control) {
        this.draft = draft;
        this.values = values;
        this.control = control;
        old = draft.has(Topic.OLD_EXCEPTIONS);
    }

    /** When it is known which types there are. */
    void fill() {
        tags.add(List.of("i32"));
        tags.add(List.of());
        tags.add(List.of("i64", "f64"));
        tags.add(draft.types(5));
    }

    @Override
    public List<String> valueTypes() {
        return old ? List.of() : List.of("exnref");
    }

    @Override
    public List<Shared> shared() {
        List<Shared> all = new ArrayList<>();
        for (int i = 0; i < TAGS; i++) {
            all.add(new Shared("$x" + i, "tag", new Signature(tags.get(i), List.of()).text(), ""));
        }
        return all;
    }

    @Override
    public String own() {
        return old ? "" : "(table $kept " + KEPT + " exnref)\n"
                + "(func $d_exnref (param exnref) (call $d_i32 (ref.is_null (local.get 0))))\n";
    }

    @Override
    public @Nullable String digester(String type) {
        return type.equals("exnref") ? "$d_exnref" : null;
    }

    @Override
    public @Nullable String leaf(String type) {
        return type.equals("exnref") ? "(ref.null exn)" : null;
    }

    @Override
    public @Nullable String value(String type, int depth) {
        if (type.equals("exnref")) {
            return "(table.get $kept (i32.const " + draft.random.nextInt(KEPT) + "))";
        }
        if (draft.oneIn(2)) {
            return null;
        }
        String name = draft.name("v");
        if (old) {
            return "(try " + name + " (result " + type + ") (do " + values.value(type, depth) + ") (catch_all "
                    + values.value(type, depth) + "))";
        }
        return "(block " + name + " (result " + type + ") (block " + name + "c (try_table (result " + type + ") (catch_all "
                + name + "c) " + values.value(type, depth) + ") (br " + name + "))" + values.value(type, depth) + ")";
    }

    @Override
    public @Nullable String statement(int depth) {
        return switch (draft.random.nextInt(depth > 0 ? 5 : 1)) {
            case 0 -> raise();
            default -> old ? old(depth) : table(depth);
        };
    }

    /** Most often under a condition. */
    private String raise() {
        String thrown = thrown();
        return draft.oneIn(8) ? thrown
                : "(if (i32.and " + values.value("i32", 1) + " (i32.const " + (1 + draft.random.nextInt(3)) + ")) (then " + thrown
                        + "))";
    }

    private String thrown() {
        Label caught = draft.labels.stream().filter(Label::catches).reduce((a, b) -> b).orElse(null);
        if (caught != null && draft.oneIn(2)) {
            return "(rethrow " + caught.name() + ")";
        }
        if (!old && draft.oneIn(4)) {
            String from = values.value("exnref", 1);
            String name = draft.name("n");
            return draft.seldom(40) ? "(throw_ref " + from + ")"
                    : "(block " + name + " (throw_ref (br_on_null " + name + " " + from + ")))";
        }
        int tag = draft.random.nextInt(TAGS);
        return "(throw $x" + tag + " " + values.all(tags.get(tag), 2) + ")";
    }

    // ---- try_table

    /** Blocks around a try_table, one for each clause; behind each its values are taken. */
    private String table(int depth) {
        int clauses = 1 + draft.random.nextInt(3);
        int[] caught = draft.random.ints(clauses, -1, TAGS).toArray();
        boolean[] refs = new boolean[clauses];
        String[] blocks = new String[clauses];
        String end = draft.name("d");
        StringBuilder out = new StringBuilder("(block ").append(end).append(' ');
        for (int i = clauses - 1; i >= 0; i--) {
            refs[i] = draft.oneIn(2);
            blocks[i] = draft.name("c");
            out.append("(block ").append(blocks[i]).append(Signature.list("result", given(caught[i], refs[i]))).append(' ');
        }
        draft.labels.add(new Label(end, List.of()));
        String label = draft.name("t");
        out.append("(try_table ").append(label);
        for (int i = 0; i < clauses; i++) {
            out.append(caught[i] < 0 ? " (catch_all" : " (catch").append(refs[i] ? "_ref" : "")
                    .append(caught[i] < 0 ? "" : " $x" + caught[i]).append(' ').append(blocks[i]).append(")");
        }
        out.append(' ').append(within(new Label(label, List.of()), depth)).append(") (br ").append(end).append("))\n");
        for (int i = 0; i < clauses; i++) {
            if (refs[i]) {
                String kept = draft.random.nextBoolean() ? keep() : "";
                out.append(kept.isEmpty() ? values.take(List.of("exnref")) : kept);
            }
            out.append(values.take(caught[i] < 0 ? List.of() : tags.get(caught[i])))
                    .append(control.statements(3, depth - 1))
                    .append(i == clauses - 1 ? ")" : " (br " + end + "))\n");
        }
        draft.labels.removeLast();
        return out.toString();
    }

    private List<String> given(int tag, boolean ref) {
        List<String> types = new ArrayList<>(tag < 0 ? List.of() : tags.get(tag));
        if (ref) {
            types.add("exnref");
        }
        return types;
    }

    /** Puts the reference on the stack into the table; empty where there is no local for it. */
    private String keep() {
        int local = draft.locals.indexOf("exnref");
        return local < 0 ? "" : "(local.set " + local + ") (table.set $kept (i32.const " + draft.random.nextInt(KEPT)
                + ") (local.get " + local + "))";
    }

    private String within(Label label, int depth) {
        draft.labels.add(label);
        String statements = control.statements(3, depth - 1);
        draft.labels.removeLast();
        return statements;
    }

    // ---- the older form

    private String old(int depth) {
        String name = draft.name("o");
        StringBuilder out = new StringBuilder("(try ").append(name).append(" (do ")
                .append(within(new Label(name, List.of()), depth)).append(")");
        if (draft.oneIn(3)) {
            String target = draft.labels.isEmpty() ? "0" : draft.any(draft.labels).name();
            return out.append(" (delegate ").append(target).append("))").toString();
        }
        Label label = new Label(name, List.of(), "", true);
        for (int i = draft.random.nextInt(3); i > 0; i--) {
            int tag = draft.random.nextInt(TAGS);
            out.append("\n(catch $x").append(tag).append(' ').append(values.take(tags.get(tag))).append(within(label, depth))
                    .append(")");
        }
        if (draft.oneIn(2)) {
            out.append("\n(catch_all ").append(within(label, depth)).append(")");
        }
        return out.append(")").toString();
    }
}
