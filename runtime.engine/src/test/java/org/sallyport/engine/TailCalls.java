package org.sallyport.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import org.sallyport.Compilation;
import org.sallyport.Config;
import org.sallyport.GuestFrame;
import org.sallyport.StoreLimits;

/** Settings that tail calls are tried in, and functions with many parameters and results that hand on to each other. */
final class TailCalls {
    static final int MANY = Integer.getInteger("sallyport.tailCalls", 1_000_000);

    record Setting(Compilation compilation, boolean optimize, boolean checks) {
        Fixture fixture() {
            return fixture(false);
        }

        Fixture fixture(boolean fuel) {
            Config config = Config.defaults()
                    .withCompilation(compilation)
                    .withExplicitBoundsChecks(checks)
                    .withFuel(fuel);
            return new Fixture(config.withCompile(config.compile().withOptimize(optimize)), StoreLimits.DEFAULT);
        }
    }

    static Stream<Setting> settings() {
        return Stream.of(
                new Setting(Compilation.EAGER, true, false),
                new Setting(Compilation.EAGER, false, true),
                new Setting(Compilation.LAZY, true, false),
                new Setting(Compilation.BACKGROUND, true, false));
    }

    private TailCalls() {}

    // ---- signatures of many parameters and results

    static String repeat(int n, String text) {
        return IntStream.range(0, n).mapToObj(i -> text.replace("#", String.valueOf(i))).collect(Collectors.joining(" "));
    }

    static final String[] TYPES = {"i64", "f64", "i32", "f32"};

    /** {@code n} types, a few of each kind in registers, the rest on the stack. */
    static String types(int n) {
        return IntStream.range(0, n).mapToObj(i -> TYPES[i % 4]).collect(Collectors.joining(" "));
    }

    static String constants(int from, int n) {
        return IntStream.range(0, n).mapToObj(i -> "(" + TYPES[i % 4] + ".const " + (from + i) + ")")
                .collect(Collectors.joining(" "));
    }

    /** A round of functions that hand on a counter, each with its own number of further arguments. */
    static String round(int[] sizes, int results, String call) {
        StringBuilder text = new StringBuilder();
        for (int k = 0; k < sizes.length; k++) {
            int next = (k + 1) % sizes.length;
            text.append("""
                    (type $t%1$d (func (param i32 %2$s) (result %3$s)))
                    (func $f%1$d (export "f%1$d") (type $t%1$d)
                      %4$s
                      (if (i32.eqz (local.get 0)) (then (return %5$s)))
                      (i32.sub (local.get 0) (i32.const 1)) %6$s %7$s)
                    """.formatted(k, types(sizes[k]), types(results), checks(k, sizes[k]), constants(7, results),
                    constants(100 * next, sizes[next]), call.replace("#", String.valueOf(next))));
        }
        return text.toString();
    }

    /** That an argument of each kind has arrived. */
    static String checks(int k, int n) {
        return IntStream.range(0, n).filter(i -> i % 7 == 3 || i + 4 >= n)
                .mapToObj(i -> "(if (%1$s.ne (local.get %2$d) (%1$s.const %3$d)) (then unreachable))"
                        .formatted(TYPES[i % 4], 1 + i, 100 * k + i))
                .collect(Collectors.joining(" "));
    }

    static final int[] SIZES = {0, 3, 40, 17, 100, 18, 1};

    static void assertResults(Object[] results) {
        for (int i = 0; i < results.length; i++) {
            assertThat(((Number) results[i]).doubleValue()).as("result %d", i).isEqualTo(7 + i);
        }
    }

    static List<String> names(List<GuestFrame> frames) {
        return frames.stream().map(GuestFrame::functionName).toList();
    }
}
