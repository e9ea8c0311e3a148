package org.sallyport.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.sallyport.Compilation;
import org.sallyport.Config;
import org.sallyport.Engine;
import org.sallyport.Instance;
import org.sallyport.Module;
import org.sallyport.Store;
import org.sallyport.V128;
import org.sallyport.text.Wat;

/** v128 wherever a value can be: arguments, results, blocks, globals, imports, tables, and while others are called. */
class VectorsTest {
    private static final V128 A = new V128(0x0706_0504_0302_0100L, 0x0F0E_0D0C_0B0A_0908L);
    private static final V128 B = new V128(0x1716_1514_1312_1110L, 0x1F1E_1D1C_1B1A_1918L);

    static Stream<Config> configs() {
        Config config = Config.defaults();
        return Stream.of(
                config,
                config.withCompile(config.compile().withOptimize(false).withVerify(true)),
                config.withCompile(config.compile().withVerify(true)),
                config.withExplicitBoundsChecks(true),
                config.withCompilation(Compilation.LAZY));
    }

    private interface Work {
        void run(Instance instance) throws Throwable;
    }

    private static void with(Config config, String fields, Work work) throws Throwable {
        MethodHandle host = MethodHandles.lookup().findStatic(
                VectorsTest.class, "host", MethodType.methodType(V128.class, int.class, V128.class, long.class));
        try (Engine engine = Engine.create(config);
                Module module = engine.compile(Wat.compile("(module " + fields + ")"));
                Store store = engine.newStore()) {
            work.run(engine.newLinker()
                    .define("m", "f", host)
                    .link(module)
                    .instantiate(store));
        }
    }

    static V128 host(int i, V128 v, long l) {
        return new V128(v.low() + i, v.high() + l);
    }

    private static V128 call(Instance instance, String name, Object... arguments) {
        return (V128) instance.func(name).call(arguments)[0];
    }

    @ParameterizedTest
    @MethodSource("configs")
    void argumentsAndResultsInRegistersAndOnTheStack(Config config) throws Throwable {
        String types = "v128 ".repeat(12);
        StringBuilder gets = new StringBuilder();
        for (int i = 11; i >= 0; i--) {
            gets.append("(local.get ").append(i).append(")");
        }
        with(config, """
                (func $turn (export "turn") (param %s) (result %s) %s)
                (func (export "twice") (param %s) (result %s) %s call $turn call $turn)
                (func (export "mixed") (param i32 v128 f64 v128 i64 v128 f32 v128 v128 v128 v128 v128 i32 v128)
                  (result v128 i32 v128)
                  (i32x4.add (local.get 1) (local.get 13)) (i32.add (local.get 0) (local.get 12))
                  (i64x2.add (local.get 11) (i64x2.splat (local.get 4))))
                """.formatted(types, types, gets, types, types, gets), instance -> {
            Object[] arguments = new Object[12];
            for (int i = 0; i < 12; i++) {
                arguments[i] = new V128(i, -i);
            }
            Object[] turned = instance.func("turn").call(arguments);
            List<Object> expected = List.of(arguments).reversed();
            assertThat(turned).containsExactlyElementsOf(expected);
            assertThat(instance.func("twice").call(arguments)).containsExactlyElementsOf(expected);
            assertThat(instance.func("mixed").call(1, A, 1.5, B, 7L, A, 2.5f, A, A, A, A, B, 2, B))
                    .containsExactly(
                            new V128(0x1E1C_1A18_1614_1210L, 0x2E2C_2A28_2624_2220L), 3,
                            new V128(B.low() + 7, B.high() + 7));
        });
    }

    /** Stack arguments of another number and another alignment than those of the caller. */
    @ParameterizedTest
    @MethodSource("configs")
    void tailCallsMoveThem(Config config) throws Throwable {
        String types = "v128 ".repeat(12);
        StringBuilder gets = new StringBuilder();
        for (int i = 0; i < 12; i++) {
            gets.append("(local.get ").append(i).append(")");
        }
        with(config, """
                (func $few (export "few") (param v128 i32) (result v128)
                  %s
                  (return_call $many (local.get 1)))
                (func $many (param %s i32) (result v128)
                  (if (i32.eqz (local.get 12)) (then (return (i32x4.sub (local.get 11) (local.get 10)))))
                  (return_call $other (local.get 0) (i64.const 1) (i64.const 2) (i64.const 3) (i64.const 4) (i64.const 5)
                    (i64.const 6) (i64.const 7) (local.get 12) (i64.const 9) %s))
                (func $other (param v128 i64 i64 i64 i64 i64 i64 i64 i32 i64 %s) (result v128)
                  (return_call $few (i32x4.add (local.get 0) (i64x2.splat (local.get 9)))
                    (i32.sub (local.get 8) (i32.const 1))))
                """.formatted(
                "(local.get 0)".repeat(11) + "(i32x4.add (local.get 0) (local.get 0))", types, gets, types),
                instance -> {
                    assertThat(call(instance, "few", A, 0)).isEqualTo(A);
                    V128 nines = new V128(A.low() + 9 * 1000, A.high() + 9 * 1000);
                    assertThat(call(instance, "few", A, 1000)).isEqualTo(nines);
                });
    }

