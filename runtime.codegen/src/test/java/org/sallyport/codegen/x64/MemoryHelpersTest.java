package org.sallyport.codegen.x64;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.sallyport.CompileOptions;
import org.sallyport.TrapCode;

class MemoryHelpersTest {
    private static final int BYTES = 4 * Machine.PAGE;
    private static final String TEXT = """
            (module (memory 4)
              (func (export "copy") (param i32 i32 i32 i64) (result i64)
                (memory.copy (local.get 0) (local.get 1) (local.get 2)) (local.get 3))
              (func (export "fill") (param i32 i32 i32 f64) (result f64)
                (memory.fill (local.get 0) (local.get 1) (local.get 2)) (local.get 3)))
            """;

    static Stream<CpuFeatures> features() {
        return Stream.of(CpuFeatures.detect(), CpuFeatures.BASELINE);
    }

    private static Machine machine(CpuFeatures cpu, byte[] contents) {
        var machine = new Machine(Machine.validate(TEXT), cpu, CompileOptions.DEFAULT);
        machine.memory().copyFrom(MemorySegment.ofArray(contents));
        return machine;
    }

    private static byte[] random(int seed) {
        byte[] bytes = new byte[BYTES];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    private static int length(Random random, int i) {
        return i < 300 ? i : random.nextInt(3) > 0 ? random.nextInt(600) : random.nextInt(100_000);
    }

    @ParameterizedTest
    @MethodSource("features")
    void copiesWhateverOverlaps(CpuFeatures cpu) {
        byte[] model = random(1);
        Machine machine = machine(cpu, model);
        var random = new Random(2);
        for (int i = 0; i < 2000; i++) {
            int length = length(random, i);
            int from = random.nextInt(BYTES - length + 1);
            int near = from + random.nextInt(2 * length + 65) - length - 32;
            int to = random.nextInt(4) == 0 ? random.nextInt(BYTES - length + 1)
                    : Math.clamp(near, 0, BYTES - length);
            System.arraycopy(model, from, model, to, length);
            assertThat(machine.value("copy", to, from, length, i)).isEqualTo(i);
            byte[] found = machine.bytes(0, BYTES);
            int mismatch = Arrays.mismatch(found, model);
            assertThat(mismatch).as("copy %x to %x, %x bytes", from, to, length).isEqualTo(-1);
        }
    }

    @ParameterizedTest
    @MethodSource("features")
    void fillsExactlyTheRange(CpuFeatures cpu) {
        byte[] model = random(3);
        Machine machine = machine(cpu, model);
        var random = new Random(4);
        for (int i = 0; i < 2000; i++) {
            int length = length(random, i);
            int to = random.nextInt(BYTES - length + 1);
            int value = random.nextInt();
            Arrays.fill(model, to, to + length, (byte) value);
            long kept = Double.doubleToRawLongBits(i);
            assertThat(machine.value("fill", to, value, length, kept)).isEqualTo(kept);
            int mismatch = Arrays.mismatch(machine.bytes(0, BYTES), model);
            assertThat(mismatch).as("fill %x, %x bytes", to, length).isEqualTo(-1);
        }
    }

    @ParameterizedTest
    @MethodSource("features")
    void trapsBeforeItWritesAnything(CpuFeatures cpu) {
        byte[] model = random(5);
        Machine machine = machine(cpu, model);
        long[][] outside = {
            {BYTES, 0, 1}, {0, BYTES, 1}, {BYTES - 10, 0, 11}, {0, BYTES - 10, 11}, {0xFFFF_FFFFL, 0, 1},
            {0, 0xFFFF_FFFFL, 1}, {0, 0, 0xFFFF_FFFFL}, {0xFFFF_FFFFL, 0xFFFF_FFFFL, 0xFFFF_FFFFL}, {BYTES + 1, 0, 0},
            {0, BYTES + 1, 0}, {1, 0, BYTES}, {0, 1, BYTES}
        };
        for (long[] c : outside) {
            assertThat(machine.trapOf("copy", c[0], c[1], c[2], 0)).isEqualTo(TrapCode.MEMORY_OUT_OF_BOUNDS);
            if (c[0] + c[2] > BYTES) {
                assertThat(machine.trapOf("fill", c[0], 7, c[2], 0)).isEqualTo(TrapCode.MEMORY_OUT_OF_BOUNDS);
            }
        }
        assertThat(machine.trapOf("copy", BYTES, BYTES, 0, 0)).isNull();
        assertThat(machine.trapOf("copy", 0, 0, BYTES, 0)).isNull();
        assertThat(machine.trapOf("fill", BYTES, 7, 0, 0)).isNull();
        assertThat(machine.bytes(0, BYTES)).isEqualTo(model);
    }
}
