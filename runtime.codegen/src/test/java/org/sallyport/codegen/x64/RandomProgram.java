package org.sallyport.codegen.x64;

import java.util.Random;

/**
 * Text of a random module with one exported function {@code f (i32 i64 f32 f64) -> i64} that ends on every input or
 * traps. Where bits
 * of a NaN would become visible, which the specification leaves open, the value goes through a function that
 * replaces NaN.
 */
final class RandomProgram {
    private static final String[] TYPES = {"i32", "i64", "f32", "f64"};
    private static final int LOCALS_PER_TYPE = 4;
    /** Parameters 0–3, then locals by type, then loop counters. */
    private static final int FIRST_LOCAL = 4;
    private static final int FIRST_COUNTER = FIRST_LOCAL + LOCALS_PER_TYPE * TYPES.length;
    private static final int COUNTERS = 6;

    private static final String[] INT_BINARY = {
        "add", "sub", "mul", "and", "or", "xor", "shl", "shr_s", "shr_u", "rotl", "rotr", "add", "sub", "and"
    };
    private static final String[] INT_DIVISION = {"div_s", "div_u", "rem_s", "rem_u"};
    private static final String[] INT_UNARY = {"clz", "ctz", "popcnt", "extend8_s", "extend16_s"};
    private static final String[] INT_COMPARE = {"eq", "ne", "lt_s", "lt_u", "gt_s", "gt_u", "le_s", "le_u", "ge_s",
            "ge_u"};
    private static final String[] FLOAT_BINARY = {"add", "sub", "mul", "div", "min", "max"};
    private static final String[] FLOAT_UNARY = {"neg", "abs", "sqrt", "ceil", "floor", "trunc", "nearest"};
    private static final String[] FLOAT_COMPARE = {"eq", "ne", "lt", "gt", "le", "ge"};
    private static final long[] INTERESTING = {
        0, 1, -1, 2, 3, 4, 7, 8, 15, 31, 32, 63, 64, 127, 128, 255, 256, 65535, 65536, 0x7FFF_FFFFL, 0x8000_0000L,
        0xFFFF_FFFFL, 0x1_0000_0000L, Long.MAX_VALUE, Long.MIN_VALUE, 10, 1000, 12345678901L
    };

    private final Random random;
    private final StringBuilder out = new StringBuilder();
    private int counters;
    private int budget;

    private RandomProgram(long seed) {
        random = new Random(seed);
        budget = 40 + random.nextInt(160);
    }

    static String text(long seed) {
        return new RandomProgram(seed).module();
    }

    public static void main(String[] seed) {
        System.out.println(text(Long.parseLong(seed[0])));
    }

    private String module() {
        out.append("""
                (module (memory 1)
                (table 4 funcref) (elem (i32.const 0) $g $h $g $h)
                (type $t (func (param i32 i64) (result i64)))
                (func $canon32 (param f32) (result f32)
                  (select (local.get 0) (f32.const 0) (f32.eq (local.get 0) (local.get 0))))
                (func $canon64 (param f64) (result f64)
                  (select (local.get 0) (f64.const 0) (f64.eq (local.get 0) (local.get 0))))
                (func $g (type $t) (i64.add (i64.extend_i32_s (local.get 0)) (local.get 1)))
                (func $h (type $t) (if (i32.lt_s (local.get 0) (i32.const 0)) (then (return (i64.const 9))))
                  (i64.mul (local.get 1) (i64.const 5)))
                (func (export "f") (param i32 i64 f32 f64) (result i64)
                """);
        for (String type : TYPES) {
            out.append("(local").append((" " + type).repeat(LOCALS_PER_TYPE)).append(")\n");
        }
        out.append("(local").append(" i32".repeat(COUNTERS)).append(")\n");
        statements(3 + random.nextInt(6), 3);
        result();
        return out.append(")\n)").toString();
    }

    /** Mixes all locals. */
    private void result() {
        out.append("(i64.const 0)\n");
        for (int t = 0; t < TYPES.length; t++) {
            for (int i = 0; i < LOCALS_PER_TYPE; i++) {
                String get = "(local.get " + (FIRST_LOCAL + t * LOCALS_PER_TYPE + i) + ")";
                out.append("(i64.rotl (i64.const 7)) ").append(bits(t, get)).append(" i64.xor\n");
            }
        }
    }

