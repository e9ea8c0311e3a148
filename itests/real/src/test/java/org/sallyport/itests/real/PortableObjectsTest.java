package org.sallyport.itests.real;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.sallyport.ArrayRef;
import org.sallyport.Config;
import org.sallyport.Engine;
import org.sallyport.I31Ref;
import org.sallyport.Instance;
import org.sallyport.LimitExceededException;
import org.sallyport.ReferenceException;
import org.sallyport.ReferenceScope;
import org.sallyport.Store;
import org.sallyport.StoreLimits;
import org.sallyport.StructRef;
import org.sallyport.engine.service.PortableEngines;
import org.sallyport.text.Wat;
import org.sallyport.wasm.HeapType;

/** Structures and arrays of guests that are class files: the same values of Java, and limits. */
class PortableObjectsTest {
    private static final String SHAPES = """
            (module
              (type $point (sub (struct (field (mut f64)) (field (mut i8)) (field (mut anyref)))))
              (type $large (sub $point (struct (field (mut f64)) (field (mut i8)) (field (mut anyref))
                (field i64) (field i64) (field i64) (field i64) (field eqref) (field eqref) (field eqref) (field eqref))))
              (type $line (array (mut (ref null $point))))
              (type $bytes (array (mut i16)))
              (func (export "point") (param f64 i32 anyref) (result (ref $point))
                (struct.new $point (local.get 0) (local.get 1) (local.get 2)))
              (func (export "large") (result (ref $point))
                (struct.new $large (f64.const 1) (i32.const 2) (ref.null any) (i64.const 3) (i64.const 4) (i64.const 5)
                  (i64.const 6) (ref.null eq) (ref.null eq) (ref.null eq) (ref.i31 (i32.const 9))))
              (func (export "last") (param anyref) (result i32)
                (i31.get_s (ref.cast i31ref (struct.get $large 10 (ref.cast (ref $large) (local.get 0))))))
              (func (export "line") (param i32) (result (ref $line)) (array.new_default $line (local.get 0)))
              (func (export "bytes") (param i32) (result (ref $bytes)) (array.new $bytes (i32.const -2) (local.get 0)))
              (func (export "isPoint") (param anyref) (result i32) (ref.test (ref $point) (local.get 0))))
            """;

    private final Engine engine = PortableEngines.create(Config.defaults().withCompileThreads(1));

    @AfterEach
    void close() {
        engine.close();
    }

    private Instance instantiate(Store store, String wat) {
        return engine.newLinker().link(engine.compile(Wat.compile(wat))).instantiate(store);
    }

    @Test
    void areValuesOfJava() {
        Store store = engine.newStore();
        Instance shapes = instantiate(store, SHAPES);
        StructRef point = (StructRef) shapes.func("point").call(1.5, -3, new I31Ref(5))[0];
        assertThat(point.getDouble(0)).isEqualTo(1.5);
        assertThat(point.getInt(1)).isEqualTo(-3);
        assertThat(point.get(2)).isEqualTo(new I31Ref(5));
        point.set(2, point);
        assertThat(point.get(2)).isEqualTo(point);
        assertThatThrownBy(() -> point.set(0, "text")).isInstanceOf(IllegalArgumentException.class);
        StructRef large = (StructRef) shapes.func("large").call()[0];
        assertThat(large.is(point.heapType())).isTrue();
        assertThat(point.is(large.heapType())).isFalse();
        assertThat(large.getLong(6)).isEqualTo(6);
        assertThat(shapes.func("last").call(large)).containsExactly(9);
        ArrayRef line = (ArrayRef) shapes.func("line").call(3)[0];
        line.set(2, large);
        assertThat(line.elements(StructRef.class)).containsExactly(null, null, large);
        assertThatThrownBy(() -> line.set(0, line)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> line.get(3)).isInstanceOf(IndexOutOfBoundsException.class);
        ArrayRef bytes = (ArrayRef) shapes.func("bytes").call(2)[0];
        assertThat(bytes.getInt(1)).isEqualTo(-2);
        byte[] read = new byte[4];
        bytes.read(0, MemorySegment.ofArray(read));
        assertThat(read).containsExactly(-2, -1, -2, -1);
    }

    @Test
    void typesOfTwoModulesAreTheSame() {
        Store store = engine.newStore();
        Instance one = instantiate(store, SHAPES);
        Instance other = instantiate(store, SHAPES);
        Object point = one.func("large").call()[0];
        assertThat(other.func("isPoint").call(point)).containsExactly(1);
        assertThat(other.func("isPoint").call(one.func("line").call(0)[0])).containsExactly(0);
        Instance stranger = instantiate(engine.newStore(), SHAPES);
        assertThatThrownBy(() -> stranger.func("isPoint").call(point)).isInstanceOf(ReferenceException.class);
    }

    @Test
    void javaMakesSomeAndScopesEnd() {
        Store store = engine.newStore();
        Instance shapes = instantiate(store, SHAPES);
        HeapType.Concrete type = ((StructRef) shapes.func("point").call(0.0, 0, null)[0]).heapType();
        StructRef kept;
        StructRef lost;
        try (ReferenceScope scope = store.openScope()) {
            lost = store.newStruct(type, 2.0, 1, null);
            kept = scope.keep(store.newStruct(type));
        }
        assertThat(shapes.func("isPoint").call(kept)).containsExactly(1);
        assertThatThrownBy(() -> lost.getDouble(0)).isInstanceOf(ReferenceException.class);
        assertThatThrownBy(() -> shapes.func("isPoint").call(lost)).isInstanceOf(ReferenceException.class);
    }

    private static final String LIST = """
            (module
              (type $node (struct (field (ref null $node)) (field i64)))
              (type $array (array i64))
              (func (export "run") (param i32 i32)
                (local $last (ref null $node))
                (loop $l
                  (local.set $last (struct.new $node
                    (select (result (ref null $node)) (local.get $last) (ref.null $node) (local.get 1)) (i64.const 1)))
                  (br_if $l (local.tee 0 (i32.sub (local.get 0) (i32.const 1))))))
              (func (export "large") (param i32) (drop (array.new_default $array (local.get 0)))))
            """;

    @Test
    void thoseThatAreAliveAreLimited() {
        Store store = engine.newStore(StoreLimits.DEFAULT.withMemoryBytes(2 << 20));
        Instance instance = instantiate(store, LIST);
        instance.func("run").call(1 << 18, 0);
        assertThatThrownBy(() -> instance.func("run").call(1 << 20, 1)).isInstanceOf(LimitExceededException.class);
        assertThatThrownBy(() -> instance.func("large").call(1 << 18)).isInstanceOf(LimitExceededException.class);
        assertThatThrownBy(() -> instance.func("large").call(-1)).isInstanceOf(LimitExceededException.class);
        instance.func("run").call(1 << 10, 1);
    }
}
