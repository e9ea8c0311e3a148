package org.sallyport.engine;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * The text of a random module that makes structures and arrays, keeps them in locals, globals, tables, fields, exceptions and on
 * the operand stack, casts them, and takes sums of what it reaches. Exports {@code f0} to {@code f4} (i32 to i64), {@code r0} to
 * {@code r4} (i32 and anyref to anyref), {@code sum} of a reference, and {@code all}, that of globals and a table. Needs {@code
 * host.h} of the type of {@code r0}. Floating-point numbers are never NaN. The same seed gives the same text.
 */
final class RandomObjects {
    private static final int FUNCTIONS = 5;
    private static final String SIGNATURE = " (param $n i32) (param $p anyref) (param $q (ref null $S0)) ";
    private static final List<String> ARRAYS =
            List.of("i8", "i16", "i32", "i64", "f32", "f64", "v128", "anyref", "(ref null $S0)");
    private static final List<String> FIELDS = List.of(
            "i8", "i16", "i32", "i64", "f32", "f64", "v128", "anyref", "(ref null $S0)", "i31ref", "eqref", "(ref null $A7)");
    private static final List<String> TESTED =
            List.of("$S0", "$S1", "$S2", "$S3", "$A0", "$A7", "i31", "eq", "struct", "array", "any", "none");

    private final Random random;
    private final StringBuilder out = new StringBuilder();
    private final List<List<String>> structs = new ArrayList<>();
    private int labels;
    /** Type of what the function that is written returns. */
    private String result = "";

    RandomObjects(long seed) {
        random = new Random(seed * 0x9E3779B97F4A7C15L);
    }

