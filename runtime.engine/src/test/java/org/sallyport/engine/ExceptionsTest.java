package org.sallyport.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.sallyport.CallContext;
import org.sallyport.Compilation;
import org.sallyport.Config;
import org.sallyport.ExceptionReference;
import org.sallyport.Func;
import org.sallyport.GuestFrame;
import org.sallyport.GuestInterruptedException;
import org.sallyport.HostFunctionException;
import org.sallyport.Instance;
import org.sallyport.LimitExceededException;
import org.sallyport.Store;
import org.sallyport.StoreLimits;
import org.sallyport.Tag;
import org.sallyport.TrapCode;
import org.sallyport.TrapException;
import org.sallyport.V128;
import org.sallyport.WasmException;
import org.sallyport.wasm.FuncType;
import org.sallyport.wasm.GlobalType;
import org.sallyport.wasm.HeapType;
import org.sallyport.wasm.NumType;
import org.sallyport.wasm.RefType;

/** Exceptions between guests, and between guests and Java; what the testsuite's scripts cannot see. */
class ExceptionsTest {
    private static final FuncType NOTHING = new FuncType(List.of(), List.of());
    private static final FuncType I32 = new FuncType(List.of(NumType.I32), List.of());

    static Stream<Config> settings() {
        Config config = Config.defaults();
        return Stream.of(
                config,
                config.withCompile(config.compile().withOptimize(false)),
                config.withExplicitBoundsChecks(true),
                config.withCompilation(Compilation.LAZY));
    }

    /** Throws n if n is above 9; else goes down n calls and throws 7. */
    private static final String THROWER = """
            (tag $e (export "e") (param i32))
            (func $deep (export "deep") (param i32)
              (if (i32.eqz (local.get 0)) (then (throw $e (i32.const 7))))
              (call $deep (i32.sub (local.get 0) (i32.const 1))))
            """;

    @ParameterizedTest
    @MethodSource("settings")
    void comesOutWithTagValuesAndBacktrace(Config config) {
        try (Fixture f = new Fixture(config, StoreLimits.DEFAULT)) {
            Instance i = f.instantiate("(module $m " + THROWER + ")");
            WasmException e = catchThrowableOfType(WasmException.class, () -> i.func("deep").call(3));
            assertThat(e.tag()).isEqualTo(i.export("e").orElseThrow());
            assertThat(e.values()).containsExactly(7);
            assertThat(e.frames()).extracting(GuestFrame::functionName).containsExactly("deep", "deep", "deep", "deep");
            assertThat(e).hasMessage("exception with values (i32): 7");
            assertThat(e.getStackTrace()[0].getMethodName()).isEqualTo("deep");
            assertThat(f.store.poisonedBecause()).isNull();
            assertThat(i.func("deep").type()).isEqualTo(I32);
        }
    }

    @ParameterizedTest
    @MethodSource("settings")
    void valuesOfAllTypes(Config config) throws Throwable {
        try (Fixture f = new Fixture(config, StoreLimits.DEFAULT)) {
            Instance i = f.instantiate("""
                    (module
                      (tag $e (export "e") (param i32 i64 f32 f64 funcref externref))
                      (func (export "throw") (param i32 i64 f32 f64 externref)
                        (throw $e (local.get 0) (local.get 1) (local.get 2) (local.get 3) (ref.func 0) (local.get 4)))
                      (func (export "catch") (param externref) (result i32 i64 f32 f64 funcref externref)
                        (block $h (result i32 i64 f32 f64 funcref externref)
                          (try_table (catch $e $h)
                            (call 0 (i32.const -1) (i64.const -2) (f32.const 1.5) (f64.const -0.25) (local.get 0)))
                          (unreachable))))
                    """);
            Object host = new Object();
            WasmException e = catchThrowableOfType(
                    WasmException.class, () -> i.func("throw").call(-5, 1L << 40, 2.5f, -1e300, host));
            assertThat(e.values()).containsExactly(-5, 1L << 40, 2.5f, -1e300, i.func("throw"), host);
            assertThat(e.getMessage()).endsWith(": -5 1099511627776 2.5 -1.0E300 funcref externref");
            assertThat(i.func("catch").call(host)).containsExactly(-1, -2L, 1.5f, -0.25, i.func("throw"), host);
        }
    }

