package org.sallyport.itests.real;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.sallyport.CallContext;
import org.sallyport.Config;
import org.sallyport.Engine;
import org.sallyport.ExceptionReference;
import org.sallyport.GuestInterruptedException;
import org.sallyport.HostFunctionException;
import org.sallyport.Instance;
import org.sallyport.LimitExceededException;
import org.sallyport.Linker;
import org.sallyport.Store;
import org.sallyport.StoreLimits;
import org.sallyport.Tag;
import org.sallyport.TrapException;
import org.sallyport.WasmException;
import org.sallyport.engine.service.PortableEngines;
import org.sallyport.text.Wat;
import org.sallyport.wasm.FuncType;
import org.sallyport.wasm.NumType;

/** Exceptions of guests that are class files: what catches them, what does not, and what they may take. */
class PortableExceptionsTest {
    private static final String CATCHING = """
            (module
              (import "h" "throw" (func $throw (param i32)))
              (tag $e (export "e") (param i32 externref))
              (func $raise (param i32 externref) (throw $e (local.get 0) (local.get 1)))
              (func (export "raise") (param i32 externref) (call $raise (local.get 0) (local.get 1)))
              (func (export "catch") (param i32) (result i32 externref)
                (block $h (result i32 externref)
                  (try_table (catch $e $h) (call $throw (local.get 0)))
                  (i32.const -1) (ref.null extern)))
              (func $all (param i32)
                (block $h (try_table (catch_all $h) (call $throw (local.get 0)))))
              (func (export "all") (param i32) (call $all (local.get 0)))
              (func (export "trap") (block $h (try_table (catch_all $h) (unreachable))))
              (func (export "spin") (loop $l (block $h (try_table (catch_all $h) (loop $m (br $m)))) (br $l)))
              (func $deep (block $h (try_table (catch_all $h) (call $deep))) (call $deep))
              (func (export "deep") (call $deep))
              (func (export "reference") (param i32) (result exnref)
                (block $h (result exnref) (try_table (catch_all_ref $h) (call $throw (local.get 0))) (ref.null exn)))
              (func (export "again") (param exnref) (throw_ref (local.get 0))))
            """;

    private Engine engine = PortableEngines.create(Config.defaults().withCompileThreads(1));

    @AfterEach
    void close() {
        engine.close();
    }

    private void use(boolean cut) {
        if (cut) {
            engine.close();
            engine = PortableEngines.createCutting(Config.defaults().withCompileThreads(1));
        }
    }

    private Instance instantiate(Store store, Object[] thrown, String wat) {
        Linker linker = engine.newLinker();
        linker.define("h", "throw", new FuncType(List.of(NumType.I32), List.of()), (_, args) -> {
            Object what = thrown[(int) args[0]];
            if (what instanceof Exception e) {
                throw e;
            }
            return new Object[0];
        });
        return linker.link(engine.compile(Wat.compile(wat))).instantiate(store);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void whatGuestsAndHostsThrowIsCaughtByEachOther(boolean cut) {
        use(cut);
        Store store = engine.newStore();
        Object[] thrown = new Object[2];
        Instance instance = instantiate(store, thrown, CATCHING);
        Object value = new Object();
        Tag tag = (Tag) instance.export("e").orElseThrow();
        thrown[0] = new WasmException(tag, 7, value);
        assertThat(instance.func("catch").call(0)).containsExactly(7, value);
        thrown[1] = new WasmException(store.newTag(new FuncType(List.of(), List.of())));
        assertThatThrownBy(() -> instance.func("catch").call(1)).isSameAs(thrown[1]);
        instance.func("all").call(1);
        assertThatThrownBy(() -> instance.func("raise").call(9, value))
                .isInstanceOfSatisfying(WasmException.class, e -> {
                    assertThat(e.tag()).isSameAs(tag);
                    assertThat(e.values()).containsExactly(9, value);
                    assertThat(e.frames()).isNotEmpty();
                });
        ExceptionReference reference = (ExceptionReference) instance.func("reference").call(0)[0];
        assertThat(reference.exception()).isSameAs(thrown[0]);
        assertThatThrownBy(() -> instance.func("again").call(reference)).isSameAs(thrown[0]);
        assertThatThrownBy(() -> instance.func("again").call(new Object[] {null})).isInstanceOf(TrapException.class);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void nothingElseIsCaught(boolean cut) {
        use(cut);
        Instance instance = instantiate(engine.newStore(), new Object[] {new IllegalStateException("expected")}, CATCHING);
        assertThatThrownBy(() -> instance.func("trap").call()).isInstanceOf(TrapException.class);
        assertThatThrownBy(() -> instance.func("all").call(0)).isInstanceOf(HostFunctionException.class);
        assertThatThrownBy(() -> instance.func("deep").call()).isInstanceOf(TrapException.class);
        assertThatThrownBy(() ->
                        CallContext.withTimeout(Duration.ofMillis(100), () -> instance.func("spin").call()))
                .isInstanceOf(GuestInterruptedException.class);
    }

    private static final String KEEPING = """
            (module
              (tag $e (param exnref i64))
              (func (export "run") (param i32 i32)
                (local $last exnref)
                (loop $l
                  (local.set $last
                    (block $h (result exnref)
                      (try_table (catch_all_ref $h)
                        (throw $e (select (result exnref) (local.get $last) (ref.null exn) (local.get 1)) (i64.const 1)))
                      (unreachable)))
                  (br_if $l (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))))
            """;

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void thoseThatGuestsReferToAreLimited(boolean isKept) {
        Store store = engine.newStore(StoreLimits.DEFAULT.withExceptionBytes(1 << 20));
        Instance instance = engine.newLinker().link(engine.compile(Wat.compile(KEEPING))).instantiate(store);
        if (isKept) {
            assertThatThrownBy(() -> instance.func("run").call(1 << 20, 1))
                    .isInstanceOf(LimitExceededException.class)
                    .hasMessageContaining("exceptions");
        } else {
            instance.func("run").call(1 << 17, 0);
        }
    }
}
