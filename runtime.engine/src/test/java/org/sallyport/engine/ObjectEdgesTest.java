package org.sallyport.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.sallyport.CallContext;
import org.sallyport.Config;
import org.sallyport.GuestInterruptedException;
import org.sallyport.Instance;
import org.sallyport.StoreLimits;
import org.sallyport.TrapCode;
import org.sallyport.TrapException;
import org.sallyport.engine.heap.ObjectHeap;

/** Accesses of structures and arrays at the edges, in every setting: each gives what the specification says. */
class ObjectEdgesTest {
    private static final String EDGES = """
            (module
              (type $wide (struct %s (field $last (mut i32)) (field $v (mut v128))))
              (type $s (sub (struct (field $a (mut i32)) (field $b (mut i32)) (field $r (mut (ref null $s))))))
              (type $t (sub $s (struct
                (field $a (mut i32)) (field $b (mut i32)) (field $r (mut (ref null $s))) (field $c (mut i32)))))
              (type $i (array (mut i32)))
              (type $l (array (mut i64)))
              (func (export "wide last") (result i32) (struct.get $wide $last (ref.null $wide)))
              (func (export "wide first") (result i64) (struct.get $wide 0 (ref.null $wide)))
              (func (export "wide vector") (param $w (ref null $wide))
                (struct.set $wide $v (local.get $w) (v128.const i64x2 1 2)))
              (func (export "wide middle") (param $w (ref null $wide)) (result i64) (struct.get $wide 8191 (local.get $w)))
              (func (export "make wide") (result i32) (local $w (ref null $wide))
                (local.set $w (struct.new_default $wide))
                (struct.set $wide $last (local.get $w) (i32.const 9))
                (struct.set $wide 8191 (local.get $w) (i64.const 8))
                (struct.set $wide $v (local.get $w) (v128.const i64x2 3 4))
                (i32.add (struct.get $wide $last (local.get $w)) (i32.add (i32.wrap_i64 (struct.get $wide 8191 (local.get $w)))
                  (i32.wrap_i64 (i64x2.extract_lane 1 (struct.get $wide $v (local.get $w)))))))
              (func (export "unused") (param $s (ref null $s)) (drop (struct.get $s $a (local.get $s))))
              (func (export "unused length") (param $s (ref null $i)) (drop (array.len (local.get $s))))
              (func (export "unused element") (param $s (ref null $i)) (param i32)
                (drop (array.get $i (local.get $s) (local.get 1))))
              (func (export "loop") (param $s (ref null $s)) (param $n i32) (result i32) (local $x i32)
                (block $end (loop $m
                  (br_if $end (i32.eqz (local.get $n)))
                  (local.set $x (i32.add (local.get $x) (struct.get $s $b (local.get $s))))
                  (local.set $n (i32.sub (local.get $n) (i32.const 1)))
                  (br $m)))
                (local.get $x))
              (func (export "alias") (result i32) (local $p (ref null $s)) (local $q (ref null $t)) (local $x i32)
                (local.set $q (struct.new $t (i32.const 1) (i32.const 2) (ref.null $s) (i32.const 3)))
                (local.set $p (local.get $q))
                (struct.set $s $r (local.get $p) (local.get $q))
                (local.set $x (struct.get $s $a (local.get $p)))
                (struct.set $t $a (ref.cast (ref $t) (struct.get $s $r (local.get $p))) (i32.const 40))
                (local.set $x (i32.add (local.get $x) (struct.get $s $a (local.get $p))))
                (call $poke (local.get $q))
                (local.set $x (i32.add (local.get $x) (struct.get $t $a (local.get $q))))
                (drop (struct.new_default $t)) (drop (array.new $i (i32.const 77) (i32.const 900)))
                (i32.add (local.get $x) (struct.get $t $c (local.get $q))))
              (func $poke (param (ref null $s)) (struct.set $s $a (local.get 0) (i32.const 500)))
              (func (export "get") (param $a (ref null $i)) (param $x i32) (result i32)
                (array.get $i (local.get $a) (local.get $x)))
              (func (export "get long") (param $a (ref null $l)) (param $x i32) (result i64)
                (array.get $l (local.get $a) (local.get $x)))
              (func (export "set long") (param $a (ref null $l)) (param $x i32)
                (array.set $l (local.get $a) (local.get $x) (i64.const -1)))
              (func (export "add 2") (param $a (ref null $l)) (param $x i32) (result i64)
                (array.get $l (local.get $a) (i32.add (local.get $x) (i32.const 2))))
              (func (export "ints") (param i32) (result (ref $i)) (array.new $i (i32.const 5) (local.get 0)))
              (func (export "longs") (param i32) (result (ref $l)) (array.new $l (i64.const 5) (local.get 0)))
              (func (export "copy") (param $to i32) (param $from i32) (param $n i32) (param $len i32) (result i64)
                (local $a (ref null $l)) (local $i i32) (local $s i64)
                (local.set $a (array.new_default $l (local.get $len)))
                (loop $m
                  (array.set $l (local.get $a) (local.get $i) (i64.extend_i32_u (local.get $i)))
                  (br_if $m (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $len))))
                (array.copy $l $l (local.get $a) (local.get $to) (local.get $a) (local.get $from) (local.get $n))
                (loop $m
                  (local.set $i (i32.sub (local.get $i) (i32.const 1)))
                  (local.set $s (i64.add (i64.mul (local.get $s) (i64.const 31)) (array.get $l (local.get $a) (local.get $i))))
                  (br_if $m (local.get $i)))
                (local.get $s))
              (func (export "fixed") (result i64) (local $a (ref null $l))
                (local.set $a (array.new_fixed $l 2000 %s))
                (i64.add (array.get $l (local.get $a) (i32.const 1999)) (array.get $l (local.get $a) (i32.const 999))))
              (global $list (mut (ref null $s)) (ref.null $s))
              (func (export "deep") (param $n i32) (result i32) (local $p (ref null $s)) (local $k i32)
                (loop $m
                  (global.set $list (struct.new $s (i32.const 1) (local.get $n) (global.get $list)))
                  (br_if $m (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
                (loop $m (drop (array.new_default $l (i32.const 100000)))
                  (br_if $m (i32.lt_u (local.tee $k (i32.add (local.get $k) (i32.const 1))) (i32.const 100))))
                (local.set $p (global.get $list))
                (block $end (loop $m
                  (br_if $end (ref.is_null (local.get $p)))
                  (local.set $n (i32.add (local.get $n) (struct.get $s $a (local.get $p))))
                  (local.set $p (struct.get $s $r (local.get $p)))
                  (br $m)))
                (local.get $n))
              (func (export "forever") (loop $m (drop (array.new_default $i (i32.const 1000))) (br $m))))
            """.formatted("(field (mut i64)) ".repeat(9000), "(i64.const 6) ".repeat(1000) + "(i64.const 7) ".repeat(1000));

