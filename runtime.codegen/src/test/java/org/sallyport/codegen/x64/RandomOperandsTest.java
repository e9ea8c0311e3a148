package org.sallyport.codegen.x64;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.sallyport.CompileOptions;
import org.sallyport.TrapCode;
import org.sallyport.wasm.Effect;
import org.sallyport.wasm.NumType;
import org.sallyport.wasm.Opcode;

/**
 * Every numeric instruction over random operands around the edges, as variables, constants, and from memory, against
 * {@link Semantics}. {@link InstructionsTest} covers the edges themselves. So many cases:
 * {@code -Dsallyport.instructions} (50 000), from {@code -Dsallyport.seed} (1) on; one round is one module, in turn
 * optimized and not, for this CPU and for the oldest.
 */
class RandomOperandsTest {
    private static final long CASES = Long.getLong("sallyport.instructions", 50_000);
    private static final long SEED = Long.getLong("sallyport.seed", 1);
    private static final int CALLS = 40;
    private static final String[] FORMS = {"vv", "vc", "cv", "vm", "mv"};
    private static final double[] FLOATS = {
        0, 0.5, 1, 1.5, 2.5, 0x1p23, 0x1p24, 0x1p31, 0x1p32, 0x1p52, 0x1p53, 0x1p63, 0x1p64, Float.MIN_NORMAL,
        Float.MIN_VALUE, Float.MAX_VALUE, Double.MIN_NORMAL, Double.MIN_VALUE, Double.MAX_VALUE, 1 / 0.0
    };

    /** @param constant value of the operand that is one in the forms {@code vc} and {@code cv} */
    private record Form(Opcode op, NumType first, NumType second, NumType result, String name, long constant) {
        boolean isBinary() {
            return second != null;
        }
    }

    @Test
    void computesWhatTheSpecificationSays() {
        long done = 0;
        long traps = 0;
        for (int round = 0; done < CASES; round++) {
            Random random = new Random(SEED + round);
            List<Form> forms = forms(random);
            CpuFeatures cpu = round % 4 < 2 ? CpuFeatures.detect() : CpuFeatures.BASELINE;
            var options = new CompileOptions(false, round % 2 == 0, false);
            var machine = new Machine(Machine.validate(text(forms)), cpu, options);
            for (int i = 0; i < forms.size(); i++) {
                for (int n = 0; n < CALLS; n++) {
                    traps += check(machine, i, forms.get(i), random) ? 1 : 0;
                    done++;
                }
            }
        }
        assertThat(traps).as("cases that trap").isBetween(1L, done / 4);
        System.out.printf("single instructions: %d cases from seed %d, %d of them trap%n", done, SEED, traps);
    }

    private static List<Form> forms(Random random) {
        List<Form> forms = new ArrayList<>();
        for (Opcode op : Opcode.values()) {
            boolean numeric = op.code() >= 0x45 && op.code() <= 0xC4 || op.code() >= 0xFC0000 && op.code() <= 0xFC0007;
            if (!numeric) {
                continue;
            }
            var effect = (Effect.Fixed) op.effect();
            NumType first = (NumType) effect.pops()[0];
            NumType second = effect.pops().length == 2 ? (NumType) effect.pops()[1] : null;
            for (String name : FORMS) {
                NumType constant = name.equals("cv") || second == null ? first : second;
                forms.add(new Form(op, first, second, (NumType) effect.pushes()[0], name, operand(constant, random)));
            }
        }
        return forms;
    }

    // ---- text

    private static String text(List<Form> forms) {
        var text = new StringBuilder("(module (memory 1)\n");
        for (Form form : forms) {
            text.append("(func (param ").append(form.first);
            if (form.isBinary()) {
                text.append(' ').append(form.second);
            }
            text.append(") (result ").append(form.result).append(")\n");
            appendBody(text, form);
        }
        return text.append(")").toString();
    }

    private static void appendBody(StringBuilder text, Form form) {
        String a = "(local.get 0)";
        String b = form.isBinary() ? "(local.get 1)" : "";
        boolean memory = form.name.contains("m");
        boolean onFirst = form.name.startsWith("c") || form.name.startsWith("m") || !form.isBinary();
        NumType type = onFirst ? form.first : form.second;
        String other = switch (form.name) {
            case "vv" -> onFirst ? a : b;
            case "vc", "cv" -> constant(type, form.constant);
            default -> "(" + type + ".load offset=8 (i32.const 0))";
        };
        if (memory) {
            text.append("(%s.store offset=8 (i32.const 0) (local.get %d)) ".formatted(type, onFirst ? 0 : 1));
        }
        text.append("(%s %s %s))\n".formatted(form.op.text(), onFirst ? other : a, onFirst ? b : other));
    }

