package org.sallyport.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;

import org.junit.jupiter.api.Test;
import org.sallyport.AnyRef;
import org.sallyport.ArrayRef;
import org.sallyport.BindException;
import org.sallyport.ExternRef;
import org.sallyport.HostFunctionException;
import org.sallyport.I31Ref;
import org.sallyport.Instance;
import org.sallyport.LimitExceededException;
import org.sallyport.LinkException;
import org.sallyport.ReferenceException;
import org.sallyport.ReferenceScope;
import org.sallyport.Store;
import org.sallyport.StoreClosedException;
import org.sallyport.StoreLimits;
import org.sallyport.StructRef;
import org.sallyport.V128;
import org.sallyport.WasmName;
import org.sallyport.wasm.ArrayType;
import org.sallyport.wasm.FieldType;
import org.sallyport.wasm.FuncType;
import org.sallyport.wasm.HeapType;
import org.sallyport.wasm.NumType;
import org.sallyport.wasm.PackedType;
import org.sallyport.wasm.RefType;
import org.sallyport.wasm.StructType;
import org.sallyport.wasm.VecType;

/** References as values of Java: made, read, written, tested, passed through every way in and out, kept by scopes. */
class JavaReferencesTest {
    private static final String POINTS = """
            (module
              (type $point (sub (struct (field i32) (field (mut f64)))))
              (type $named (sub $point (struct (field i32) (field (mut f64)) (field (mut externref)))))
              (type $points (array (mut (ref null $point))))
              (type $text (array (mut i16)))
              (func (export "point") (param i32 f64) (result (ref $point))
                (struct.new $point (local.get 0) (local.get 1)))
              (func (export "named") (param i32 externref) (result (ref $named))
                (struct.new $named (local.get 0) (f64.const 0.5) (local.get 1)))
              (func (export "x") (param (ref null $point)) (result i32) (struct.get $point 0 (local.get 0)))
              (func (export "points") (param i32) (result (ref $points))
                (array.new_default $points (local.get 0)))
              (func (export "text") (param i32) (result (ref $text)) (array.new $text (i32.const 65) (local.get 0)))
              (func (export "sum") (param (ref $text)) (result i32) (local $i i32) (local $s i32)
                (loop $more
                  (if (i32.lt_u (local.get $i) (array.len (local.get 0))) (then
                    (local.set $s (i32.add (local.get $s) (array.get_u $text (local.get 0) (local.get $i))))
                    (local.set $i (i32.add (local.get $i) (i32.const 1)))
                    (br $more))))
                (local.get $s))
              (func (export "any") (param anyref) (result anyref) (local.get 0))
              (func (export "extern") (param externref) (result externref) (local.get 0))
              (func (export "hide") (param anyref) (result externref) (extern.convert_any (local.get 0)))
              (func (export "show") (param externref) (result anyref) (any.convert_extern (local.get 0)))
              (func (export "small") (param i32) (result (ref i31)) (ref.i31 (local.get 0))))
            """;

    interface Points {
        StructRef point(int x, double y);

        StructRef named(int x, Object name);

        int x(StructRef point);

        ArrayRef points(int n);

        ArrayRef text(int n);

        int sum(ArrayRef text);

        AnyRef any(AnyRef value);

        ExternRef extern(ExternRef value);

        ExternRef hide(AnyRef value);

        AnyRef show(Object value);

        I31Ref small(int value);
    }

    interface Wrong {
        ArrayRef point(int x, double y);
    }

