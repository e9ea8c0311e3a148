package org.sallyport.codegen.x64;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.sallyport.CompileOptions;
import org.sallyport.wasm.Effect;
import org.sallyport.wasm.Feature;
import org.sallyport.wasm.Immediates;
import org.sallyport.wasm.LaneShape;
import org.sallyport.wasm.NumType;
import org.sallyport.wasm.Opcode;
import org.sallyport.wasm.ValType;
import org.sallyport.wasm.VecType;

/**
 * Every vector instruction that does not access memory itself over vectors of edge values, each operand as a variable, in
 * memory, as a constant, and both alike, against {@link VectorSemantics}; for several sets of CPU features, optimized and not.
 * {@code -Dsallyport.instructions=…} more random operands.
 */
class VectorInstructionsTest {
    private static final int RANDOM = Integer.getInteger("sallyport.instructions", 8);
    private static final int A = 1024;
    private static final int B = 1040;
    private static final int C = 1056;
    private static final int OUT = 1072;

    record Setting(CpuFeatures cpu, boolean optimize, boolean deterministic) {
        @Override
        public String toString() {
            return cpu + (optimize ? " optimized" : "") + (deterministic ? " deterministic" : "");
        }
    }

    static Stream<Setting> settings() {
        CpuFeatures here = CpuFeatures.detect();
        CpuFeatures first = new CpuFeatures(here.avx(), false, false, false, false, false);
        return Stream.of(here, first, CpuFeatures.BASELINE)
                .distinct()
                .flatMap(cpu -> Stream.of(
                        new Setting(cpu, true, false), new Setting(cpu, false, false), new Setting(cpu, true, true)));
    }

    /** One function: instruction, its text with operands, and which operands are fixed. */
    private record Form(Opcode op, int lane, String text, byte[] fixedA, byte[] fixedB, boolean same) {}

    private static final byte[] FREE = {};

    private static List<Opcode> instructions() {
        List<Opcode> list = new ArrayList<>();
        for (Opcode op : Opcode.values()) {
            boolean vector = op.feature() == Feature.SIMD || op.feature() == Feature.RELAXED_SIMD;
            boolean plain = op.immediates() == Immediates.NONE || op.immediates() == Immediates.LANE;
            if (vector && plain) {
                list.add(op);
            }
        }
        return list;
    }

    // ---- operands

    private static final long[] INTEGERS = {
        0, 1, 2, 7, 8, 15, 16, 31, 63, 64, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF, 0x7FFF_FFFF, 0x8000_0000L, 0xFFFF_FFFFL,
        Long.MAX_VALUE, Long.MIN_VALUE, -1, 0x0123_4567_89AB_CDEFL
    };
    private static final double[] FLOATS = {
        0, -0.0, 1, -1, 0.5, -0.5, 1.5, -2.5, Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY, Double.MIN_VALUE,
        Float.MIN_VALUE, Float.MAX_VALUE, Double.MAX_VALUE, 0x1p31, -0x1p31, 0x1p31 - 1, -0x1p31 - 1, 0x1p32, 0x1p32 - 1,
        0x1.fffffep31, 0x1p63, 1e300, 3.999999, 16777217, -0.999999, 4503599627370497.5
    };

    private static byte[] vector(LaneShape shape, int from) {
        byte[] v = new byte[16];
        for (int i = 0; i < shape.lanes(); i++) {
            int at = from + i * 5;
            switch (shape) {
                case F32X4 -> VectorSemantics.buffer(v).putFloat(4 * i, (float) FLOATS[at % FLOATS.length]);
                case F64X2 -> VectorSemantics.buffer(v).putDouble(8 * i, FLOATS[at % FLOATS.length]);
                default -> {
                    long bits = INTEGERS[at % INTEGERS.length];
                    for (int k = 0; k < shape.laneBytes(); k++) {
                        v[i * shape.laneBytes() + k] = (byte) (bits >> 8 * k);
                    }
                }
            }
        }
        return v;
    }

    /** NaNs with payloads, of both signs, quiet and signalling. */
    private static byte[] nans(boolean isDouble) {
        byte[] v = new byte[16];
        if (isDouble) {
            VectorSemantics.buffer(v).putLong(0, 0xFFF8_0000_0000_1234L).putLong(8, 0x7FF0_0000_0000_0001L);
        } else {
            VectorSemantics.buffer(v).putInt(0, 0x7FC0_0123).putInt(4, 0xFF80_0001)
                    .putInt(8, 0xFFC0_0000).putInt(12, 0x7FFF_FFFF);
        }
        return v;
    }

