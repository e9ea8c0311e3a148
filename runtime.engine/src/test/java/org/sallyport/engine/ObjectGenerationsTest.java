package org.sallyport.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.sallyport.ArrayRef;
import org.sallyport.CallContext;
import org.sallyport.Config;
import org.sallyport.GuestInterruptedException;
import org.sallyport.Instance;
import org.sallyport.Module;
import org.sallyport.Store;
import org.sallyport.StoreLimits;
import org.sallyport.StructRef;
import org.sallyport.engine.heap.ObjectHeap;

/**
 * Old objects that refer to young ones: however the reference was written, collections of young objects see it. And what machine
 * code makes by itself: it is zero, and where it begins is known to who looks.
 */
class ObjectGenerationsTest {
    private static final int STORES = Integer.getInteger("sallyport.objectStores", 100);

    private static final String HOLDERS = """
            (module
              (type $leaf (struct (field $value (mut i32)) (field $other (mut (ref null $leaf)))))
              (type $leaves (array (mut (ref null $leaf))))
              (type $bytes (array (mut i8)))
              (type $longs (array (mut i64)))
              (type $shorts (array (mut i16)))
              (global $leaf (mut (ref null $leaf)) (ref.null $leaf))
              (global $leaves (export "leaves") (mut (ref null $leaves)) (ref.null $leaves))
              (elem $segment (ref null $leaf) (item (struct.new $leaf (i32.const 77) (ref.null $leaf))))
              (func $new (export "new") (param i32) (result (ref $leaf))
                (struct.new $leaf (local.get 0) (ref.null $leaf)))
              (func (export "begin") (param $length i32)
                (global.set $leaf (call $new (i32.const -1)))
                (global.set $leaves (array.new_default $leaves (local.get $length))))
              (func $waste (export "waste") (param $times i32)
                (loop $more
                  (drop (struct.new $leaf (i32.const 9) (call $new (i32.const 10))))
                  (drop (array.new_default $bytes (i32.and (local.get $times) (i32.const 127))))
                  (br_if $more (local.tee $times (i32.sub (local.get $times) (i32.const 1))))))
              (func (export "set field") (param i32)
                (struct.set $leaf $other (global.get $leaf) (call $new (local.get 0))))
              (func (export "field") (result i32)
                (struct.get $leaf $value (struct.get $leaf $other (global.get $leaf))))
              (func (export "set element") (param $i i32) (param $v i32)
                (array.set $leaves (global.get $leaves) (local.get $i) (call $new (local.get $v))))
              (func (export "fill") (param $i i32) (param $v i32) (param $n i32)
                (array.fill $leaves (global.get $leaves) (local.get $i) (call $new (local.get $v)) (local.get $n)))
              (func (export "copy") (param $i i32) (param $v i32) (param $n i32)
                (array.copy $leaves $leaves (global.get $leaves) (local.get $i)
                  (array.new $leaves (call $new (local.get $v)) (local.get $n)) (i32.const 0) (local.get $n)))
              (func (export "init") (param $i i32)
                (array.init_elem $leaves $segment (global.get $leaves) (local.get $i) (i32.const 0) (i32.const 1)))
              (func (export "element") (param $i i32) (result i32)
                (struct.get $leaf $value (array.get $leaves (global.get $leaves) (local.get $i))))
              ;; the sum of all elements of new arrays, which is 0; then they are not 0 any more
              (func (export "zeros") (param $n i32) (result i64) (local $l (ref $longs)) (local $i i32) (local $sum i64)
                (local.set $l (array.new_default $longs (local.get $n)))
                (block $end
                  (loop $more
                    (br_if $end (i32.ge_u (local.get $i) (local.get $n)))
                    (local.set $sum (i64.or (local.get $sum) (array.get $longs (local.get $l) (local.get $i))))
                    (array.set $longs (local.get $l) (local.get $i) (i64.const -1))
                    (local.set $i (i32.add (local.get $i) (i32.const 1)))
                    (br $more)))
                (local.get $sum))
              (func (export "lengths") (param $n i32) (result i32)
                (i32.add (i32.add
                  (array.len (array.new_default $bytes (local.get $n)))
                  (array.len (array.new $shorts (i32.const 0) (local.get $n))))
                  (array.len (array.new_default $leaves (local.get $n)))))
              (func (export "forever")
                (loop $more (drop (struct.new $leaf (i32.const -1) (call $new (i32.const -1)))) (br $more)))
              ;; only the first element refers to what was behind the node
              (func (export "cut") (param $n i32) (local $at (ref null $leaf))
                (local.set $at (global.get $leaf))
                (loop $more
                  (local.set $at (struct.get $leaf $other (local.get $at)))
                  (br_if $more (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
                (array.set $leaves (global.get $leaves) (i32.const 0) (struct.get $leaf $other (local.get $at)))
                (struct.set $leaf $other (local.get $at) (ref.null $leaf)))
              ;; the number of nodes and the sum of their values, of what the first element refers to
              (func (export "sum") (result i32 i64) (local $at (ref null $leaf)) (local $n i32) (local $sum i64)
                (local.set $at (array.get $leaves (global.get $leaves) (i32.const 0)))
                (block $end
                  (loop $more
                    (br_if $end (ref.is_null (local.get $at)))
                    (local.set $n (i32.add (local.get $n) (i32.const 1)))
                    (local.set $sum (i64.add (local.get $sum) (i64.extend_i32_s (struct.get $leaf $value (local.get $at)))))
                    (local.set $at (struct.get $leaf $other (local.get $at)))
                    (br $more)))
                (local.get $n) (local.get $sum))
              (func (export "keep") (param $n i32)
                (loop $more
                  (global.set $leaf (struct.new $leaf (local.get $n) (global.get $leaf)))
                  (br_if $more (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))))
            """;

