package org.sallyport.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.sallyport.ArrayRef;
import org.sallyport.ExceptionReference;
import org.sallyport.Instance;
import org.sallyport.LimitExceededException;
import org.sallyport.StoreLimits;
import org.sallyport.StructRef;
import org.sallyport.Tag;
import org.sallyport.WasmException;
import org.sallyport.wasm.ArrayType;
import org.sallyport.wasm.FieldType;
import org.sallyport.wasm.FuncType;
import org.sallyport.wasm.HeapType;
import org.sallyport.wasm.NumType;
import org.sallyport.wasm.RefType;
import org.sallyport.wasm.StructType;
import org.sallyport.wasm.ValType;

/**
 * Objects of the host that guests hold: each stays what it is as long as a guest reaches it, wherever that has it, and goes
 * afterwards. To be run with {@code -Dsallyport.gcStress=true}, too.
 */
class HostObjectsTest {
    private static final String KEEPER = """
            (module
              (import "h" "new" (func $new (result externref)))
              (import "h" "same" (func $same (param externref externref) (result i32)))
              (import "h" "again" (func $again (param externref) (result externref)))
              (type $box (struct (field (mut externref)) (field (mut (ref null $box)))))
              (tag $e (export "e") (param externref i32))
              (global $g (export "g") (mut externref) (ref.null extern))
              (global $x (export "x") (mut exnref) (ref.null exn))
              (global $b (export "b") (mut (ref null $box)) (ref.null $box))
              (global $a (mut anyref) (ref.null any))
              (table $t (export "t") 100 externref)
              (func (export "echo") (param externref) (result externref) (local.get 0))
              (func (export "set box") (param externref)
                (global.set $b (struct.new $box (local.get 0) (struct.new $box (local.get 0) (ref.null $box)))))
              (func (export "get box") (result externref)
                (struct.get $box 0 (struct.get $box 1 (global.get $b))))
              (func (export "set any") (param externref) (global.set $a (any.convert_extern (local.get 0))))
              (func (export "get any") (result externref) (extern.convert_any (global.get $a)))
              (func (export "throw") (param externref) (throw $e (local.get 0) (i32.const 1)))
              (func $throw (param externref) (throw $e (local.get 0) (i32.const 1)))
              (func (export "keep thrown") (param externref)
                (block $caught (result exnref)
                  (try_table (catch_all_ref $caught) (call $throw (local.get 0)))
                  (return))
                (global.set $x))
              (func (export "rethrow") (throw_ref (global.get $x)))
              (func $deep (param $n i32) (param $mine externref) (result i32) (local $other externref)
                (if (i32.eqz (local.get $n)) (then (return (i32.const 0))))
                (local.set $other (call $new))
                (drop (call $new))
                (i32.add
                  (call $deep (i32.sub (local.get $n) (i32.const 1)) (local.get $other))
                  (i32.and
                    (call $same (local.get $mine) (call $again (local.get $mine)))
                    (call $same (local.get $other) (call $again (local.get $other))))))
              (func (export "deep") (param i32 externref) (result i32) (call $deep (local.get 0) (local.get 1))))
            """;

    private static final FuncType EXTERNS = new FuncType(List.of(RefType.EXTERNREF), List.of(RefType.EXTERNREF));

    private static Instance keeper(Fixture f) {
        f.linker.define("h", "new", new FuncType(List.of(), List.of(RefType.EXTERNREF)), (_, _) ->
                        new Object[] {new Object()})
                .define("h", "again", EXTERNS, (_, args) -> args)
                .define("h", "same", new FuncType(List.of(RefType.EXTERNREF, RefType.EXTERNREF), List.of(NumType.I32)),
                        (_, args) -> new Object[] {args[0] == args[1] && args[0] != null ? 1 : 0});
        return f.instantiate(KEEPER);
    }

    private static long held(Fixture f) {
        long held = f.store.heap().statistics().hostObjects();
        ((StoreImpl) f.store).check();
        return held;
    }

    @Test
    void globalsTablesFieldsKeepAndLetGo() {
        try (Fixture f = new Fixture()) {
            Instance k = keeper(f);
            Object[] objects = {new Object(), new Object(), new Object(), new Object()};
            k.global("g").set(objects[0]);
            k.table("t").set(7, objects[1]);
            k.func("set box").call(objects[2]);
            k.func("set any").call(objects[3]);
            k.func("echo").call(new Object());
            assertThat(held(f)).isEqualTo(4);
            assertThat(k.global("g").get()).isSameAs(objects[0]);
            assertThat(k.table("t").get(7)).isSameAs(objects[1]);
            assertThat(k.func("get box").call()[0]).isSameAs(objects[2]);
            assertThat(k.func("get any").call()[0]).isSameAs(objects[3]);
            k.global("g").set(objects[1]);
            assertThat(held(f)).as("one handle for one object").isEqualTo(3);
            k.table("t").set(7, null);
            assertThat(held(f)).isEqualTo(3);
            k.global("g").set(null);
            assertThat(held(f)).isEqualTo(2);
            k.global("b").set(null);
            assertThat(held(f)).isEqualTo(1);
            k.func("set any").call((Object) null);
            assertThat(held(f)).isZero();
        }
    }

    @Test
    void javasCollectorGetsThem() throws InterruptedException {
        try (Fixture f = new Fixture()) {
            Instance k = keeper(f);
            WeakReference<Object> gone = new WeakReference<>(passed(k));
            f.store.heap().collect();
            for (int i = 0; i < 100 && gone.get() != null; i++) {
                System.gc();
                Thread.sleep(10);
            }
            assertThat(gone.get()).isNull();
        }
    }

    private static Object passed(Instance k) {
        Object object = new Object();
        k.global("g").set(object);
        k.func("echo").call(object);
        k.global("g").set(null);
        return object;
    }

