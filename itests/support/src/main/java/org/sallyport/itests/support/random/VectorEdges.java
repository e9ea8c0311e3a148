package org.sallyport.itests.support.random;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.sallyport.wasm.Effect;
import org.sallyport.wasm.Feature;
import org.sallyport.wasm.LaneShape;
import org.sallyport.wasm.NumType;
import org.sallyport.wasm.Opcode;
import org.sallyport.wasm.ValType;
import org.sallyport.wasm.VecType;

/**
 * Modules that run one vector instruction each, over edge values in all lanes, every one with every other one, and leave the
 * results in memory. What they export takes nothing and gives a digest of the results, in which NaNs are alike where the
 * specification leaves their bits open: {@code register}, {@code memory} and {@code first} with operands from locals, the last
 * one from memory, the first one from memory; {@code constant} with one that is a constant. Results stand from {@link #OUT} on in
 * the memory {@code m}.
 */
public final class VectorEdges {
    /** Where the first result is. */
    public static final int OUT = 0x10000;

    private static final int BYTES = 16;
    private static final int CONSTANTS = 16;
    private static final long[] NARROW = {0, 1, -1, 2, 0x7F, 0x80, 0xFE, 0x55, 0x0F, 0x10};
    private static final long[] SHORT = {0, 1, -1, 0x7FFF, 0x8000, 0x8001, 0xFF, 0x100, 0x7F, -128};
    private static final long[] INT = {
        0, 1, -1, 0x7FFF_FFFFL, 0x8000_0000L, 0x8000_0001L, 0xFFFF, 0x10000, 0x7FFF, -32768, 31, 33};
    private static final long[] LONG = {
        0, 1, -1, Long.MAX_VALUE, Long.MIN_VALUE, Long.MIN_VALUE + 1, 0xFFFF_FFFFL, 0x1_0000_0000L, 0x8000_0000L, 64};
    private static final int[] SINGLE = {
        0, 0x8000_0000, 0x3F80_0000, 0xBF80_0000, 0x7F80_0000, 0xFF80_0000, 0x7FC0_0000, 0xFFC0_0000, 0x7FA0_0000, 0x7F80_0001,
        0xFFFF_FFFF, 1, 0x8000_0001, 0x007F_FFFF, 0x0080_0000, 0x7F7F_FFFF, 0xFF7F_FFFF, 0x3F00_0000, 0x3FC0_0000, 0x4020_0000,
        0xBF00_0000, 0x4F00_0000, 0x4EFF_FFFF, 0xCF00_0000, 0xCF00_0001, 0x4F80_0000, 0x4F7F_FFFF, 0x4B00_0001, 0x4AFF_FFFF,
        0x3F80_0001, 0x3EFF_FFFF};
    private static final long[] DOUBLE = {
        0, Long.MIN_VALUE, 0x3FF0_0000_0000_0000L, 0xBFF0_0000_0000_0000L, 0x7FF0_0000_0000_0000L, 0xFFF0_0000_0000_0000L,
        0x7FF8_0000_0000_0000L, 0xFFF8_0000_0000_0000L, 0x7FF4_0000_0000_0000L, 0x7FF0_0000_0000_0001L, -1, 1,
        0x000F_FFFF_FFFF_FFFFL, 0x0010_0000_0000_0000L, 0x7FEF_FFFF_FFFF_FFFFL, 0x3FE0_0000_0000_0000L, 0x3FF8_0000_0000_0000L,
        0x4004_0000_0000_0000L, 0xBFE0_0000_0000_0000L, 0x41E0_0000_0000_0000L, 0x41DF_FFFF_FFC0_0000L, 0xC1E0_0000_0020_0000L,
        0xC1E0_0000_0000_0000L, 0x41EF_FFFF_FFE0_0000L, 0x41F0_0000_0000_0000L, 0x4330_0000_0000_0001L, 0x47EF_FFFF_E000_0000L,
        0x47EF_FFFF_F000_0000L, 0x3690_0000_0000_0000L, 0x3FF0_0000_0000_0001L};