    @ParameterizedTest
    @MethodSource("settings")
    void vectors(Config config) {
        try (Fixture f = new Fixture(config, StoreLimits.DEFAULT)) {
            Instance i = f.instantiate("""
                    (module
                      (tag $e (export "e") (param i32 v128))
                      (func $throw (export "throw") (param i32)
                        (throw $e (local.get 0) (i32x4.splat (local.get 0))))
                      (func (export "catch") (param i32) (result v128)
                        (local $kept v128)
                        (local.set $kept (i64x2.splat (i64.const 0x100)))
                        (block $h (result i32 v128)
                          (try_table (catch $e $h) (call $throw (local.get 0)))
                          (unreachable))
                        (v128.or (local.get $kept)) (local.set $kept) (drop) (local.get $kept)))
                    """);
            assertThat(catchThrowableOfType(WasmException.class, () -> i.func("throw").call(2)).values())
                    .containsExactly(2, new V128(0x2_0000_0002L, 0x2_0000_0002L));
            assertThat(i.func("catch").call(3)).containsExactly(new V128(0x3_0000_0103L, 0x3_0000_0103L));
        }
    }

    /** Everything that is live across the call is what it was there, in whatever register or slot. */
    @ParameterizedTest
    @MethodSource("settings")
    void localsAreThoseAtTheCall(Config config) {
        try (Fixture f = new Fixture(config, StoreLimits.DEFAULT)) {
            Func g = f.instantiate("""
                    (module
                      (tag $e (param i32))
                      (func $maybe (param i32) (result i32)
                        (if (i32.eq (local.get 0) (i32.const 3)) (then (throw $e (i32.const 1000))))
                        (local.get 0))
                      (func (export "f") (param $n i32) (result i32)
                        (local $sum i32) (local $x f64) (local $y i64)
                        (local.set $x (f64.const 0.5))
                        (block $out
                          (block $h (result i32)
                            (try_table (catch $e $h)
                              (loop $again
                                (local.set $y (i64.add (local.get $y) (i64.const 10)))
                                (local.set $sum (i32.add (local.get $sum) (call $maybe (local.get $n))))
                                (local.set $x (f64.add (local.get $x) (f64.const 1)))
                                (local.set $n (i32.sub (local.get $n) (i32.const 1)))
                                (br_if $again (local.get $n))))
                            (br $out))
                          (local.set $sum (i32.add (local.get $sum))))
                        (i32.add (local.get $sum)
                          (i32.add (i32.mul (i32.const 1000000) (local.get $n))
                            (i32.add (i32.trunc_f64_s (f64.mul (local.get $x) (f64.const 2e4)))
                              (i32.wrap_i64 (local.get $y)))))))
                    """).func("f");
            assertThat(g.call(2)).containsExactly(3 + 50_000 + 20);
            assertThat(g.call(5)).containsExactly(9 + 1000 + 3_000_000 + 50_000 + 30);
        }
    }

    @ParameterizedTest
    @MethodSource("settings")
    void goesThroughOtherInstancesAndHostFunctions(Config config) {
        try (Fixture f = new Fixture(config, StoreLimits.DEFAULT)) {
            Instance thrower = f.instantiate("(module (memory 1) (data (i32.const 0) \"t\") " + THROWER + ")");
            f.linker.define("m", "e", thrower.export("e").orElseThrow());
            f.linker.define("m", "deep", thrower.func("deep"));
            List<Throwable> seen = new ArrayList<>();
            f.linker.define("m", "host", I32, (caller, args) -> {
                try {
                    return thrower.func("deep").call(args);
                } catch (WasmException e) {
                    seen.add(e);
                    throw e;
                }
            });
            Instance catcher = f.instantiate("""
                    (module
                      (import "m" "e" (tag $e (param i32)))
                      (import "m" "deep" (func $deep (param i32)))
                      (import "m" "host" (func $host (param i32)))
                      (memory 1) (data (i32.const 0) "c")
                      (table funcref (elem $deep $host))
                      (func (export "f") (param i32 i32) (result i32)
                        (block $h (result i32)
                          (try_table (catch $e $h) (call_indirect (param i32) (local.get 1) (local.get 0)))
                          (return (i32.const -1)))
                        (i32.add (i32.mul (i32.const 1000) (i32.load8_u (i32.const 0))))))
                    """);
            int expected = 7 + 1000 * 'c';
            assertThat(catcher.func("f").call(0, 5)).containsExactly(expected);
            assertThat(catcher.func("f").call(1, 5)).containsExactly(expected);
            assertThat(seen).hasSize(1);
            assertThat(((WasmException) seen.getFirst()).frames()).hasSize(7); // that of the catcher, too
            assertThat(catcher.func("f").call(1, 5)).containsExactly(expected);
        }
    }