    @Test
    void interfacesNameTheirClasses() {
        try (Fixture f = new Fixture()) {
            Instance instance = f.instantiate(POINTS);
            Points points = instance.bind(Points.class);
            StructRef point = points.point(3, 2.5);
            assertThat(point.get(0)).isEqualTo(3);
            assertThat(point.getDouble(1)).isEqualTo(2.5);
            assertThat(points.x(point)).isEqualTo(3);
            assertThat(points.x(points.named(7, "seven"))).isEqualTo(7);
            assertThat(points.any(point)).isEqualTo(point);
            assertThat(points.any(null)).isNull();
            assertThat(points.small(-7)).isEqualTo(new I31Ref(-7));
            assertThat(points.extern(new ExternRef("text"))).isEqualTo(new ExternRef("text"));
            assertThat(points.hide(point)).isEqualTo(new ExternRef(point));
            assertThat(points.show(new ExternRef(point))).isEqualTo(point);
            assertThat(points.show("text")).isEqualTo(new ExternRef("text"));
            assertThatThrownBy(() -> points.sum(points.points(1)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .satisfies(e -> assertThat(e.getMessage()).containsIgnoringCase("i16"));
            assertThatThrownBy(() -> points.sum(null)).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> instance.bind(Wrong.class))
                    .isInstanceOf(BindException.class)
                    .hasMessageContaining("ArrayRef point");
        }
    }

    @Test
    void typesAreTestedAndCast() {
        try (Fixture f = new Fixture()) {
            Points points = f.instantiate(POINTS).bind(Points.class);
            StructRef point = points.point(1, 0);
            StructRef named = points.named(1, null);
            assertThat(named.is(point.heapType())).isTrue();
            assertThat(point.is(named.heapType())).isFalse();
            assertThat(point.is(HeapType.Abstract.STRUCT)).isTrue();
            assertThat(point.is(HeapType.Abstract.ARRAY)).isFalse();
            assertThat(point.is(HeapType.Abstract.EQ)).isTrue();
            assertThat(new I31Ref(1).is(HeapType.Abstract.STRUCT)).isFalse();
            assertThat(new ExternRef("a").is(HeapType.Abstract.EXTERN)).isTrue();
            assertThat(new ExternRef(point).is(HeapType.Abstract.STRUCT)).isTrue();
            assertThat(named.as(point.heapType())).isSameAs(named);
            assertThatThrownBy(() -> point.as(named.heapType())).isInstanceOf(ClassCastException.class);
            assertThatThrownBy(() -> point.is(new HeapType.Concrete(1 << 30))).isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void javaMakesStructures() {
        try (Fixture f = new Fixture()) {
            Points points = f.instantiate(POINTS).bind(Points.class);
            HeapType.Concrete type = points.point(0, 0).heapType();
            HeapType.Concrete named = points.named(0, null).heapType();
            StructRef made = f.store.newStruct(type, 4, 1.5);
            assertThat(made.is(type)).isTrue();
            assertThat(points.x(made)).isEqualTo(4);
            assertThat(f.store.newStruct(type).get(1)).isEqualTo(0.0);
            StructRef other = f.store.newStruct(named, 5, 0.0, made);
            assertThat(other.get(2)).isEqualTo(made);
            other.set(2, "name");
            assertThat(other.get(2)).isEqualTo("name");
            other.setDouble(1, 9.5);
            assertThat(other.getDouble(1)).isEqualTo(9.5);
            assertThat(other.getInt(0)).isEqualTo(5);
            assertThatThrownBy(() -> other.setInt(0, 1)).isInstanceOf(UnsupportedOperationException.class);
            assertThatThrownBy(() -> other.getLong(0)).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> other.getInt(3)).isInstanceOf(IndexOutOfBoundsException.class);
            assertThatThrownBy(() -> f.store.newStruct(type, 4)).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> f.store.newStruct(type, 4, 4))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("field 1");
            assertThatThrownBy(() -> f.store.newArray(type, 4, null)).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> f.store.newStruct(new HeapType.Concrete(1 << 30)))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void javaDescribesTypesThatModulesHave() {
        try (Fixture f = new Fixture()) {
            Instance instance = f.instantiate("""
                    (module
                      (type $pair (struct (field (mut i64)) (field (mut i8)) (field v128) (field (mut f32))))
                      (type $bytes (array (mut i8)))
                      (func (export "long") (param (ref $pair)) (result i64) (struct.get $pair 0 (local.get 0)))
                      (func (export "byte") (param (ref $bytes) i32) (result i32)
                        (array.get_u $bytes (local.get 0) (local.get 1))))
                    """);
            HeapType.Concrete pair = f.store.newType(new StructType(List.of(
                    new FieldType(NumType.I64, true),
                    new FieldType(PackedType.I8, true),
                    new FieldType(VecType.V128, false),
                    new FieldType(NumType.F32, true))));
            V128 vector = new V128(1, 2);
            StructRef made = f.store.newStruct(pair, 1L << 40, 300, vector, 1.5f);
            assertThat(instance.func("long").call(made)).containsExactly(1L << 40);
            assertThat(made.getInt(1)).isEqualTo(44);
            assertThat(made.get(2)).isEqualTo(vector);
            made.setLong(0, 5);
            made.setInt(1, -1);
            made.setFloat(3, 2.5f);
            assertThat(made.getLong(0)).isEqualTo(5);
            assertThat(made.getInt(1)).isEqualTo(-1);
            assertThat(made.getFloat(3)).isEqualTo(2.5f);
            HeapType.Concrete bytes = f.store.newType(new ArrayType(new FieldType(PackedType.I8, true)));
            ArrayRef array = f.store.newArray(bytes, MemorySegment.ofArray(new byte[] {1, -2, 3}));
            assertThat(instance.func("byte").call(array, 1)).containsExactly(254);
            assertThatThrownBy(() -> instance.func("byte").call(made, 1)).isInstanceOf(IllegalArgumentException.class);
            HeapType.Concrete list = f.store.newType(new StructType(List.of(
                    new FieldType(new RefType(false, pair), false))));
            assertThatThrownBy(() -> f.store.newStruct(list)).isInstanceOf(IllegalArgumentException.class);
            assertThat(f.store.newStruct(list, made).get(0)).isEqualTo(made);
            assertThatThrownBy(() -> f.store.newType(new ArrayType(
                            new FieldType(new RefType(true, new HeapType.Concrete(1 << 30)), true))))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void arraysOfNumbersAreCopiedAtOnce() {
        try (Fixture f = new Fixture()) {
            Points points = f.instantiate(POINTS).bind(Points.class);
            ArrayRef text = points.text(4);
            text.write(1, MemorySegment.ofArray(new char[] {'x', 'y'}));
            assertThat(points.sum(text)).isEqualTo('A' + 'x' + 'y' + 'A');
            char[] all = new char[4];
            text.read(0, MemorySegment.ofArray(all));
            assertThat(all).containsExactly('A', 'x', 'y', 'A');
            ByteBuffer direct = ByteBuffer.allocateDirect(4);
            text.read(2, MemorySegment.ofBuffer(direct));
            assertThat(direct.get(0)).isEqualTo((byte) 'y');
            assertThatThrownBy(() -> text.read(3, MemorySegment.ofArray(new char[2])))
                    .isInstanceOf(IndexOutOfBoundsException.class);
            assertThatThrownBy(() -> text.read(-1, MemorySegment.ofArray(new char[2])))
                    .isInstanceOf(IndexOutOfBoundsException.class);
            assertThatThrownBy(() -> text.read(0, MemorySegment.ofArray(new byte[3])))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> points.points(2).read(0, MemorySegment.ofArray(new int[1])))
                    .isInstanceOf(IllegalArgumentException.class);
            HeapType.Concrete longs = f.store.newType(new ArrayType(new FieldType(NumType.I64, false)));
            long[] many = new long[300_000];
            many[299_999] = 7;
            ArrayRef copy = f.store.newArray(longs, MemorySegment.ofArray(many));
            assertThat(copy.length()).isEqualTo(300_000);
            assertThat(copy.get(299_999)).isEqualTo(7L);
            assertThatThrownBy(() -> copy.write(0, MemorySegment.ofArray(many)))
                    .isInstanceOf(UnsupportedOperationException.class);
        }
    }

    @Test
    void arraysAreLists() {
        try (Fixture f = new Fixture()) {
            Points points = f.instantiate(POINTS).bind(Points.class);
            ArrayRef array = points.points(3);
            List<StructRef> list = array.elements(StructRef.class);
            assertThat(list).containsExactly(null, null, null);
            for (int i = 0; i < list.size(); i++) {
                list.set(i, points.point(i, i));
            }
            int sum = 0;
            for (StructRef point : list) {
                sum += point.getInt(0);
            }
            assertThat(sum).isEqualTo(3);
            assertThatThrownBy(() -> array.elements(Integer.class).get(0)).isInstanceOf(ClassCastException.class);
            assertThatThrownBy(() -> array.set(0, array)).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> array.setInt(0, 0)).isInstanceOf(IllegalArgumentException.class);
            ArrayRef text = points.text(2);
            text.setInt(0, -1);
            assertThat(text.getInt(0)).isEqualTo(-1);
            assertThat(text.elements(Integer.class)).containsExactly(-1, 65);
            assertThat(f.store.newArray(array.heapType(), 2, list.get(1)).get(1)).isEqualTo(list.get(1));
        }
    }

    // ---- host functions

    static StructRef shift(StructRef point, int by) {
        return point.store().newStruct(point.heapType(), point.getInt(0) + by, point.getDouble(1));
    }

    static AnyRef pass(AnyRef value) {
        return value;
    }

    static StructRef other(String name, StructRef point) {
        return name.isEmpty() ? null : point;
    }

    private static final String CALLER = """
            (module
              (type $point (struct (field i32) (field (mut f64))))
              (import "h" "shift" (func $shift (param (ref null $point) i32) (result (ref null $point))))
              (import "h" "pass" (func $pass (param anyref) (result anyref)))
              (import "h" "other" (func $other (param i32 i32 (ref $point)) (result (ref $point))))
              (memory (export "memory") 1)
              (func (export "run") (param i32) (result i32)
                (struct.get $point 0
                  (call $shift (struct.new $point (local.get 0) (f64.const 1)) (i32.const 10))))
              (func (export "pass") (param i32) (result i32)
                (i31.get_s (ref.cast (ref i31) (call $pass (ref.i31 (local.get 0))))))
              (func (export "other") (param i32) (result i32)
                (struct.get $point 0
                  (call $other (i32.const 0) (local.get 0) (struct.new $point (i32.const 3) (f64.const 1))))))
            """;

    @Test
    void hostFunctionsTakeAndReturnThem() throws Throwable {
        MethodHandles.Lookup here = MethodHandles.lookup();
        try (Fixture f = new Fixture()) {
            f.linker.define("h", "shift", here.findStatic(JavaReferencesTest.class, "shift",
                            MethodType.methodType(StructRef.class, StructRef.class, int.class)))
                    .define("h", "pass", here.findStatic(JavaReferencesTest.class, "pass",
                            MethodType.methodType(AnyRef.class, AnyRef.class)))
                    .define("h", "other", here.findStatic(JavaReferencesTest.class, "other",
                            MethodType.methodType(StructRef.class, String.class, StructRef.class)));
            Instance instance = f.instantiate(CALLER);
            assertThat(instance.func("run").call(5)).containsExactly(15);
            assertThat(instance.func("pass").call(-5)).containsExactly(-5);
            assertThat(instance.func("other").call(1)).containsExactly(3);
            assertThatThrownBy(() -> instance.func("other").call(0))
                    .as("null where the import has none")
                    .isInstanceOf(HostFunctionException.class);
            f.linker.define("h", "pass", here.findStatic(JavaReferencesTest.class, "shift",
                    MethodType.methodType(StructRef.class, StructRef.class, int.class)));
            assertThatThrownBy(() -> f.instantiate(CALLER)).isInstanceOf(LinkException.class);
        }
    }

    @Test
    void aHostFunctionCannotGiveAnotherTypeThanTheImports() throws Throwable {
        try (Fixture f = new Fixture()) {
            AtomicReference<StructRef> given = new AtomicReference<>();
            f.linker.define("h", Giver.class, given::get);
            Instance instance = f.instantiate("""
                    (module
                      (type $a (struct (field i32)))
                      (type $b (struct (field i64)))
                      (import "h" "give" (func $give (result (ref null $a))))
                      (func (export "b") (result (ref $b)) (struct.new_default $b))
                      (func (export "a") (result (ref $a)) (struct.new_default $a))
                      (func (export "give") (result i32) (ref.is_null (call $give))))
                    """);
            given.set((StructRef) instance.func("a").call()[0]);
            assertThat(instance.func("give").call()).containsExactly(0);
            given.set(null);
            assertThat(instance.func("give").call()).containsExactly(1);
            given.set((StructRef) instance.func("b").call()[0]);
            assertThatThrownBy(() -> instance.func("give").call()).isInstanceOf(HostFunctionException.class);
        }
    }

    interface Giver {
        @WasmName("give")
        StructRef give();
    }

    @Test
    void boxedHostFunctionsNameConcreteTypes() {
        try (Fixture f = new Fixture()) {
            HeapType.Concrete point = f.store.newType(new StructType(List.of(
                    new FieldType(NumType.I32, false), new FieldType(NumType.F64, true))));
            RefType reference = new RefType(true, point);
            f.linker.define("h", "shift", new FuncType(List.of(reference, NumType.I32), List.of(reference)),
                            (_, args) -> new Object[] {shift((StructRef) args[0], (int) args[1])})
                    .define("h", "pass", new FuncType(List.of(any()), List.of(any())), (_, args) -> args)
                    .define("h", "other", new FuncType(
                            List.of(NumType.I32, NumType.I32, new RefType(false, point)), List.of(new RefType(false, point))),
                            (_, args) -> new Object[] {args[2]});
            Instance instance = f.instantiate(CALLER);
            assertThat(instance.func("run").call(5)).containsExactly(15);
            assertThat(instance.func("pass").call(5)).containsExactly(5);
        }
    }

    private static RefType any() {
        return new RefType(true, HeapType.Abstract.ANY);
    }

    // ---- lifetime

    @Test
    void otherStoresRefuseThem() {
        try (Fixture f = new Fixture(); Store second = f.engine.newStore()) {
            Instance instance = f.instantiate(POINTS);
            Points points = instance.bind(Points.class);
            Instance elsewhere = f.linker.link(instance.module()).instantiate(second);
            StructRef point = points.point(1, 2);
            assertThatThrownBy(() -> elsewhere.func("x").call(point))
                    .isInstanceOfSatisfying(ReferenceException.class, e ->
                            assertThat(e.reason()).isEqualTo(ReferenceException.Reason.OTHER_STORE));
            assertThatThrownBy(() -> elsewhere.bind(Points.class).any(point)).isInstanceOf(ReferenceException.class);
            assertThatThrownBy(() -> elsewhere.func("extern").call(new ExternRef(point)))
                    .isInstanceOf(ReferenceException.class);
            assertThatThrownBy(() -> second.newStruct(points.named(1, null).heapType(), 1, 1.0, point))
                    .isInstanceOf(ReferenceException.class);
            assertThat(elsewhere.func("x").call(second.newStruct(point.heapType(), 8, 0.0))).containsExactly(8);
        }
    }

    @Test
    void afterTheStoreWasClosedNothingWorks() {
        try (Fixture f = new Fixture()) {
            Store store = f.engine.newStore();
            Points points = f.linker.link(f.compile(POINTS)).instantiate(store).bind(Points.class);
            StructRef point = points.point(1, 2);
            @SuppressWarnings("resource") // closed after the store
            ReferenceScope scope = store.openScope();
            StructRef scoped = points.point(1, 2);
            store.close();
            assertThatThrownBy(() -> point.get(0)).isInstanceOf(StoreClosedException.class);
            assertThatThrownBy(() -> scoped.getInt(0)).isInstanceOf(StoreClosedException.class);
            assertThatThrownBy(() -> store.newStruct(point.heapType(), 1, 1.0)).isInstanceOf(StoreClosedException.class);
            assertThatThrownBy(store::openScope).isInstanceOf(StoreClosedException.class);
            assertThatThrownBy(() -> store.heap().statistics()).isInstanceOf(StoreClosedException.class);
            scope.close();
            assertThatThrownBy(() -> scoped.getInt(0)).isInstanceOf(StoreClosedException.class);
        }
    }

    @Test
    void scopesKeepAndLetGo() {
        try (Fixture f = new Fixture()) {
            Points points = f.instantiate(POINTS).bind(Points.class);
            StructRef kept;
            StructRef lost;
            try (ReferenceScope scope = f.store.openScope()) {
                StructRef first = points.point(0, 0);
                StructRef middle;
                try (ReferenceScope inner = f.store.openScope()) {
                    for (int i = 0; i < 1000; i++) {
                        points.point(i, 0);
                    }
                    middle = inner.keep(points.point(41, 0));
                    lost = points.point(42, 0);
                    assertThat(f.store.heap().statistics().objects()).isEqualTo(1003);
                    assertThat(lost.getInt(0)).isEqualTo(42);
                    assertThatThrownBy(() -> scope.keep(first)).isInstanceOf(IllegalStateException.class);
                }
                assertThat(f.store.heap().statistics().objects()).isEqualTo(2);
                assertThat(middle.getInt(0)).isEqualTo(41);
                assertThat(first.getInt(0)).isEqualTo(0);
                kept = scope.keep(middle);
            }
            assertThat(f.store.heap().statistics().objects()).isEqualTo(1);
            assertThat(kept.getInt(0)).isEqualTo(41);
            StructRef gone = lost;
            assertThatThrownBy(() -> gone.getInt(0))
                    .isInstanceOfSatisfying(ReferenceException.class, e ->
                            assertThat(e.reason()).isEqualTo(ReferenceException.Reason.SCOPE_CLOSED));
            assertThatThrownBy(() -> points.x(gone)).isInstanceOf(ReferenceException.class);
            assertThatThrownBy(() -> points.any(gone)).isInstanceOf(ReferenceException.class);
        }
    }

    @Test
    void anOuterScopeClosesTheInnerOnes() {
        try (Fixture f = new Fixture()) {
            Points points = f.instantiate(POINTS).bind(Points.class);
            ReferenceScope outer = f.store.openScope();
            ReferenceScope inner = f.store.openScope();
            StructRef point = points.point(1, 1);
            outer.close();
            assertThatThrownBy(() -> point.get(0)).isInstanceOf(ReferenceException.class);
            inner.close();
            outer.close();
            assertThat(points.point(2, 2).getInt(0)).isEqualTo(2);
        }
    }

    @Test
    void theHeapIsCountedAndShownByType() {
        try (Fixture f = new Fixture()) {
            Points points = f.instantiate(POINTS).bind(Points.class);
            ArrayRef array = points.points(100);
            List<StructRef> list = array.elements(StructRef.class);
            try (ReferenceScope _ = f.store.openScope()) {
                for (int i = 0; i < 50; i++) {
                    list.set(i, points.point(i, 0));
                }
                for (int i = 50; i < 60; i++) {
                    list.set(i, points.named(i, "name"));
                }
            }
            var statistics = f.store.heap().statistics();
            assertThat(statistics.objects()).isEqualTo(61);
            assertThat(statistics.types()).hasSize(3);
            assertThat(statistics.types().stream().mapToLong(t -> t.bytes()).sum()).isEqualTo(statistics.bytes());
            assertThat(statistics.types().getFirst().objects()).as("points take the most bytes").isEqualTo(50);
            assertThat(statistics.reservedBytes()).isGreaterThanOrEqualTo(statistics.bytes());
            assertThat(statistics.hostObjects()).isEqualTo(1);
            HeapType.Concrete point = points.point(0, 0).heapType();
            int[] sum = new int[1];
            try (ReferenceScope _ = f.store.openScope()) {
                f.store.heap().forEach(list.get(55).heapType(), reference -> sum[0] += ((StructRef) reference).getInt(0));
            }
            assertThat(sum[0]).isEqualTo(50 + 51 + 52 + 53 + 54 + 55 + 56 + 57 + 58 + 59);
            int[] count = new int[1];
            f.store.heap().forEach(point, _ -> count[0]++);
            assertThat(count[0]).as("subtypes too").isGreaterThanOrEqualTo(60);
            assertThatThrownBy(() -> f.store.heap().forEach(new HeapType.Concrete(1 << 30), _ -> {}))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void whatJavaMakesCountsAgainstTheLimit() {
        try (Fixture f = new Fixture(StoreLimits.DEFAULT.withMemoryBytes(4 << 20))) {
            HeapType.Concrete bytes = f.store.newType(new ArrayType(new FieldType(PackedType.I8, true)));
            assertThatThrownBy(() -> f.store.newArray(bytes, 8 << 20, 0)).isInstanceOf(LimitExceededException.class);
            assertThatThrownBy(() -> f.store.newArray(bytes, -1, 0)).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> f.store.newArray(bytes, 1L << 32, 0)).isInstanceOf(IllegalArgumentException.class);
            for (int i = 0; i < 100; i++) {
                try (ReferenceScope _ = f.store.openScope()) {
                    assertThat(f.store.newArray(bytes, 1 << 20, i).getInt(1)).isEqualTo(i);
                }
            }
        }
    }
}