    private static final int WASTE = ObjectHeap.STRESS ? 100 : 50_000;

    private static Fixture fixture(String setting) {
        Config config = Config.defaults();
        return new Fixture(switch (setting) {
            case "plain" -> config.withCompile(config.compile().withOptimize(false));
            case "fuel" -> config.withCompile(config.compile().withFuel(true));
            default -> config;
        }, StoreLimits.DEFAULT);
    }

    private static Object only(Instance instance, String name, Object... args) {
        return instance.func(name).call(args)[0];
    }

    private static ObjectHeap heap(Instance instance) {
        return ((StoreImpl) instance.store()).execution().machine().heap;
    }

    @ParameterizedTest
    @ValueSource(strings = {"plain", "optimized"})
    void whatOldObjectsReferToStays(String setting) {
        try (Fixture f = fixture(setting)) {
            Instance instance = f.instantiate(HOLDERS);
            instance.func("begin").call(100_000);
            instance.func("waste").call(WASTE);
            long before = heap(instance).collections();
            assertThat(before).as("all is old").isPositive();
            instance.func("set field").call(1);
            instance.func("set element").call(0, 2);
            instance.func("set element").call(127, 3);
            instance.func("set element").call(128, 4);
            instance.func("set element").call(99_999, 5);
            instance.func("fill").call(1000, 6, 500);
            instance.func("copy").call(50_000, 7, 1000);
            instance.func("init").call(90_000);
            instance.func("waste").call(WASTE);
            assertThat(heap(instance).collections()).isGreaterThan(before);
            ((StoreImpl) f.store).check();
            assertThat(only(instance, "field")).isEqualTo(1);
            int[][] wanted = {
                {0, 2}, {127, 3}, {128, 4}, {99_999, 5}, {1000, 6}, {1499, 6}, {50_000, 7}, {50_999, 7}, {90_000, 77}
            };
            for (int[] element : wanted) {
                assertThat(only(instance, "element", element[0])).as("element %d", element[0]).isEqualTo(element[1]);
            }
        }
    }