    /** Equal tags are those of one definition; as many as the same definition is instantiated. */
    @Test
    void tagsOfTwoInstancesDiffer() {
        try (Fixture f = new Fixture()) {
            String text = "(module " + THROWER + ")";
            Instance one = f.instantiate(text);
            Instance two = f.instantiate(text);
            assertThat(one.export("e")).isNotEqualTo(two.export("e"));
            f.linker.define("m", "e1", one.export("e").orElseThrow());
            f.linker.define("m", "e2", two.export("e").orElseThrow());
            f.linker.define("m", "deep", two.func("deep"));
            Instance i = f.instantiate("""
                    (module
                      (import "m" "e1" (tag $one (param i32)))
                      (import "m" "e2" (tag $two (param i32)))
                      (import "m" "e2" (tag $again (param i32)))
                      (import "m" "deep" (func $deep (param i32)))
                      (func (export "f") (result i32)
                        (block $b (result i32)
                          (block $a (result i32)
                            (try_table (catch $one $a) (catch $again $b) (call $deep (i32.const 0)))
                            (return (i32.const 0)))
                          (return (i32.const 1)))
                        (drop)
                        (i32.const 2)))
                    """);
            assertThat(i.func("f").call()).containsExactly(2);
        }
    }

    private static final String CATCHER = """
            (module
              (import "m" "e" (tag $e (param i32)))
              (import "m" "host" (func $host))
              (func (export "tag") (result i32)
                (block $h (result i32)
                  (try_table (catch $e $h) (call $host)) (i32.const -1)))
              (func (export "all") (result i32)
                (block $h
                  (try_table (catch_all $h) (call $host)) (return (i32.const -1))) (i32.const 1))
              (func (export "old") (result i32)
                (try (result i32) (do (call $host) (i32.const -1)) (catch $e) (catch_all (i32.const 2)))))
            """;

    @ParameterizedTest
    @MethodSource("settings")
    void javaThrowsIntoGuests(Config config) {
        try (Fixture f = new Fixture(config, StoreLimits.DEFAULT)) {
            Tag tag = f.store.newTag(I32);
            Tag other = f.store.newTag(NOTHING);
            @Nullable RuntimeException[] thrown = new RuntimeException[1];
            f.linker.define("m", "e", tag);
            f.linker.define("m", "host", NOTHING, (caller, args) -> {
                throw thrown[0];
            });
            Instance i = f.instantiate(CATCHER);
            thrown[0] = new WasmException(tag, 42);
            assertThat(i.func("tag").call()).containsExactly(42);
            assertThat(i.func("all").call()).containsExactly(1);
            assertThat(i.func("old").call()).containsExactly(42);
            thrown[0] = new WasmException(other);
            assertThatThrownBy(() -> i.func("tag").call()).isSameAs(thrown[0]);
            assertThat(i.func("all").call()).containsExactly(1);
            assertThat(i.func("old").call()).containsExactly(2);
        }
    }

