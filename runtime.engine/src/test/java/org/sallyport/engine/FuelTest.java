package org.sallyport.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.sallyport.CallContext;
import org.sallyport.Compilation;
import org.sallyport.Config;
import org.sallyport.GuestExitException;
import org.sallyport.GuestInterruptedException;
import org.sallyport.HostFunction;
import org.sallyport.Instance;
import org.sallyport.OutOfFuelException;
import org.sallyport.OutOfFuelException.Budget;
import org.sallyport.Store;
import org.sallyport.StoreLimits;
import org.sallyport.Tag;
import org.sallyport.TrapException;
import org.sallyport.WasmException;
import org.sallyport.engine.fuel.FuelTank;
import org.sallyport.wasm.Feature;
import org.sallyport.wasm.FuncType;
import org.sallyport.wasm.NumType;

/** What stores and calls do with fuel (docs/fuel.md). How much code takes is tested where code is made. */
class FuelTest {
    private static final FuncType NOTHING = new FuncType(List.of(), List.of());
    private static final FuncType INT_TO_INT = new FuncType(List.of(NumType.I32), List.of(NumType.I32));
    /** {@code rounds(n)} takes 2 + 5n. */
    private static final String WAT = """
            (module
              (import "host" "call" (func $host (param i32) (result i32)))
              (memory (export "memory") 1)
              (func (export "rounds") (param i32) (result i32)
                (loop $l (br_if $l (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
                (local.get 0))
              (func (export "out") (param i32) (result i32) (i32.add (call $host (local.get 0)) (i32.const 1)))
              (func (export "leaf") (param i32) (result i32) (i32.mul (local.get 0) (i32.const 3)))
              (func (export "store") (param i32) (i32.store (i32.const 0) (local.get 0)) (call $spin))
              (func $spin (loop $l (br $l)))
              (func (export "trap") (call $spin2))
              (func $spin2 (local i32) (loop $l (br_if $l (i32.load (i32.const 65536)))))
              (func (export "deep") (param i32) (result i32)
                (if (local.get 0) (then (return (call $host (i32.sub (local.get 0) (i32.const 1))))))
                (call $spin) (i32.const 1)))
            """;

    private final Fixture fixture = new Fixture(Config.defaults().withFuel(true), StoreLimits.DEFAULT.withFuel(1000));
    private final Store store = fixture.store;
    private HostFunction host = (_, args) -> args;

    @AfterEach
    void close() {
        fixture.close();
    }

    private Instance instance() {
        return instance(store);
    }

    private Instance instance(Store in) {
        return fixture.linker
                .define("host", "call", INT_TO_INT, (caller, args) -> host.call(caller, args))
                .link(fixture.compile(WAT))
                .instantiate(in);
    }

    private static int call(Instance instance, String name, Object... args) {
        Object[] results = instance.func(name).call(args);
        return results.length == 0 ? 0 : (int) results[0];
    }

    private static OutOfFuelException outOfFuel(Supplier<Object> action) {
        return catchThrowableOfType(OutOfFuelException.class, action::get);
    }

    @Test
    void aStoreCountsDown() {
        Instance instance = instance();
        assertThat(store.fuel()).isEqualTo(1000);
        call(instance, "rounds", 10);
        assertThat(store.fuel()).isEqualTo(1000 - 52);
        call(instance, "leaf", 10);
        assertThat(store.fuel()).isEqualTo(1000 - 52 - 4);
    }

    @Test
    void aCallThatUsesItUpIsStoppedAndTheStoreWorksOnWhenItHasMore() {
        Instance instance = instance();
        OutOfFuelException e = outOfFuel(() -> call(instance, "rounds", 200));
        assertThat(e.budget()).isEqualTo(Budget.STORE);
        assertThat(e).hasMessageContaining("the store's fuel is used up (set by StoreLimits.fuel or Store.setFuel)");
        assertThat(e.frames()).singleElement().satisfies(f -> assertThat(f.functionName()).isEqualTo("rounds"));
        assertThat(store.fuel()).isZero();
        assertThat(store.poisonedBecause()).isNull();
        assertThat(outOfFuel(() -> call(instance, "leaf", 1)).frames()).as("nothing begins without fuel").isEmpty();
        store.setFuel(1002);
        assertThat(call(instance, "rounds", 200)).isZero();
        assertThat(store.fuel()).isZero();
    }

    @Test
    void effectsBeforeAreThere() {
        Instance instance = instance();
        assertThat(outOfFuel(() -> call(instance, "store", 7)).frames()).hasSize(2);
        assertThat(instance.memory("memory").getInt(0)).isEqualTo(7);
    }