    private static String bits(int type, String value) {
        return switch (type) {
            case 0 -> "(i64.extend_i32_u " + value + ")";
            case 1 -> value;
            case 2 -> "(i64.extend_i32_u (i32.reinterpret_f32 (call $canon32 " + value + ")))";
            default -> "(i64.reinterpret_f64 (call $canon64 " + value + "))";
        };
    }

    // ---- statements

    private void statements(int n, int depth) {
        for (int i = 0; i < n && budget > 0; i++) {
            statement(depth);
        }
    }

    private void statement(int depth) {
        budget--;
        int kind = random.nextInt(depth > 0 ? 12 : 6);
        switch (kind) {
            case 0, 1, 2 -> set();
            case 3, 4 -> store();
            case 5 -> {
                if (random.nextBoolean()) {
                    modify();
                } else {
                    atomic();
                }
            }
            case 6, 7 -> {
                out.append("(if ").append(expression(0, 3)).append(" (then\n");
                statements(1 + random.nextInt(3), depth - 1);
                out.append(")");
                if (random.nextBoolean()) {
                    out.append(" (else\n");
                    statements(1 + random.nextInt(3), depth - 1);
                    out.append(")");
                }
                out.append(")\n");
            }
            case 8, 9 -> loop(depth);
            case 10 -> {
                out.append("(block\n");
                statements(1, depth - 1);
                out.append("(br_if 0 ").append(expression(0, 3)).append(")\n");
                statements(1 + random.nextInt(2), depth - 1);
                out.append(")\n");
            }
            default -> switchOver(depth);
        }
    }

    private void set() {
        int t = random.nextInt(TYPES.length);
        int local = FIRST_LOCAL + t * LOCALS_PER_TYPE + random.nextInt(LOCALS_PER_TYPE);
        out.append("(local.set ").append(local).append(' ').append(expression(t, 4)).append(")\n");
    }

    private void store() {
        int t = random.nextInt(TYPES.length);
        String value = expression(t, 3);
        String op = switch (t) {
            case 0 -> pick("i32.store", "i32.store8", "i32.store16");
            case 1 -> pick("i64.store", "i64.store8", "i64.store16", "i64.store32");
            case 2 -> "f32.store";
            default -> "f64.store";
        };
        String safe = t == 2 ? "(call $canon32 " + value + ")" : t == 3 ? "(call $canon64 " + value + ")" : value;
        out.append("(%s offset=%d %s %s)\n".formatted(op, random.nextInt(64), address(), safe));
    }

    /** Read, change, write of one place. */
    private void modify() {
        int t = random.nextInt(2);
        String type = TYPES[t];
        String place = random.nextBoolean() ? "(i32.const " + random.nextInt(256) + ")" : "(local.get "
                + FIRST_COUNTER + ")";
        String suffix = pick("", "8");
        String load = "(%s.load%s offset=4 %s)".formatted(type, suffix.isEmpty() ? "" : "8_u", place);
        String op = pick("add", "sub", "and", "or", "xor", "shl", "shr_u");
        String other = expression(t, 1);
        String sum = random.nextBoolean() ? "(%s.%s %s %s)".formatted(type, op, load, other)
                : "(%s.%s %s %s)".formatted(type, op, other, load);
        out.append("(%s.store%s offset=4 %s %s)\n".formatted(type, suffix, place, sum));
    }

    /** An atomic instruction, whose result is used or not; sometimes its address is not aligned. */
    private void atomic() {
        int t = random.nextInt(2);
        String type = TYPES[t];
        String place = "(i32.and %s (i32.const %d))".formatted(expression(0, 2), random.nextInt(20) == 0 ? 0xFFFF : 0xFFF8);
        String width = t == 0 ? pick("", "8", "16") : pick("", "8", "16", "32");
        int offset = 8 * random.nextInt(8);
        if (random.nextInt(6) == 0) {
            out.append("(%s.atomic.store%s offset=%d %s %s)\n".formatted(type, width, offset, place, expression(t, 2)));
            return;
        }
        String op = pick("add", "sub", "and", "or", "xor", "xchg", "cmpxchg", "cmpxchg", "load");
        String unsigned = width.isEmpty() ? "" : "_u";
        String text = op.equals("load") ? "(%s.atomic.load%s%s offset=%d %s)".formatted(type, width, unsigned, offset, place)
                : "(%s.atomic.rmw%s.%s%s offset=%d %s %s %s)".formatted(type, width, op, unsigned, offset, place,
                        op.equals("cmpxchg") ? expected(t, width, offset, place) : "", expression(t, 2));
        if (random.nextInt(3) == 0) {
            out.append("(drop ").append(text).append(")\n");
        } else {
            int local = FIRST_LOCAL + t * LOCALS_PER_TYPE + random.nextInt(LOCALS_PER_TYPE);
            out.append("(local.set ").append(local).append(' ').append(text).append(")\n");
        }
        if (random.nextInt(8) == 0) {
            out.append("(atomic.fence)\n");
        }
    }