    /** What is no exception of the store's guests passes every handler. */
    @ParameterizedTest
    @MethodSource("settings")
    void nothingElseIsCaught(Config config) {
        try (Fixture f = new Fixture(config, StoreLimits.DEFAULT);
                Store elsewhere = f.engine.newStore(StoreLimits.DEFAULT)) {
            @Nullable RuntimeException[] thrown = new RuntimeException[1];
            f.linker.define("m", "e", f.store.newTag(I32));
            f.linker.define("m", "host", NOTHING, (caller, args) -> {
                throw thrown[0];
            });
            Instance i = f.instantiate(CATCHER);
            for (String name : List.of("tag", "all", "old")) {
                thrown[0] = new IllegalStateException("mine");
                assertThatThrownBy(() -> i.func(name).call())
                        .isInstanceOf(HostFunctionException.class).hasCause(thrown[0]);
                thrown[0] = new TrapException(TrapCode.UNREACHABLE, "", List.of());
                assertThatThrownBy(() -> i.func(name).call()).isSameAs(thrown[0]);
                thrown[0] = new WasmException(elsewhere.newTag(NOTHING));
                assertThatThrownBy(() -> i.func(name).call()).isSameAs(thrown[0]);
                thrown[0] = new LimitExceededException("x", 1, 0, "y");
                assertThatThrownBy(() -> i.func(name).call()).isSameAs(thrown[0]);
            }
            assertThat(f.store.poisonedBecause()).isNull();
        }
    }

    @ParameterizedTest
    @MethodSource("settings")
    void trapsAreNotCaught(Config config) {
        try (Fixture f = new Fixture(config, StoreLimits.DEFAULT)) {
            Instance i = f.instantiate("""
                    (module (memory 1) (table 1 funcref)
                      (func $trap (param i32) (result i32)
                        (block (block (block (block (br_table 0 1 2 3 (local.get 0)))
                          (return (i32.div_u (i32.const 1) (i32.const 0))))
                          (return (i32.load (i32.const -4))))
                          (call_indirect (i32.const 0)))
                        (unreachable))
                      (func $endless (call $endless))
                      (func (export "f") (param i32)
                        (block $h (try_table (catch_all $h) (drop (call $trap (local.get 0))))))
                      (func (export "g")
                        (block $h (try_table (catch_all $h) (call $endless))))
                      (func (export "old") (param i32)
                        (try (do (drop (call $trap (local.get 0)))) (catch_all)))
                      (func (export "null") (result exnref)
                        (block $h (result exnref)
                          (try_table (catch_all_ref $h) (throw_ref (ref.null exn))) (unreachable))))
                    """);
            TrapCode[] codes = {TrapCode.INTEGER_DIVIDE_BY_ZERO, TrapCode.MEMORY_OUT_OF_BOUNDS,
                TrapCode.UNINITIALIZED_ELEMENT, TrapCode.UNREACHABLE};
            for (int n = 0; n < codes.length; n++) {
                int which = n;
                for (String name : List.of("f", "old")) {
                    TrapException e = catchThrowableOfType(TrapException.class, () -> i.func(name).call(which));
                    assertThat(e.code()).isEqualTo(codes[n]);
                }
            }
            assertThat(catchThrowableOfType(TrapException.class, () -> i.func("g").call()).code())
                    .isEqualTo(TrapCode.STACK_OVERFLOW);
            assertThat(catchThrowableOfType(TrapException.class, () -> i.func("null").call()).code())
                    .isEqualTo(TrapCode.NULL_REFERENCE);
        }
    }

