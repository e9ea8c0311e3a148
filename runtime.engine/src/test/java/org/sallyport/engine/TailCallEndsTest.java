package org.sallyport.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.sallyport.engine.TailCalls.constants;
import static org.sallyport.engine.TailCalls.names;
import static org.sallyport.engine.TailCalls.types;

import java.time.Duration;
import java.util.List;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.sallyport.CallContext;
import org.sallyport.GuestInterruptedException;
import org.sallyport.Instance;
import org.sallyport.OutOfFuelException;
import org.sallyport.TrapCode;
import org.sallyport.TrapException;
import org.sallyport.engine.TailCalls.Setting;
import org.sallyport.wasm.FuncType;

/** Tail calls that trap, are stopped, throw, or run out of stack or fuel. */
class TailCallEndsTest {
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
    @MethodSource("org.sallyport.engine.TailCalls#settings")
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
    @MethodSource("org.sallyport.engine.TailCalls#settings")
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
    @MethodSource("org.sallyport.engine.TailCalls#settings")
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
    @MethodSource("org.sallyport.engine.TailCalls#settings")
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
    @MethodSource("org.sallyport.engine.TailCalls#settings")
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
}
