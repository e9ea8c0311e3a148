package org.sallyport.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.sallyport.CallContext;
import org.sallyport.Compilation;
import org.sallyport.Config;
import org.sallyport.GuestFrame;
import org.sallyport.GuestInterruptedException;
import org.sallyport.HostFunctionException;
import org.sallyport.Instance;
import org.sallyport.OutOfFuelException;
import org.sallyport.StoreLimits;
import org.sallyport.TrapCode;
import org.sallyport.TrapException;
import org.sallyport.wasm.FuncType;
import org.sallyport.wasm.NumType;
import org.sallyport.wasm.ValType;

/**
 * Tail calls take no stack, whoever calls whom, with however many arguments; and whoever called before finds everything
 * as it was. The property {@code sallyport.tailCalls} says how many there are in a row.
 */
class TailCallTest {
    private static final int MANY = Integer.getInteger("sallyport.tailCalls", 1_000_000);

    private record Setting(Compilation compilation, boolean optimize, boolean checks) {
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

    // ---- signatures of many parameters and results

    private static String repeat(int n, String text) {
        return IntStream.range(0, n).mapToObj(i -> text.replace("#", String.valueOf(i))).collect(Collectors.joining(" "));
    }

    private static final String[] TYPES = {"i64", "f64", "i32", "f32"};

    /** {@code n} types, a few of each kind in registers, the rest on the stack. */
    private static String types(int n) {
        return IntStream.range(0, n).mapToObj(i -> TYPES[i % 4]).collect(Collectors.joining(" "));
    }

    private static String constants(int from, int n) {
        return IntStream.range(0, n).mapToObj(i -> "(" + TYPES[i % 4] + ".const " + (from + i) + ")")
                .collect(Collectors.joining(" "));
    }

