package org.sallyport.codegen.x64;

import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.function.IntUnaryOperator;
import org.jspecify.annotations.Nullable;
import org.sallyport.wasm.LaneShape;
import org.sallyport.wasm.Opcode;

/**
 * What vector instructions do (WebAssembly 3.0, 4.3), lane by lane over 16 bytes, from the names of the
 * instructions. Scalars are in the lowest bytes. Of the relaxed instructions the results that this machine
 * chooses (docs/decisions/relaxed-vectors.md).
 */
final class VectorSemantics {
    /** What decides about relaxed instructions. */
    record Choice(CpuFeatures cpu, boolean deterministic) {}

    private final LaneShape shape;
    private final String name;
    private final byte[] a;
    private final byte[] b;
    private final byte[] c;
    private final int immediate;
    private final Choice choice;
    private final byte[] out = new byte[16];

    private VectorSemantics(Opcode op, byte[] a, byte[] b, byte[] c, int immediate, Choice choice) {
        @Nullable LaneShape lanes = op.lanes();
        shape = lanes == null ? LaneShape.I64X2 : lanes;
        name = op.text().substring(op.text().indexOf('.') + 1);
        this.a = a;
        this.b = b;
        this.c = c;
        this.immediate = immediate;
        this.choice = choice;
    }

    static byte[] eval(Opcode op, byte[] a, byte[] b, byte[] c, int immediate, Choice choice) {
        return new VectorSemantics(op, a, b, c, immediate, choice).run();
    }

    // ---- lanes