    @Test
    void trapsLeaveWhatIsLeft() {
        Instance instance = instance();
        assertThatThrownBy(() -> call(instance, "trap")).isInstanceOf(TrapException.class);
        assertThat(store.fuel()).isEqualTo(1000 - 2 - 4);
    }

    @Test
    void aCallMayHaveLess() {
        Instance instance = instance();
        OutOfFuelException e = catchThrowableOfType(
                OutOfFuelException.class, () -> CallContext.withFuel(100, () -> call(instance, "rounds", 200)));
        assertThat(e.budget()).isEqualTo(Budget.CALL);
        assertThat(store.fuel()).isEqualTo(900);
        CallContext.withFuel(100, () -> {
            call(instance, "rounds", 10);
            assertThat(CallContext.current().remainingFuel()).isEqualTo(48);
            assertThat(store.fuel()).isEqualTo(900 - 52);
            assertThat(outOfFuel(() -> call(instance, "rounds", 10)).budget()).isEqualTo(Budget.CALL);
            assertThat(CallContext.current().remainingFuel()).isZero();
            assertThat(outOfFuel(() -> call(instance, "leaf", 10)).budget()).isEqualTo(Budget.CALL);
            return null;
        });
        assertThat(store.fuel()).isEqualTo(800);
        CallContext.withFuel(5000, () -> {
            assertThat(outOfFuel(() -> call(instance, "rounds", 1000)).budget()).isEqualTo(Budget.STORE);
            assertThat(CallContext.current().remainingFuel()).isEqualTo(5000 - 800);
            return null;
        });
    }

    @Test
    void innerScopesHaveAPartOfTheOuter() {
        Instance instance = instance();
        CallContext.withFuel(200, () -> {
            CallContext.withFuel(60, () -> call(instance, "rounds", 10));
            assertThat(CallContext.current().remainingFuel()).isEqualTo(148);
            CallContext.withFuel(1_000, () -> {
                assertThat(CallContext.current().remainingFuel()).isEqualTo(148);
                return CallContext.withTimeout(Duration.ofMinutes(1), () -> call(instance, "rounds", 10));
            });
            assertThat(CallContext.current().hasDeadline()).isFalse();
            assertThat(CallContext.current().remainingFuel()).isEqualTo(96);
            return null;
        });
    }

    /** Guest, host, another store's guest, host, and the first guest again: one budget. */
    @Test
    void nestedCallsShareOneBudget() {
        try (Store second = fixture.engine.newStore(StoreLimits.DEFAULT)) {
            Instance a = instance();
            Instance b = instance(second);
            List<Long> seen = new ArrayList<>();
            host = (_, args) -> {
                seen.add(CallContext.current().remainingFuel());
                int n = (int) args[0];
                return new Object[] {n == 0 ? 5 : call(n % 2 == 0 ? a : b, "out", n - 1)};
            };
            int result = CallContext.withFuel(500, () -> {
                int r = call(a, "out", 3);
                seen.add(CallContext.current().remainingFuel());
                return r;
            });
            assertThat(result).isEqualTo(5 + 4);
            assertThat(seen).as("3 for each call out, 2 for what is behind it")
                    .containsExactly(497L, 494L, 491L, 488L, 480L);
            assertThat(store.fuel()).isEqualTo(1000 - 10);
            assertThat(second.fuel()).isEqualTo(StoreLimits.UNLIMITED_FUEL - 10);
        }
    }

    @Test
    void aNestedCallWithoutEndTakesWhatIsLeftAndNoMore() {
        try (Store second = fixture.engine.newStore(StoreLimits.DEFAULT)) {
            Instance a = instance();
            Instance b = instance(second);
            host = (_, args) -> new Object[] {call((int) args[0] % 2 == 0 ? a : b, "deep", args)};
            OutOfFuelException e = catchThrowableOfType(
                    OutOfFuelException.class, () -> CallContext.withFuel(300, () -> call(a, "deep", 3)));
            assertThat(e.budget()).isEqualTo(Budget.CALL);
            assertThat(1000 - store.fuel() + StoreLimits.UNLIMITED_FUEL - second.fuel()).isEqualTo(300);
            host = (_, args) -> {
                assertThat(outOfFuel(() -> CallContext.withFuel(50, () -> call(b, "deep", 0))).budget())
                        .isEqualTo(Budget.CALL);
                return args;
            };
            CallContext.withFuel(300, () -> call(a, "out", 3)); // goes on with the rest
            assertThat(store.fuel()).isEqualTo(1000 - 300 + StoreLimits.UNLIMITED_FUEL - second.fuel() - 50 - 5);
        }
    }

