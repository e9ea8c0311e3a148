package org.sallyport.codegen.x64;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.sallyport.CompileOptions;
import org.sallyport.spi.ValidModule;

/**
 * Random programs give the same results, traps and memory whatever the CPU features, optimized or not, with and
 * without explicit checks. More of
 * them: {@code -Dsallyport.programs=100000 -Dsallyport.seed=7}. {@link RandomProgram#main} prints the one of a seed.
 */
class RandomProgramsTest {
    private static final int PROGRAMS = Integer.getInteger("sallyport.programs", 150);
    private static final long SEED = Long.getLong("sallyport.seed", 1);

    private record Setting(CpuFeatures cpu, CompileOptions options) {}

    private static final CpuFeatures HERE = CpuFeatures.detect();
    private static final List<Setting> SETTINGS = List.of(
            new Setting(HERE, new CompileOptions(false, false, true)),
            new Setting(HERE, new CompileOptions(false, true, true)),
            new Setting(CpuFeatures.BASELINE, new CompileOptions(false, true, true)),
            new Setting(CpuFeatures.BASELINE, new CompileOptions(true, false, true)),
            new Setting(new CpuFeatures(HERE.avx(), false, false, false, HERE.bmi2(), false),
                    new CompileOptions(true, true, true)));

    private static final long[][] INPUTS = {
        {0, 0, 0, 0},
        {1, -1, Float.floatToRawIntBits(1.5f), Double.doubleToRawLongBits(-2.5)},
        {0x8000_0000L, Long.MIN_VALUE, Float.floatToRawIntBits(Float.NaN), Double.doubleToRawLongBits(Double.NaN)},
        {0x7FFF_FFFFL, Long.MAX_VALUE, Float.floatToRawIntBits(-0.0f), Double.doubleToRawLongBits(1e300)},
        {12345, 678901234567L, Float.floatToRawIntBits(3e9f), Double.doubleToRawLongBits(Double.NEGATIVE_INFINITY)},
    };

    @Test
    void behavesTheSameInAllSettings() {
        compare(SEED, false);
    }

    /** Also where fuel runs out. */
    @Test
    void usesTheSameFuelInAllSettings() {
        compare(SEED + 1, true);
    }

    private static void compare(long from, boolean fuel) {
        for (long i = 0; i < PROGRAMS; i++) {
            long seed = from * 1_000_000_007L + i;
            String text = RandomProgram.text(seed);
            ValidModule module = Machine.validate(text);
            String expected = "";
            for (Setting setting : SETTINGS) {
                String found;
                long mark = Native.mark();
                try {
                    found = fuel ? outcomeWithFuel(module, setting, seed) : outcome(module, setting);
                } catch (AssertionError e) {
                    throw new AssertionError("seed " + seed + ", " + setting + ": " + e.getMessage(), e);
                } finally {
                    Native.release(mark);
                }
                expected = expected.isEmpty() ? found : expected;
                assertThat(found).as("seed %d, %s", seed, setting).isEqualTo(expected);
            }
        }
    }

    private static String outcome(ValidModule module, Setting setting) {
        var machine = new Machine(module, setting.cpu, setting.options);
        var outcome = new StringBuilder();
        for (long[] input : INPUTS) {
            try {
                outcome.append(Long.toHexString(machine.value("f", input))).append(' ');
            } catch (Machine.TrappedException e) {
                outcome.append(e.code).append(' ');
            }
        }
        return outcome.append("memory ").append(Arrays.hashCode(machine.memory().toArray(JAVA_BYTE))).toString();
    }

    private static String outcomeWithFuel(ValidModule module, Setting setting, long seed) {
        var machine = new Machine(module, setting.cpu, setting.options.withFuel(true));
        var outcome = new StringBuilder();
        for (int i = 0; i < INPUTS.length; i++) {
            long units = i % 2 == 0 ? 1_000_000_000 : (seed + i) % 500;
            machine.withFuel(units);
            try {
                outcome.append(Long.toHexString(machine.value("f", INPUTS[i])));
            } catch (Machine.TrappedException e) {
                outcome.append(e.code);
            }
            outcome.append(" left ").append(machine.fuel()).append(' ');
        }
        return outcome.append("memory ").append(Arrays.hashCode(machine.memory().toArray(JAVA_BYTE))).toString();
    }
}
