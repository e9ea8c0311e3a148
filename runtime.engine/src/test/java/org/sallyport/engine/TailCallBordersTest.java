package org.sallyport.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.sallyport.engine.TailCalls.MANY;
import static org.sallyport.engine.TailCalls.assertResults;
import static org.sallyport.engine.TailCalls.constants;
import static org.sallyport.engine.TailCalls.names;
import static org.sallyport.engine.TailCalls.types;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.sallyport.HostFunctionException;
import org.sallyport.Instance;
import org.sallyport.engine.TailCalls.Setting;
import org.sallyport.wasm.FuncType;
import org.sallyport.wasm.NumType;
import org.sallyport.wasm.ValType;

/** Tail calls to functions of other instances and of the host. */
class TailCallBordersTest {
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
    @MethodSource("org.sallyport.engine.TailCalls#settings")
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
    @MethodSource("org.sallyport.engine.TailCalls#settings")
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
    @MethodSource("org.sallyport.engine.TailCalls#settings")
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
    @MethodSource("org.sallyport.engine.TailCalls#settings")
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
    @MethodSource("org.sallyport.engine.TailCalls#settings")
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
}