    private static Fixture fixture(String setting) {
        Config config = Config.defaults();
        return new Fixture(switch (setting) {
            case "plain" -> config.withCompile(config.compile().withOptimize(false));
            case "checked" -> config.withExplicitBoundsChecks(true);
            default -> config;
        }, StoreLimits.DEFAULT);
    }

    private static Object only(Instance instance, String name, Object... args) {
        return instance.func(name).call(args)[0];
    }

    private static void traps(TrapCode code, Instance instance, String name, Object... args) {
        assertThatThrownBy(() -> instance.func(name).call(args)).as("%s %s", name, Arrays.toString(args))
                .isInstanceOfSatisfying(TrapException.class, e -> assertThat(e.code()).isEqualTo(code));
    }

    @ParameterizedTest
    @ValueSource(strings = {"plain", "optimized", "checked"})
    void edges(String setting) {
        try (Fixture f = fixture(setting)) {
            Instance instance = f.instantiate(EDGES);
            for (String name : List.of("wide last", "wide first")) {
                traps(TrapCode.NULL_REFERENCE, instance, name);
            }
            for (String name : List.of("wide vector", "wide middle", "unused", "unused length")) {
                traps(TrapCode.NULL_REFERENCE, instance, name, (Object) null);
            }
            assertThat(only(instance, "make wide")).isEqualTo(21);
            traps(TrapCode.NULL_REFERENCE, instance, "unused element", null, 0);
            traps(TrapCode.NULL_REFERENCE, instance, "loop", null, 3);
            assertThat(only(instance, "loop", null, 0)).isEqualTo(0);
            assertThat(only(instance, "alias")).isEqualTo(1 + 40 + 500 + 3);
            Object ints = only(instance, "ints", 10);
            Object longs = only(instance, "longs", 10);
            for (int index : new int[] {10, 11, Integer.MIN_VALUE, Integer.MAX_VALUE, -1, -2, 1 << 29, 1 << 30}) {
                traps(TrapCode.ARRAY_OUT_OF_BOUNDS, instance, "unused element", ints, index);
                traps(TrapCode.ARRAY_OUT_OF_BOUNDS, instance, "get", ints, index);
                traps(TrapCode.ARRAY_OUT_OF_BOUNDS, instance, "get long", longs, index);
                traps(TrapCode.ARRAY_OUT_OF_BOUNDS, instance, "set long", longs, index);
                traps(TrapCode.NULL_REFERENCE, instance, "set long", null, index);
            }
            assertThat(only(instance, "add 2", longs, -2)).isEqualTo(5L);
            traps(TrapCode.ARRAY_OUT_OF_BOUNDS, instance, "add 2", longs, -3);
            assertThat(only(instance, "fixed")).isEqualTo(13L);
            for (int[] c : new int[][] {{0, 1, 9, 10}, {1, 0, 9, 10}, {3, 3, 4, 10}, {10, 10, 0, 10}, {5000, 1, 60000, 70000},
                    {1, 5000, 60000, 70000}, {9999, 10000, 60000, 70000}, {10000, 9999, 60000, 70000}}) {
                assertThat(only(instance, "copy", c[0], c[1], c[2], c[3])).isEqualTo(copied(c[0], c[1], c[2], c[3]));
            }
            traps(TrapCode.ARRAY_OUT_OF_BOUNDS, instance, "copy", 1, 0, 10, 10);
            traps(TrapCode.ARRAY_OUT_OF_BOUNDS, instance, "copy", 0, 2, -1, 10);
            traps(TrapCode.ARRAY_OUT_OF_BOUNDS, instance, "copy", -1, 0, 1, 10);
            if (!ObjectHeap.STRESS) {
                assertThat(only(instance, "deep", 1_000_000)).isEqualTo(1_000_000);
            }
            assertThatThrownBy(() -> CallContext.withTimeout(Duration.ofMillis(50), () -> instance.func("forever").call()))
                    .isInstanceOf(GuestInterruptedException.class);
        }
    }

    private static long copied(int to, int from, int n, int length) {
        long[] a = new long[length];
        for (int i = 0; i < length; i++) {
            a[i] = i;
        }
        System.arraycopy(a, from, a, to, n);
        long sum = 0;
        for (int i = length - 1; i >= 0; i--) {
            sum = sum * 31 + a[i];
        }
        return sum;
    }
}
