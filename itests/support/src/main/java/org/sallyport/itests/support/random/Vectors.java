package org.sallyport.itests.support.random;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.sallyport.wasm.Effect;
import org.sallyport.wasm.Feature;
import org.sallyport.wasm.Immediates;
import org.sallyport.wasm.LaneShape;
import org.sallyport.wasm.NumType;
import org.sallyport.wasm.Opcode;
import org.sallyport.wasm.ValType;
import org.sallyport.wasm.VecType;

/**
 * All vector instructions (those of memories are in {@link Memories}). A v128 has no bits that the specification leaves open:
 * what computes on lanes of floating-point numbers goes through {@code $cleanf32x4} or {@code $cleanf64x2}, unless what takes it
 * computes on the same lanes. Relaxed instructions get operands for which there is one result.
 */
final class Vectors implements Piece {
    private static final Map<String, List<Opcode>> BY_RESULT = new HashMap<>();
    private static final List<Opcode> RELAXED = new ArrayList<>();

    static {
        for (Opcode op : Opcode.values()) {
            if (op.effect() instanceof Effect.Fixed(ValType[] pops, ValType[] pushes) && pops.length > 0 && pushes.length == 1) {
                if (op.feature() == Feature.SIMD) {
                    BY_RESULT.computeIfAbsent(pushes[0].toString(), _ -> new ArrayList<>()).add(op);
                } else if (op.feature() == Feature.RELAXED_SIMD) {
                    RELAXED.add(op);
                }
            }
        }
    }

    private final Draft draft;
    private final Values values;

    Vectors(Draft draft, Values values) {
        this.draft = draft;
        this.values = values;
    }

    @Override
    public List<String> valueTypes() {
        return List.of("v128", "v128", "v128", "v128");
    }

    @Override
    public String own() {
        return """
                (func $cleanf32x4 (param v128) (result v128) (v128.bitselect (local.get 0) (v128.const f32x4 3 3 3 3)
                  (f32x4.eq (local.get 0) (local.get 0))))
                (func $cleanf64x2 (param v128) (result v128) (v128.bitselect (local.get 0) (v128.const f64x2 3 3)
                  (f64x2.eq (local.get 0) (local.get 0))))
                (func $d_v128 (param v128) (call $d_i64 (i64x2.extract_lane 0 (local.get 0)))
                  (call $d_i64 (i64x2.extract_lane 1 (local.get 0))))
                """;
    }

    @Override
    public @Nullable String digester(String type) {
        return type.equals("v128") ? "$d_v128" : null;
    }

    @Override
    public @Nullable String leaf(String type) {
        if (!type.equals("v128")) {
            return null;
        }
        return switch (draft.random.nextInt(6)) {
            case 0 -> "(v128.const i64x2 " + values.interesting() + " " + values.interesting() + ")";
            case 1 -> "(v128.const f32x4 " + numbers(4, true) + ")";
            case 2 -> "(v128.const f64x2 " + numbers(2, false) + ")";
            case 3 -> "(v128.const i8x16" + " 0x80 0x7f 0 0xff".repeat(4) + ")";
            case 4 -> "(v128.const i64x2 0 0)";
            default -> "(v128.const i32x4" + (" " + (int) values.interesting()).repeat(4) + ")";
        };
    }

    private String numbers(int count, boolean single) {
        return IntStream.range(0, count).mapToObj(_ -> values.number(single)).collect(Collectors.joining(" "));
    }

    @Override
    public @Nullable String value(String type, int depth) {
        if (!type.equals("v128") && draft.oneIn(2)) { // other topics have numbers, too
            return null;
        }
        List<Opcode> ops = BY_RESULT.get(type);
        if (ops == null) {
            return null;
        }
        if (type.equals("v128")) {
            return draft.has(Topic.RELAXED_VECTORS) && draft.oneIn(8) ? relaxed(draft.any(RELAXED), depth) : vector(depth, null);
        }
        return instruction(draft.any(ops), depth);
    }

    /** @param open the lanes whose NaNs may have any bits */
    private String vector(int depth, @Nullable LaneShape open) {
        if (depth <= 0) {
            return values.leaf("v128");
        }
        if (draft.oneIn(3)) {
            return values.value("v128", depth);
        }
        Opcode op = draft.any(BY_RESULT.get("v128"));
        String value = instruction(op, depth);
        LaneShape lanes = computes(op) ? op.lanes() : null;
        return lanes == null || lanes == open ? value : clean(lanes, value);
    }

