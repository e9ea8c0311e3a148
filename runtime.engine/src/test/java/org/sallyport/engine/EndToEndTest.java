package org.sallyport.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.sallyport.Config;
import org.sallyport.Engine;
import org.sallyport.Instance;
import org.sallyport.Module;
import org.sallyport.Store;
import org.sallyport.TrapCode;
import org.sallyport.TrapException;
import org.sallyport.text.Wat;

/** From text to a call, through every real part. */
class EndToEndTest {
    @Test
    void computesAndTraps() throws Throwable {
        byte[] bytes = Wat.compile("""
                (module $m
                  (memory (export "memory") 1 2)
                  (table 4 4 funcref)
                  (elem (i32.const 0) $fib $boom)
                  (data (i32.const 16) "hello")
                  (global $g (mut i32) (i32.const 7))
                  (func $fib (export "fib") (param i32) (result i32)
                    (if (result i32) (i32.lt_u (local.get 0) (i32.const 2))
                      (then (local.get 0))
                      (else (i32.add
                        (call $fib (i32.sub (local.get 0) (i32.const 1)))
                        (call $fib (i32.sub (local.get 0) (i32.const 2)))))))
                  (func $boom (export "boom") (param i32) (result i32) unreachable)
                  (type $t (func (param i32) (result i32)))
                  (func (export "via") (param i32 i32) (result i32)
                    (call_indirect (type $t) (local.get 1) (local.get 0)))
                  (func (export "load") (param i32) (result i32) (i32.load (local.get 0)))
                  (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0)))
                  (func $deep (export "deep") (param i32) (result i32)
                    (i32.add (i32.const 1) (call $deep (local.get 0))))
                  (func (export "mix") (param i64 f32 f64) (result f64)
                    (f64.add (f64.convert_i64_s (local.get 0))
                      (f64.add (f64.promote_f32 (local.get 1)) (local.get 2)))))
                """);
        try (Engine engine = Engine.create();
                Module module = engine.compile(bytes);
                Store store = engine.newStore()) {
            Instance instance = engine.newLinker().link(module).instantiate(store);
            assertThat((int) instance.func("fib").handle().invokeExact(20)).isEqualTo(6765);
            assertThat((double) instance.func("mix").handle().invokeExact(3L, 0.5f, 1.25)).isEqualTo(4.75);
            assertThat(instance.func("via").call(0, 10)).containsExactly(55);
            assertThat(instance.memory("memory").readString(16, 5)).isEqualTo("hello");
            assertThat(instance.func("load").call(16)).containsExactly(0x6c6c6568);
            assertThatThrownBy(() -> instance.func("load").call(65533)).hasMessage("out of bounds memory access");
            assertThat(instance.func("grow").call(1)).containsExactly(1);
            assertThat(instance.func("grow").call(1)).containsExactly(-1);
            assertThat(instance.func("load").call(65533)).containsExactly(0);
            assertThatThrownBy(() -> instance.func("via").call(1, 10))
                    .isInstanceOfSatisfying(TrapException.class, e -> {
                        assertThat(e.code()).isEqualTo(TrapCode.UNREACHABLE);
                        assertThat(e.frames()).extracting(f -> f.functionName()).containsExactly("boom", "via");
                    });
            assertThatThrownBy(() -> instance.func("via").call(3, 10)).hasMessage("uninitialized element");
            assertThatThrownBy(() -> instance.func("via").call(4, 10)).hasMessage("undefined element");
            assertThatThrownBy(() -> instance.func("deep").call(4)).hasMessage("call stack exhausted");
        }
    }

    /** Small functions that were copied into their callers, or into themselves, still have their own frames in a backtrace. */
    @Test
    void inlinedFunctionsHaveFrames() {
        byte[] bytes = Wat.compile("""
                (module $m (memory 1)
                  (func $get (export "get") (param i32) (result i32) (i32.load (local.get 0)))
                  (func $passOn (export "passOn") (param i32) (result i32) (call $walk (local.get 0)))
                  (func $walk (export "walk") (param i32) (result i32) (local i32)
                    (loop (local.set 1 (call $get (local.get 0)))
                      (local.set 0 (i32.add (local.get 0) (i32.const 4096))) (br 0)) (local.get 1))
                  (func $unless (export "unless") (param i32) (if (i32.eqz (local.get 0)) (then unreachable)))
                  (func (export "trap") (param i32) (result i32) (call $unless (local.get 0)) (i32.const 0))
                  (func $down (export "down") (param i32) (result i32)
                    (if (i32.eqz (local.get 0)) (then unreachable))
                    (i32.add (call $down (i32.sub (local.get 0) (i32.const 1))) (i32.const 1)))
                  (func (export "run") (param i32) (result i32) (call $passOn (local.get 0))))
                """);
        List<List<Integer>> places = new ArrayList<>();
        Config config = Config.defaults();
        for (boolean optimize : new boolean[] {true, false}) {
            try (Engine engine = Engine.create(config.withCompile(config.compile().withOptimize(optimize)));
                    Module module = engine.compile(bytes);
                    Store store = engine.newStore()) {
                Instance instance = engine.newLinker().link(module).instantiate(store);
                assertThatThrownBy(() -> instance.func("run").call(4))
                        .isInstanceOfSatisfying(TrapException.class, e -> {
                            assertThat(e.frames())
                                    .extracting(f -> f.functionName())
                                    .containsExactly("get", "walk", "passOn", "run");
                            places.add(new ArrayList<>(e.frames().stream().map(f -> f.offset()).toList()));
                        });
                assertThatThrownBy(() -> instance.func("trap").call(0))
                        .isInstanceOfSatisfying(TrapException.class, e -> {
                            assertThat(e.frames()).extracting(f -> f.functionName()).containsExactly("unless", "trap");
                            places.getLast().addAll(e.frames().stream().map(f -> f.offset()).toList());
                        });
                for (int depth = 0; depth < 5; depth++) {
                    int argument = depth;
                    assertThatThrownBy(() -> instance.func("down").call(argument))
                            .isInstanceOfSatisfying(TrapException.class, e -> {
                                assertThat(e.frames()).hasSize(argument + 1)
                                        .allMatch(f -> "down".equals(f.functionName()));
                                places.getLast().addAll(e.frames().stream().map(f -> f.offset()).toList());
                            });
                }
            }
        }
        assertThat(places.get(0)).as("offsets, inlined and called").isEqualTo(places.get(1)).allMatch(at -> at > 0);
    }
}
