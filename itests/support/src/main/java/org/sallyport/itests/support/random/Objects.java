package org.sallyport.itests.support.random;

import static org.sallyport.itests.support.random.Draft.i32;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Structures {@code $S0} to {@code $S3}, the first three of them subtypes of each other, and arrays {@code $A0} to {@code $A8},
 * kept in locals, globals, fields and a table, cast and compared. {@code $sum} goes through what a reference reaches.
 */
final class Objects implements Piece {
    private static final int STRUCTS = 4;
    private static final int TABLE = 8;
    private static final int DEPTH = 4;
    private static final String NULL_S = "(ref null $S";
    private static final String NULL_A = "(ref null $A";
    private static final List<String> TESTED =
            List.of("$S0", "$S1", "$S2", "$S3", "$A0", "$A7", "i31", "eq", "struct", "array", "any", "none");

    private final Draft draft;
    private final Values values;
    private final List<String> arrays;
    private final List<List<String>> structs = new ArrayList<>();
    private final StringBuilder types = new StringBuilder("(rec\n");

    Objects(Draft draft, Values values) {
        this.draft = draft;
        this.values = values;
        arrays = List.of("i8", "i16", "i32", "i64", "f32", "f64", draft.has(Topic.VECTORS) ? "v128" : "i64", "anyref",
                "(ref null $S0)");
        List<String> storage = new ArrayList<>(arrays);
        storage.addAll(List.of("i31ref", "eqref", "(ref null $A7)", "funcref"));
        List<String> fields = new ArrayList<>();
        for (int i = 0; i < STRUCTS; i++) {
            if (i == STRUCTS - 1) {
                fields = new ArrayList<>();
            }
            for (int more = draft.random.nextInt(4) + (i == 0 ? 2 : 0); more >= 0; more--) {
                fields.add(draft.any(storage));
            }
            structs.add(List.copyOf(fields));
            String sub = i == 0 ? "sub" : i == 1 ? "sub $S0" : i == 2 ? "sub final $S1" : "sub final";
            types.append("(type $S").append(i).append(" (").append(sub).append(" (struct");
            fields.forEach(f -> types.append(" (field (mut ").append(f).append("))"));
            types.append(")))\n");
        }
        for (int i = 0; i < arrays.size(); i++) {
            types.append("(type $A").append(i).append(" (array (mut ").append(arrays.get(i)).append(")))\n");
        }
        types.append(")\n");
    }

    @Override
    public String types() {
        return types.toString();
    }

    @Override
    public List<String> valueTypes() {
        return List.of("anyref", "anyref", "eqref", "i31ref", "structref", "arrayref", NULL_S + "0)", NULL_S + "0)",
                NULL_S + "1)", NULL_S + "2)", NULL_S + "3)", NULL_A + draft.random.nextInt(9) + ")", NULL_A + "2)",
                NULL_A + "7)");
    }

    @Override
    public List<Shared> shared() {
        return List.of(new Shared("$objects", "table", TABLE + " anyref", ""));
    }

    @Override
    public String own() {
        return """
                (elem $items anyref (item (ref.i31 (i32.const 5))) (item (struct.new_default $S2)) (item (ref.null any))
                  (item (array.new_default $A2 (i32.const 3))))
                (data $numbers "0123456789abcdefghijklmnopqrstuvwxyz0123456789abcdefghijklmnopqrstuvwxyz")
                (func $d_any (param anyref) (call $sum (local.get 0) (i32.const %d)))
                """.formatted(DEPTH) + sum();
    }

    @Override
    public @Nullable String digester(String type) {
        return isAny(type) ? "$d_any" : null;
    }

    private static boolean isAny(String type) {
        return type.startsWith(NULL_S) || type.startsWith(NULL_A) || switch (type) {
            case "anyref", "eqref", "i31ref", "structref", "arrayref" -> true;
            default -> false;
        };
    }