    static ByteBuffer buffer(byte[] bytes) {
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    private static long get(byte[] v, int bytes, int lane, boolean signed) {
        ByteBuffer in = buffer(v);
        return switch (bytes) {
            case 1 -> signed ? v[lane] : v[lane] & 0xFF;
            case 2 -> signed ? in.getShort(2 * lane) : in.getShort(2 * lane) & 0xFFFF;
            case 4 -> signed ? in.getInt(4 * lane) : in.getInt(4 * lane) & 0xFFFF_FFFFL;
            default -> in.getLong(8 * lane);
        };
    }

    private void put(int bytes, int lane, long value) {
        ByteBuffer to = buffer(out);
        switch (bytes) {
            case 1 -> out[lane] = (byte) value;
            case 2 -> to.putShort(2 * lane, (short) value);
            case 4 -> to.putInt(4 * lane, (int) value);
            default -> to.putLong(8 * lane, value);
        }
    }

    private double real(byte[] v, int lane) {
        return shape == LaneShape.F32X4 ? buffer(v).getFloat(4 * lane) : buffer(v).getDouble(8 * lane);
    }

    private void putReal(int lane, double value) {
        if (shape == LaneShape.F32X4) {
            buffer(out).putFloat(4 * lane, (float) value);
        } else {
            buffer(out).putDouble(8 * lane, value);
        }
    }

    private static long saturate(BigInteger value, int bytes, boolean signed) {
        BigInteger least = signed ? BigInteger.ONE.shiftLeft(8 * bytes - 1).negate() : BigInteger.ZERO;
        BigInteger most = BigInteger.ONE.shiftLeft(signed ? 8 * bytes - 1 : 8 * bytes).subtract(BigInteger.ONE);
        return value.max(least).min(most).longValue();
    }

    private static long saturate(long value, int bytes, boolean signed) {
        return saturate(BigInteger.valueOf(value), bytes, signed);
    }

    // ---- dispatch

    private byte[] run() {
        if (name.startsWith("relaxed")) {
            relaxed();
        } else if (name.contains("extend") || name.contains("extmul") || name.contains("extadd")) {
            widening();
        } else if (name.startsWith("narrow") || name.startsWith("convert") || name.startsWith("trunc_sat")
                || name.startsWith("demote") || name.startsWith("promote")) {
            converting();
        } else if (!bytewise()) {
            for (int i = 0; i < shape.lanes(); i++) {
                if (shape.isFloat()) {
                    floats(i);
                } else {
                    integers(i);
                }
            }
        }
        return out;
    }

    /** What looks at bits, bytes or one lane. */
    private boolean bytewise() {
        int bytes = shape.laneBytes();
        switch (name) {
            case "not" -> eachByte(i -> ~a[i]);
            case "and" -> eachByte(i -> a[i] & b[i]);
            case "or" -> eachByte(i -> a[i] | b[i]);
            case "xor" -> eachByte(i -> a[i] ^ b[i]);
            case "andnot" -> eachByte(i -> a[i] & ~b[i]);
            case "bitselect" -> eachByte(i -> a[i] & c[i] | b[i] & ~c[i]);
            case "swizzle" -> eachByte(i -> (b[i] & 0xFF) < 16 ? a[b[i]] : 0);
            case "any_true" -> put(4, 0, get(a, 8, 0, false) != 0 || get(a, 8, 1, false) != 0 ? 1 : 0);
            case "all_true" -> {
                long all = 1;
                for (int i = 0; i < shape.lanes(); i++) {
                    all &= get(a, bytes, i, false) != 0 ? 1 : 0;
                }
                put(4, 0, all);
            }
            case "bitmask" -> {
                long mask = 0;
                for (int i = 0; i < shape.lanes(); i++) {
                    mask |= (get(a, bytes, i, true) < 0 ? 1L : 0) << i;
                }
                put(4, 0, mask);
            }
            case "splat" -> {
                for (int i = 0; i < shape.lanes(); i++) {
                    put(bytes, i, get(a, bytes, 0, false));
                }
            }
            case "extract_lane", "extract_lane_u" -> put(Math.max(bytes, 4), 0, get(a, bytes, immediate, false));
            case "extract_lane_s" -> put(4, 0, get(a, bytes, immediate, true));
            case "replace_lane" -> {
                System.arraycopy(a, 0, out, 0, 16);
                put(bytes, immediate, get(b, bytes, 0, false));
            }
            default -> {
                return false;
            }
        }
        return true;
    }

    private void eachByte(IntUnaryOperator value) {
        for (int i = 0; i < 16; i++) {
            out[i] = (byte) value.applyAsInt(i);
        }
    }

    private void integers(int i) {
        int bytes = shape.laneBytes();
        int bits = 8 * bytes;
        boolean signed = !name.endsWith("_u");
        long x = get(a, bytes, i, signed);
        long y = get(b, bytes, i, signed);
        int count = (int) get(b, 4, 0, false) & bits - 1;
        long result = switch (name) {
            case "add" -> x + y;
            case "sub" -> x - y;
            case "mul" -> x * y;
            case "add_sat_s", "add_sat_u" -> saturate(x + y, bytes, signed);
            case "sub_sat_s", "sub_sat_u" -> saturate(x - y, bytes, signed);
            case "min_s", "min_u" -> Math.min(x, y);
            case "max_s", "max_u" -> Math.max(x, y);
            case "avgr_u" -> (x + y + 1) / 2;
            case "abs" -> Math.abs(x);
            case "neg" -> -x;
            case "popcnt" -> Long.bitCount(x & 0xFF);
            case "q15mulr_sat_s" -> saturate(x * y + 0x4000 >> 15, 2, true);
            case "dot_i16x8_s" -> get(a, 2, 2 * i, true) * get(b, 2, 2 * i, true)
                    + get(a, 2, 2 * i + 1, true) * get(b, 2, 2 * i + 1, true);
            case "shl" -> x << count;
            case "shr_s", "shr_u" -> bytes == 8 && !signed ? x >>> count : x >> count;
            case "eq" -> mask(x == y);
            case "ne" -> mask(x != y);
            case "lt_s", "lt_u" -> mask(x < y);
            case "gt_s", "gt_u" -> mask(x > y);
            case "le_s", "le_u" -> mask(x <= y);
            case "ge_s", "ge_u" -> mask(x >= y);
            default -> throw new AssertionError(name);
        };
        put(bytes, i, result);
    }

    private static long mask(boolean holds) {
        return holds ? -1 : 0;
    }

    private void floats(int i) {
        double x = real(a, i);
        double y = real(b, i);
        switch (name) {
            case "add" -> putReal(i, x + y);
            case "sub" -> putReal(i, x - y);
            case "mul" -> putReal(i, x * y);
            case "div" -> putReal(i, x / y);
            case "min" -> putReal(i, Math.min(x, y));
            case "max" -> putReal(i, Math.max(x, y));
            case "pmin" -> put(shape.laneBytes(), i, get(y < x ? b : a, shape.laneBytes(), i, false));
            case "pmax" -> put(shape.laneBytes(), i, get(x < y ? b : a, shape.laneBytes(), i, false));
            case "sqrt" -> putReal(i, Math.sqrt(x));
            case "ceil" -> putReal(i, Math.ceil(x));
            case "floor" -> putReal(i, Math.floor(x));
            case "trunc" -> putReal(i, x < 0 || 1 / x < 0 ? Math.ceil(x) : Math.floor(x));
            case "nearest" -> putReal(i, Math.rint(x));
            case "abs" -> put(shape.laneBytes(), i, get(a, shape.laneBytes(), i, false) & ~sign());
            case "neg" -> put(shape.laneBytes(), i, get(a, shape.laneBytes(), i, false) ^ sign());
            default -> put(shape.laneBytes(), i, mask(switch (name) {
                case "eq" -> x == y;
                case "ne" -> x != y;
                case "lt" -> x < y;
                case "gt" -> x > y;
                case "le" -> x <= y;
                case "ge" -> x >= y;
                default -> throw new AssertionError(name);
            }));
        }
    }

    private long sign() {
        return 1L << 8 * shape.laneBytes() - 1;
    }

    private void widening() {
        int bytes = shape.laneBytes();
        int half = bytes / 2;
        boolean signed = name.endsWith("_s");
        int first = name.contains("high") ? shape.lanes() : 0;
        for (int i = 0; i < shape.lanes(); i++) {
            long x = get(a, half, first + i, signed);
            if (name.startsWith("extadd")) {
                put(bytes, i, get(a, half, 2 * i, signed) + get(a, half, 2 * i + 1, signed));
            } else {
                put(bytes, i, name.startsWith("extmul") ? x * get(b, half, first + i, signed) : x);
            }
        }
    }

    private void converting() {
        int bytes = shape.laneBytes();
        for (int i = 0; i < shape.lanes(); i++) {
            if (name.startsWith("narrow")) {
                int n = shape.lanes() / 2;
                long wide = i < n ? get(a, 2 * bytes, i, true) : get(b, 2 * bytes, i - n, true);
                put(bytes, i, saturate(wide, bytes, !name.endsWith("_u")));
            } else if (name.startsWith("convert")) {
                long x = get(a, 4, i, name.endsWith("_s"));
                if (shape == LaneShape.F32X4) {
                    buffer(out).putFloat(4 * i, x);
                } else {
                    buffer(out).putDouble(8 * i, x);
                }
            } else if (name.startsWith("demote")) {
                buffer(out).putFloat(4 * i, i < 2 ? (float) buffer(a).getDouble(8 * i) : 0);
            } else if (name.startsWith("promote")) {
                buffer(out).putDouble(8 * i, buffer(a).getFloat(4 * i));
            } else {
                boolean fromDouble = name.contains("f64x2");
                double x = !fromDouble ? buffer(a).getFloat(4 * i) : i < 2 ? buffer(a).getDouble(8 * i) : 0;
                put(4, i, signed(name) ? (int) x : x > 0 ? Math.min((long) x, 0xFFFF_FFFFL) : 0);
            }
        }
    }

    private static boolean signed(String name) {
        return name.replace("_zero", "").endsWith("_s");
    }

    // ---- relaxed: what the x86 instructions give

    private void relaxed() {
        int bytes = shape.laneBytes();
        String strict = name.replace("relaxed_trunc", "trunc_sat").replace("relaxed_laneselect", "bitselect")
                .replace("relaxed_q15mulr_s", "q15mulr_sat_s").replace("relaxed_", "");
        Opcode other = Opcode.named((strict.equals("bitselect") ? "v128" : shape.toString()) + "." + strict);
        if (choice.deterministic && other != null) {
            System.arraycopy(eval(other, a, b, c, immediate, choice), 0, out, 0, 16);
            return;
        }
        switch (name) {
            case "relaxed_swizzle" -> eachByte(i -> b[i] < 0 ? 0 : a[b[i] & 15]);
            case "relaxed_laneselect" -> {
                for (int i = 0; i < shape.lanes(); i++) {
                    long mask = get(c, bytes, i, true);
                    long x = get(a, bytes, i, false);
                    long y = get(b, bytes, i, false);
                    put(bytes, i, mask < 0 ? x : y);
                }
            }
            case "relaxed_dot_i8x16_i7x16_s" -> {
                for (int i = 0; i < 8; i++) {
                    put(2, i, pair(i));
                }
            }
            case "relaxed_dot_i8x16_i7x16_add_s" -> {
                for (int i = 0; i < 4; i++) {
                    put(4, i, pair(2 * i) + pair(2 * i + 1) + get(c, 4, i, true));
                }
            }
            default -> {
                for (int i = 0; i < shape.lanes(); i++) {
                    relaxedLane(i, bytes);
                }
            }
        }
    }

    private long pair(int i) {
        boolean signed = choice.deterministic;
        return saturate(get(a, 1, 2 * i, true) * get(b, 1, 2 * i, signed)
                + get(a, 1, 2 * i + 1, true) * get(b, 1, 2 * i + 1, signed), 2, true);
    }

    private void relaxedLane(int i, int bytes) {
        switch (name) {
            case "relaxed_min" -> put(bytes, i, get(real(a, i) < real(b, i) ? a : b, bytes, i, false));
            case "relaxed_max" -> put(bytes, i, get(real(a, i) > real(b, i) ? a : b, bytes, i, false));
            case "relaxed_q15mulr_s" -> put(2, i, get(a, 2, i, true) * get(b, 2, i, true) + 0x4000 >> 15);
            case "relaxed_madd", "relaxed_nmadd" -> {
                double x = name.equals("relaxed_madd") ? real(a, i) : -real(a, i);
                if (!choice.cpu.fma() || choice.deterministic) {
                    double product = shape == LaneShape.F32X4 ? (float) x * (float) real(b, i) : x * real(b, i);
                    putReal(i, shape == LaneShape.F32X4 ? (float) product + (float) real(c, i) : product + real(c, i));
                } else if (shape == LaneShape.F32X4) {
                    buffer(out).putFloat(4 * i, Math.fma((float) x, (float) real(b, i), (float) real(c, i)));
                } else {
                    putReal(i, Math.fma(x, real(b, i), real(c, i)));
                }
            }
            default -> {
                boolean fromDouble = name.contains("f64x2");
                double x = !fromDouble ? buffer(a).getFloat(4 * i) : i < 2 ? buffer(a).getDouble(8 * i) : 0;
                boolean fits = x > -0x1p31 - 1 && x < 0x1p31;
                put(4, i, signed(name) ? fits ? (int) x : Integer.MIN_VALUE : x > 0 ? Math.min((long) x, 0xFFFF_FFFFL) : 0);
            }
        }
    }
}