    private String clean(LaneShape lanes, String value) {
        return draft.oneIn(3)
                ? "(v128.bitselect (local.tee $s128 " + value + ") (v128.const i32x4 1 2 3 4) (" + lanes
                        + ".eq (local.get $s128) (local.get $s128)))"
                : "(call $clean" + lanes + " " + value + ")";
    }

    /** Whether the bits of a NaN in its result are open, or come from operands where they may be. */
    private static boolean computes(Opcode op) {
        String name = name(op);
        return op.lanes() != null && op.lanes().isFloat()
                && !List.of("eq", "ne", "lt", "gt", "le", "ge", "splat", "replace_lane").contains(name)
                && !name.startsWith("convert");
    }

    private static String name(Opcode op) {
        return op.text().substring(op.text().indexOf('.') + 1);
    }

    /** The lanes in which an instruction takes any NaN for the same. */
    private static @Nullable LaneShape taken(Opcode op) {
        String name = name(op);
        if (name.contains("f32x4")) {
            return LaneShape.F32X4; // trunc_sat, promote
        }
        if (name.contains("f64x2")) {
            return LaneShape.F64X2;
        }
        return op.lanes() == null || !op.lanes().isFloat() || name.startsWith("convert") || name.equals("replace_lane") ? null
                : op.lanes();
    }

    private String instruction(Opcode op, int depth) {
        StringBuilder out = new StringBuilder("(").append(op.text()).append(immediates(op));
        ValType[] pops = ((Effect.Fixed) op.effect()).pops();
        for (int i = 0; i < pops.length; i++) {
            int d = i > 0 && draft.oneIn(3) ? 0 : depth - 1;
            out.append(' ');
            if (pops[i] == VecType.V128) {
                out.append(vector(d, taken(op)));
            } else {
                String type = pops[i].toString();
                boolean shift = pops[i] == NumType.I32 && pops.length == 2 && draft.oneIn(2);
                out.append(shift ? "(i32.const " + draft.random.nextInt(70) + ")" : values.clean(type, values.value(type, d)));
            }
        }
        return out.append(")").toString();
    }

    private String immediates(Opcode op) {
        if (op.immediates() == Immediates.LANE) {
            return " " + draft.random.nextInt(op.lanes().lanes());
        }
        return op.immediates() == Immediates.SHUFFLE ? Shuffles.any(draft.random) : "";
    }

    // ---- relaxed

    private String relaxed(Opcode op, int d) {
        String lanes = op.lanes() + ".";
        String name = name(op);
        String start = "(" + op.text() + " ";
        if (name.contains("swizzle")) { // indices below 16 or above 127
            return start + vector(d - 1, null) + " (v128.and " + vector(d - 1, null) + " (v128.const i8x16"
                    + " 0x8f 15 15 0x83".repeat(4) + ")))";
        }
        if (name.contains("laneselect")) {
            return start + vector(d - 1, null) + " " + vector(d - 1, null) + " (" + lanes + draft.pick("eq ", "lt_s ")
                    + vector(d - 1, null) + " " + vector(d - 1, null) + "))";
        }
        if (name.contains("q15mulr")) {
            return start + vector(d - 1, null) + " " + masked(d, "0x7fff7fff") + ")";
        }
        if (name.contains("dot")) {
            return start + vector(d - 1, null) + " " + masked(d, "0x7f7f7f7f")
                    + (name.contains("add") ? " " + vector(d - 1, null) : "") + ")";
        }
        boolean wide = name.contains("f64x2") || op.lanes() == LaneShape.F64X2;
        int operands = ((Effect.Fixed) op.effect()).pops().length;
        return start + IntStream.range(0, operands).mapToObj(_ -> whole(d, wide)).collect(Collectors.joining(" ")) + ")";
    }

    private String masked(int d, String mask) {
        return "(v128.and " + vector(d - 1, null) + " (v128.const i32x4" + (" " + mask).repeat(4) + "))";
    }

    /** Lanes of small whole numbers from 1 on: products and sums are exact, there is no -0 (0 would become one). */
    private String whole(int d, boolean wide) {
        return "(" + (wide ? "f64x2.convert_low_i32x4_s" : "f32x4.convert_i32x4_s") + " (v128.or " + masked(d, "1023")
                + " (v128.const i32x4 1 1 1 1)))";
    }
}