    String text() {
        out.append("(module (rec\n");
        List<String> fields = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            if (i == 3) {
                fields = new ArrayList<>();
            }
            for (int more = random.nextInt(4) + (i == 0 ? 2 : 0); more >= 0; more--) {
                fields.add(FIELDS.get(random.nextInt(FIELDS.size())));
            }
            structs.add(List.copyOf(fields));
            String sub = i == 0 ? "sub" : i == 1 ? "sub $S0" : i == 2 ? "sub final $S1" : "sub final";
            line("(type $S" + i + " (" + sub + " (struct" + fieldsText(fields) + ")))");
        }
        for (int i = 0; i < ARRAYS.size(); i++) {
            line("(type $A" + i + " (array (mut " + ARRAYS.get(i) + ")))");
        }
        line(")");
        line("(import \"host\" \"h\" (func $h (param i32 anyref) (result anyref)))");
        line("(tag $t0 (param anyref i64)) (tag $t1 (param (ref null $S0)))");
        line("(global $fuel (mut i32) (i32.const 0))");
        line("(global $ga (mut anyref) (ref.null any)) (global $gs (mut (ref null $S0)) (ref.null $S0))");
        line("(table $t 8 anyref) (table $u 4 (ref null $S1))");
        line("(elem $e anyref (item (ref.i31 (i32.const 5))) (item (struct.new_default $S2)) (item (ref.null any))"
                + " (item (array.new_default $A2 (i32.const 3))))");
        line("(data $d \"0123456789abcdefghijklmnopqrstuvwxyz0123456789abcdefghijklmnopqrstuvwxyz\")");
        sum();
        for (int i = 0; i < FUNCTIONS; i++) {
            function("$w" + i, "i64", i);
            function("$r" + i, "anyref", i);
            line("(func (export \"f" + i + "\") (param i32) (result i64) (global.set $fuel (i32.const 60)) (call $w" + i
                    + " (local.get 0) (global.get $ga) (global.get $gs)))");
            line("(func (export \"r" + i + "\") (param i32 anyref) (result anyref) (call $r" + i
                    + " (local.get 0) (local.get 1) (global.get $gs)))");
        }
        line("(func (export \"all\") (result i64) (local $i i32) (local $s i64)");
        line("(local.set $s (i64.add (call $sum (global.get $ga) (i32.const 5)) (call $sum (global.get $gs) (i32.const 5))))");
        line("(loop $m (local.set $s (i64.add (i64.rotl (local.get $s) (i64.const 5))"
                + " (call $sum (table.get $t (local.get $i)) (i32.const 5))))");
        line("(br_if $m (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 8))))");
        line("(local.get $s))");
        line(")");
        return out.toString();
    }

    private void line(String text) {
        out.append(text).append('\n');
    }

    private static String fieldsText(List<String> fields) {
        StringBuilder text = new StringBuilder();
        fields.forEach(f -> text.append(" (field (mut ").append(f).append("))"));
        return text.toString();
    }

    // ---- the sum of what is reached

    private void sum() {
        line("(func $sum (export \"sum\") (param $r anyref) (param $d i32) (result i64) (local $i i32) (local $s i64)");
        line("(if (i32.eqz (local.get $d)) (then (return (i64.const 1))))");
        line("(local.set $d (i32.sub (local.get $d) (i32.const 1)))");
        line("(if (ref.is_null (local.get $r)) (then (return (i64.const 2))))");
        line("(if (ref.test (ref i31) (local.get $r)) (then (return (i64.extend_i32_s"
                + " (i31.get_s (ref.cast (ref i31) (local.get $r)))))))");
        for (int type : new int[] {2, 1, 0, 3}) {
            line("(block $no (result anyref) (br_on_cast_fail $no anyref (ref $S" + type + ") (local.get $r)) (drop)");
            line("(local.set $s (i64.const " + (type + 77) + "))");
            List<String> fields = structs.get(type);
            for (int i = 0; i < fields.size(); i++) {
                String get = "(struct.get" + sign(fields.get(i)) + " $S" + type + " " + i + " (ref.cast (ref $S" + type
                        + ") (local.get $r)))";
                line("(local.set $s (i64.add (i64.rotl (local.get $s) (i64.const 7)) " + asLong(fields.get(i), get) + "))");
            }
            line("(return (local.get $s))) (drop)");
        }
        for (int type = 0; type < ARRAYS.size(); type++) {
            line("(block $no (result anyref) (br_on_cast_fail $no anyref (ref $A" + type + ") (local.get $r)) (array.len)");
            line("(local.set $s (i64.extend_i32_u)) (block $end (loop $m");
            line("(br_if $end (i32.ge_u (local.get $i) (array.len (ref.cast arrayref (local.get $r)))))");
            line("(br_if $end (i32.ge_u (local.get $i) (i32.const 9)))");
            String get = "(array.get" + sign(ARRAYS.get(type)) + " $A" + type + " (ref.cast (ref $A" + type
                    + ") (local.get $r)) (local.get $i))";
            line("(local.set $s (i64.add (i64.rotl (local.get $s) (i64.const 3)) " + asLong(ARRAYS.get(type), get) + "))");
            line("(local.set $i (i32.add (local.get $i) (i32.const 1))) (br $m))) (return (local.get $s))) (drop)");
        }
        line("(i64.const 99))");
    }

    private String sign(String storage) {
        return storage.equals("i8") || storage.equals("i16") ? random.nextBoolean() ? "_s" : "_u" : "";
    }

    private static String asLong(String storage, String value) {
        return switch (storage) {
            case "i8", "i16", "i32" -> "(i64.extend_i32_s " + value + ")";
            case "i64" -> value;
            case "f32" -> "(i64.extend_i32_s (i32.reinterpret_f32 " + value + "))";
            case "f64" -> "(i64.reinterpret_f64 " + value + ")";
            case "v128" -> "(i64x2.extract_lane 1 " + value + ")";
            default -> "(call $sum " + value + " (local.get $d))";
        };
    }

    // ---- functions

    private void function(String name, String result, int number) {
        this.result = result;
        line("(func " + name + SIGNATURE + "(result " + result + ") (local $i i32) (local $j i32) (local $l i64)");
        line("(local $a anyref) (local $S0 (ref null $S0)) (local $S1 (ref null $S1)) (local $S2 (ref null $S2))"
                + " (local $S3 (ref null $S3))");
        for (int i = 0; i < ARRAYS.size(); i++) {
            line("(local $A" + i + " (ref null $A" + i + "))");
        }
        line("(if (i32.lt_s (global.get $fuel) (i32.const 0)) (then (return " + last(0) + ")))");
        line("(global.set $fuel (i32.sub (global.get $fuel) (i32.const 1)))");
        statements(3, 5 + random.nextInt(8));
        if (random.nextInt(4) == 0) {
            line("(return_call " + (result.equals("i64") ? "$w" : "$r") + random.nextInt(FUNCTIONS) + arguments(2) + "))");
        } else {
            line(last(3) + ")");
        }
    }

    private String last(int depth) {
        return result.equals("i64") ? value("i64", depth) : value("anyref", depth);
    }

    private String arguments(int depth) {
        return " " + value("i32", depth) + " " + value("anyref", depth) + " " + value("(ref null $S0)", depth);
    }

    private void statements(int depth, int n) {
        for (int i = 0; i < n; i++) {
            statement(depth);
        }
    }

    private void statement(int depth) {
        int type = random.nextInt(4);
        int array = random.nextInt(ARRAYS.size());
        switch (random.nextInt(depth > 0 ? 20 : 12)) {
            case 0 -> line("(local.set $a " + value("anyref", 3) + ")");
            case 1 -> line("(local.set $S" + type + " " + value("(ref null $S" + type + ")", 3) + ")");
            case 2 -> line("(local.set $A" + array + " " + value("(ref null $A" + array + ")", 3) + ")");
            case 3 -> line("(global.set $ga " + value("anyref", 3) + ")");
            case 4 -> line("(global.set $gs " + value("(ref null $S0)", 3) + ")");
            case 5 -> line("(table.set $t (i32.and (i32.const 7) " + value("i32", 2) + ") " + value("anyref", 3) + ")");
            case 6, 7, 8 -> {
                int field = random.nextInt(structs.get(type).size());
                line("(struct.set $S" + type + " " + field + " " + there("$S" + type, 2) + " "
                        + value(structs.get(type).get(field), 3) + ")");
            }
            case 9 -> line("(array.set $A" + array + " " + there("$A" + array, 2) + " " + index() + " "
                    + value(ARRAYS.get(array), 3) + ")");
            case 10 -> line("(array.fill $A" + array + " " + there("$A" + array, 2) + " (i32.const " + random.nextInt(3) + ") "
                    + value(ARRAYS.get(array), 2) + " (i32.const " + random.nextInt(3) + "))");
            case 11 -> line("(array.copy $A" + array + " $A" + array + " " + there("$A" + array, 1) + " (i32.const "
                    + random.nextInt(3) + ") " + there("$A" + array, 1) + " (i32.const " + random.nextInt(3) + ") (i32.const "
                    + random.nextInt(3) + "))");
            case 12, 13 -> {
                line("(if " + value("i32", 2) + " (then");
                statements(depth - 1, 2);
                line(") (else");
                statements(depth - 1, 2);
                line("))");
            }
            case 14, 15 -> loop(depth);
            case 16 -> line("(local.set $l (i64.add (local.get $l) " + value("i64", 3) + "))");
            case 17, 18 -> attempt(depth);
            default -> line("(if (i32.eq (local.get $n) (i32.const " + random.nextInt(4) + ")) (then " + (random.nextBoolean()
                    ? "(throw $t0 " + value("anyref", 3) + " " + value("i64", 2) + ")"
                    : "(throw $t1 " + value("(ref null $S0)", 3) + ")") + "))");
        }
    }

    private void loop(int depth) {
        String counter = depth == 3 ? "$i" : "$j";
        if (depth < 2) {
            statements(0, 2);
            return;
        }
        String label = "$loop" + labels++;
        line("(local.set " + counter + " (i32.const " + (2 + random.nextInt(4)) + ")) (loop " + label);
        statements(depth == 3 ? 2 : 1, 3);
        line("(br_if " + label + " (i32.gt_s (local.tee " + counter + " (i32.sub (local.get " + counter
                + ") (i32.const 1))) (i32.const 0))))");
    }

    private void attempt(int depth) {
        String done = "$done" + labels++;
        String zero = "$h" + labels++;
        String one = "$h" + labels++;
        line("(block " + done + " (block " + one + " (result (ref null $S0)) (block " + zero + " (result anyref i64)");
        line("(try_table (catch $t0 " + zero + ") (catch $t1 " + one + ")");
        statements(depth - 1, 3);
        line(") (br " + done + ")) (local.set $l) (local.set $a) (br " + done + ")) (local.set $S0))");
    }

    // ---- values

    private String index() {
        return random.nextInt(300) == 0 ? value("i32", 1) : "(i32.const " + random.nextInt(3) + ")";
    }

    /** A reference that is not null, or that traps (seldom). */
    private String there(String type, int depth) {
        String value = value("(ref null " + type + ")", depth);
        if (random.nextInt(400) == 0) {
            return value;
        }
        String label = "$b" + labels++;
        String made = type.startsWith("$A") ? "(array.new_default " + type + " (i32.const 5))" : make(type, depth);
        return "(block " + label + " (result (ref " + type + ")) (br_on_non_null " + label + " " + value + ") " + made + ")";
    }

    private String make(String type, int depth) {
        int number = type.charAt(2) - '0';
        if (type.startsWith("$S")) {
            if (depth <= 0) {
                return "(struct.new_default " + type + ")";
            }
            StringBuilder text = new StringBuilder("(struct.new " + type);
            structs.get(number).forEach(f -> text.append(' ').append(value(f, depth - 1)));
            return text.append(')').toString();
        }
        String element = ARRAYS.get(number);
        return switch (random.nextInt(depth > 0 ? 4 : 1)) {
            case 0 -> "(array.new_default " + type + " (i32.const " + (4 + random.nextInt(4)) + "))";
            case 1 -> "(array.new " + type + " " + value(element, depth - 1) + " (i32.const " + (4 + random.nextInt(40)) + "))";
            case 2 -> number < 7 ? "(array.new_data " + type + " $d (i32.const " + random.nextInt(5) + ") (i32.const 4))"
                    : number == 7 ? "(array.new_elem $A7 $e (i32.const 0) (i32.const 4))" : make(type, 0);
            default -> "(array.new_fixed " + type + " 4 " + value(element, depth - 1) + " " + value(element, depth - 1) + " "
                    + value(element, depth - 1) + " " + value(element, depth - 1) + ")";
        };
    }

    private String any(int depth) {
        return switch (random.nextInt(depth > 0 ? 12 : 4)) {
            case 0 -> "(local.get $a)";
            case 1 -> "(local.get $p)";
            case 2 -> "(global.get $ga)";
            case 3 -> "(ref.i31 " + value("i32", 0) + ")";
            case 4 -> "(table.get $t (i32.const " + random.nextInt(8) + "))";
            case 5 -> "(call $r" + random.nextInt(FUNCTIONS) + arguments(depth - 1) + ")";
            case 6 -> "(call $h " + value("i32", depth - 1) + " " + any(depth - 1) + ")";
            case 7 -> "(select (result anyref) " + any(depth - 1) + " " + any(depth - 1) + " " + value("i32", depth - 1) + ")";
            case 8, 9 -> value("(ref null $S" + random.nextInt(4) + ")", depth - 1);
            case 10 -> "(any.convert_extern (extern.convert_any " + any(depth - 1) + "))";
            default -> value("(ref null $A" + random.nextInt(ARRAYS.size()) + ")", depth - 1);
        };
    }

    private String reference(String type, int depth) {
        int up = type.equals("$S0") ? random.nextInt(3) : type.equals("$S1") ? 1 + random.nextInt(2) : type.charAt(2) - '0';
        String sub = type.substring(0, 2) + up;
        if (depth <= 0) {
            return random.nextInt(5) == 0 ? "(ref.null " + type + ")" : "(local.get " + sub + ")";
        }
        String label = "$c" + labels++;
        return switch (random.nextInt(8)) {
            case 0 -> "(local.get " + type + ")";
            case 1, 2 -> make(sub, depth - 1);
            case 3 -> "(block " + label + " (result (ref null " + sub + ")) (br_on_cast " + label + " anyref (ref null " + sub
                    + ") " + any(depth - 1) + ") (drop) (local.get " + sub + "))";
            case 4 -> "(local.tee " + type + " " + value("(ref null " + type + ")", depth - 1) + ")";
            case 5 -> random.nextInt(150) == 0 ? "(ref.cast (ref null " + type + ") " + any(depth - 1) + ")"
                    : type.equals("$S0") ? "(local.get $q)" : "(local.get " + sub + ")";
            case 6 -> type.equals("$S0") ? got("(ref null $S0)", depth, "(global.get $gs)") : "(local.get " + sub + ")";
            default -> make(type, depth - 1);
        };
    }

    /** What is read from a field or element of that storage type; the other if there is none. */
    private String got(String storage, int depth, String other) {
        int type = random.nextInt(4);
        for (int i = 0; i < structs.get(type).size(); i++) {
            if (structs.get(type).get(i).equals(storage) && random.nextInt(3) > 0) {
                return "(struct.get" + sign(storage) + " $S" + type + " " + i + " " + there("$S" + type, depth - 1) + ")";
            }
        }
        int array = ARRAYS.indexOf(storage);
        if (array >= 0) {
            return "(array.get" + sign(storage) + " $A" + array + " " + there("$A" + array, depth - 1) + " " + index() + ")";
        }
        return other;
    }

    private String number(int depth) {
        if (depth <= 0) {
            return random.nextInt(3) == 0 ? "(i32.const " + random.nextInt() + ")"
                    : random.nextBoolean() ? "(local.get $n)" : "(local.get $i)";
        }
        return switch (random.nextInt(7)) {
            case 0 -> got("i32", depth, "(local.get $j)");
            case 1 -> got(random.nextBoolean() ? "i8" : "i16", depth, "(local.get $n)");
            case 2 -> "(ref.test (ref " + (random.nextBoolean() ? "null " : "") + TESTED.get(random.nextInt(TESTED.size()))
                    + ") " + any(depth - 1) + ")";
            case 3 -> "(ref.eq " + value("eqref", depth - 1) + " " + value("(ref null $S0)", depth - 1) + ")";
            case 4 -> "(array.len " + there("$A" + random.nextInt(ARRAYS.size()), depth - 1) + ")";
            case 5 -> "(i32.add " + number(depth - 1) + " " + number(depth - 1) + ")";
            default -> "(i32.wrap_i64 " + value("i64", depth - 1) + ")";
        };
    }

    private String value(String type, int depth) {
        return switch (type) {
            case "i8", "i16", "i32" -> number(depth);
            case "i64" -> depth <= 0 ? "(local.get $l)" : switch (random.nextInt(4)) {
                case 0 -> "(call $sum " + any(depth - 1) + " (i32.const 3))";
                case 1 -> "(call $w" + random.nextInt(FUNCTIONS) + arguments(depth - 1) + ")";
                case 2 -> got("i64", depth, "(local.get $l)");
                default -> "(i64.mul (i64.extend_i32_s " + number(depth - 1) + ") (i64.const 123456789))";
            };
            case "f32" -> depth > 0 && random.nextBoolean() ? got("f32", depth, "(f32.const 1.5)")
                    : "(f32.convert_i32_s " + number(depth - 1) + ")";
            case "f64" -> depth > 0 && random.nextBoolean() ? got("f64", depth, "(f64.const 1.5)")
                    : "(f64.convert_i32_s " + number(depth - 1) + ")";
            case "v128" -> depth > 0 && random.nextBoolean() ? got("v128", depth, "(v128.const i64x2 1 2)")
                    : "(i32x4.splat " + number(depth - 1) + ")";
            case "anyref" -> depth > 0 && random.nextInt(4) == 0 ? got("anyref", depth, "(local.get $p)") : any(depth);
            case "i31ref" -> "(ref.i31 " + number(depth - 1) + ")";
            case "eqref" -> random.nextInt(3) == 0 ? "(ref.i31 " + number(depth - 1) + ")"
                    : reference("$" + (random.nextBoolean() ? "S" : "A") + random.nextInt(4), depth);
            default -> reference(type.substring(10, 13), depth);
        };
    }
}