    private static String constant(NumType type, long bits) {
        return switch (type) {
            case I32 -> "(i32.const %d)".formatted((int) bits);
            case I64 -> "(i64.const %d)".formatted(bits);
            case F32 -> "(f32.reinterpret_i32 (i32.const %d))".formatted((int) bits);
            case F64 -> "(f64.reinterpret_i64 (i64.const %d))".formatted(bits);
        };
    }

    // ---- operands

    /** Bits of a random value: of any size, near a power of two, any float, near one of interest, NaN with payload. */
    private static long operand(NumType type, Random random) {
        boolean wide = type == NumType.I64 || type == NumType.F64;
        long bits = switch (type) {
            case I32, I64 -> random.nextInt(3) == 0
                    ? (1L << random.nextInt(64)) + random.nextInt(5) - 2
                    : random.nextLong() >> random.nextInt(64);
            case F32 -> floatBits(random);
            case F64 -> doubleBits(random);
        };
        return wide ? bits : bits & 0xFFFF_FFFFL;
    }

    private static long floatBits(Random random) {
        return switch (random.nextInt(5)) {
            case 0 -> random.nextInt();
            case 1 -> 0x7F80_0000 | random.nextInt() & 0x807F_FFFF; // infinities, NaNs of both kinds
            case 2 -> Float.floatToRawIntBits((float) (random.nextInt() / 4.0));
            default -> {
                float near = (float) FLOATS[random.nextInt(FLOATS.length)] * (random.nextBoolean() ? 1 : -1);
                yield Float.floatToRawIntBits(near) + random.nextInt(5) - 2;
            }
        };
    }

    private static long doubleBits(Random random) {
        return switch (random.nextInt(5)) {
            case 0 -> random.nextLong();
            case 1 -> 0x7FF0_0000_0000_0000L | random.nextLong() & 0x800F_FFFF_FFFF_FFFFL;
            case 2 -> Double.doubleToRawLongBits(random.nextLong() / 4.0);
            default -> {
                double near = FLOATS[random.nextInt(FLOATS.length)] * (random.nextBoolean() ? 1 : -1);
                yield Double.doubleToRawLongBits(near) + random.nextInt(5) - 2;
            }
        };
    }

    // ---- judgement

    /** Whether the case trapped, as it must. */
    private static boolean check(Machine machine, int function, Form form, Random random) {
        long a = operand(form.first, random);
        long b = form.isBinary() ? operand(form.second, random) : 0;
        long usedA = form.name.equals("cv") || form.name.equals("vc") && !form.isBinary() ? form.constant : a;
        long usedB = form.name.equals("vc") && form.isBinary() ? form.constant : b;
        String expected = expected(form, usedA, usedB);
        String found = found(machine, function, form, a, b);
        if (!expected.equals(found)) {
            fail("seed %d: %s %s(%x, %x): expected %s, found %s",
                    SEED, form.op.text(), form.name, usedA, usedB, expected, found);
        }
        return expected.startsWith("trap");
    }

    private static String expected(Form form, long a, long b) {
        try {
            String shown = show(form, Semantics.eval(form.op, a, b));
            return shown.equals("signalling nan") ? "nan" : shown; // Java's min and max hand NaNs on as they are
        } catch (Semantics.TrapException e) {
            return "trap " + e.code;
        }
    }

    private static String found(Machine machine, int function, Form form, long a, long b) {
        try {
            long bits = (form.isBinary() ? machine.call(function, a, b) : machine.call(function, a))[0];
            boolean wide = form.result == NumType.I64 || form.result == NumType.F64;
            return show(form, wide ? bits : bits & 0xFFFF_FFFFL);
        } catch (Machine.TrappedException e) {
            TrapCode code = e.code;
            return "trap " + code;
        }
    }

    /** Arithmetic may give any quiet NaN; what only moves bits keeps them (4.3.3). */
    private static String show(Form form, long bits) {
        boolean exact = form.op.text().matches(".*(abs|neg|copysign|reinterpret.*)");
        if (!exact && form.result == NumType.F32 && Float.isNaN(Float.intBitsToFloat((int) bits))) {
            return (bits & 0x40_0000) != 0 ? "nan" : "signalling nan";
        }
        if (!exact && form.result == NumType.F64 && Double.isNaN(Double.longBitsToDouble(bits))) {
            return (bits & 0x8_0000_0000_0000L) != 0 ? "nan" : "signalling nan";
        }
        return Long.toHexString(form.result == NumType.I32 || form.result == NumType.F32 ? bits & 0xFFFF_FFFFL : bits);
    }
}
