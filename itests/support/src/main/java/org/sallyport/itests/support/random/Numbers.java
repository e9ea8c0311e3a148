package org.sallyport.itests.support.random;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.sallyport.wasm.Effect;
import org.sallyport.wasm.Feature;
import org.sallyport.wasm.Immediates;
import org.sallyport.wasm.NumType;
import org.sallyport.wasm.Opcode;
import org.sallyport.wasm.ValType;

/** All scalar instructions without immediates. Most divisors and operands of trapping conversions are kept in range. */
final class Numbers implements Piece {
    private static final Map<String, List<Opcode>> BY_RESULT = new HashMap<>();

    static {
        for (Opcode op : Opcode.values()) {
            if (op.effect() instanceof Effect.Fixed(ValType[] pops, ValType[] pushes) && op.immediates() == Immediates.NONE
                    && pops.length > 0 && pushes.length == 1 && pushes[0] instanceof NumType && scalar(pops)
                    && op.feature() != Feature.WIDE_ARITHMETIC) {
                BY_RESULT.computeIfAbsent(pushes[0].toString(), _ -> new ArrayList<>()).add(op);
            }
        }
    }

    private final Draft draft;
    private final Values values;

    Numbers(Draft draft, Values values) {
        this.draft = draft;
        this.values = values;
    }

    private static boolean scalar(ValType[] types) {
        for (ValType type : types) {
            if (!(type instanceof NumType)) {
                return false;
            }
        }
        return true;
    }

    @Override
    public List<String> valueTypes() {
        return List.of("i32", "i32", "i32", "i64", "i64", "i64", "f32", "f32", "f64", "f64");
    }

    @Override
    public @Nullable String value(String type, int depth) {
        List<Opcode> ops = BY_RESULT.get(type);
        if (ops == null) {
            return null;
        }
        Opcode op = draft.any(ops);
        ValType[] pops = ((Effect.Fixed) op.effect()).pops();
        StringBuilder out = new StringBuilder("(").append(op.text());
        for (int i = 0; i < pops.length; i++) {
            out.append(' ').append(operand(op, pops[i].toString(), i, i > 0 && draft.oneIn(3) ? 0 : depth));
        }
        return out.append(")").toString();
    }

    private String operand(Opcode op, String type, int index, int depth) {
        String text = op.text();
        if (text.contains("reinterpret") || text.endsWith("copysign") && index == 1) {
            return values.clean(type, values.value(type, depth));
        }
        if (index == 1 && (text.contains(".div_") || text.contains(".rem_")) && !draft.seldom(25)) {
            return "(" + type + ".or " + values.value(type, depth) + " (" + type + ".const " + draft.pick("1", "2", "16", "255")
                    + "))";
        }
        if (text.contains(".trunc_f") && !draft.seldom(25)) {
            String source = draft.pick("i32", "i64");
            return "(" + type + ".convert_" + source + "_s (" + source + ".and " + values.value(source, depth) + " (" + source
                    + ".const " + draft.pick("255", "65535", "2147483647") + ")))";
        }
        return values.value(type, depth);
    }

    @Override
    public String own() {
        return """
                (func $clean32 (param f32) (result f32)
                  (select (local.get 0) (f32.const 3) (f32.eq (local.get 0) (local.get 0))))
                (func $clean64 (param f64) (result f64)
                  (select (local.get 0) (f64.const 3) (f64.eq (local.get 0) (local.get 0))))
                (func $d_i64 (param i64) (global.set $digest (i64.rotl (i64.mul (i64.xor (global.get $digest) (local.get 0))
                  (i64.const 0x9E3779B97F4A7C15)) (i64.const 23))))
                (func $d_i32 (param i32) (call $d_i64 (i64.extend_i32_s (local.get 0))))
                (func $d_f32 (param f32) (call $d_i32 (i32.reinterpret_f32 (call $clean32 (local.get 0)))))
                (func $d_f64 (param f64) (call $d_i64 (i64.reinterpret_f64 (call $clean64 (local.get 0)))))
                """;
    }

    @Override
    public @Nullable String digester(String type) {
        return Draft.SCALARS.contains(type) ? "$d_" + type : null;
    }
}
