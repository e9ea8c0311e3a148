package org.sallyport.codegen.x64;

import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;
import static org.assertj.core.api.Assertions.fail;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.sallyport.CompileOptions;
import org.sallyport.TrapCode;
import org.sallyport.wasm.Effect;
import org.sallyport.wasm.NumType;
import org.sallyport.wasm.Opcode;

/**
 * Every numeric instruction over edge values, with each operand as a variable, a constant, a load, the same variable
 * twice; comparisons
 * also as conditions of branches, selections and traps. All against {@link Semantics}, for several sets of CPU
 * features, optimized
 * and not.
 */
class InstructionsTest {
    record Setting(CpuFeatures cpu, boolean optimize) {}

    static Stream<Setting> settings() {
        return Stream.of(
                new Setting(CpuFeatures.detect(), true),
                new Setting(CpuFeatures.detect(), false),
                new Setting(CpuFeatures.BASELINE, true),
                new Setting(CpuFeatures.BASELINE, false));
    }

    private static final long[] I32 = {
        0, 1, 2, 3, 31, 32, 33, 0x7F, 0x80, 0xFF, 0xFFFF, 0x8000, 0x12345678, 0x7FFF_FFFF, 0x8000_0000L, 0xFFFF_FFFFL
    };
    private static final long[] I64 = {
        0, 1, 2, 31, 63, 64, 65, 0xFF, 0x8000, 0x7FFF_FFFFL, 0x8000_0000L, 0xFFFF_FFFFL, 0x1_0000_0000L,
        0x1234_5678_9ABC_DEF0L, Long.MAX_VALUE, Long.MIN_VALUE, -1, -0x8000_0000L, -0x8000_0001L
    };
    private static final double[] FLOATS = {
        0, -0.0, 1, -1, 0.5, -0.5, 1.5, 2.5, -2.5, 0.999999, -0.999999, Double.NaN, Double.POSITIVE_INFINITY,
        Double.NEGATIVE_INFINITY, Double.MIN_VALUE, Float.MIN_VALUE, Float.MAX_VALUE, Double.MAX_VALUE, 0x1p31, -0x1p31,
        0x1p31 - 1, -0x1p31 - 1, -0x1.000002p31, 0x1.fffffep30, 0x1p32, 0x1p32 - 1, 0x1.fffffep31, 0x1p63, -0x1p63,
        0x1.fffffep62, 0x1.fffffffffffffp62, -0x1.0000000000001p63, 0x1p64, 0x1.fffffep63, 0x1.fffffffffffffp63, 1e300,
                4.7
    };

    private static long[] edges(NumType type) {
        return switch (type) {
            case I32 -> I32;
            case I64 -> I64;
            case F32 -> java.util.Arrays.stream(FLOATS)
                    .mapToLong(x -> Float.floatToRawIntBits((float) x) & 0xFFFF_FFFFL).toArray();
            case F64 -> java.util.Arrays.stream(FLOATS).mapToLong(Double::doubleToRawLongBits).toArray();
        };
    }

    private static final class Row {
        final Opcode op;
        final List<NumType> operands = new ArrayList<>();
        final NumType result;

        Row(Opcode op, Effect.Fixed effect) {
            this.op = op;
            for (var type : effect.pops()) {
                operands.add((NumType) type);
            }
            result = (NumType) effect.pushes()[0];
        }

        boolean isComparison() {
            return result == NumType.I32 && (op.code() >= 0x45 && op.code() <= 0x66);
        }
    }

    private static List<Row> rows() {
        List<Row> rows = new ArrayList<>();
        for (Opcode op : Opcode.values()) {
            boolean numeric = op.code() >= 0x45 && op.code() <= 0xC4 || op.code() >= 0xFC0000 && op.code() <= 0xFC0007;
            if (numeric) {
                rows.add(new Row(op, (Effect.Fixed) op.effect()));
            }
        }
        return rows;
    }

    private static String constant(NumType type, long bits) {
        return switch (type) {
            case I32 -> "(i32.const %d)".formatted((int) bits);
            case I64 -> "(i64.const %d)".formatted(bits);
            case F32 -> "(f32.reinterpret_i32 (i32.const %d))".formatted((int) bits);
            case F64 -> "(f64.reinterpret_i64 (i64.const %d))".formatted(bits);
        };
    }

    /** One function of the module, with the values that it is called with. */
    private record Form(String name, Row row, String text, long[] first, long[] second, boolean inverted) {}

    private static final long[] NOTHING = {0};

    private static List<Form> forms(Row row) {
        List<Form> forms = new ArrayList<>();
        NumType a = row.operands.getFirst();
        NumType b = row.operands.getLast();
        String op = row.op.text();
        boolean binary = row.operands.size() == 2;
        String getA = "(local.get 0)";
        String getB = binary ? "(local.get 1)" : "";
        long[] allB = binary ? edges(b) : NOTHING;
        String loadA = "(%s.load offset=8 (i32.const 0))".formatted(a);
        forms.add(form(row, "vv", "(%s %s %s)".formatted(op, getA, getB), edges(a), allB));
        forms.add(form(row, "mv", stored(a, 0) + "(%s %s %s)".formatted(op, loadA, getB), edges(a), allB));
        if (binary) {
            String loadB = "(%s.load offset=8 (i32.const 0))".formatted(b);
            forms.add(form(row, "vm", stored(b, 1) + "(%s %s %s)".formatted(op, getA, loadB), edges(a), allB));
            forms.add(new Form(op + "-same", row, "(%s %s %s)".formatted(op, getA, getA), edges(a), NOTHING, false));
            for (long value : edges(b)) {
                String text = "(%s %s %s)".formatted(op, getA, constant(b, value));
                forms.add(form(row, "vc" + Long.toHexString(value), text, edges(a), new long[] {value}));
            }
            for (long value : edges(a)) {
                String text = "(%s %s %s)".formatted(op, constant(a, value), getB);
                forms.add(form(row, "cv" + Long.toHexString(value), text, new long[] {value}, edges(b)));
            }
        }
        if (row.isComparison()) {
            conditions(row, forms, "(%s %s %s)".formatted(op, getA, getB), allB);
        }
        return forms;
    }

