package org.sallyport.itests.support.random;

import static org.sallyport.itests.support.random.Draft.i32;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Typed function references: for each function {@code $f<i>} of type {@code $t<i>} a global {@code $r<i>} that refers to it, a
 * global {@code $n<i>} that is null at first, a table {@code $w<i>} with an initializer, and in every function a local {@code
 * $q<i>} that has no default value.
 */
final class TypedReferences implements Piece {
    private static final int SLOTS = 2;
    private static final String NULLABLE = "(ref null $t";
    private static final String SOME = "(ref $t";

    private final Draft draft;
    private final Values values;
    private final Tables tables;

    TypedReferences(Draft draft, Values values, Tables tables) {
        this.draft = draft;
        this.values = values;
        this.tables = tables;
    }

    @Override
    public String own() {
        StringBuilder out = new StringBuilder();
        for (int i = draft.firstFunction; i < draft.functions; i++) {
            out.append("""
                    (global $r# (ref $t#) (ref.func $f#)) (global $n# (mut (ref null $t#)) (ref.null $t#))
                    (table $w# 2 4 (ref $t#) (ref.func $f#)) (elem (table $w#) (i32.const 1) (ref $t#) (ref.func $f#))
                    """.replace("#", String.valueOf(i)));
        }
        return out.toString();
    }

    /** What every function has. */
    String locals() {
        StringBuilder out = new StringBuilder();
        for (int i = draft.firstFunction; i < draft.functions; i++) {
            out.append(" (local $q").append(i).append(" (ref $t").append(i).append("))");
        }
        return out.toString();
    }

    @Override
    public List<String> valueTypes() {
        return List.of();
    }

    /** A reference that a call may go to: seldom null. */
    String callee(int i) {
        return draft.seldom(100) ? "(global.get $n" + i + ")" : of(i, 2);
    }

    @Override
    public @Nullable String leaf(String type) {
        return type.startsWith(SOME) ? "(ref.func $f" + number(type) + ")"
                : type.startsWith(NULLABLE) ? "(ref.null $t" + number(type) + ")" : null;
    }

    private static int number(String type) {
        return Integer.parseInt(type.substring(type.indexOf('$') + 2, type.length() - 1));
    }

    @Override
    public @Nullable String value(String type, int depth) {
        if (type.equals("i32")) {
            return draft.oneIn(3) ? "(ref.is_null (global.get $n" + draft.anyFunction() + "))" : null;
        }
        if (type.equals("funcref")) {
            return "(global.get $" + draft.pick("n", "r") + draft.anyFunction() + ")";
        }
        return null;
    }

    /** A {@code (ref $t<i>)}. */
    private String of(int i, int depth) {
        if (depth == 0) {
            return "(ref.func $f" + i + ")";
        }
        return switch (draft.random.nextInt(9)) {
            case 0 -> "(ref.func $f" + i + ")";
            case 1, 2 -> "(global.get $r" + i + ")";
            case 3 -> "(table.get $w" + i + " " + tables.index(SLOTS) + ")";
            case 4 -> "(local.tee $q" + i + " " + of(i, depth - 1) + ")";
            case 5 -> draft.seldom(30) ? "(ref.as_non_null (global.get $n" + i + "))" : orElse(i, depth);
            case 6 -> "(select (result (ref $t" + i + ")) " + of(i, depth - 1) + " " + of(i, depth - 1) + " "
                    + values.value("i32", 2) + ")";
            default -> orElse(i, depth);
        };
    }

    /** What the global refers to; another reference if it is null. */
    private String orElse(int i, int depth) {
        String name = draft.name("x");
        String type = "(ref $t" + i + ")";
        if (draft.random.nextBoolean()) {
            return "(block " + name + " (result " + type + ") (br_on_non_null " + name + " (global.get $n" + i + ")) "
                    + of(i, depth - 1) + ")";
        }
        return "(block " + name + " (result " + type + ") (block " + name + "n (br " + name + " (br_on_null " + name
                + "n (global.get $n" + i + "))))" + of(i, depth - 1) + ")";
    }

    @Override
    public @Nullable String statement(int depth) {
        int i = draft.anyFunction();
        return switch (draft.random.nextInt(10)) {
            case 0, 1 -> "(global.set $n" + i + " " + of(i, 2) + ")";
            case 2 -> "(global.set $n" + i + " (ref.null $t" + i + "))";
            case 3 -> "(table.set $w" + i + " " + tables.index(SLOTS) + " " + of(i, 2) + ")";
            case 4 -> "(drop (table.grow $w" + i + " " + of(i, 1) + " " + tables.index(2) + "))";
            case 5 -> "(table.fill $w" + i + " " + tables.index(SLOTS) + " " + of(i, 1) + " (i32.const 1))";
            case 6 -> "(table.set $t " + tables.at(i32(0)) + " (global.get $n" + i + "))";
            default -> null;
        };
    }
}