    @Override
    public String digest() {
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < TABLE; i++) {
            out.append("(call $d_any (table.get $objects ").append(i32(i)).append("))\n");
        }
        return out.toString();
    }

    // ---- the sum of what is reached

    private String sum() {
        StringBuilder out = new StringBuilder("""
                (func $sum (param $r anyref) (param $d i32) (local $i i32)
                (if (i32.eqz (local.get $d)) (then (return (call $d_i32 (i32.const 1)))))
                (local.set $d (i32.sub (local.get $d) (i32.const 1)))
                (if (ref.is_null (local.get $r)) (then (return (call $d_i32 (i32.const 2)))))
                (if (ref.test (ref i31) (local.get $r)) (then (return (call $d_i32
                  (i31.get_s (ref.cast (ref i31) (local.get $r)))))))
                """);
        for (int type : new int[] {2, 1, 0, 3}) {
            out.append("(block $no (result anyref) (br_on_cast_fail $no anyref (ref $S").append(type)
                    .append(") (local.get $r)) (drop)\n(call $d_i32 (i32.const ").append(type + 77).append("))\n");
            List<String> fields = structs.get(type);
            for (int i = 0; i < fields.size(); i++) {
                out.append(digested(fields.get(i), "(struct.get" + sign(fields.get(i)) + " $S" + type + " " + i
                        + " (ref.cast (ref $S" + type + ") (local.get $r)))"));
            }
            out.append("(return)) (drop)\n");
        }
        for (int type = 0; type < arrays.size(); type++) {
            String get = "(array.get" + sign(arrays.get(type)) + " $A" + type + " (ref.cast (ref $A" + type
                    + ") (local.get $r)) (local.get $i))";
            out.append("(block $no (result anyref) (br_on_cast_fail $no anyref (ref $A").append(type).append("""
                    ) (local.get $r)) (array.len)
                    (call $d_i32) (block $end (loop $m
                    (br_if $end (i32.ge_u (local.get $i) (array.len (ref.cast arrayref (local.get $r)))))
                    (br_if $end (i32.ge_u (local.get $i) (i32.const 9)))
                    """).append(digested(arrays.get(type), get))
                    .append("(local.set $i (i32.add (local.get $i) (i32.const 1))) (br $m))) (return)) (drop)\n");
        }
        return out.append("(call $d_i32 (i32.const 99)))\n").toString();
    }

    private String sign(String storage) {
        return storage.equals("i8") || storage.equals("i16") ? draft.random.nextBoolean() ? "_s" : "_u" : "";
    }

    private static String digested(String storage, String value) {
        return switch (storage) {
            case "i8", "i16" -> "(call $d_i32 " + value + ")\n";
            case "i32", "i64", "f32", "f64", "v128", "funcref" -> "(call $d_" + storage + " " + value + ")\n";
            default -> "(call $sum " + value + " (local.get $d))\n";
        };
    }

    // ---- statements

    @Override
    public @Nullable String statement(int depth) {
        int type = draft.random.nextInt(STRUCTS);
        int array = draft.random.nextInt(arrays.size());
        String name = "$A" + array;
        return switch (draft.random.nextInt(8)) {
            case 0 -> "(table.set $objects (i32.and (i32.const 7) " + values.value("i32", 2) + ") " + values.value("anyref", 3)
                    + ")";
            case 1, 2, 3 -> {
                int field = draft.random.nextInt(structs.get(type).size());
                yield "(struct.set $S" + type + " " + field + " " + there("$S" + type, 2) + " "
                        + stored(structs.get(type).get(field), 3) + ")";
            }
            case 4, 5 -> "(array.set " + name + " " + there(name, 2) + " " + index() + " " + stored(arrays.get(array), 3) + ")";
            case 6 -> "(array.fill " + name + " " + there(name, 2) + " " + few() + " " + stored(arrays.get(array), 2) + " "
                    + few() + ")";
            default -> copy(name, array);
        };
    }

    private String copy(String name, int array) {
        String to = name + " " + there(name, 1) + " " + few() + " ";
        return switch (draft.random.nextInt(3)) {
            case 0 -> array < 7 ? "(array.init_data " + name + " $numbers " + there(name, 1) + " " + few() + " " + few() + " "
                    + few() + ")" : "(array.copy " + name + " " + to + there(name, 1) + " " + few() + " " + few() + ")";
            case 1 -> array == 7 ? "(array.init_elem $A7 $items " + there(name, 1) + " " + few() + " " + few() + " " + few() + ")"
                    : "(array.copy " + name + " " + to + there(name, 1) + " " + few() + " " + few() + ")";
            default -> "(array.copy " + name + " " + to + there(name, 1) + " " + few() + " " + few() + ")";
        };
    }

    private String few() {
        return i32(draft.random.nextInt(draft.seldom(200) ? 9 : 3));
    }

    private String index() {
        return draft.seldom(300) ? values.value("i32", 1) : i32(draft.random.nextInt(3));
    }

    // ---- references

    /** A reference that is not null, or that traps (seldom). */
    private String there(String type, int depth) {
        String value = values.value("(ref null " + type + ")", depth);
        if (draft.seldom(400)) {
            return value;
        }
        String label = draft.name("b");
        String made = type.startsWith("$A") ? "(array.new_default " + type + " (i32.const 5))" : make(type, depth);
        return "(block " + label + " (result (ref " + type + ")) (br_on_non_null " + label + " " + value + ") " + made + ")";
    }

    /** A value for a field or an element. */
    private String stored(String storage, int depth) {
        return values.value(storage.equals("i8") || storage.equals("i16") ? "i32" : storage, depth);
    }

    private String make(String type, int depth) {
        int number = type.charAt(2) - '0';
        if (type.startsWith("$S")) {
            if (depth <= 0) {
                return "(struct.new_default " + type + ")";
            }
            StringBuilder text = new StringBuilder("(struct.new " + type);
            structs.get(number).forEach(f -> text.append(' ').append(stored(f, depth - 1)));
            return text.append(')').toString();
        }
        String element = arrays.get(number);
        return switch (draft.random.nextInt(depth > 0 ? 4 : 1)) {
            case 0 -> "(array.new_default " + type + " " + i32(4 + draft.random.nextInt(4)) + ")";
            case 1 -> "(array.new " + type + " " + stored(element, depth - 1) + " " + i32(4 + draft.random.nextInt(40)) + ")";
            case 2 -> number < 7 ? "(array.new_data " + type + " $numbers " + i32(draft.random.nextInt(5)) + " (i32.const 4))"
                    : number == 7 ? "(array.new_elem $A7 $items (i32.const 0) (i32.const 4))" : make(type, 0);
            default -> {
                StringBuilder text = new StringBuilder("(array.new_fixed " + type + " 4");
                for (int i = 0; i < 4; i++) {
                    text.append(' ').append(stored(element, depth - 1));
                }
                yield text.append(')').toString();
            }
        };
    }

    @Override
    public @Nullable String leaf(String type) {
        return switch (type) {
            case "anyref", "eqref" -> draft.random.nextBoolean() ? "(ref.null none)" : "(ref.i31 " + i32(draft.random.nextInt())
                    + ")";
            case "i31ref" -> "(ref.i31 " + i32(draft.random.nextInt()) + ")";
            case "structref" -> "(struct.new_default $S" + draft.random.nextInt(STRUCTS) + ")";
            case "arrayref" -> "(array.new_default $A" + draft.random.nextInt(arrays.size()) + " (i32.const 5))";
            default -> !isAny(type) ? null : draft.oneIn(5) ? "(ref.null " + name(type) + ")" : make(name(type), 0);
        };
    }

    /** {@code $S0} of {@code (ref null $S0)}. */
    private static String name(String type) {
        return type.substring(type.indexOf('$'), type.length() - 1);
    }

    private String any(int depth) {
        return switch (draft.random.nextInt(depth > 0 ? 6 : 2)) {
            case 0 -> "(table.get $objects " + i32(draft.random.nextInt(TABLE)) + ")";
            case 1 -> "(ref.i31 " + values.value("i32", depth - 1) + ")";
            case 2, 3 -> values.value(NULL_S + draft.random.nextInt(STRUCTS) + ")", depth);
            case 4 -> "(any.convert_extern (extern.convert_any " + values.value("anyref", depth - 1) + "))";
            default -> values.value(NULL_A + draft.random.nextInt(arrays.size()) + ")", depth);
        };
    }

    private String reference(String type, int depth) {
        int up = type.equals("$S0") ? draft.random.nextInt(3) : type.equals("$S1") ? 1 + draft.random.nextInt(2)
                : type.charAt(2) - '0';
        String sub = type.substring(0, 2) + up;
        String label = draft.name("c");
        return switch (draft.random.nextInt(7)) {
            case 0, 1 -> make(sub, depth);
            case 2 -> "(block " + label + " (result (ref null " + sub + ")) (br_on_cast " + label + " anyref (ref null " + sub
                    + ") " + any(depth) + ") (drop) " + values.leaf("(ref null " + sub + ")") + ")";
            case 3 -> draft.seldom(150) ? "(ref.cast (ref null " + type + ") " + any(depth) + ")"
                    : values.value("(ref null " + sub + ")", depth);
            case 4 -> "(block " + label + " (result (ref null " + type + ")) " + values.value("(ref null " + sub + ")", depth)
                    + " (br_on_cast_fail " + label + " (ref null " + type + ") (ref null " + sub + ")) (drop) "
                    + make(sub, depth - 1) + ")";
            case 5 -> got("(ref null " + type + ")", depth, values.leaf("(ref null " + type + ")"));
            default -> make(type, depth);
        };
    }

    /** What is read from a field or element of that storage type; the other if there is none. */
    private @Nullable String got(String storage, int depth, @Nullable String other) {
        int type = draft.random.nextInt(STRUCTS);
        for (int i = 0; i < structs.get(type).size(); i++) {
            if (structs.get(type).get(i).equals(storage) && draft.random.nextInt(3) > 0) {
                return "(struct.get" + sign(storage) + " $S" + type + " " + i + " " + there("$S" + type, depth) + ")";
            }
        }
        int array = arrays.indexOf(storage);
        if (array >= 0) {
            return "(array.get" + sign(storage) + " $A" + array + " " + there("$A" + array, depth) + " " + index() + ")";
        }
        return other;
    }

    @Override
    public @Nullable String value(String type, int depth) {
        return switch (type) {
            case "i32" -> number(depth);
            case "i64", "f32", "f64", "v128", "funcref" -> draft.random.nextBoolean() ? got(type, depth, null) : null;
            case "anyref" -> draft.oneIn(4) ? got(type, depth, null) : any(depth);
            case "eqref" -> switch (draft.random.nextInt(3)) {
                case 0 -> values.value("i31ref", depth);
                case 1 -> values.value(draft.pick("structref", "arrayref"), depth);
                default -> reference("$" + draft.pick("S", "A") + draft.random.nextInt(STRUCTS), depth);
            };
            case "i31ref" -> got(type, depth, "(ref.i31 " + values.value("i32", depth) + ")");
            case "structref" -> values.value(NULL_S + draft.random.nextInt(STRUCTS) + ")", depth);
            case "arrayref" -> values.value(NULL_A + draft.random.nextInt(arrays.size()) + ")", depth);
            case "externref" -> "(extern.convert_any " + values.value("anyref", depth) + ")";
            default -> isAny(type) ? reference(name(type), depth) : null;
        };
    }

    private @Nullable String number(int depth) {
        return switch (draft.random.nextInt(7)) {
            case 0 -> got("i32", depth, null);
            case 1 -> got(draft.pick("i8", "i16"), depth, null);
            case 2 -> "(ref.test (ref " + draft.pick("null ", "") + draft.any(TESTED) + ") " + values.value("anyref", depth)
                    + ")";
            case 3 -> "(ref.eq " + values.value("eqref", depth) + " " + values.value("(ref null $S0)", depth) + ")";
            case 4 -> "(array.len " + there("$A" + draft.random.nextInt(arrays.size()), depth) + ")";
            case 5 -> "(i31.get_" + draft.pick("s", "u") + " (ref.i31 " + values.value("i32", depth) + "))";
            default -> "(ref.is_null " + values.value(draft.pick("anyref", "eqref", "structref"), depth) + ")";
        };
    }
}