    private static List<byte[]> vectors() {
        List<byte[]> list = new ArrayList<>();
        for (LaneShape shape : LaneShape.values()) {
            for (int from = 0; from < (shape.isFloat() ? 28 : 23); from += shape.lanes() == 16 ? 4 : 2) {
                list.add(vector(shape, from));
            }
        }
        list.add(nans(false));
        list.add(nans(true));
        byte[] ones = new byte[16];
        java.util.Arrays.fill(ones, (byte) -1);
        list.add(ones);
        Random random = new Random(4);
        for (int i = 0; i < RANDOM; i++) {
            byte[] v = new byte[16];
            random.nextBytes(v);
            list.add(v);
        }
        return list;
    }

    // ---- forms

    private static String constant(byte[] v) {
        return "(v128.const i64x2 %d %d)".formatted(VectorSemantics.buffer(v).getLong(0), VectorSemantics.buffer(v).getLong(8));
    }

    private static String get(ValType type, int k) {
        return type instanceof NumType
                ? "(%s.load offset=%d (i32.const 0))".formatted(type, A + 16 * k)
                : "(local.get " + k + ")";
    }

    private static String memory(ValType type, int k) {
        return "(%s.load offset=%d (i32.const 0))".formatted(type, A + 16 * k);
    }

    private static List<Form> forms(Opcode op, List<byte[]> constants) {
        List<Form> forms = new ArrayList<>();
        Effect.Fixed effect = (Effect.Fixed) op.effect();
        ValType[] pops = effect.pops();
        int lanes = op.immediates() == Immediates.LANE ? op.lanes().lanes() : 1;
        for (int lane = 0; lane < lanes; lane++) {
            String head = "(" + op.text() + (op.immediates() == Immediates.LANE ? " " + lane : "");
            StringBuilder variables = new StringBuilder(head);
            StringBuilder loads = new StringBuilder(head);
            StringBuilder mixed = new StringBuilder(head);
            for (int k = 0; k < pops.length; k++) {
                variables.append(get(pops[k], k));
                loads.append(memory(pops[k], k));
                mixed.append(k == 0 ? get(pops[k], k) : memory(pops[k], k));
            }
            forms.add(new Form(op, lane, variables + ")", FREE, FREE, false));
            forms.add(new Form(op, lane, loads + ")", FREE, FREE, false));
            if (pops.length > 1) {
                forms.add(new Form(op, lane, mixed + ")", FREE, FREE, false));
            }
            if (pops.length == 2 && pops[1] == VecType.V128) {
                forms.add(new Form(op, lane, head + get(pops[0], 0) + get(pops[0], 0) + ")", FREE, FREE, true));
                for (byte[] value : constants) {
                    forms.add(new Form(op, lane, head + get(pops[0], 0) + constant(value) + ")", FREE, value, false));
                    forms.add(new Form(op, lane, head + constant(value) + get(pops[1], 1) + ")", value, FREE, false));
                }
            } else if (pops.length == 2 && op.text().contains("sh")) {
                for (int count = 0; count < 66; count += 3) {
                    byte[] b = new byte[16];
                    b[0] = (byte) count;
                    forms.add(new Form(op, lane, head + get(pops[0], 0) + "(i32.const " + count + "))", FREE, b, false));
                }
            } else if (pops.length == 1 && effect.pushes()[0] == NumType.I32 && op.immediates() == Immediates.NONE) {
                forms.add(new Form(op, lane, "(if (result i32) " + variables + ") (then (i32.const 1)) (else (i32.const 0)))",
                        FREE, FREE, false));
                forms.add(new Form(op, lane, "(i32.eqz (i32.eqz " + variables + ")))", FREE, FREE, false));
            }
        }
        return forms;
    }

    private static String function(Form form, int number) {
        ValType result = ((Effect.Fixed) form.op.effect()).pushes()[0];
        return """
                (func (export "f%d") (local v128 v128 v128)
                  (local.set 0 (v128.load offset=%d (i32.const 0))) (local.set 1 (v128.load offset=%d (i32.const 0)))
                  (local.set 2 (v128.load offset=%d (i32.const 0)))
                  (v128.store offset=%d (i32.const 0) (v128.const i64x2 0 0))
                  (%s.store offset=%d (i32.const 0) %s)
                  (v128.store offset=2048 (i32.const 0) (local.get 0)) (v128.store offset=2064 (i32.const 0) (local.get 1)))
                """.formatted(number, A, B, C, OUT, result, OUT, form.text);
    }