    /** Mostly what is there. */
    private String expected(int t, String width, int offset, String place) {
        return random.nextInt(3) == 0 ? expression(t, 2)
                : "(%s.load%s offset=%d %s)".formatted(TYPES[t], width.isEmpty() ? "" : width + "_u", offset, place);
    }

    private void loop(int depth) {
        if (counters == COUNTERS) {
            set();
            return;
        }
        int counter = FIRST_COUNTER + counters++;
        out.append("(local.set %d (i32.const 0)) (loop\n".formatted(counter));
        statements(1 + random.nextInt(3), depth - 1);
        out.append("(br_if 0 (i32.lt_u (local.tee %1$d (i32.add (local.get %1$d) (i32.const 1))) (i32.const %2$d))))\n"
                .formatted(counter, 1 + random.nextInt(6)));
        counters--;
    }

    private void switchOver(int depth) {
        int cases = 1 + random.nextInt(6);
        out.append("(block ".repeat(cases + 1)).append("(br_table");
        for (int i = 0; i <= cases; i++) {
            out.append(' ').append(random.nextInt(cases + 1));
        }
        out.append(' ').append(expression(0, 2)).append(")");
        for (int i = 0; i <= cases; i++) {
            out.append(")\n");
            if (i < cases) {
                statements(1, depth - 1);
            }
        }
    }

    // ---- expressions

    private String pick(String... of) {
        return of[random.nextInt(of.length)];
    }

    private String address() {
        return random.nextInt(4) == 0
                ? "(i32.and " + expression(0, 2) + " (i32.const 255))"
                : random.nextBoolean()
                        ? "(i32.shl (i32.and " + expression(0, 2) + " (i32.const 127)) (i32.const 2))"
                        : random.nextInt(8) == 0 ? expression(0, 2) : "(i32.const " + random.nextInt(512) + ")";
    }

    private String get(int t) {
        return random.nextInt(5) == 0 ? "(local.get " + t + ")"
                : "(local.get " + (FIRST_LOCAL + t * LOCALS_PER_TYPE + random.nextInt(LOCALS_PER_TYPE)) + ")";
    }

    private String constant(int t) {
        long value = random.nextInt(4) == 0 ? random.nextLong() : INTERESTING[random.nextInt(INTERESTING.length)];
        return switch (t) {
            case 0 -> "(i32.const " + (int) value + ")";
            case 1 -> "(i64.const " + value + ")";
            case 2 -> "(f32.const " + (random.nextInt(9) - 4) * 0.5 + ")";
            default -> "(f64.const " + (random.nextBoolean() ? random.nextInt(9) - 4 : (double) value) + ")";
        };
    }

    private String expression(int t, int depth) {
        if (depth == 0 || random.nextInt(6) == 0) {
            return random.nextInt(3) == 0 ? constant(t) : get(t);
        }
        return switch (random.nextInt(10)) {
            case 0 -> load(t);
            case 1 -> "(select %s %s %s)".formatted(expression(t, depth - 1), expression(t, depth - 1),
                    expression(0, depth - 1));
            case 2 -> conversion(t, depth);
            case 3 -> "(if (result %s) %s (then %s) (else %s))".formatted(
                    TYPES[t], expression(0, depth - 1), expression(t, depth - 1), expression(t, depth - 1));
            case 4 -> t == 0 ? comparison(depth) : t == 1 ? call(depth) : operation(t, depth);
            default -> operation(t, depth);
        };
    }

    private String load(int t) {
        String op = switch (t) {
            case 0 -> pick("i32.load", "i32.load8_u", "i32.load8_s", "i32.load16_u", "i32.load16_s");
            case 1 -> pick("i64.load", "i64.load8_u", "i64.load16_s", "i64.load32_u", "i64.load32_s");
            default -> TYPES[t] + ".load";
        };
        return "(%s offset=%d %s)".formatted(op, random.nextInt(64), address());
    }