    /** A round of functions that hand on a counter, each with its own number of further arguments. */
    private static String round(int[] sizes, int results, String call) {
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
    private static String checks(int k, int n) {
        return IntStream.range(0, n).filter(i -> i % 7 == 3 || i + 4 >= n)
                .mapToObj(i -> "(if (%1$s.ne (local.get %2$d) (%1$s.const %3$d)) (then unreachable))"
                        .formatted(TYPES[i % 4], 1 + i, 100 * k + i))
                .collect(Collectors.joining(" "));
    }

    private static final int[] SIZES = {0, 3, 40, 17, 100, 18, 1};

    private static void assertResults(Object[] results) {
        for (int i = 0; i < results.length; i++) {
            assertThat(((Number) results[i]).doubleValue()).as("result %d", i).isEqualTo(7 + i);
        }
    }

    @ParameterizedTest
    @MethodSource("settings")
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
    @MethodSource("settings")
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

    // ---- between instances

    /** Each hands on to the other, by import and through a table, and counts in its own memory. */
    private static final String PARTNER = """
            (module %s
              (type $t (func (param i32 i32 i64 i64 i64 i64 i64 i64 i64 i64) (result i64)))
              (import "m" "table" (table 2 funcref))
              (global $self (mut i32) (i32.const 0))
              (memory (export "memory") 1)
              (func $count
                (i32.store (i32.const 16) (i32.add (i32.load (i32.const 16)) (i32.const 1))))
              (func $f (export "f") (type $t)
                (call $count)
                (if (i32.eqz (local.get 0)) (then (return (i64.load (i32.const 24)))))
                (return_call_indirect (type $t)
                  (i32.sub (local.get 0) (i32.const 1)) (i32.xor (local.get 1) (i32.const 1))
                  (local.get 9) (local.get 2) (local.get 3) (local.get 4) (local.get 5) (local.get 6) (local.get 7) (local.get 8)
                  (local.get 1)))
              (elem (i32.const %d) $f)
              (data (i32.const 24) "\\%02d"))
            """;

    @ParameterizedTest
    @MethodSource("settings")
    void instancesHandOnToEachOther(Setting setting) {
        try (Fixture f = setting.fixture()) {
            f.linker.define("m", f.instantiate("(module (table (export \"table\") 2 funcref))"));
            Instance one = f.instantiate(PARTNER.formatted("", 0, 11));
            Instance two = f.instantiate(PARTNER.formatted("", 1, 22));
            f.linker.define("two", two);
            Instance caller = f.instantiate("""
                    (module
                      (type $t (func (param i32 i32 i64 i64 i64 i64 i64 i64 i64 i64) (result i64)))
                      (import "two" "f" (func $f (type $t)))
                      (memory (export "memory") 1)
                      (global $g (mut i64) (i64.const 5))
                      (func $out (param i32) (result i64)
                        (return_call $f (local.get 0) (i32.const 0)
                          (i64.const 1) (i64.const 2) (i64.const 3) (i64.const 4)
                          (i64.const 5) (i64.const 6) (i64.const 7) (i64.const 8)))
                      (func $via (param i32) (result i64) (return_call $out (local.get 0)))
                      (func (export "run") (param i32) (result i64)
                        (i64.store (i32.const 8) (i64.const 1000))
                        (call $via (local.get 0))
                        ;; this instance's memory and global again
                        (i64.load (i32.const 8))
                        (global.get $g)
                        i64.add i64.add)
                      (func (export "straight") (param i32) (result i64) (return_call $via (local.get 0))))
                    """);
            int n = MANY / 10;
            long last = n % 2 == 0 ? 0x22 : 0x11;
            assertThat(caller.func("run").call(n)).containsExactly(1005 + last);
            assertThat(caller.func("straight").call(n)).as("the entry stub calls what leaves").containsExactly(last);
            assertThat(one.memory("memory").getInt(16) + two.memory("memory").getInt(16)).isEqualTo(2 * (n + 1));
            assertThat(caller.memory("memory").getInt(16)).isZero();
        }
    }

    /** A table that holds only functions of the module is called without leaving the instance, but not if they leave. */
    @ParameterizedTest
    @MethodSource("settings")
    void functionsInAClosedTableThatLeave(Setting setting) {
        try (Fixture f = setting.fixture()) {
            f.linker.define("m", f.instantiate(
                    "(module (memory 1) (func (export \"f\") (result i32) (i32.load (i32.const 8))))"));
            Instance instance = f.instantiate("""
                    (module
                      (type $t (func (result i32)))
                      (import "m" "f" (func $f (type $t)))
                      (memory 1)
                      (table funcref (elem $leaves $stays $passes))
                      (func $leaves (type $t) (return_call $f))
                      (func $stays (type $t) (i32.const 3))
                      (func $passes (type $t) (return_call_indirect (type $t) (i32.const 1)))
                      (func (export "run") (param i32) (result i32)
                        (i32.store (i32.const 8) (i32.const 77))
                        (i32.add (call_indirect (type $t) (local.get 0)) (i32.load (i32.const 8)))))
                    """);
            assertThat(instance.func("run").call(0)).containsExactly(77);
            assertThat(instance.func("run").call(1)).containsExactly(80);
            assertThat(instance.func("run").call(2)).containsExactly(80);
        }
    }

    // ---- the host

    private static FuncType type(int params, int results) {
        List<ValType> all = List.of(NumType.I64, NumType.F64, NumType.I32, NumType.F32);
        return new FuncType(
                IntStream.range(0, params).mapToObj(i -> all.get(i % 4)).toList(),
                IntStream.range(0, results).mapToObj(i -> all.get(i % 4)).toList());
    }

    @ParameterizedTest
    @MethodSource("settings")
    void hostFunctionsAreHandedOnTo(Setting setting) {
        for (int n : new int[] {0, 5, 40}) {
            try (Fixture f = setting.fixture()) {
                List<Object> callers = new ArrayList<>();
                f.linker.define("h", "f", type(n, n), (caller, args) -> {
                    callers.add(caller.memory().getInt(0));
                    return args;
                });
                Instance instance = f.instantiate("""
                        (module
                          (type $t (func (param %1$s) (result %1$s)))
                          (import "h" "f" (func $f (type $t)))
                          (memory (export "memory") 1)
                          (data (i32.const 0) "\\2a")
                          (table funcref (elem $f))
                          (elem declare func $f)
                          (func $narrow (result %1$s) (return_call $f %2$s))
                          (func $wide (param %3$s) (result %1$s) (return_call $f %2$s))
                          (func $table (param i64 %3$s) (result %1$s) (return_call_indirect (type $t) %2$s (i32.const 0)))
                          (func $ref (result %1$s) (return_call_ref $t %2$s (ref.func $f)))
                          (func (export "run") (param i32) (result i32 %1$s)
                            (i32.const 1)
                            (loop
                              (call $narrow) %4$s
                              (call $wide %5$s) %4$s
                              (call $table (i64.const 0) %5$s) %4$s
                              (call $ref) %4$s
                              (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
                            (call $narrow))
                          (export "narrow" (func $narrow)) (export "ref" (func $ref)) (export "wide" (func $wide)))
                        """.formatted(types(n), constants(7, n), types(60), "drop ".repeat(n), constants(0, 60)));
                assertResults(tail(instance.func("run").call(1000)));
                assertResults(instance.func("narrow").call());
                assertResults(instance.func("ref").call());
                assertThat(callers).hasSize(4003).as("who called is who handed on").containsOnly(42);
            }
        }
    }

    private static Object[] tail(Object[] results) {
        return java.util.Arrays.copyOfRange(results, 1, results.length);
    }

    /** A host function that was handed on to calls the guest again, which hands on again. */
    @ParameterizedTest
    @MethodSource("settings")
    void hostFunctionsCallBack(Setting setting) {
        try (Fixture f = setting.fixture()) {
            f.linker.define("h", "down", new FuncType(List.of(NumType.I32), List.of(NumType.I32)),
                    (caller, args) -> (Integer) args[0] == 0
                            ? new Object[] {1}
                            : new Object[] {(Integer) caller.func("f").call((Integer) args[0] - 1)[0] + 1});
            Instance instance = f.instantiate("""
                    (module
                      (import "h" "down" (func $down (param i32) (result i32)))
                      (func (export "f") (param i32) (result i32) (return_call $down (local.get 0))))
                    """);
            assertThat(instance.func("f").call(100)).containsExactly(101);
        }
    }

    @ParameterizedTest
    @MethodSource("settings")
    void whatAHostThrowsHasTheFramesThatAreThere(Setting setting) {
        try (Fixture f = setting.fixture()) {
            f.linker.define("h", "f", new FuncType(List.of(), List.of()), (caller, args) -> {
                throw new IllegalStateException("no");
            });
            Instance instance = f.instantiate("""
                    (module
                      (import "h" "f" (func $f))
                      (func $gone (return_call $f))
                      (func $stays (export "run") (call $gone)))
                    """);
            assertThatThrownBy(() -> instance.func("run").call())
                    .isInstanceOfSatisfying(
                            HostFunctionException.class, e -> assertThat(names(e.frames())).containsExactly("stays"));
        }
    }

    private static List<String> names(List<GuestFrame> frames) {
        return frames.stream().map(GuestFrame::functionName).toList();
    }

    // ---- traps and ends

    private static final String TRAPS = """
            (module
              (type $t (func (param i32) (result i32)))
              (type $u (func (param i64) (result i32)))
              (table 3 funcref)
              (elem (i32.const 0) $trap)
              (func $trap (param i32) (result i32) (i32.div_u (i32.const 1) (local.get 0)))
              (func $indirect (param i32 i32) (result i32)
                (return_call_indirect (type $t) (local.get 1) (local.get 0)))
              (func $other (param i32) (result i32)
                (return_call_indirect (type $u) (i64.const 0) (local.get 0)))
              (func $null (result i32) (return_call_ref $t (i32.const 0) (ref.null $t)))
              (func $calls_indirect (export "indirect") (param i32 i32) (result i32) (call $indirect (local.get 0) (local.get 1)))
              (func $calls_other (export "other") (param i32) (result i32) (call $other (local.get 0)))
              (func $calls_null (export "null") (result i32) (call $null)))
            """;

    @ParameterizedTest
    @MethodSource("settings")
    void checksComeBeforeTheFrameGoes(Setting setting) {
        try (Fixture f = setting.fixture()) {
            Instance instance = f.instantiate(TRAPS);
            assertThat(instance.func("indirect").call(0, 1)).containsExactly(1);
            assertTrap(instance, "indirect", TrapCode.INTEGER_DIVIDE_BY_ZERO, List.of("trap", "calls_indirect"), 0, 0);
            assertTrap(instance, "indirect", TrapCode.UNINITIALIZED_ELEMENT, List.of("indirect", "calls_indirect"), 1, 0);
            assertTrap(instance, "indirect", TrapCode.UNDEFINED_ELEMENT, List.of("indirect", "calls_indirect"), 3, 0);
            assertTrap(instance, "other", TrapCode.INDIRECT_CALL_TYPE_MISMATCH, List.of("other", "calls_other"), 0);
            assertTrap(instance, "null", TrapCode.NULL_FUNCTION_REFERENCE, List.of("null", "calls_null"));
        }
    }

    private static void assertTrap(Instance instance, String export, TrapCode code, List<String> frames, Object... args) {
        assertThatThrownBy(() -> instance.func(export).call(args)).isInstanceOfSatisfying(TrapException.class, e -> {
            assertThat(e.code()).isEqualTo(code);
            assertThat(names(e.frames())).isEqualTo(frames);
        });
    }

    /** There is no loop, and no prologue need look at anything but the stack limit. */
    @ParameterizedTest
    @MethodSource("settings")
    void endlessRowsAreStopped(Setting setting) {
        String[] bodies = {
            "(func $f (export \"f\") (param i32) (return_call $f (local.get 0)))",
            "(func $f (export \"f\") (param i32) (return_call $g (local.get 0) " + constants(0, 40) + "))"
                    + "(func $g (param i32 " + types(40) + ") (return_call $f (local.get 0)))",
            "(import \"h\" \"f\" (func $h)) (table funcref (elem $f))"
                    + "(func $f (export \"f\") (param i32)"
                    + " (call $h) (return_call_indirect (param i32) (local.get 0) (i32.const 0)))"
        };
        for (String body : bodies) {
            try (Fixture f = setting.fixture()) {
                f.linker.define("h", "f", new FuncType(List.of(), List.of()), (caller, args) -> args);
                Instance instance = f.instantiate("(module " + body + ")");
                assertThatThrownBy(() -> CallContext.withTimeout(
                        Duration.ofMillis(200), () -> instance.func("f").call(1)))
                        .isInstanceOf(GuestInterruptedException.class);
            }
        }
    }

    /** Where calls that are no tail calls lie between, the stack ends. */
    @ParameterizedTest
    @MethodSource("settings")
    void recursionEndsWithTheStack(Setting setting) {
        for (int n : new int[] {0, 40, 900}) {
            try (Fixture f = setting.fixture()) {
                Instance instance = f.instantiate("""
                        (module
                          (func $f (export "f") (param i32) (result i32)
                            (return_call $g (local.get 0) %2$s))
                          (func $g (param i32 %1$s) (result i32)
                            (if (i32.eqz (local.get 0)) (then (return (i32.const 0))))
                            (i32.add (i32.const 1) (call $f (i32.sub (local.get 0) (i32.const 1))))))
                        """.formatted(types(n), constants(0, n)));
                assertThat(instance.func("f").call(20)).containsExactly(20);
                for (int i = 0; i < 3; i++) {
                    assertThatThrownBy(() -> instance.func("f").call(100_000_000))
                            .isInstanceOfSatisfying(TrapException.class,
                                    e -> assertThat(e.code()).isEqualTo(TrapCode.STACK_OVERFLOW));
                }
                assertThat(instance.func("f").call(20)).containsExactly(20);
            }
        }
    }

    /** The regions of a function that has given its place away protect nothing any more; those of its caller do. */
    @ParameterizedTest
    @MethodSource("settings")
    void whatIsThrownIsCaughtByWhoIsStillThere(Setting setting) {
        try (Fixture f = setting.fixture()) {
            f.linker.define("m", f.instantiate("""
                    (module
                      (tag $t (export "t") (param i32))
                      (func (export "f") (param i32 %1$s) (throw $t (local.get 0))))
                    """.formatted(types(30))));
            Instance instance = f.instantiate("""
                    (module
                      (tag $u (import "m" "t") (param i32))
                      (import "m" "f" (func $f (param i32 %1$s)))
                      (memory 1)
                      (func $hands (param i32)
                        (block $own (result i32)
                          (try_table (catch $u $own) (return_call $f (local.get 0) %2$s))
                          (return))
                        (drop))
                      (func (export "run") (param i32) (result i32)
                        (i32.store (i32.const 4) (i32.const 1000))
                        (block $caught (result i32)
                          (try_table (catch $u $caught) (call $hands (local.get 0)))
                          (return (i32.const -1)))
                        (i32.add (i32.load (i32.const 4)))))
                    """.formatted(types(30), constants(0, 30)));
            assertThat(instance.func("run").call(5)).containsExactly(1005);
        }
    }

    /** Fuel ends an endless row, and is the same number under all settings. */
    @ParameterizedTest
    @MethodSource("settings")
    void rowsUseFuel(Setting setting) {
        try (Fixture f = setting.fixture(true)) {
            Instance instance = f.instantiate("""
                    (module
                      (func $f (export "f") (param i32) (result i32)
                        (if (i32.eqz (local.get 0)) (then (return (i32.const 1))))
                        (return_call $g (local.get 0) (i64.const 1)))
                      (func $g (param i32 i64) (result i32) (return_call $f (i32.sub (local.get 0) (i32.const 1)))))
                    """);
            f.store.setFuel(100_000);
            assertThat(instance.func("f").call(1000)).containsExactly(1);
            assertThat(f.store.fuel()).isEqualTo(100_000 - 1000 * (7 + 5) - 5);
            assertThatThrownBy(() -> instance.func("f").call(-1)).isInstanceOf(OutOfFuelException.class);
        }
    }

    /** Vectors on the stack are 16 bytes and aligned, behind odd numbers of smaller ones. */
    @ParameterizedTest
    @MethodSource("settings")
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
    @MethodSource("settings")
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