    @Test
    void hostFunctionsMayChargeAndRefill() {
        Instance instance = instance();
        host = (caller, args) -> {
            caller.consumeFuel((int) args[0]);
            return args;
        };
        call(instance, "out", 100);
        assertThat(store.fuel()).isEqualTo(1000 - 105);
        CallContext.withFuel(200, () -> {
            call(instance, "out", 100);
            assertThat(CallContext.current().remainingFuel()).isEqualTo(95);
            assertThat(outOfFuel(() -> call(instance, "out", 100)).budget()).isEqualTo(Budget.CALL);
            return null;
        });
        assertThat(store.fuel()).isEqualTo(1000 - 105 - 200);
        assertThat(outOfFuel(() -> call(instance, "out", 10_000)).budget()).isEqualTo(Budget.STORE);
        assertThat(store.fuel()).isZero();
        store.setFuel(3);
        host = (caller, args) -> {
            assertThat(caller.store().fuel()).isZero();
            caller.store().setFuel(10);
            return args;
        };
        call(instance, "out", 1);
        assertThat(store.fuel()).isEqualTo(8);
        host = (caller, args) -> {
            caller.consumeFuel(-1);
            return args;
        };
        assertThatThrownBy(() -> call(instance, "out", 1)).hasRootCauseInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> store.setFuel(-1)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aHostFunctionThatTheHostCallsIsCharged() {
        var function = store.newFunc(NOTHING, (caller, _) -> {
            caller.consumeFuel(30);
            return new Object[0];
        });
        function.call();
        assertThat(store.fuel()).isEqualTo(970);
        CallContext.withFuel(50, () -> function.call());
        assertThat(store.fuel()).isEqualTo(940);
        assertThat(outOfFuel(() -> CallContext.withFuel(20, () -> function.call())).budget()).isEqualTo(Budget.CALL);
        assertThat(store.fuel()).isEqualTo(920);
    }

    @Test
    void instantiationIsFreeButTheStartFunctionIsNot() {
        fixture.instantiate("""
                (module (memory 1) (data (i32.const 1) "abc") (global i32 (i32.const 5))
                  (func $start (drop (i32.const 1)) (drop (i32.const 1))) (start $start))
                """);
        assertThat(store.fuel()).isEqualTo(1000 - 3);
        assertThat(outOfFuel(() -> fixture.instantiate("(module (func $start (loop $l (br $l))) (start $start))")).budget())
                .isEqualTo(Budget.STORE);
        fixture.instantiate("(module (memory 1) (data (i32.const 1) \"abc\"))");
    }

    @Test
    void whoEndsOtherwiseLeavesWhatIsLeft() {
        Instance instance = instance();
        host = (_, _) -> {
            throw new GuestExitException(3);
        };
        assertThatThrownBy(() -> CallContext.withFuel(100, () -> call(instance, "out", 1)))
                .isInstanceOf(GuestExitException.class);
        assertThat(store.fuel()).isEqualTo(1000 - 3);
    }

    @Test
    void deadlinesHoldToo() {
        store.setFuel(StoreLimits.UNLIMITED_FUEL);
        Instance instance = instance();
        call(instance, "leaf", 1); // what a first call needs takes long
        assertThatThrownBy(() -> CallContext.withTimeout(
                Duration.ofMillis(300), () -> CallContext.withFuel(Long.MAX_VALUE, () -> call(instance, "store", 1))))
                .isInstanceOf(GuestInterruptedException.class);
        assertThat(store.poisonedBecause()).isNotNull();
        assertThat(store.fuel()).isLessThan(StoreLimits.UNLIMITED_FUEL).isPositive();
    }

    static Stream<Config> settings() {
        Config config = Config.defaults().withFuel(true).withFeature(Feature.LEGACY_EXCEPTIONS);
        return Stream.of(
                config,
                config.withCompile(config.compile().withOptimize(false)),
                config.withExplicitBoundsChecks(true),
                config.withCompilation(Compilation.LAZY));
    }

    /** A handler's instructions are a section of their own; a guest catches exceptions, and no end of its fuel. */
    @ParameterizedTest
    @MethodSource("settings")
    void exceptions(Config config) {
        try (Fixture f = new Fixture(config, StoreLimits.DEFAULT.withFuel(1000))) {
            f.linker.define("host", "call", INT_TO_INT, (caller, _) -> {
                throw new WasmException((Tag) caller.export("e").orElseThrow(), 7);
            });
            Instance i = f.instantiate("""
                    (module
                      (import "host" "call" (func $host (param i32) (result i32)))
                      (tag $e (export "e") (param i32))
                      (func $throw (param i32) (throw $e (local.get 0)))
                      (func (export "new") (param i32) (result i32)
                        (i32.add (i32.const 1) (block $h (result i32)
                          (try_table (catch $e $h) (call $throw (local.get 0))) (i32.const 5))))
                      (func (export "old") (param i32) (result i32)
                        (try (result i32)
                          (do (call $throw (local.get 0)) (i32.const 1))
                          (catch $e (i32.add (i32.const 1)))))
                      (func (export "hosted") (result i32)
                        (block $h (result i32)
                          (try_table (catch $e $h) (drop (call $host (i32.const 1)))) (i32.const 0))
                        (loop $l (br $l)))
                      (func (export "all") (block $h (try_table (catch_all $h) (call $spin))))
                      (func (export "oldAll") (try (do (call $spin)) (catch_all)))
                      (func $spin (loop $l (br $l))))
                    """);
            assertThat(call(i, "new", 3)).isEqualTo(4);
            assertThat(f.store.fuel()).as("1 + 3, 3 of the thrower, 1 behind").isEqualTo(1000 - 8);
            assertThat(call(i, "old", 3)).isEqualTo(4);
            assertThat(f.store.fuel()).as("1 + 2, 3 of the thrower, 2 of the handler").isEqualTo(1000 - 16);
            for (String function : new String[] {"hosted", "all", "oldAll"}) {
                f.store.setFuel(1000);
                OutOfFuelException e = catchThrowableOfType(
                        OutOfFuelException.class, () -> CallContext.withFuel(100, () -> call(i, function)));
                assertThat(e.budget()).as(function).isEqualTo(Budget.CALL);
                assertThat(f.store.fuel()).as(function).isEqualTo(900);
            }
        }
    }

    /** Code and context are used twice, and so in registers: with arguments and fuel these are all that there are. */
    @ParameterizedTest
    @MethodSource("settings")
    void callsWithAllArgumentRegisters(Config config) {
        try (Fixture f = new Fixture(config, StoreLimits.DEFAULT.withFuel(1000))) {
            Instance i = f.instantiate("""
                    (module
                      (type $t (func (param i64 i64 i64 i64 i64 i64 i64 i64) (result i64)))
                      (table $table (export "t") 1 (ref null $t))
                      (elem (table $table) (i32.const 0) (ref null $t) (ref.func $g))
                      (func $g (type $t) (i64.add (local.get 0) (i64.mul (local.get 7) (i64.const 10))))
                      (func (export "f") (param i64) (result i64) (local $r (ref null $t))
                        (local.set $r (table.get $table (i32.const 0)))
                        (i64.add
                          (call_ref $t (local.get 0) (i64.const 2) (i64.const 3) (i64.const 4) (i64.const 5) (i64.const 6)
                            (i64.const 7) (i64.const 8) (local.get $r))
                          (call_ref $t (i64.const 9) (i64.const 2) (i64.const 3) (i64.const 4) (i64.const 5) (i64.const 6)
                            (i64.const 7) (local.get 0) (local.get $r)))))
                    """);
            assertThat(i.func("f").call(1L)).containsExactly(1 + 80 + 9 + 10L);
            assertThat(f.store.fuel()).isEqualTo(1000 - (1 + 3 + 2 * (9 + 1 + 1 + 5) + 1));
        }
    }

    @Test
    void whatIsNotCountedCannotBeLimited() {
        try (Fixture plain = new Fixture()) {
            assertThatThrownBy(() -> plain.engine.newStore(StoreLimits.DEFAULT.withFuel(1)))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage("StoreLimits.fuel: " + FuelTank.NOT_COUNTED);
            assertThatThrownBy(plain.store::fuel).isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(() -> plain.store.setFuel(1)).isInstanceOf(IllegalStateException.class);
            Instance instance = plain.instantiate("(module (func (export \"f\")))");
            assertThatThrownBy(() -> CallContext.withFuel(5, () -> call(instance, "f")))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageStartingWith("CallContext.withFuel: ");
            call(instance, "f");
            var charging = plain.store.newFunc(NOTHING, (caller, _) -> {
                caller.consumeFuel(1);
                return new Object[0];
            });
            assertThatThrownBy(charging::call).hasRootCauseInstanceOf(IllegalStateException.class);
        }
        assertThatThrownBy(() -> CallContext.withFuel(-1, () -> null)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> StoreLimits.DEFAULT.withFuel(-1)).isInstanceOf(IllegalArgumentException.class);
    }

}
