package org.sallyport.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;

import org.junit.jupiter.api.Test;
import org.sallyport.ArrayRef;
import org.sallyport.I31Ref;
import org.sallyport.Instance;
import org.sallyport.LimitExceededException;
import org.sallyport.StoreLimits;
import org.sallyport.StructRef;
import org.sallyport.TrapCode;
import org.sallyport.TrapException;
import org.sallyport.engine.heap.ObjectHeap;

/** Structures and arrays: that they live as long as somebody reaches them and no longer, and what Java sees of them. */
class ObjectsTest {
    private static final String LISTS = """
            (module
              (type $node (struct (field $value (mut i32)) (field $next (mut (ref null $node)))))
              (type $bytes (array (mut i8)))
              (type $nodes (array (mut (ref null $node))))
              (global $kept (export "kept") (mut (ref null $node)) (ref.null $node))
              (table $t 4 (ref null $node))
              (func $list (export "list") (param $n i32) (result (ref null $node))
                (local $l (ref null $node))
                (loop $more
                  (if (local.get $n) (then
                    (local.set $l (struct.new $node (local.get $n) (local.get $l)))
                    (local.set $n (i32.sub (local.get $n) (i32.const 1)))
                    (br $more))))
                (local.get $l))
              (func $sum (export "sum") (param $l (ref null $node)) (result i32) (local $s i32)
                (block $end
                  (loop $more
                    (br_if $end (ref.is_null (local.get $l)))
                    (local.set $s (i32.add (local.get $s) (struct.get $node $value (local.get $l))))
                    (local.set $l (struct.get $node $next (local.get $l)))
                    (br $more)))
                (local.get $s))
              (func (export "keep") (param i32) (global.set $kept (call $list (local.get 0))))
              (func (export "put") (param i32) (table.set $t (i32.const 2) (call $list (local.get 0))))
              (func (export "sum of kept") (result i32) (call $sum (global.get $kept)))
              (func (export "sum of table") (result i32) (call $sum (table.get $t (i32.const 2))))
              (func (export "waste") (param $n i32) (local $held (ref null $node)) (local $i i32)
                (local.set $held (call $list (i32.const 100)))
                (loop $more
                  (drop (call $list (i32.const 1000)))
                  (drop (array.new_default $bytes (i32.const 3000)))
                  (br_if $more (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
                (if (i32.ne (call $sum (local.get $held)) (i32.const 5050)) (then unreachable)))
              (func (export "waste large") (param $n i32)
                (loop $more
                  (drop (array.new $bytes (i32.const 7) (i32.const 3000000)))
                  (br_if $more (local.tee $n (i32.sub (local.get $n) (i32.const 1))))))
              (func (export "hoard")
                (loop $more
                  (global.set $kept (struct.new $node (i32.const 1) (global.get $kept)))
                  (br $more)))
              (func (export "huge") (param i32) (result i32)
                (array.len (array.new_default $bytes (local.get 0))))
              (func (export "huge nodes") (param i32) (result i32)
                (array.len (array.new_default $nodes (local.get 0))))
              (func (export "wide") (param $n i32) (result i32) (local $a (ref $nodes)) (local $i i32) (local $s i32)
                (local.set $a (array.new_default $nodes (local.get $n)))
                (loop $fill
                  (array.set $nodes (local.get $a) (local.get $i) (struct.new $node (i32.const 1) (ref.null $node)))
                  (br_if $fill (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $n))))
                (drop (call $list (i32.const 200000)))
                (loop $add
                  (local.set $i (i32.sub (local.get $i) (i32.const 1)))
                  (local.set $s (i32.add (local.get $s)
                    (struct.get $node $value (array.get $nodes (local.get $a) (local.get $i)))))
                  (br_if $add (local.get $i)))
                (local.get $s))
              (func (export "first") (param (ref null $node)) (result i32) (struct.get $node $value (local.get 0)))
              (func (export "bytes") (param i32) (result (ref $bytes)) (array.new $bytes (i32.const -1) (local.get 0)))
              (func (export "byte") (param (ref null $bytes) i32) (result i32)
                (array.get_u $bytes (local.get 0) (local.get 1)))
              (func (export "i31") (param i32) (result i31ref) (ref.i31 (local.get 0)))
              (func (export "echo") (param anyref) (result anyref) (local.get 0))
              (func (export "is node") (param anyref) (result i32) (ref.test (ref $node) (local.get 0)))
              (func (export "intern") (param externref) (result anyref) (any.convert_extern (local.get 0))))
            """;

    private static Object only(Object[] results) {
        return results[0];
    }

    private static int sum(int n) {
        return n * (n + 1) / 2;
    }

    @Test
    void whatIsReachedStaysAndTheRestIsUsedAgain() {
        try (Fixture f = new Fixture()) {
            Instance instance = f.instantiate(LISTS);
            instance.func("keep").call(5000);
            instance.func("put").call(3000);
            StructRef held = (StructRef) only(instance.func("list").call(2000));
            instance.func("waste").call(2000);
            instance.func("waste large").call(100);
            assertThat(only(instance.func("sum of kept").call())).isEqualTo(sum(5000));
            assertThat(only(instance.func("sum of table").call())).isEqualTo(sum(3000));
            assertThat(only(instance.func("sum").call(held))).isEqualTo(sum(2000));
            ObjectHeap heap = ((StoreImpl) instance.store()).execution().machine().heap;
            assertThat(heap.collections()).isPositive();
            assertThat(heap.end()).as("34 MB went through").isLessThan(24 << 20);
            ((StoreImpl) instance.store()).check();
        }
    }