    @ParameterizedTest
    @MethodSource("settings")
    void computesWhatTheSpecificationSays(Setting setting) {
        VectorSemantics.Choice choice = new VectorSemantics.Choice(setting.cpu, setting.deterministic);
        List<byte[]> vectors = vectors();
        List<byte[]> constants = List.of(new byte[16], vector(LaneShape.I8X16, 1), vector(LaneShape.F32X4, 0),
                vector(LaneShape.F64X2, 5), vectors.getLast());
        List<Form> forms = instructions().stream().flatMap(op -> forms(op, constants).stream()).toList();
        var text = new StringBuilder("(module (memory 1)\n");
        for (int i = 0; i < forms.size(); i++) {
            text.append(function(forms.get(i), i));
        }
        var machine = new Machine(Machine.validate(text.append(")").toString()), setting.cpu,
                CompileOptions.DEFAULT.withOptimize(setting.optimize).withVerify(true)
                        .withDeterministicVectors(setting.deterministic));
        int cases = 0;
        for (int i = 0; i < forms.size(); i++) {
            cases += check(machine, i, forms.get(i), vectors, choice);
        }
        assertThat(cases).isGreaterThan(100_000);
    }

    private static int check(
            Machine machine, int function, Form form, List<byte[]> vectors, VectorSemantics.Choice choice) {
        MemorySegment memory = machine.memory();
        boolean binary = ((Effect.Fixed) form.op.effect()).pops().length > 1;
        int cases = 0;
        for (int i = 0; i < vectors.size(); i++) {
            byte[] a = form.fixedA.length > 0 ? form.fixedA : vectors.get(i);
            for (int j = 0; j < (binary && form.fixedB.length == 0 && form.fixedA.length == 0 ? vectors.size() : 1); j += 3) {
                int other = (j + i) % vectors.size();
                byte[] b = form.same ? a : form.fixedB.length > 0 ? form.fixedB : vectors.get(other);
                byte[] c = vectors.get((other + 2 * i + 1) % vectors.size());
                write(memory, A, a);
                write(memory, B, b);
                write(memory, C, c);
                machine.call(function);
                byte[] found = memory.asSlice(OUT, 16).toArray(JAVA_BYTE);
                byte[] expected = VectorSemantics.eval(form.op, a, b, c, form.lane, choice);
                if (form.text.startsWith("(if") || form.text.startsWith("(i32.eqz")) {
                    expected[0] = (byte) (VectorSemantics.buffer(expected).getInt(0) != 0 ? 1 : 0);
                    expected[1] = 0;
                }
                if (!isSame(form.op, expected, found, choice.deterministic())) {
                    fail("%s lane %d of %s, %s, %s: expected %s, found %s; %s", form.op.text(), form.lane, hex(a), hex(b), hex(c),
                            hex(expected), hex(found), form.text);
                }
                cases++;
            }
        }
        return cases;
    }

    private static void write(MemorySegment memory, long at, byte[] v) {
        MemorySegment.copy(v, 0, memory, JAVA_BYTE, at, 16);
    }

    private static String hex(byte[] v) {
        return HexFormat.of().formatHex(v);
    }

    /** NaNs that arithmetic makes are all alike if they are quiet; operations that choose or change signs keep every bit. */
    private static boolean isSame(Opcode op, byte[] expected, byte[] found, boolean deterministic) {
        LaneShape shape = op.lanes();
        boolean exact = shape == null || !shape.isFloat() || op.text().matches(".*(abs|neg|pmin|pmax|lane|splat)$")
                || !deterministic && op.text().matches(".*relaxed_m..$");
        if (exact) {
            return java.util.Arrays.equals(expected, found);
        }
        for (int i = 0; i < shape.lanes(); i++) {
            long x = lane(shape, expected, i);
            long y = lane(shape, found, i);
            if (x != y && !(isNaN(shape, x) && isNaN(shape, y) && isQuiet(shape, y))) {
                return false;
            }
        }
        return true;
    }

    private static long lane(LaneShape shape, byte[] v, int i) {
        return shape == LaneShape.F32X4
                ? VectorSemantics.buffer(v).getInt(4 * i) & 0xFFFF_FFFFL : VectorSemantics.buffer(v).getLong(8 * i);
    }

    private static boolean isNaN(LaneShape shape, long bits) {
        return shape == LaneShape.F32X4
                ? Float.isNaN(Float.intBitsToFloat((int) bits))
                : Double.isNaN(Double.longBitsToDouble(bits));
    }

    private static boolean isQuiet(LaneShape shape, long bits) {
        return (bits & (shape == LaneShape.F32X4 ? 1L << 22 : 1L << 51)) != 0;
    }
}
