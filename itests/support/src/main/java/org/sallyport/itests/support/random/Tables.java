package org.sallyport.itests.support.random;

import static org.sallyport.itests.support.random.Draft.i32;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Tables of functions: {@code $t}, shared, whose slots but the first and the last hold functions, and {@code $u}, each module's
 * own; with their instructions, and values of funcref.
 */
final class Tables implements Piece {
    /** Slots of the table {@code $t} at first; the first and the last are null. */
    static final int SLOTS = 8;
    private static final int OTHERS = 4;

    private final Draft draft;
    private final Values values;
    /** Whether {@code $t} has indices of 64 bits. */
    final boolean wide;
    /** Functions in the table, from slot 1 on. */
    final int[] elements = new int[SLOTS - 2];

    Tables(Draft draft, Values values) {
        this.draft = draft;
        this.values = values;
        wide = draft.has(Topic.MEMORY64) && draft.random.nextBoolean();
    }

    /** When it is known which functions there are. */
    void fill() {
        for (int i = 0; i < elements.length; i++) {
            elements[i] = draft.random.nextInt(draft.signatures.size());
        }
    }

    @Override
    public List<String> valueTypes() {
        return List.of("funcref");
    }

    @Override
    public List<Shared> shared() {
        return List.of(new Shared("$t", "table", (wide ? "i64 " : "") + SLOTS + " " + (SLOTS + 2) + " funcref", ""));
    }

    @Override
    public String own() {
        int first = draft.firstFunction;
        int second = Math.min(first + 1, draft.functions - 1);
        StringBuilder out = new StringBuilder("(table $u 4 7 funcref)\n(elem $e funcref (ref.func $f" + second + ")");
        for (int i = first; i < draft.functions; i++) {
            out.append(" (ref.func $f").append(i).append(")");
        }
        return out.append(") (elem $g func $f").append(first).append(" $f").append(second).append("""
                )
                (func $d_funcref (param funcref) (call $d_i32 (ref.is_null (local.get 0))))
                """).toString();
    }

    /** The segment that fills the shared table; only a module that knows all functions has it. */
    String segment() {
        StringBuilder out = new StringBuilder("(elem (table $t) (offset (" + (wide ? "i64" : "i32") + ".const 1)) func");
        for (int element : elements) {
            out.append(" $f").append(element);
        }
        return out.append(")\n").toString();
    }

    @Override
    public String digest() {
        return "(call $d_" + (wide ? "i64" : "i32") + " (table.size $t)) (call $d_i32 (table.size $u))\n"
                + "(call $d_funcref (table.get $t " + at(i32(0)) + ")) (call $d_funcref (table.get $u (i32.const 2)))\n";
    }

    @Override
    public @Nullable String digester(String type) {
        return type.equals("funcref") || type.startsWith("(ref null $t") ? "$d_funcref" : null;
    }

    /** A number below {@code count}, seldom more. */
    String index(int count) {
        return draft.seldom(100) ? values.value("i32", 1) : draft.random.nextBoolean() ? i32(draft.random.nextInt(count))
                : "(i32.rem_u " + values.value("i32", 1) + " " + i32(count) + ")";
    }

    /** The number as an index of {@code $t}. */
    String at(String number) {
        return wide ? "(i64.extend_i32_u " + number + ")" : number;
    }

    @Override
    public @Nullable String leaf(String type) {
        return !type.equals("funcref") ? null
                : draft.random.nextBoolean() ? "(ref.null func)" : "(ref.func $f" + draft.anyFunction() + ")";
    }

    @Override
    public @Nullable String value(String type, int depth) {
        if (type.equals("i32")) {
            return switch (draft.random.nextInt(6)) {
                case 0 -> "(table.size $u)";
                case 1 -> wide ? "(i32.wrap_i64 (table.size $t))" : "(table.size $t)";
                case 2 -> "(ref.is_null " + values.value("funcref", 1) + ")";
                default -> null;
            };
        }
        return !type.equals("funcref") ? null : draft.random.nextBoolean() ? "(table.get $t " + at(index(SLOTS)) + ")"
                : "(table.get $u " + index(OTHERS) + ")";
    }

    @Override
    public @Nullable String statement(int depth) {
        return switch (draft.random.nextInt(18)) {
            case 0 -> "(table.set $t " + at(draft.oneIn(8) ? index(SLOTS) : draft.pick(i32(0), i32(SLOTS - 1))) + " "
                    + reference() + ")";
            case 1 -> "(table.set $u " + index(OTHERS) + " " + reference() + ")";
            case 2 -> "(table.copy $t $t " + at(i32(0)) + " " + at(i32(1)) + " " + at(i32(draft.random.nextInt(2))) + ")";
            case 3 -> "(table.copy $u $t " + index(2) + " " + at(index(SLOTS - 2)) + " (i32.const 2))";
            case 4 -> "(table.init $u $e " + index(3) + " (i32.const 0) (i32.const 2))";
            case 5 -> "(table.init $u $g " + index(3) + " (i32.const 0) " + i32(draft.oneIn(12) ? 1 : 0) + ")";
            case 6 -> "(elem.drop $g)";
            case 7 -> "(table.fill $u " + index(3) + " " + reference() + " (i32.const 2))";
            case 8 -> "(drop (table.grow $u " + reference() + " " + index(2) + "))";
            default -> null;
        };
    }

    private String reference() {
        return values.value("funcref", 1);
    }
}