    @Test
    void moreThanTheStackOfMarkedObjectsHolds() {
        try (Fixture f = new Fixture()) {
            Instance instance = f.instantiate(LISTS);
            assertThat(only(instance.func("wide").call(300_000))).isEqualTo(300_000);
        }
    }

    @Test
    void allocationWithoutEndStopsAtTheLimit() {
        StoreLimits limits = StoreLimits.DEFAULT.withMemoryBytes(8 << 20);
        try (Fixture f = new Fixture(limits)) {
            Instance instance = f.instantiate(LISTS);
            assertThatThrownBy(() -> instance.func("hoard").call())
                    .satisfies(e -> assertThat(rootOf(e)).isInstanceOf(LimitExceededException.class));
        }
        for (int length : new int[] {Integer.MAX_VALUE, Integer.MIN_VALUE, -1}) {
            for (String name : List.of("huge", "huge nodes")) {
                try (Fixture f = new Fixture(limits)) {
                    Instance instance = f.instantiate(LISTS);
                    assertThatThrownBy(() -> instance.func(name).call(length))
                            .satisfies(e -> assertThat(rootOf(e)).isInstanceOf(LimitExceededException.class));
                }
            }
        }
    }

    private static Throwable rootOf(Throwable e) {
        return e.getCause() == null ? e : rootOf(e.getCause());
    }

    @Test
    void nullsAndIndicesTrap() {
        try (Fixture f = new Fixture()) {
            Instance instance = f.instantiate(LISTS);
            traps(TrapCode.NULL_REFERENCE, instance, "first", (Object) null);
            traps(TrapCode.NULL_REFERENCE, instance, "byte", null, 0);
            ArrayRef bytes = (ArrayRef) only(instance.func("bytes").call(3));
            assertThat(only(instance.func("byte").call(bytes, 2))).isEqualTo(255);
            traps(TrapCode.ARRAY_OUT_OF_BOUNDS, instance, "byte", bytes, 3);
            traps(TrapCode.ARRAY_OUT_OF_BOUNDS, instance, "byte", bytes, -1);
        }
    }

    private static void traps(TrapCode code, Instance instance, String name, Object... args) {
        assertThatThrownBy(() -> instance.func(name).call(args))
                .isInstanceOfSatisfying(TrapException.class, e -> assertThat(e.code()).isEqualTo(code));
    }

    @Test
    void javaReadsAndWrites() {
        try (Fixture f = new Fixture()) {
            Instance instance = f.instantiate(LISTS);
            StructRef list = (StructRef) only(instance.func("list").call(3));
            assertThat(list.get(0)).isEqualTo(1);
            StructRef second = (StructRef) list.get(1);
            assertThat(second.get(0)).isEqualTo(2);
            assertThat(list.get(1)).isEqualTo(second).hasSameHashCodeAs(second).isNotEqualTo(list);
            second.set(0, 40);
            list.set(1, ((StructRef) second.get(1)));
            assertThat(only(instance.func("sum").call(list))).isEqualTo(4);
            ArrayRef bytes = (ArrayRef) only(instance.func("bytes").call(5));
            assertThat(bytes.length()).isEqualTo(5);
            bytes.set(4, 1);
            assertThat(bytes.get(4)).isEqualTo(1);
            assertThat(bytes.get(3)).isEqualTo(-1);
            assertThatThrownBy(() -> bytes.get(5)).isInstanceOf(IndexOutOfBoundsException.class);
            assertThatThrownBy(() -> bytes.get(-1)).isInstanceOf(IndexOutOfBoundsException.class);
            assertThatThrownBy(() -> list.get(2)).isInstanceOf(IndexOutOfBoundsException.class);
            assertThatThrownBy(() -> list.set(1, bytes)).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> instance.func("sum").call(bytes)).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> list.set(0, 1L)).isInstanceOf(IllegalArgumentException.class);
            assertThat(only(instance.func("i31").call(-5))).isEqualTo(new I31Ref(-5));
            assertThat(only(instance.func("echo").call(new I31Ref(1 << 29)))).isEqualTo(new I31Ref(1 << 29));
            assertThat(only(instance.func("echo").call(list))).isEqualTo(list);
            assertThat(only(instance.func("is node").call(list))).isEqualTo(1);
            assertThat(only(instance.func("is node").call(bytes))).isEqualTo(0);
            assertThat(only(instance.func("is node").call(new I31Ref(0)))).isEqualTo(0);
            assertThat(only(instance.func("intern").call("text"))).isEqualTo("text");
            assertThat(only(instance.func("is node").call("text"))).isEqualTo(0);
        }
    }

    @Test
    void objectsOfOtherStoresAreRefused() {
        try (Fixture f = new Fixture(); Fixture g = new Fixture()) {
            Object foreign = only(g.instantiate(LISTS).func("list").call(1));
            Instance instance = f.instantiate(LISTS);
            assertThatThrownBy(() -> instance.func("sum").call(foreign)).isInstanceOf(IllegalArgumentException.class);
        }
    }
}
