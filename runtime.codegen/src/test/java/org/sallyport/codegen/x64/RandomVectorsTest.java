package org.sallyport.codegen.x64;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
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
 * Random straight programs of vector instructions over more variables than there are registers, with shuffles, constants,
 * operands in memory and calls in between, against {@link VectorSemantics}. {@code -Dsallyport.vectors=…} more programs.
 */
class RandomVectorsTest {
    private static final int PROGRAMS = Integer.getInteger("sallyport.vectors", 150);
    private static final int VARIABLES = 20;
    private static final int STEPS = 60;

    private final List<Opcode> instructions = instructions();
    private final Random random = new Random(Long.getLong("sallyport.seed", 12));
    private final StringBuilder text = new StringBuilder();
    private final byte[][] values = new byte[VARIABLES][];
    private VectorSemantics.Choice choice = new VectorSemantics.Choice(CpuFeatures.BASELINE, false);

    /** Those whose results are the same to the last bit everywhere: arithmetic may take a NaN's bits from either operand. */
    private static List<Opcode> instructions() {
        List<Opcode> list = new ArrayList<>();
        for (Opcode op : Opcode.values()) {
            boolean vector = op.feature() == Feature.SIMD || op.feature() == Feature.RELAXED_SIMD;
            LaneShape shape = op.lanes();
            boolean exact = shape == null || !shape.isFloat()
                    || op.text().matches(".*(abs|neg|pmin|pmax|eq|ne|lt|le|gt|ge|convert.*)$");
            if (vector && op.immediates() == Immediates.NONE && exact && !op.text().endsWith("splat")) {
                list.add(op);
            }
        }
        return list;
    }

    @Test
    void computeWhatTheSpecificationSays() {
        CpuFeatures here = CpuFeatures.detect();
        for (int program = 0; program < PROGRAMS; program++) {
            CpuFeatures cpu = program % 3 == 0 ? CpuFeatures.BASELINE : here;
            choice = new VectorSemantics.Choice(cpu, false);
            run(program, cpu, program % 2 == 0);
        }
    }

    private void run(int program, CpuFeatures cpu, boolean optimize) {
        text.setLength(0);
        text.append("(module (memory 1) (func $call (param i32) (if (local.get 0) (then (call $call (i32.sub (local.get 0) ")
                .append("(i32.const 1))))))\n(func (export \"f\") (local ").append("v128 ".repeat(VARIABLES)).append(")\n");
        byte[] initial = new byte[16 * VARIABLES];
        random.nextBytes(initial);
        for (int i = 0; i < VARIABLES; i++) {
            values[i] = Arrays.copyOfRange(initial, 16 * i, 16 * i + 16);
            text.append("(local.set %d (v128.load offset=%d (i32.const 0)))\n".formatted(i, 16 * i));
        }
        for (int i = 0; i < STEPS; i++) {
            step(initial);
        }
        for (int i = 0; i < VARIABLES; i++) {
            text.append("(v128.store offset=%d (i32.const 0) (local.get %d))\n".formatted(1024 + 16 * i, i));
        }
        text.append("))");
        var machine = new Machine(Machine.validate(text.toString()), cpu,
                CompileOptions.DEFAULT.withOptimize(optimize).withVerify(true));
        MemorySegment.copy(initial, 0, machine.memory(), JAVA_BYTE, 0, initial.length);
        machine.call(1);
        for (int i = 0; i < VARIABLES; i++) {
            byte[] found = machine.memory().asSlice(1024 + 16 * i, 16).toArray(JAVA_BYTE);
            assertThat(found).as("variable %d of program %d, %s, optimized %s: %s", i, program, cpu, optimize, text)
                    .isEqualTo(values[i]);
        }
    }

    private void step(byte[] initial) {
        int to = random.nextInt(VARIABLES);
        int kind = random.nextInt(12);
        if (kind == 0) {
            text.append("(call $call (i32.const 2))\n");
        } else if (kind < 4) {
            shuffle(to);
        } else {
            operation(to, instructions.get(random.nextInt(instructions.size())), initial);
        }
    }

    private void shuffle(int to) {
        int a = random.nextInt(VARIABLES);
        int b = random.nextInt(4) == 0 ? a : random.nextInt(VARIABLES);
        int width = 1 << random.nextInt(4);
        byte[] result = new byte[16];
        text.append("(local.set %d (i8x16.shuffle".formatted(to));
        for (int i = 0; i < 16; i += width) {
            int from = random.nextInt(32 / width) * width;
            for (int k = 0; k < width; k++) {
                text.append(' ').append(from + k);
                result[i + k] = from + k < 16 ? values[a][from + k] : values[b][from + k - 16];
            }
        }
        text.append(" (local.get %d) (local.get %d)))\n".formatted(a, b));
        values[to] = result;
    }

    private void operation(int to, Opcode op, byte[] initial) {
        Effect.Fixed effect = (Effect.Fixed) op.effect();
        byte[][] operands = {new byte[16], new byte[16], new byte[16]};
        boolean scalar = effect.pushes()[0] == NumType.I32;
        text.append("(local.set ").append(to);
        text.append(scalar ? " (i32x4.replace_lane 0 (v128.const i64x2 0 0) (" : " (").append(op.text());
        for (int k = 0; k < effect.pops().length; k++) {
            operand(effect.pops()[k], operands[k], initial);
        }
        text.append(scalar ? ")))\n" : "))\n");
        values[to] = VectorSemantics.eval(op, operands[0], operands[1], operands[2], 0, choice);
    }

    private void operand(ValType type, byte[] value, byte[] initial) {
        int i = random.nextInt(VARIABLES);
        if (type != VecType.V128) {
            int count = random.nextInt(70);
            VectorSemantics.buffer(value).putInt(0, count);
            text.append(random.nextBoolean()
                    ? " (i32.const " + count + ")"
                    : " (i32.add (i32.const 1) (i32.const " + (count - 1) + "))");
            return;
        }
        switch (random.nextInt(6)) {
            case 0 -> {
                System.arraycopy(initial, 16 * i, value, 0, 16);
                text.append(" (v128.load offset=%d (i32.const 0))".formatted(16 * i));
            }
            case 1 -> {
                random.nextBytes(value);
                if (random.nextInt(3) == 0) {
                    Arrays.fill(value, (byte) (random.nextBoolean() ? 0 : -1));
                }
                var halves = VectorSemantics.buffer(value);
                text.append(" (v128.const i64x2 %d %d)".formatted(halves.getLong(0), halves.getLong(8)));
            }
            default -> {
                System.arraycopy(values[i], 0, value, 0, 16);
                text.append(" (local.get %d)".formatted(i));
            }
        }
    }
}
