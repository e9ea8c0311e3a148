package org.sallyport.itests.real;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * Folded expressions of a {@link RandomModule}, of types given as indices of {@link #TYPES}. Most addresses, divisors
 * and operands of trapping conversions are kept in range, most table slots hold what is expected, so that calls end.
 */
final class RandomExpressions {
    static final List<String> TYPES = List.of("i32", "i64", "f32", "f64");
    /** Slots of the table {@code $t} at first; the first and the last are null. */
    static final int TABLE = 8;

    private static final long[] INTERESTING = {
        0, 1, -1, 2, 3, 4, 5, 7, 8, 15, 16, 31, 32, 33, 63, 64, 100, 127, 128, 255, 256, 1000, 32767, 32768, 65535,
        65536, 65532, 131072, 0x7FFF_FFFFL, 0x8000_0000L, 0xFFFF_FFFFL, 0x1_0000_0000L, Long.MAX_VALUE, Long.MIN_VALUE
    };
    private static final String[] FLOATS = {
        "0", "-0", "1", "-1.5", "0.5", "2147483648", "-9.3e18", "inf", "-inf", "nan", "1e-40", "3.5e38"
    };

    /** A loop around; {@code up} if its counter goes from 0 on and stays below 8. */
    record Loop(int counter, boolean up) {}

    /** Types of the locals that may be read and written. */
    final List<Integer> locals = new ArrayList<>();
    final List<Loop> loops = new ArrayList<>();
    /** Whether much traps: then what comes of the values matters less than that the traps are not lost. */
    boolean daring;
    /** Statements that the function may still have; expressions stay short when it is used up. */
    int budget;
    /** The functions that may be referred to: from the first one up to this one. */
    int functions;
    int firstFunction;
    /** Whether there are functions of the host: {@code $h0}, {@code $h1}, {@code $h2}. */
    boolean hosts;

    private final Random random;

    RandomExpressions(Random random) {
        this.random = random;
    }

    // ---- chances

    boolean oneIn(int times) {
        return random.nextInt(times) == 0;
    }

    /** For what traps. */
    boolean seldom(int times) {
        return oneIn(daring ? Math.max(2, times / 50) : times);
    }

    String pick(String... of) {
        return of[random.nextInt(of.length)];
    }

    // ---- memory and tables

    /** Bits of a NaN are not to be seen: its value, or 3. */
    static String clean(int t, String value) {
        return t < 2 ? value : "(call $q" + TYPES.get(t).substring(1) + " " + value + ")";
    }

    /** Offset and alignment. */
    String offset() {
        String offset = seldom(2000)
                ? pick("65536", "131068", "2147483647", oneIn(20) ? "4294967295" : "3000000000") // the peer wraps
                : pick("0", "1", "4", "8", "16", "60", "255");
        return " offset=" + offset + (oneIn(12) ? " align=1 " : " ");
    }

    String address() {
        if (seldom(500)) {
            return value(0, 2);
        }
        if (oneIn(40)) { // the memory's end
            int before = seldom(8) ? random.nextInt(300) : 8 + 255 + random.nextInt(100);
            return "(i32.sub (i32.shl (memory.size) (i32.const 16)) " + i32(before) + ")";
        }
        return switch (random.nextInt(12)) {
            case 0 -> i32(random.nextInt(1024));
            case 1 -> "(i32.shl (i32.and " + value(0, 2) + " (i32.const 255)) (i32.const 3))";
            case 2, 3 -> {
                Loop loop = loops.isEmpty() ? new Loop(0, false) : loops.getLast();
                yield loop.up
                        ? "(i32.add (i32.and " + value(0, 1) + " (i32.const 1023)) (i32.shl (local.get " + loop.counter
                                + ") (i32.const " + random.nextInt(4) + ")))"
                        : masked(2, 1023);
            }
            default -> masked(2, 1023);
        };
    }

    private String masked(int depth, int mask) {
        return "(i32.and " + value(0, depth) + " " + i32(mask) + ")";
    }

    String length() {
        return seldom(60) ? value(0, 2) : masked(2, 63);
    }

    /** A number below {@code count}, seldom more. */
    String index(int count) {
        return seldom(100) ? value(0, 1) : random.nextBoolean() ? i32(random.nextInt(count))
                : "(i32.rem_u " + value(0, 1) + " " + i32(count) + ")";
    }

    static String i32(int value) {
        return "(i32.const " + value + ")";
    }

    /** A funcref. */
    String reference(int depth) {
        return switch (random.nextInt(depth > 0 ? 6 : 4)) {
            case 0 -> "(ref.null func)";
            case 1 -> "(ref.func $f" + (firstFunction + random.nextInt(functions - firstFunction)) + ")";
            case 2 -> "(local.get $r)";
            case 3 -> "(table.get $t " + index(TABLE) + ")";
            case 4 -> "(table.get $u " + index(4) + ")";
            default -> "(select (result funcref) " + reference(depth - 1) + " " + reference(depth - 1) + " "
                    + value(0, depth) + ")";
        };
    }

    // ---- values

    String constant(int t) {
        long value = oneIn(4) ? random.nextLong() : INTERESTING[random.nextInt(INTERESTING.length)];
        return "(" + TYPES.get(t) + ".const " + switch (t) {
            case 0 -> Integer.toString((int) value);
            case 1 -> Long.toString(value);
            default -> number(t);
        } + ")";
    }

    private String number(int t) {
        return switch (random.nextInt(5)) {
            case 0, 1 -> Double.toString((random.nextInt(64) - 32) * 0.25);
            case 2 -> { // any exponent
                float single = Float.intBitsToFloat(random.nextInt());
                double wide = Double.longBitsToDouble(random.nextLong());
                yield Double.isNaN(t == 2 ? single : wide) ? "nan"
                        : t == 2 ? Float.toHexString(single).replace("Infinity", "inf")
                        : Double.toHexString(wide).replace("Infinity", "inf");
            }
            default -> FLOATS[random.nextInt(t == 2 ? FLOATS.length - 1 : FLOATS.length)];
        };
    }

    private String leaf(int t) {
        for (int i = random.nextInt(5); i > 0; i--) {
            int local = random.nextInt(locals.size());
            if (locals.get(local) == t) {
                return "(local.get " + local + ")";
            }
        }
        if (t == 0 && !loops.isEmpty() && oneIn(3)) {
            return "(local.get " + loops.get(random.nextInt(loops.size())).counter + ")";
        }
        return oneIn(4) ? "(global.get $g" + t + ")" : constant(t);
    }

    String value(int t, int depth) {
        if (depth <= 0 || budget <= 0 || oneIn(5)) {
            return leaf(t);
        }
        int d = depth - 1;
        return switch (random.nextInt(14)) {
            case 0 -> loaded(t);
            case 1 -> "(select " + (oneIn(3) ? "(result " + TYPES.get(t) + ") " : "") + value(t, d) + " " + value(t, d)
                    + " " + value(0, d) + ")";
            case 2 -> "(if (result " + TYPES.get(t) + ") " + value(0, d) + " (then " + value(t, d) + ") (else "
                    + value(t, d) + "))";
            case 3, 4 -> conversion(t, d);
            case 5 -> tee(t, d);
            case 6 -> t == 0 ? comparison(d) : unary(t, d);
            case 7 -> t == 0 ? condition(d) : unary(t, d);
            case 8 -> "(block (result " + TYPES.get(t) + ") " + value(t, d) + " (br_if 0 " + value(0, d) + ") drop "
                    + value(t, d) + ")";
            case 9 -> hosts && random.nextBoolean() ? host(t, d) : binary(t, value(t, d), constant(t));
            default -> binary(t, operand(t, d), operand(t, d));
        };
    }

    private String host(int t, int d) {
        return switch (t) {
            case 0 -> "(call $h0 " + value(0, d) + " " + value(0, d) + ")";
            case 1 -> "(call $h1 " + value(1, d) + ")";
            case 2 -> "(f32.demote_f64 " + host(3, d) + ")";
            default -> "(call $h2 " + value(3, d) + " " + value(2, d) + ")";
        };
    }

    private String condition(int d) {
        return switch (random.nextInt(12)) {
            case 0 -> "(memory.size)";
            case 1 -> "(table.size " + pick("$t", "$u") + ")";
            case 2 -> "(ref.is_null " + reference(1) + ")";
            case 3 -> "(global.get $c)";
            case 4, 5 -> unary(0, d);
            default -> comparison(d);
        };
    }

    private String binary(int t, String left, String right) {
        String type = TYPES.get(t);
        if (t >= 2) {
            return "(" + type + "." + pick("add", "sub", "mul", "div", "min", "max") + " " + left + " " + right + ")";
        }
        if (oneIn(20)) {
            String divisor = seldom(25) ? right : "(" + type + ".or " + right + " (" + type + ".const "
                    + pick("1", "2", "16", "255") + "))";
            return "(" + type + "." + pick("div_s", "div_u", "rem_s", "rem_u") + " " + left + " " + divisor + ")";
        }
        String op = pick("add", "add", "sub", "mul", "and", "or", "xor", "shl", "shr_s", "shr_u", "rotl", "rotr");
        return "(" + type + "." + op + " " + left + " " + right + ")";
    }

    private String tee(int t, int depth) {
        int local = random.nextInt(locals.size());
        return locals.get(local) == t ? "(local.tee " + local + " " + value(t, depth) + ")" : leaf(t);
    }

    private String loaded(int t) {
        return "(" + load(t) + offset() + address() + ")";
    }

    /** Often one that an instruction may take from memory. */
    private String operand(int t, int d) {
        return oneIn(6) ? loaded(t) : value(t, d);
    }

    private String load(int t) {
        return switch (t) {
            case 0 -> pick("i32.load", "i32.load8_u", "i32.load8_s", "i32.load16_u", "i32.load16_s");
            case 1 -> pick("i64.load", "i64.load8_u", "i64.load8_s", "i64.load16_s", "i64.load16_u", "i64.load32_u",
                    "i64.load32_s");
            default -> TYPES.get(t) + ".load";
        };
    }

    private String comparison(int d) {
        int t = random.nextInt(TYPES.size());
        String type = "(" + TYPES.get(t) + ".";
        if (t < 2 && oneIn(4)) {
            return type + "eqz " + operand(t, d) + ")";
        }
        String op = t < 2 ? pick("eq", "ne", "lt_s", "lt_u", "gt_s", "gt_u", "le_s", "le_u", "ge_s", "ge_u")
                : pick("eq", "ne", "lt", "gt", "le", "ge");
        return type + op + " " + operand(t, d) + " " + operand(t, d) + ")";
    }

    private String unary(int t, int d) {
        String type = "(" + TYPES.get(t) + ".";
        if (t < 2) {
            String op = pick("clz", "ctz", "popcnt", "extend8_s", "extend16_s", t == 1 ? "extend32_s" : "clz");
            return type + op + " " + value(t, d) + ")";
        }
        if (oneIn(6)) {
            return type + "copysign " + value(t, d) + " " + clean(t, value(t, d)) + ")";
        }
        return type + pick("neg", "abs", "sqrt", "ceil", "floor", "trunc", "nearest") + " " + value(t, d) + ")";
    }

    // ---- conversions

    private String conversion(int t, int d) {
        int from = random.nextInt(TYPES.size());
        String x = value(from, d);
        if (t == from) {
            return x;
        }
        if (t < 2 && from >= 2) {
            return toInteger(t, from, x);
        }
        String sign = pick("_s ", "_u ");
        if (t >= 2 && from < 2) {
            return toFloat(t, from, sign, x);
        }
        return switch (t) {
            case 0 -> "(i32.wrap_i64 " + x + ")";
            case 1 -> "(i64.extend_i32" + sign + x + ")";
            case 2 -> "(f32.demote_f64 " + x + ")";
            default -> "(f64.promote_f32 " + x + ")";
        };
    }

    private String toFloat(int t, int from, String sign, String x) {
        if (t == from + 2 && random.nextBoolean()) {
            return "(" + TYPES.get(t) + ".reinterpret_" + TYPES.get(from) + " " + x + ")";
        }
        // The peer (1.7.5) rounds f32.convert_i64_u wrongly from 2^63 on, and the arbiter is slow.
        String halved = t == 2 && from == 1 && !oneIn(30) ? "(i64.shr_u " + x + " (i64.const 1))" : x;
        return "(" + TYPES.get(t) + ".convert_" + TYPES.get(from) + sign + halved + ")";
    }

    private String toInteger(int t, int from, String x) {
        String to = "(" + TYPES.get(t) + ".";
        if (t + 2 == from && random.nextBoolean()) {
            return to + "reinterpret_" + TYPES.get(from) + " " + clean(from, x) + ")";
        }
        boolean signed = random.nextBoolean();
        String suffix = TYPES.get(from) + (signed ? "_s " : "_u ");
        if (!oneIn(4)) {
            return to + "trunc_sat_" + suffix + x + ")";
        }
        return to + "trunc_" + suffix + (seldom(40) ? x : inRange(t, from, signed, x)) + ")";
    }

    private String inRange(int t, int from, boolean signed, String x) {
        String type = "(" + TYPES.get(from) + ".";
        String low = signed ? t == 0 ? "-2.1e9" : "-9.2e18" : "-0.99";
        String high = t == 0 ? signed ? "2.1e9" : "4.2e9" : signed ? "9.2e18" : "1.8e19";
        return type + "min " + type + "max " + clean(from, x) + " " + type + "const " + low + ")) " + type + "const "
                + high + "))";
    }
}