    private static String stored(NumType type, int local) {
        return "(%s.store offset=8 (i32.const 0) (local.get %d)) ".formatted(type, local);
    }

    private static Form form(Row row, String name, String text, long[] first, long[] second) {
        return new Form(row.op.text() + "-" + name, row, text, first, second, false);
    }

    private static void conditions(Row row, List<Form> forms, String test, long[] allB) {
        long[] allA = edges(row.operands.getFirst());
        forms.add(form(row, "if", "(if (result i32) %s (then (i32.const 1)) (else (i32.const 0)))".formatted(test),
                allA, allB));
        forms.add(form(row, "br", "(block (br_if 0 %s) (return (i32.const 0))) (i32.const 1)".formatted(test), allA,
                allB));
        String select = "(i32.sub (select (i32.const 8) (i32.const 7) %s) (i32.const 7))".formatted(test);
        forms.add(form(row, "sel", select, allA, allB));
        forms.add(form(row, "sel64", ("(i32.wrap_i64 (select (i64.load (i32.const 16)) (i64.load (i32.const 24)) %s))")
                .formatted(test), allA, allB));
        forms.add(form(row, "fsel",
                ("(i32.trunc_f64_s (select (f64.load (i32.const 32)) (f64.load (i32.const 40)) %s))")
                .formatted(test), allA, allB));
        forms.add(new Form(row.op.text() + "-not", row, "(i32.eqz %s)".formatted(test), allA, allB, true));
        forms.add(new Form(row.op.text() + "-notif", row,
                "(if (result i32) (i32.eqz %s) (then (i32.const 1)) (else (i32.const 0)))".formatted(test), allA, allB, true));
        forms.add(form(row, "add", "(i32.sub (i32.add %s (i32.const 9)) (i32.const 9))".formatted(test), allA, allB));
    }

    @ParameterizedTest
    @MethodSource("settings")
    void computesWhatTheSpecificationSays(Setting setting) {
        List<Form> forms = rows().stream().flatMap(row -> forms(row).stream()).toList();
        var text = new StringBuilder("(module (memory 1)\n"
                + "(data (i32.const 16) \"\\01\\00\\00\\00\\00\\00\\00\\00\\00\\00\\00\\00\\00\\00\\00\\00"
                + "\\00\\00\\00\\00\\00\\00\\f0\\3f\\00\\00\\00\\00\\00\\00\\00\\00\")\n");
        for (int i = 0; i < forms.size(); i++) {
            Row row = forms.get(i).row;
            text.append("(func (export \"f").append(i).append("\") (param ").append(row.operands.getFirst());
            if (row.operands.size() == 2) {
                text.append(' ').append(row.operands.getLast());
            }
            text.append(") (result ").append(row.result).append(") ").append(forms.get(i).text).append(")\n");
        }
        var machine = new Machine(Machine.validate(text.append(")").toString()), setting.cpu,
                new CompileOptions(false, setting.optimize, true));
        machine.memory().set(JAVA_LONG_UNALIGNED, 16, 1); // the data segment: this machine does not apply it
        machine.memory().set(JAVA_LONG_UNALIGNED, 32, Double.doubleToRawLongBits(1));
        for (int i = 0; i < forms.size(); i++) {
            check(machine, i, forms.get(i));
        }
    }

    private static void check(Machine machine, int function, Form form) {
        boolean same = form.name.endsWith("-same");
        for (long a : form.first) {
            for (long b : form.second) {
                String expected = expected(form, a, same ? a : b);
                String found = found(machine, function, form, a, b);
                if (!expected.equals(found)) {
                    fail("%s(%x, %x): expected %s, found %s; %s", form.name, a, b, expected, found, form.text);
                }
            }
        }
    }

    private static String expected(Form form, long a, long b) {
        try {
            long result = Semantics.eval(form.row.op, a, b);
            return print(form.row, form.inverted ? 1 - result : result);
        } catch (Semantics.TrapException e) {
            return e.code.text();
        }
    }

    private static String found(Machine machine, int function, Form form, long a, long b) {
        try {
            long bits = form.row.operands.size() == 2 ? machine.call(function, a, b)[0] : machine.call(function, a)[0];
            if (form.row.result == NumType.F32) {
                bits &= 0xFFFF_FFFFL; // the upper half of the slot is not written
            }
            return print(form.row, bits);
        } catch (Machine.TrappedException e) {
            TrapCode code = e.code;
            return code == null ? "a trap that the side table does not know" : code.text();
        }
    }

    /** NaNs that arithmetic makes are all alike as long as they are quiet; operations on the sign keep every bit. */
    private static String print(Row row, long bits) {
        boolean exact = row.op.text().matches(".*(abs|neg|copysign|reinterpret.*)");
        if (!exact && row.result == NumType.F32 && Float.isNaN(Float.intBitsToFloat((int) bits))) {
            return (bits & 0x40_0000) != 0 ? "nan" : "signalling nan";
        }
        if (!exact && row.result == NumType.F64 && Double.isNaN(Double.longBitsToDouble(bits))) {
            return (bits & 0x8_0000_0000_0000L) != 0 ? "nan" : "signalling nan";
        }
        return Long.toHexString(bits);
    }
}