    private String comparison(int depth) {
        int t = random.nextInt(TYPES.length);
        if (t < 2 && random.nextInt(4) == 0) {
            return "(%s.eqz %s)".formatted(TYPES[t], expression(t, depth - 1));
        }
        String op = t < 2 ? pick(INT_COMPARE) : pick(FLOAT_COMPARE);
        return "(%s.%s %s %s)".formatted(TYPES[t], op, expression(t, depth - 1), expression(t, depth - 1));
    }

    private String call(int depth) {
        String arguments = expression(0, depth - 1) + " " + expression(1, depth - 1);
        return switch (random.nextInt(3)) {
            case 0 -> "(call $g " + arguments + ")";
            case 1 -> "(call $h " + arguments + ")";
            default -> "(call_indirect (type $t) %s (i32.and %s (i32.const 3)))".formatted(arguments, expression(0, 1));
        };
    }

    private String operation(int t, int depth) {
        String type = TYPES[t];
        if (t >= 2) {
            return switch (random.nextInt(5)) {
                case 0 -> "(%s.%s %s)".formatted(type, pick(FLOAT_UNARY), expression(t, depth - 1));
                case 1 -> "(%s.copysign %s (call $canon%s %s))".formatted(
                        type, expression(t, depth - 1), type.substring(1), expression(t, depth - 1));
                default -> "(%s.%s %s %s)".formatted(
                        type, pick(FLOAT_BINARY), expression(t, depth - 1), expression(t, depth - 1));
            };
        }
        return switch (random.nextInt(12)) {
            case 0 -> "(%s.%s %s)".formatted(type, pick(INT_UNARY), expression(t, depth - 1));
            case 1 -> "(%s.%s %s (%s.or %s (%s.const 1)))".formatted(
                    type, pick(INT_DIVISION), expression(t, depth - 1), type, expression(t, depth - 1), type);
            case 2 -> "(%s.%s %s %s)".formatted(type, pick(INT_DIVISION), expression(t, depth - 1), constant(t));
            case 3 -> "(%s.%s %s %s)".formatted(type, pick(INT_BINARY), expression(t, depth - 1), load(t));
            case 4 -> "(%s.%s %s %s)".formatted(type, pick(INT_BINARY), expression(t, depth - 1), constant(t));
            default -> "(%s.%s %s %s)".formatted(
                    type, pick(INT_BINARY), expression(t, depth - 1), expression(t, depth - 1));
        };
    }

    private String conversion(int t, int depth) {
        int from = random.nextInt(TYPES.length);
        String x = expression(from, depth - 1);
        return switch (TYPES[t] + "<" + TYPES[from]) {
            case "i32<i64" -> "(i32.wrap_i64 " + x + ")";
            case "i32<f32" -> "(" + pick("i32.trunc_sat_f32_s", "i32.trunc_sat_f32_u", "i32.trunc_f32_s") + " " + x
                    + ")";
            case "i32<f64" -> "(" + pick("i32.trunc_sat_f64_s", "i32.trunc_sat_f64_u", "i32.trunc_f64_u") + " " + x
                    + ")";
            case "i64<i32" -> "(" + pick("i64.extend_i32_s", "i64.extend_i32_u") + " " + x + ")";
            case "i64<f32" -> "(" + pick("i64.trunc_sat_f32_s", "i64.trunc_sat_f32_u", "i64.trunc_f32_u") + " " + x
                    + ")";
            case "i64<f64" -> "(" + pick("i64.trunc_sat_f64_s", "i64.trunc_sat_f64_u", "i64.trunc_f64_s") + " " + x
                    + ")";
            case "f32<i32" -> "(" + pick("f32.convert_i32_s", "f32.convert_i32_u", "f32.reinterpret_i32") + " " + x
                    + ")";
            case "f32<i64" -> "(" + pick("f32.convert_i64_s", "f32.convert_i64_u") + " " + x + ")";
            case "f32<f64" -> "(f32.demote_f64 " + x + ")";
            case "f64<i32" -> "(" + pick("f64.convert_i32_s", "f64.convert_i32_u") + " " + x + ")";
            case "f64<i64" -> "(" + pick("f64.convert_i64_s", "f64.convert_i64_u", "f64.reinterpret_i64") + " " + x
                    + ")";
            case "f64<f32" -> "(f64.promote_f32 " + x + ")";
            default -> operation(t, depth);
        };
    }
}