    /** The rest of a list goes, unseen, to an array that has been seen. */
    @Test
    void whatIsMovedWhileAllIsCollectedInStepsStays() {
        int part = ObjectHeap.STRESS ? 20 : 10_000;
        try (Fixture f = new Fixture()) {
            Instance instance = f.instantiate(HOLDERS);
            ObjectHeap heap = heap(instance);
            instance.func("begin").call(1);
            int length = 0;
            for (int round = 0; round < 3; round++) {
                do {
                    instance.func("keep").call(part);
                    length += part;
                } while (!heap.isCollectingAll());
                instance.func("cut").call(length - part / 2);
                Object[] sum = instance.func("sum").call();
                assertThat((int) sum[0]).isEqualTo(part / 2);
                length -= part / 2;
                while (heap.isCollectingAll()) {
                    instance.func("waste").call(WASTE);
                }
                assertThat(instance.func("sum").call()).isEqualTo(sum);
                ((StoreImpl) f.store).check();
                long reserved = heap.reservedBytes();
                instance.func("waste").call(2 * WASTE);
                assertThat(heap.reservedBytes()).as("what is free is used").isLessThan(reserved + (4 << 20));
            }
        }
    }

    @Test
    void whatJavaWritesStays() {
        try (Fixture f = new Fixture()) {
            Instance instance = f.instantiate(HOLDERS);
            instance.func("begin").call(1000);
            ArrayRef leaves = (ArrayRef) instance.global("leaves").get();
            StructRef first = (StructRef) only(instance, "new", 1);
            leaves.set(0, first);
            instance.func("waste").call(WASTE);
            first.set(1, only(instance, "new", 2));
            leaves.set(999, only(instance, "new", 3));
            instance.func("waste").call(WASTE);
            System.gc(); // what Java held it holds no more
            instance.func("waste").call(WASTE);
            ((StoreImpl) f.store).check();
            assertThat(((StructRef) first.get(1)).get(0)).isEqualTo(2);
            assertThat(only(instance, "element", 999)).isEqualTo(3);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"plain", "optimized", "fuel"})
    void whatMachineCodeMakesIsZero(String setting) {
        try (Fixture f = fixture(setting)) {
            if (setting.equals("fuel")) {
                f.store.setFuel(Long.MAX_VALUE / 8);
            }
            Instance instance = f.instantiate(HOLDERS);
            for (int round = 0; round < 3; round++) {
                for (int n : new int[] {0, 1, 2, 3, 7, 100, 1000, 4094, 4095, 4096, 8190, 8191, 8192, 20_000}) {
                    assertThat(only(instance, "zeros", n)).as("%d longs", n).isEqualTo(0L);
                    assertThat(only(instance, "lengths", n)).isEqualTo(3 * n);
                }
                instance.func("waste").call(WASTE);
                ((StoreImpl) f.store).check();
            }
        }
    }

    /** A guest may be stopped between any two of its instructions. */
    @Test
    void aGuestThatIsStoppedWhileItMakesObjectsLeavesTheHeapInOrder() {
        for (int i = 0; i < 20; i++) {
            try (Fixture f = new Fixture()) {
                Instance instance = f.instantiate(HOLDERS);
                Duration time = Duration.ofNanos(1_000_000 + i * 137_000L);
                assertThatThrownBy(() -> CallContext.withTimeout(time, () -> instance.func("forever").call()))
                        .isInstanceOf(GuestInterruptedException.class);
                heap(instance).collector().check(); // the store itself lets nobody in any more
            }
        }
    }

    /** {@code -Dsallyport.objectStores=10000} is the measure of docs/performance.md. */
    @Test
    void storesWithObjectsLeaveNothing() {
        try (Fixture f = new Fixture(); Module module = f.compile(HOLDERS)) {
            long first = 0;
            for (int i = 0; i < STORES; i++) {
                try (Store store = f.engine.newStore()) {
                    Instance instance = f.linker.link(module).instantiate(store);
                    instance.func("keep").call(ObjectHeap.STRESS ? 100 : 1 << 16); // 1 MB
                }
                if (i == STORES / 2) {
                    first = resident();
                }
            }
            long more = resident() - first;
            System.out.printf("%d stores with 1 MB of objects: %d KB more than after half of them%n", STORES, more);
            assertThat(more).isLessThan(32 << 10);
        }
    }

    /** Of this process, in KB. */
    private static long resident() {
        try {
            List<String> lines = java.nio.file.Files.readAllLines(java.nio.file.Path.of("/proc/self/status"));
            return lines.stream()
                    .filter(line -> line.startsWith("VmRSS:"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                    .findFirst()
                    .orElseThrow();
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