    private VectorEdges() {}

    /** One instruction with its immediates, such as {@code i8x16.extract_lane_s 3}. */
    public record Variant(Opcode op, String immediates) {
        @Override
        public String toString() {
            return op.text() + immediates;
        }

        /** The lanes of the result in which the bits of NaNs are open; null if there are none. */
        public @Nullable LaneShape open() {
            String name = op.text().substring(op.text().indexOf('.') + 1);
            boolean exact = op.lanes() == null || !op.lanes().isFloat() || name.startsWith("convert")
                    || List.of("eq", "ne", "lt", "gt", "le", "ge", "splat", "replace_lane", "extract_lane", "abs", "neg", "pmin",
                            "pmax").contains(name);
            return exact ? null : op.lanes();
        }
    }

    /**
     * Every vector instruction that has operands, with all lanes, and with shuffles that machines have instructions for.
     *
     * @param shuffles how many of these; with 400 there are all kinds in all widths
     */
    public static List<Variant> variants(int shuffles) {
        List<Variant> all = new ArrayList<>();
        for (Opcode op : Opcode.values()) {
            boolean vector = op.feature() == Feature.SIMD || op.feature() == Feature.RELAXED_SIMD;
            if (!vector || op == Opcode.V128_CONST) {
                continue;
            }
            switch (op.immediates()) {
                case LANE -> IntStream.range(0, op.lanes().lanes()).forEach(lane -> all.add(new Variant(op, " " + lane)));
                case MEMARG_LANE -> IntStream.range(0, BYTES / op.accessBytes())
                        .forEach(lane -> all.add(new Variant(op, " " + lane)));
                case SHUFFLE -> shuffles(shuffles).forEach(lanes -> all.add(new Variant(op, lanes)));
                default -> all.add(new Variant(op, ""));
            }
        }
        return all;
    }

    private static Set<String> shuffles(int count) {
        Set<String> all = new LinkedHashSet<>();
        Random random = new Random(1);
        while (all.size() < count) {
            all.add(Shuffles.any(random));
        }
        return all;
    }