    @ParameterizedTest
    @MethodSource("configs")
    void globalsTablesAndReferences(Config config) throws Throwable {
        with(config, """
                (type $t (func (param v128) (result v128)))
                (global $g (export "g") (mut v128) (v128.const i64x2 3 4))
                (global $c v128 (v128.const i64x2 5 6))
                (table 2 funcref) (elem (i32.const 0) $not $neg)
                (func $not (type $t) (v128.not (local.get 0)))
                (func $neg (type $t) (i64x2.neg (local.get 0)))
                (func (export "swap") (param v128) (result v128) (global.get $g) (global.set $g (local.get 0)))
                (func (export "constant") (result v128) (global.get $c))
                (func (export "indirect") (param v128 i32) (result v128) (call_indirect (type $t) (local.get 0) (local.get 1)))
                """, instance -> {
            assertThat(call(instance, "swap", A)).isEqualTo(new V128(3, 4));
            assertThat(instance.global("g").get()).isEqualTo(A);
            instance.global("g").set(B);
            assertThat(call(instance, "swap", A)).isEqualTo(B);
            assertThat(call(instance, "constant")).isEqualTo(new V128(5, 6));
            assertThat(call(instance, "indirect", A, 0)).isEqualTo(new V128(~A.low(), ~A.high()));
            assertThat(call(instance, "indirect", A, 1)).isEqualTo(new V128(-A.low(), -A.high()));
        });
    }

    @ParameterizedTest
    @MethodSource("configs")
    void hostFunctionsTakeAndGiveThem(Config config) throws Throwable {
        with(config, """
                (import "m" "f" (func $f (param i32 v128 i64) (result v128)))
                (func (export "through") (param v128 v128) (result v128)
                  (i64x2.add (local.get 1) (call $f (i32.const 2) (local.get 0) (i64.const 3))))
                """, instance -> assertThat(call(instance, "through", A, B))
                .isEqualTo(new V128(A.low() + B.low() + 2, A.high() + B.high() + 3)));
    }

    interface Exports {
        V128 through(V128 a, V128 b);
    }

    @ParameterizedTest
    @MethodSource("configs")
    void boundInterfacesHaveThem(Config config) throws Throwable {
        with(config, """
                (func (export "through") (param v128 v128) (result v128) (i8x16.sub (local.get 1) (local.get 0)))
                """, instance -> {
            Exports exports = instance.bind(Exports.class);
            assertThat(exports.through(A, B)).isEqualTo(new V128(0x1010_1010_1010_1010L, 0x1010_1010_1010_1010L));
            assertThatThrownBy(() -> exports.through(A, null))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("v128 wants V128, found null");
            assertThatThrownBy(() -> instance.func("through").call(A, 1L))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("through, parameter 1: v128 wants V128, found java.lang.Long");
        });
    }

    @ParameterizedTest
    @MethodSource("configs")
    void controlFlowCarriesThem(Config config) throws Throwable {
        with(config, """
                (func (export "loop") (param v128 i32) (result v128) (local v128)
                  (local.get 2)
                  (loop (param v128) (result v128)
                    (i32x4.add (local.get 0))
                    (br_if 0 (local.tee 1 (i32.sub (local.get 1) (i32.const 1))))))
                (func (export "choose") (param v128 v128 i32) (result v128)
                  (if (result v128) (local.get 2) (then (local.get 0)) (else (local.get 1))))
                (func (export "select") (param v128 v128 i32) (result v128)
                  (select (local.get 0) (local.get 1) (local.get 2)))
                (func (export "typed") (param v128 v128 v128) (result v128)
                  (select (result v128) (local.get 0) (local.get 1) (v128.any_true (local.get 2))))
                (func (export "br_if") (param v128 v128) (result v128)
                  (block (result v128) (br_if 0 (local.get 0) (i32x4.all_true (local.get 1))) drop (local.get 1)))
                """, instance -> {
            assertThat(call(instance, "loop", new V128(1, 2), 1000)).isEqualTo(new V128(1000, 2000));
            for (String name : List.of("choose", "select")) {
                assertThat(call(instance, name, A, B, 1)).isEqualTo(A);
                assertThat(call(instance, name, A, B, 0)).isEqualTo(B);
            }
            assertThat(call(instance, "typed", A, B, new V128(0, 1L << 63))).isEqualTo(A);
            assertThat(call(instance, "typed", A, B, V128.ZERO)).isEqualTo(B);
            assertThat(call(instance, "br_if", A, B)).isEqualTo(A);
            assertThat(call(instance, "br_if", A, new V128(1, -1))).isEqualTo(new V128(1, -1));
        });
    }

    /** More values than registers, alive across a call that destroys all. */
    @ParameterizedTest
    @MethodSource("configs")
    void liveThroughCallsInSlots(Config config) throws Throwable {
        StringBuilder body = new StringBuilder();
        for (int i = 0; i < 24; i++) {
            body.append("(local.set %d (i32x4.mul (local.get 0) (i32x4.splat (i32.const %d))))\n".formatted(i + 2, i));
        }
        body.append("(local.set 1 (f64.add (local.get 1) (call $clobber (i32.const 3))))\n(local.get 0)\n");
        for (int i = 0; i < 24; i++) {
            body.append("(i32x4.add (local.get %d))\n".formatted(i + 2));
        }
        with(config, """
                (func $clobber (param i32) (result f64)
                  (if (local.get 0) (then (drop (call $clobber (i32.sub (local.get 0) (i32.const 1))))))
                  (f64.convert_i32_s (local.get 0)))
                (func (export "f") (param v128 f64) (result v128 f64) (local %s) %s (local.get 1))
                """.formatted("v128 ".repeat(24), body), instance -> {
            int n = 1 + 23 * 24 / 2;
            V128 one = new V128(0x0000_0002_0000_0001L, 0x0000_0004_0000_0003L);
            assertThat(instance.func("f").call(one, 0.5))
                    .containsExactly(new V128((2L * n << 32) + n, (4L * n << 32) + 3L * n), 3.5);
        });
    }
}
