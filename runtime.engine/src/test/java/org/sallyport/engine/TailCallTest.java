package org.sallyport.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.sallyport.engine.TailCalls.MANY;
import static org.sallyport.engine.TailCalls.SIZES;
import static org.sallyport.engine.TailCalls.assertResults;
import static org.sallyport.engine.TailCalls.constants;
import static org.sallyport.engine.TailCalls.repeat;
import static org.sallyport.engine.TailCalls.round;
import static org.sallyport.engine.TailCalls.types;

import java.util.ArrayList;
import java.util.List;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.sallyport.Instance;
import org.sallyport.engine.TailCalls.Setting;

/**
 * Tail calls take no stack, whoever calls whom, with however many arguments; and whoever called before finds everything
 * as it was. The property {@code sallyport.tailCalls} says how many there are in a row. Across instances and to the host:
 * {@link TailCallBordersTest}; what ends them: {@link TailCallEndsTest}.
 */
class TailCallTest {
    @ParameterizedTest
    @MethodSource("org.sallyport.engine.TailCalls#settings")
    void functionsOfAModuleWithDifferentArguments(Setting setting) {
        for (int results : new int[] {0, 1, 20, 60}) {
            String table = "(table funcref (elem " + repeat(SIZES.length, "$f#") + ")) ";
            String[] calls = {
                "(return_call $f#)",
                "(return_call_indirect (type $t#) (i32.const #))",
                "(return_call_ref $t# (ref.func $f#))"
            };
            for (String call : calls) {
                try (Fixture f = setting.fixture()) {
                    String round = round(SIZES, results, call);
                    // what calls the round, with results on the stack behind a value of its own
                    Instance instance = f.instantiate("(module " + table + round + """
                            (memory 1)
                            (func (export "run") (param i32) (result i32 %s)
                              (i32.store (i32.const 8) (i32.const 99))
                              (i32.load (i32.const 8)) (call $f0 (local.get 0)) (call $f1 (local.get 0) %s) %s
                              (i32.store (i32.const 8) (i32.const 7))))
                            """.formatted(types(results), constants(100, SIZES[1]), "drop ".repeat(results)));
                    Object[] found = instance.func("run").call(MANY / 20);
                    assertThat(found[0]).isEqualTo(99);
                    assertResults(java.util.Arrays.copyOfRange(found, 1, found.length));
                    assertResults(instance.func("f2").call(arguments(MANY / 20, 200, SIZES[2])));
                }
            }
        }
    }

    private static Object[] arguments(int count, int from, int n) {
        List<Object> list = new ArrayList<>(List.of(count));
        for (int i = 0; i < n; i++) {
            list.add(switch (i % 4) {
                case 0 -> (Object) (long) (from + i);
                case 1 -> (double) (from + i);
                case 2 -> from + i;
                default -> (float) (from + i);
            });
        }
        return list.toArray();
    }

    @ParameterizedTest
    @MethodSource("org.sallyport.engine.TailCalls#settings")
    void longRows(Setting setting) {
        try (Fixture f = setting.fixture()) {
            Instance instance = f.instantiate("""
                    (module
                      (func $down (export "down") (param i32 i64) (result i64)
                        (if (i32.eqz (local.get 0)) (then (return (local.get 1))))
                        (return_call $down (i32.sub (local.get 0) (i32.const 1)) (i64.add (local.get 1) (i64.const 3))))
                      (func $even (export "even") (param i32) (result i32)
                        (if (i32.eqz (local.get 0)) (then (return (i32.const 44))))
                        (return_call $odd (i32.sub (local.get 0) (i32.const 1))))
                      (func $odd (param i32) (result i32)
                        (if (i32.eqz (local.get 0)) (then (return (i32.const 99))))
                        (return_call $even (i32.sub (local.get 0) (i32.const 1)))))
                    """);
            assertThat(instance.func("down").call(MANY, 1L)).containsExactly(3L * MANY + 1);
            assertThat(instance.func("even").call(MANY)).containsExactly(MANY % 2 == 0 ? 44 : 99);
        }
    }

    /** Vectors on the stack are 16 bytes and aligned, behind odd numbers of smaller ones. */
    @ParameterizedTest
    @MethodSource("org.sallyport.engine.TailCalls#settings")
    void vectorsOnTheStack(Setting setting) {
        String round = """
                (type $a (func (param i32 %1$s %2$s) (result i64 %5$s)))
                (func $a (type $a)
                  (if (i32.eqz (local.get 0)) (then (return (i64x2.extract_lane 1 (local.get 12)) %6$s)))
                  (i32.sub (local.get 0) (i32.const 1)) %3$s
                  (return_call $b (local.get 12) (local.get 21)))
                (func $b (param i32 %4$s v128 v128) (result i64 %5$s)
                  (return_call $a (local.get 0) %7$s
                    (i64x2.add (local.get 24) (v128.const i64x2 0 3)) %8$s (local.get 25)))
                (func (export "run") (param i32) (result i64)
                  (call $a (local.get 0) %7$s (v128.const i64x2 5 1) %8$s (v128.const i64x2 9 9)) %9$s)
                """.formatted(
                repeat(11, "i64"), repeat(10, "v128"), repeat(23, "(f64.const #)"), repeat(23, "f64"),
                repeat(9, "v128"), repeat(9, "(v128.const i64x2 # #)"), repeat(11, "(i64.const #)"),
                repeat(8, "(v128.const i64x2 # 1)"), "drop ".repeat(9));
        try (Fixture f = setting.fixture()) {
            Instance instance = f.instantiate("(module " + round + ")");
            assertThat(instance.func("run").call(1000)).containsExactly(3001L);
        }
    }

    @ParameterizedTest
    @MethodSource("org.sallyport.engine.TailCalls#settings")
    void aStartFunctionMayHandOn(Setting setting) {
        try (Fixture f = setting.fixture()) {
            Instance instance = f.instantiate("""
                    (module
                      (global $g (export "g") (mut i32) (i32.const 0))
                      (func $set (global.set $g (i32.const 9)))
                      (func $start (return_call $set))
                      (start $start))
                    """);
            assertThat(instance.global("g").get()).isEqualTo(9);
        }
    }
}