    /** So many vectors: edges of all lane shapes, turned so that they meet each other, and random ones. */
    public static byte[] operands(int count) {
        Random random = new Random(2);
        ByteBuffer out = ByteBuffer.allocate(count * BYTES).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < count; i++) {
            int start = i / 7;
            for (int lane = 0; lane < 2; lane++) {
                int at = start * 2 + lane;
                switch (i % 7) {
                    case 0 -> IntStream.range(0, 8).forEach(k ->
                            out.put((byte) NARROW[(at * 8 + k * (start + 1)) % NARROW.length]));
                    case 1 -> IntStream.range(0, 4).forEach(k ->
                            out.putShort((short) SHORT[(at * 4 + k * (start + 1)) % SHORT.length]));
                    case 2 -> IntStream.range(0, 2).forEach(k -> out.putInt((int) INT[(at * 2 + k * (start + 1)) % INT.length]));
                    case 3 -> out.putLong(LONG[at % LONG.length]);
                    case 4 -> IntStream.range(0, 2).forEach(k -> out.putInt(SINGLE[(at * 2 + k * (start + 1)) % SINGLE.length]));
                    case 5 -> out.putLong(DOUBLE[at % DOUBLE.length]);
                    default -> out.putLong(random.nextLong());
                }
            }
        }
        return out.array();
    }

    /** @param count of operands, a power of two; there are as many results as pairs of them, and at most 256 */
    public static String module(Variant variant, int count) {
        byte[] operands = operands(count);
        StringBuilder out = new StringBuilder("(module (memory (export \"m\") ")
                .append((OUT + (count + 1) * count * BYTES >> 16) + 2).append(")\n(data (i32.const 0) \"");
        for (byte b : operands) {
            out.append('\\').append(Character.forDigit(b >> 4 & 15, 16)).append(Character.forDigit(b & 15, 16));
        }
        out.append("\")\n").append(digest(variant));
        for (String form : List.of("register", "memory", "first")) {
            out.append("(func (export \"").append(form).append("\") (result i64) ").append(locals(variant))
                    .append("(local $i i32) (local $j i32) (local $to i32)\n(local.set $to (i32.const ").append(OUT)
                    .append("))(loop $l\n").append(body(variant, count, form, ""))
                    .append("(local.set $to (i32.add (local.get $to) (i32.const 16)))\n")
                    .append("(local.set $j (i32.and (i32.add (local.get $j) (i32.const 1)) (i32.const ").append(count - 1)
                    .append(")))\n(br_if $l (local.get $j))\n")
                    .append("(br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const ").append(count)
                    .append("))))\n(call $digest (i32.const ").append(count * count).append(")))\n");
        }
        constants(variant, count, operands, out);
        return out.append(")").toString();
    }

    private static ValType[] pops(Opcode op) {
        return op.effect() instanceof Effect.Access access ? access.operands() : ((Effect.Fixed) op.effect()).pops();
    }

    private static ValType[] pushes(Opcode op) {
        return op.effect() instanceof Effect.Access access ? access.pushes() : ((Effect.Fixed) op.effect()).pushes();
    }

    private static String locals(Variant variant) {
        ValType[] pops = pops(variant.op);
        return IntStream.range(0, pops.length).mapToObj(k -> "(local $x" + k + " " + pops[k] + ") ")
                .collect(Collectors.joining());
    }

    /** How many results {@code constant} leaves: none where there is one operand. */
    public static long constants(Variant variant, int count) {
        int operands = pops(variant.op).length;
        return operands > 1 ? (long) CONSTANTS * operands * count : 0;
    }

    /** Functions with one of the operands as each of a few constants, which need code of their own. */
    private static void constants(Variant variant, int count, byte[] operands, StringBuilder out) {
        ValType[] pops = pops(variant.op);
        StringBuilder calls = new StringBuilder();
        for (int k = 0; k < CONSTANTS * pops.length && pops.length > 1; k++) {
            int which = k / CONSTANTS;
            int at = k % CONSTANTS * (count / CONSTANTS);
            calls.append("(local.set $to (call $c").append(k).append(" (local.get $to)))\n");
            out.append("(func $c").append(k).append(" (param $to i32) (result i32) ").append(locals(variant))
                    .append("(local $i i32) (local $j i32)\n(local.set $j (i32.const ").append(k & count - 1)
                    .append("))(loop $l\n")
                    .append(body(variant, count, "constant" + which, constant(pops[which], operands, at)))
                    .append("(local.set $to (i32.add (local.get $to) (i32.const 16)))\n")
                    .append("(local.set $j (i32.and (i32.add (local.get $j) (i32.const 3)) (i32.const ").append(count - 1)
                    .append(")))\n")
                    .append("(br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const ").append(count)
                    .append("))))\n(local.get $to))\n");
        }
        out.append("(func (export \"constant\") (result i64) (local $to i32) (local.set $to (i32.const ").append(OUT)
                .append("))\n(if (i32.eqz (i32.const ").append(calls.length())
                .append(")) (then (return (i64.const 0))))\n")
                .append(calls).append("(call $digest (i32.shr_u (i32.sub (local.get $to) (i32.const ").append(OUT)
                .append(")) (i32.const 4))))\n");
    }

    private static String constant(ValType type, byte[] operands, int at) {
        ByteBuffer in = ByteBuffer.wrap(operands).order(ByteOrder.LITTLE_ENDIAN);
        long low = in.getLong(at * BYTES);
        return type == VecType.V128 ? "(v128.const i64x2 " + low + " " + in.getLong(at * BYTES + 8) + ")"
                : type == NumType.I32 ? "(i32.const " + (int) low + ")"
                : type == NumType.I64 ? "(i64.const " + low + ")"
                : type == NumType.F32 ? "(f32.reinterpret_i32 (i32.const " + (int) low + "))"
                : "(f64.reinterpret_i64 (i64.const " + low + "))";
    }

    /** Operands of the round, the instruction, and its result into memory. */
    private static String body(Variant variant, int count, String form, String constant) {
        Opcode op = variant.op;
        ValType[] pops = pops(op);
        StringBuilder set = new StringBuilder();
        StringBuilder again = new StringBuilder();
        StringBuilder uses = new StringBuilder();
        for (int k = 0; k < pops.length; k++) {
            String loaded = pops.length == 1 && pops[0] == VecType.V128 // a half of each
                    ? "(i8x16.shuffle 0 1 2 3 4 5 6 7 24 25 26 27 28 29 30 31 " + load(pops[k], count, 0)
                            + load(pops[k], count, 1) + ")"
                    : load(pops[k], count, k);
            boolean inline = form.equals("memory") && k == pops.length - 1 || form.equals("first") && k == 0;
            if (form.equals("constant" + k)) {
                uses.append(' ').append(constant);
            } else if (inline) {
                uses.append(' ').append(loaded);
            } else {
                set.append("(local.set $x").append(k).append(' ').append(loaded).append(")\n");
                again.append("(").append(pops[k]).append(".store (i32.const ").append(OUT - BYTES * (k + 1))
                        .append(") (local.get $x").append(k).append("))\n"); // a second use, so that it needs a register
                uses.append(" (local.get $x").append(k).append(")");
            }
        }
        ValType[] pushes = pushes(op);
        String address = op.effect() instanceof Effect.Access
                ? pushes.length == 0 ? " (local.get $to)" : " (i32.add (i32.shl (local.get $i) (i32.const 4)) (local.get $j))"
                : "";
        String instruction = "(" + op.text() + variant.immediates + address + uses + ")\n";
        return set + (pushes.length == 0 ? "(v128.store (local.get $to) (v128.const i64x2 5 6))\n" + instruction
                : "(v128.store (local.get $to) " + widened(pushes[0], instruction) + ")\n") + again;
    }

    /** The operand number k of a round, of the vectors that the counters say. */
    private static String load(ValType type, int count, int k) {
        String index = switch (k) {
            case 0 -> "(local.get $i)";
            case 1 -> "(local.get $j)";
            default -> "(i32.and (i32.add (i32.mul (local.get $i) (i32.const 7)) (i32.mul (local.get $j) (i32.const 13)))"
                    + " (i32.const " + (count - 1) + "))";
        };
        return "(" + type + ".load (i32.shl " + index + " (i32.const 4)))";
    }

    private static String widened(ValType type, String value) {
        return type == VecType.V128 ? value : type == NumType.I32 ? "(i32x4.splat " + value + ")"
                : type == NumType.I64 ? "(i64x2.splat " + value + ")"
                : type == NumType.F32 ? "(f32x4.splat " + value + ")" : "(f64x2.splat " + value + ")";
    }

    private static String digest(Variant variant) {
        LaneShape open = variant.open();
        String cleaned = open == null ? "" : "(local.set $v (v128.bitselect (local.get $v) (v128.const i32x4 1 2 3 4) (" + open
                + ".eq (local.get $v) (local.get $v))))";
        return """
                (func $digest (param $n i32) (result i64) (local $v v128) (local $h i64) (local $at i32)
                  (local.set $at (i32.const %d))
                  (loop $l
                    (local.set $v (v128.load (local.get $at))) %s
                    (local.set $h (i64.rotl (i64.mul (i64.xor (i64.xor (local.get $h) (i64x2.extract_lane 0 (local.get $v)))
                      (i64.rotl (i64x2.extract_lane 1 (local.get $v)) (i64.const 17))) (i64.const 0x9E3779B97F4A7C15))
                      (i64.const 23)))
                    (local.set $at (i32.add (local.get $at) (i32.const 16)))
                    (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
                  (local.get $h))
                """.formatted(OUT, cleaned);
    }
}
