package org.sallyport.codegen.x64;

import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.sallyport.CompileOptions;

/** Two shifts of one vector by constants, joined: rotations by all amounts, and what only looks like one. */
class VectorRotationTest {
    private static final int FROM = 64;
    private static final int TO = 96;

    private record Case(int bits, int up, int down, boolean signed, boolean swapped) {
        String text(int number) {
            String lanes = "i" + bits + "x" + 128 / bits;
            String left = "(%s.shl (local.get 0) (i32.const %d))".formatted(lanes, up);
            String right = "(%s.shr_%s (local.get 0) (i32.const %d))".formatted(lanes, signed ? "s" : "u", down);
            return "(func (export \"f%d\") (local v128) (local.set 0 (v128.load offset=%d (i32.const 0)))"
                    .formatted(number, FROM)
                    + "(v128.store offset=%d (i32.const 0) (v128.or %s %s)))\n"
                            .formatted(TO, swapped ? right : left, swapped ? left : right);
        }

        long expected(long v) {
            long mask = bits == 64 ? -1 : (1L << bits) - 1;
            long result = 0;
            for (int at = 0; at < 64; at += bits) {
                long lane = v >>> at & mask;
                long wide = lane << 64 - bits >> 64 - bits;
                long right = signed ? wide >> down % bits : lane >>> down % bits;
                result |= ((lane << up % bits | right) & mask) << at;
            }
            return result;
        }
    }

    static Stream<CpuFeatures> cpus() {
        return Stream.of(CpuFeatures.detect(), CpuFeatures.BASELINE).distinct();
    }

    @ParameterizedTest
    @MethodSource("cpus")
    void isWhatTheShiftsAre(CpuFeatures cpu) {
        List<Case> cases = new ArrayList<>();
        for (int bits = 8; bits <= 64; bits *= 2) {
            for (int up = 0; up <= bits; up++) {
                cases.add(new Case(bits, up, bits - up, false, up % 3 == 0));
                cases.add(new Case(bits, up, bits - up, true, false));
                cases.add(new Case(bits, up, bits - up + 8, false, false));
            }
        }
        var text = new StringBuilder("(module (memory 1)\n");
        for (int i = 0; i < cases.size(); i++) {
            text.append(cases.get(i).text(i));
        }
        var machine = new Machine(Machine.validate(text.append(")").toString()), cpu, CompileOptions.DEFAULT.withVerify(true));
        Random random = new Random(3);
        for (int i = 0; i < cases.size(); i++) {
            long low = random.nextLong();
            long high = random.nextLong();
            machine.memory().set(JAVA_LONG_UNALIGNED, FROM, low);
            machine.memory().set(JAVA_LONG_UNALIGNED, FROM + 8, high);
            machine.call(i);
            for (int at = 0; at < 16; at += 8) {
                assertThat(machine.memory().get(JAVA_LONG_UNALIGNED, TO + at))
                        .as("%s", cases.get(i))
                        .isEqualTo(cases.get(i).expected(at == 0 ? low : high));
            }
        }
    }
}
