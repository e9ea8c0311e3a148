package org.sallyport.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.sallyport.Engine;
import org.sallyport.Module;
import org.sallyport.UnsupportedFeatureException;
import org.sallyport.text.Wat;
import org.sallyport.wasm.Feature;

/** Whatever lets a vector arise is refused by name as long as the back end has none: never compiled wrongly. */
class UnsupportedTest {
    @ParameterizedTest
    @ValueSource(strings = {
        "(func (param v128))",
        "(func (result v128) unreachable)",
        "(func (local i32 v128 i32))",
        "(func (param v128 v128 i32) (result v128) (select (local.get 0) (local.get 1) (local.get 2)))",
        "(import \"m\" \"g\" (global $g v128)) "
                + "(func (drop (select (result v128) (global.get $g) (global.get $g) (i32.const 1))))",
        "(func (drop (v128.const i32x4 1 2 3 4)))",
        "(func (drop (i32x4.extract_lane 0 (i32x4.splat (i32.const 1)))))",
        "(memory 1) (func (v128.store (i32.const 0) (v128.load (i32.const 0))))",
        "(func (block (result v128) (unreachable)) drop)",
        "(func (loop (result v128) (unreachable)) drop)",
        "(type $t (func (param i32) (result v128))) "
                + "(func (drop (if (type $t) (i32.const 1) (i32.const 2) (then drop unreachable) (else unreachable))))",
        "(global $g (mut v128) (v128.const i32x4 1 2 3 4)) (func (global.set $g (global.get $g)))",
        "(global $g v128 (v128.const i32x4 1 2 3 4)) (func (drop (global.get $g)))",
        "(import \"m\" \"f\" (func $f (result v128))) (func (drop (call $f)))",
        "(import \"m\" \"f\" (func $f (param v128))) "
                + "(func (unreachable) (call $f)) (func (call $f (v128.const i64x2 0 0)))",
        "(type $t (func (result v128))) (table 1 funcref) (func (drop (call_indirect (type $t) (i32.const 0))))",
        "(type $t (func (result v128))) (func (param (ref $t)) (drop (call_ref $t (local.get 0))))",
    })
    void vectorsAreRefusedOrRun(String fields) {
        try (Engines engines = new Engines()) {
            if (engines.hasVectors()) {
                assertThat(engines.compile(fields)).isNotNull();
                return;
            }
            assertThatThrownBy(() -> engines.compile(fields))
                    .isInstanceOf(UnsupportedFeatureException.class)
                    .extracting(e -> ((UnsupportedFeatureException) e).feature())
                    .isEqualTo(Feature.SIMD);
        }
    }

    /** One engine, and whether its back end has vectors at all. */
    private static final class Engines implements AutoCloseable {
        private final Engine engine = Engine.create();

        Module compile(String fields) {
            return engine.compile(Wat.compile("(module " + fields + ")"));
        }

        boolean hasVectors() {
            try {
                compile("(func (result v128) (v128.const i32x4 1 2 3 4))");
                return true;
            } catch (UnsupportedFeatureException e) {
                return false;
            }
        }

        @Override
        public void close() {
            engine.close();
        }
    }
}