    @Test
    void anyNumberPassesThrough() {
        try (Fixture f = new Fixture(StoreLimits.DEFAULT.withTableElements(5000))) {
            Instance k = keeper(f);
            Object kept = new Object();
            k.global("g").set(kept);
            for (int i = 0; i < 20_000; i++) {
                Object object = new Object();
                assertThat(k.func("echo").call(object)[0]).isSameAs(object);
            }
            assertThat(k.global("g").get()).isSameAs(kept);
            assertThat(held(f)).isEqualTo(1);
        }
    }

    @Test
    void whatGuestsReallyHoldIsLimited() {
        try (Fixture f = new Fixture(StoreLimits.DEFAULT.withTableElements(3000))) {
            Instance k = keeper(f);
            HeapType.Concrete type = f.store.newType(new ArrayType(new FieldType(RefType.EXTERNREF, true)));
            ArrayRef array = f.store.newArray(type, 4000, null);
            assertThatThrownBy(() -> {
                        for (int i = 0; i < 4000; i++) {
                            array.set(i, new Object());
                        }
                    })
                    .isInstanceOf(LimitExceededException.class)
                    .hasMessageContaining("StoreLimits.tableElements");
            for (int i = 0; i < 4000; i++) {
                array.set(i, null);
            }
            assertThat(k.func("echo").call("again")).containsExactly("again");
        }
    }

    @Test
    void exceptionsKeepTheirValues() {
        try (Fixture f = new Fixture()) {
            Instance k = keeper(f);
            Object object = new Object();
            k.func("keep thrown").call(object);
            assertThat(held(f)).isEqualTo(1);
            churn(k);
            assertThatThrownBy(() -> k.func("rethrow").call())
                    .isInstanceOfSatisfying(WasmException.class, e -> assertThat(e.values().getFirst()).isSameAs(object));
            ExceptionReference reference = (ExceptionReference) k.global("x").get();
            churn(k);
            assertThat(reference.exception().values().getFirst()).isSameAs(object);
            k.global("x").set(null);
            churn(k);
            assertThat(object).as("kept by Java").isSameAs(reference.exception().values().getFirst());
        }
    }

    @Test
    void exceptionsOfTheHostArriveWithTheirValues() {
        try (Fixture f = new Fixture()) {
            Instance tags = keeper(f);
            Object object = new Object();
            f.linker.define("h", "new", new FuncType(List.of(), List.of(RefType.EXTERNREF)), (_, _) -> {
                        throw new WasmException((Tag) tags.export("e").orElseThrow(), object, 2);
                    })
                    .define("k", tags);
            Instance catcher = f.instantiate("""
                    (module
                      (import "h" "new" (func $new (result externref)))
                      (import "h" "again" (func $again (param externref) (result externref)))
                      (import "k" "e" (tag $e (param externref i32)))
                      (func (export "catch") (result externref i32)
                        (block $caught (result externref i32)
                          (try_table (catch $e $caught) (drop (call $new)))
                          (ref.null extern) (i32.const 0))))
                    """);
            for (int i = 0; i < 2000; i++) {
                assertThat(catcher.func("catch").call()).containsExactly(object, 2);
                tags.func("echo").call(new Object());
            }
        }
    }

    private static void churn(Instance k) {
        for (int i = 0; i < 3000; i++) {
            k.func("echo").call(new Object());
        }
    }

    @Test
    void framesOfGuestsKeepTheirs() {
        try (Fixture f = new Fixture()) {
            Instance k = keeper(f);
            assertThat(k.func("deep").call(1500, new Object())).as("none was mistaken for another").containsExactly(1500);
            assertThat(held(f)).isLessThan(100);
        }
    }

    @Test
    void argumentsAreNotLostBeforeTheCall() {
        try (Fixture f = new Fixture()) {
            int count = 900;
            List<ValType> many = Collections.nCopies(count, RefType.EXTERNREF);
            List<Object> seen = new ArrayList<>();
            f.linker.define("h", "see", new FuncType(many, many), (_, args) -> {
                seen.clear();
                seen.addAll(List.of(args));
                Object[] others = new Object[count];
                for (int i = 0; i < count; i++) {
                    others[i] = new Object();
                }
                seen.addAll(List.of(others));
                return others;
            });
            String externs = " externref".repeat(count);
            StringBuilder gets = new StringBuilder();
            for (int i = 0; i < count; i++) {
                gets.append("(local.get ").append(i).append(")");
            }
            Instance instance = f.instantiate("(module (import \"h\" \"see\" (func $see (param" + externs + ") (result" + externs
                    + "))) (func (export \"run\") (param" + externs + ") (result" + externs + ") (call $see " + gets + ")))");
            for (int round = 0; round < 3; round++) {
                Object[] args = new Object[count];
                for (int i = 0; i < count; i++) {
                    args[i] = new Object();
                }
                Object[] results = instance.func("run").call(args);
                assertThat(seen.subList(0, count).toArray()).containsExactly(args);
                assertThat(seen.subList(count, 2 * count).toArray()).containsExactly(results);
            }
        }
    }

    @Test
    void structuresThatJavaMakesKeepAllTheirFields() {
        try (Fixture f = new Fixture()) {
            HeapType.Concrete type = f.store.newType(
                    new StructType(Collections.nCopies(3000, new FieldType(RefType.EXTERNREF, true))));
            Object[] values = new Object[3000];
            for (int i = 0; i < values.length; i++) {
                values[i] = new Object();
            }
            StructRef made = f.store.newStruct(type, values);
            for (int i = 0; i < values.length; i++) {
                assertThat(made.get(i)).isSameAs(values[i]);
            }
        }
    }
}
