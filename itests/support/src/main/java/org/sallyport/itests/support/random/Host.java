package org.sallyport.itests.support.random;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Functions of the host, which every engine that runs random modules defines: {@code h0(a, b)} is {@code a * 31 + rotl(b, 5)},
 * {@code h1(a)} is {@code a ^ a >>> 7}, {@code h2(a, b)} is {@code a * 0.5 - b}; {@code back(k, a)} calls the main module's
 * export {@code n<k mod functions>} with {@code (k, a, 0.5)}; {@code wrap(a)} makes an externref of a number, {@code unwrap}
 * gives it back, -7 of null and -9 of all else; where there are tags, {@code raise(a)} throws {@code x0} with {@code a} if {@code
 * a & 7} is 0, and else returns {@code 3 * a}; where there are objects, {@code pass(a, r)} returns {@code r} if {@code a & 1} is
 * 1, and else null.
 */
final class Host implements Piece {
    private final Draft draft;
    private final Values values;

    Host(Draft draft, Values values) {
        this.draft = draft;
        this.values = values;
    }

    private boolean raises() {
        return draft.has(Topic.EXCEPTIONS) || draft.has(Topic.OLD_EXCEPTIONS);
    }

    @Override
    public String imports() {
        return """
                (import "host" "h0" (func $h0 (param i32 i32) (result i32)))
                (import "host" "h1" (func $h1 (param i64) (result i64)))
                (import "host" "h2" (func $h2 (param f64 f32) (result f64)))
                (import "host" "back" (func $back (param i32 i64) (result i64)))
                (import "host" "wrap" (func $wrap (param i32) (result externref)))
                (import "host" "unwrap" (func $unwrap (param externref) (result i32)))
                """
                + (raises() ? "(import \"host\" \"raise\" (func $raise (param i32) (result i32)))\n" : "")
                + (draft.has(Topic.OBJECTS)
                        ? "(import \"host\" \"pass\" (func $pass (param i32 anyref) (result anyref)))\n" : "");
    }

    @Override
    public List<String> valueTypes() {
        return List.of("externref");
    }

    @Override
    public String own() {
        return "(func $d_externref (param externref) (call $d_i32 (call $unwrap (local.get 0))))\n";
    }

    @Override
    public @Nullable String digester(String type) {
        return type.equals("externref") ? "$d_externref" : null;
    }

    @Override
    public @Nullable String leaf(String type) {
        return type.equals("externref") ? "(ref.null extern)" : null;
    }

    @Override
    public @Nullable String value(String type, int d) {
        return switch (type) {
            case "i32" -> switch (draft.random.nextInt(6)) {
                case 0 -> "(call $unwrap " + values.value("externref", d) + ")";
                case 1 -> raises() ? "(call $raise " + values.value("i32", d) + ")" : null;
                case 2 -> "(ref.is_null " + values.value("externref", d) + ")";
                default -> "(call $h0 " + values.value("i32", d) + " " + values.value("i32", d) + ")";
            };
            case "i64" -> draft.oneIn(4)
                    ? "(call $back " + values.value("i32", d) + " " + values.value("i64", d) + ")"
                    : "(call $h1 " + values.value("i64", d) + ")";
            case "f32" -> draft.oneIn(3) ? "(f32.demote_f64 " + half(d) + ")" : null;
            case "f64" -> half(d);
            case "externref" -> "(call $wrap " + values.value("i32", d) + ")";
            case "anyref" -> "(call $pass " + values.value("i32", d) + " " + values.value("anyref", d) + ")";
            default -> null;
        };
    }

    private String half(int d) {
        return "(call $h2 " + values.value("f64", d) + " " + values.value("f32", d) + ")";
    }

    /** A tail call of one of them; null if none has the results. */
    @Nullable String tail() {
        return switch (draft.current.results().size() == 1 ? draft.current.results().getFirst() : "") {
            case "i32" -> "(return_call $h0 " + values.all(List.of("i32", "i32"), 2) + ")";
            case "i64" -> "(return_call $" + draft.pick("h1 ", "back " + values.value("i32", 2)) + values.value("i64", 2) + ")";
            case "f64" -> "(return_call $h2 " + values.all(List.of("f64", "f32"), 2) + ")";
            case "externref" -> "(return_call $wrap " + values.value("i32", 2) + ")";
            default -> null;
        };
    }
}