    @Test
    void deadlineAndInterruptionAreNotCaught() {
        try (Fixture f = new Fixture()) {
            f.linker.define("m", "host", NOTHING, (caller, args) -> {
                caller.store().interrupt();
                return new Object[0];
            });
            Instance i = f.instantiate("""
                    (module
                      (import "m" "host" (func $host))
                      (tag $e)
                      (func $throw (throw $e))
                      (func (export "spin")
                        (loop $again (block $h (try_table (catch_all $h) (call $throw))) (br $again)))
                      (func (export "stop")
                        (block $h (try_table (catch_all $h) (call $host)))))
                    """);
            assertThatThrownBy(() -> CallContext.withTimeout(Duration.ofMillis(50), () -> i.func("spin").call()))
                    .isInstanceOf(GuestInterruptedException.class);
            try (Store other = f.engine.newStore(StoreLimits.DEFAULT)) {
                Instance stopped = f.linker.link(f.compile("""
                        (module (import "m" "host" (func $host))
                          (func (export "stop") (block $h (try_table (catch_all $h) (call $host)))))""")).instantiate(other);
                assertThatThrownBy(() -> stopped.func("stop").call()).isInstanceOf(GuestInterruptedException.class);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("settings")
    void handlersAtTenThousandLevels(Config config) {
        try (Fixture f = new Fixture(config, StoreLimits.DEFAULT.withStackBytes(16 << 20))) {
            Instance i = f.instantiate("""
                    (module
                      (tag $e (param i32))
                      (func $f (export "f") (param $n i32) (result i32)
                        (if (i32.eqz (local.get $n)) (then (throw $e (i32.const 0))))
                        (block $h (result i32)
                          (try_table (catch $e $h) (drop (call $f (i32.sub (local.get $n) (i32.const 1)))))
                          (unreachable))
                        (throw $e (i32.add (i32.const 1))))
                      (func $old (export "old") (param $n i32) (result i32)
                        (if (i32.eqz (local.get $n)) (then (throw $e (i32.const 5))))
                        (try (result i32)
                          (do (call $old (i32.sub (local.get $n) (i32.const 1))))
                          (catch_all (rethrow 0))))
                      (func $far (export "far") (param $n i32) (result i32)
                        (if (i32.eqz (local.get $n)) (then (throw $e (i32.const 5))))
                        (call $far (i32.sub (local.get $n) (i32.const 1))))
                      (func (export "catch") (param $n i32) (result i32)
                        (block $h (result i32)
                          (try_table (catch $e $h) (drop (call $far (local.get $n)))) (unreachable))))
                    """);
            assertThat(catchThrowableOfType(WasmException.class, () -> i.func("f").call(10_000)).values())
                    .containsExactly(10_000);
            WasmException old = catchThrowableOfType(WasmException.class, () -> i.func("old").call(10_000));
            assertThat(old.values()).containsExactly(5);
            assertThat(old.frames()).hasSize(64);
            assertThat(i.func("catch").call(100_000)).containsExactly(5);
        }
    }

    // ---- references

    private static final String KEEPER = """
            (module
              (tag $e (export "e") (param i32))
              (tag $pair (param exnref exnref))
              (global $g (export "g") (mut exnref) (ref.null exn))
              (table $t (export "t") 10 exnref)
              (func $make (export "make") (param i32) (result exnref)
                (block $h (result i32 exnref)
                  (try_table (catch_ref $e $h) (throw $e (local.get 0))) (unreachable))
                (return))
              (func (export "value") (param exnref) (result i32)
                (block $h (result i32)
                  (try_table (catch $e $h) (throw_ref (local.get 0))) (unreachable)))
              (func (export "throw") (param exnref) (throw_ref (local.get 0)))
              (func (export "many") (param $n i32)
                (local $last exnref)
                (local.set $last (call $make (i32.const 99)))
                (loop $again
                  (global.set $g (call $make (local.get $n)))
                  (table.set $t (i32.rem_u (local.get $n) (i32.const 10)) (call $make (local.get $n)))
                  (local.set $n (i32.sub (local.get $n) (i32.const 1)))
                  (br_if $again (local.get $n)))
                (throw_ref (local.get $last)))
              (func (export "chain") (param $n i32) (result exnref)
                (local $x exnref)
                (local.set $x (call $make (i32.const 1)))
                (loop $again
                  (block $h (result exnref)
                    (try_table (catch_all_ref $h) (throw $pair (local.get $x) (ref.null exn))) (unreachable))
                  (local.set $x)
                  (local.set $n (i32.sub (local.get $n) (i32.const 1)))
                  (br_if $again (local.get $n)))
                (local.get $x))
              (func (export "last") (param $x exnref) (param $n i32) (result exnref)
                (loop $again
                  (block $h (result exnref exnref)
                    (try_table (catch $pair $h) (throw_ref (local.get $x))) (unreachable))
                  (drop)
                  (local.set $x)
                  (local.set $n (i32.sub (local.get $n) (i32.const 1)))
                  (br_if $again (local.get $n)))
                (local.get $x)))
            """;

    @ParameterizedTest
    @MethodSource("settings")
    void javaHoldsReferences(Config config) {
        try (Fixture f = new Fixture(config, StoreLimits.DEFAULT)) {
            Instance i = f.instantiate(KEEPER);
            ExceptionReference one = (ExceptionReference) i.func("make").call(11)[0];
            assertThat(one.tag()).isEqualTo(i.export("e").orElseThrow());
            assertThat(one.store()).isSameAs(f.store);
            assertThat(one.exception().values()).containsExactly(11);
            assertThat(one.exception()).isSameAs(one.exception());
            assertThatThrownBy(() -> i.func("throw").call(one)).isSameAs(one.exception());
            assertThat(i.func("value").call(one)).containsExactly(11);
            f.store.newGlobal(new GlobalType(new RefType(true, HeapType.Abstract.EXN), true), one);
            i.global("g").set(one);
            assertThat(i.global("g").get()).isSameAs(one);
            i.table("t").set(3, one);
            assertThat(i.table("t").get(3)).isSameAs(one);
            assertThat(i.table("t").get(4)).isNull();
            assertThatThrownBy(() -> i.global("g").set("text"))
                    .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("ExceptionReference");
            try (Store other = f.engine.newStore(StoreLimits.DEFAULT)) {
                Instance there = f.linker.link(f.compile(KEEPER)).instantiate(other);
                assertThatThrownBy(() -> there.func("value").call(one)).isInstanceOf(IllegalArgumentException.class);
            }
        }
    }

    private static final String COLLECTOR = """
            (module
              (import "m" "back" (func $back))
              (tag $e)
              (table $t 10000 exnref)
              (func $deep (param i32)
                (if (i32.eqz (local.get 0)) (then (throw $e)))
                (call $deep (i32.sub (local.get 0) (i32.const 1))))
              (func $throw (export "throw") (call $deep (i32.const 60)))
              (func (export "again") (param i32) (throw_ref (table.get $t (local.get 0))))
              (func (export "keep") (param $i i32) (param $byJava i32)
                (table.set $t (local.get $i)
                  (block $h (result exnref)
                    (try_table (catch_all_ref $h)
                      (if (local.get $byJava) (then (call $back)) (else (call $throw))))
                    (unreachable)))))
            """;

    /** An exception that was in Java has a backtrace there, which lives as long as it does: that counts, whenever it was made. */
    @ParameterizedTest
    @MethodSource("settings")
    void whatJavaHasSeenCounts(Config config) {
        for (boolean byJava : new boolean[] {true, false}) {
            try (Fixture f = new Fixture(config, StoreLimits.DEFAULT.withExceptionBytes(1 << 20))) {
                Instance[] instance = new Instance[1];
                f.linker.define("m", "back", NOTHING, (caller, args) -> instance[0].func("throw").call());
                Instance i = instance[0] = f.instantiate(COLLECTOR);
                if (byJava) {
                    int[] kept = {0};
                    assertThatThrownBy(() -> {
                        for (; kept[0] < 10_000; kept[0]++) {
                            i.func("keep").call(kept[0], 1);
                        }
                    }).isInstanceOf(LimitExceededException.class).hasMessageContaining("StoreLimits.exceptionBytes");
                    assertThat(kept[0]).isBetween(20, 150);
                } else {
                    for (int k = 0; k < 500; k++) {
                        i.func("keep").call(k, 0);
                    }
                    assertThat(IntStream.range(0, 500).filter(k -> again(i, k) == again(i, k)).count())
                            .as("backtraces that are kept").isBetween(20L, 150L);
                }
                ((StoreImpl) f.store).check();
            }
        }
    }

    private static WasmException again(Instance i, int k) {
        return catchThrowableOfType(WasmException.class, () -> i.func("again").call(k));
    }

    /** Far more than the limit allows at once; what is kept in locals, globals and tables stays. */
    @ParameterizedTest
    @MethodSource("settings")
    void forgottenReferencesAreCollected(Config config) {
        try (Fixture f = new Fixture(config, StoreLimits.DEFAULT.withExceptionBytes(64 << 10))) {
            Instance i = f.instantiate(KEEPER);
            WasmException e = catchThrowableOfType(WasmException.class, () -> i.func("many").call(20_000));
            assertThat(e.values()).containsExactly(99);
            assertThat(((ExceptionReference) i.global("g").get()).exception().values()).containsExactly(1);
            for (int k = 0; k < 10; k++) {
                int n = k == 0 ? 10 : k;
                assertThat(((ExceptionReference) i.table("t").get(k)).exception().values()).containsExactly(n);
            }
            assertThat(Natives.of(f.store).exceptions.table().live()).isLessThan(400);
        }
    }

    @ParameterizedTest
    @MethodSource("settings")
    void chainsOfReferences(Config config) {
        try (Fixture f = new Fixture(config, StoreLimits.DEFAULT)) {
            Instance i = f.instantiate(KEEPER);
            Object chain = i.func("chain").call(20_000)[0];
            ExceptionReference next = (ExceptionReference) ((ExceptionReference) chain).exception().values().getFirst();
            assertThat(next.exception().values()).hasSize(2);
            ExceptionReference last = (ExceptionReference) i.func("last").call(chain, 20_000)[0];
            assertThat(last.exception().values()).containsExactly(1);
        }
        try (Fixture f = new Fixture(config, StoreLimits.DEFAULT.withExceptionBytes(1 << 20))) {
            Instance i = f.instantiate(KEEPER);
            assertThatThrownBy(() -> i.func("chain").call(20_000))
                    .isInstanceOf(LimitExceededException.class)
                    .hasMessageContaining("StoreLimits.exceptionBytes");
            assertThat(i.func("chain").call(200)).hasSize(1); // what was held by the call is free again
        }
    }

    // ---- faults of the host

    @Test
    void valuesMustFitTheTag() {
        try (Fixture f = new Fixture()) {
            Tag tag = f.store.newTag(new FuncType(List.of(NumType.I32, RefType.FUNCREF), List.of()));
            assertThatThrownBy(() -> new WasmException(tag, 1))
                    .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("2 values, found 1");
            assertThatThrownBy(() -> new WasmException(tag, 1L, null))
                    .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("value 0");
            assertThatThrownBy(() -> new WasmException(f.store.newTag(I32), (Object) null))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> f.store.newTag(new FuncType(List.of(), List.of(NumType.I32))))
                    .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("no results");
            f.linker.define("m", "e", f.store.newTag(I32));
            f.linker.define("m", "host", NOTHING, (caller, args) -> {
                throw new WasmException(tag, 1, "no function");
            });
            Instance i = f.instantiate(CATCHER);
            assertThatThrownBy(() -> i.func("all").call())
                    .isInstanceOf(HostFunctionException.class).hasMessageContaining("funcref wants a Func");
        }
    }

    @Test
    void startFunctionsThrow() {
        try (Fixture f = new Fixture()) {
            String start = "(module (tag $e (param i32)) (func $s (throw $e (i32.const 3))) (start $s))";
            assertThat(catchThrowableOfType(WasmException.class, () -> f.instantiate(start)).values()).containsExactly(3);
            Tag tag = f.store.newTag(I32);
            f.linker.define("m", "e", tag);
            f.linker.define("m", "host", NOTHING, (caller, args) -> {
                throw new WasmException(tag, 4);
            });
            assertThat(catchThrowableOfType(WasmException.class, () -> f.instantiate("""
                    (module (import "m" "host" (func $h)) (start $h))""")).values()).containsExactly(4);
            Instance i = f.instantiate("""
                    (module (import "m" "host" (func $host)) (import "m" "e" (tag $e (param i32)))
                      (global $g (export "g") (mut i32) (i32.const 0))
                      (func $s
                        (block $h (result i32) (try_table (catch $e $h) (call $host)) (unreachable))
                        (global.set $g))
                      (start $s))""");
            assertThat(i.global("g").get()).isEqualTo(4);
        }
    }

    @Test
    void boundInterfacesThrow() {
        interface Deep {
            void deep(int n);
        }
        try (Fixture f = new Fixture()) {
            Deep deep = f.instantiate("(module " + THROWER + ")").bind(Deep.class);
            assertThat(catchThrowableOfType(WasmException.class, () -> deep.deep(2)).values()).containsExactly(7);
        }
    }
}
