package org.sallyport.itests.real;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.sallyport.Config;
import org.sallyport.Engine;
import org.sallyport.UnsupportedFeatureException;
import org.sallyport.engine.service.GraphEngines;
import org.sallyport.text.Wat;
import org.sallyport.wasm.Feature;

/** What the compiler's graphs mean, interpreted ({@code GraphBackEnd}): the scalar part. */
class GraphBackEndTest extends ObjectBackEndContract {
    @Override
    Engine create(Config config) {
        return GraphEngines.create(config);
    }

    @Override
    String target() {
        return "graph";
    }

    @Override
    boolean countsHostObjects() {
        return true;
    }

    @Override
    boolean isBeyond(String script) {
        return script.contains("/") || script.startsWith("simd_") || script.contains("relaxed");
    }

    /** By the feature that it lacks, and by no other one. */
    @ParameterizedTest
    @CsvSource(quoteCharacter = '`', value = {
        "SIMD,       `(drop (i32x4.splat (i32.const 1)))`",
        "EXCEPTIONS, `(throw $e)`",
        "EXCEPTIONS, `(block $h (try_table (catch_all $h) (call $f)))`",
        "THREADS,    `(drop (i32.atomic.load (i32.const 0)))`",
        "THREADS,    `(i64.atomic.store8 (i32.const 0) (i64.const 1))`",
        "THREADS,    `(drop (i64.atomic.rmw.add (i32.const 0) (i64.const 1)))`",
        "THREADS,    `(drop (i32.atomic.rmw.cmpxchg (i32.const 0) (i32.const 1) (i32.const 2)))`",
        "THREADS,    `(atomic.fence)`",
        "GC,         `(drop (ref.test (ref array) (ref.i31 (i32.const 1))))`",
    })
    void whatItLacksIsRefusedByName(Feature feature, String instructions) {
        String wat = "(module (memory 1) (tag $e) (func $f " + instructions + "))";
        assertThatThrownBy(() -> engine.compile(Wat.compile(wat)))
                .isInstanceOfSatisfying(
                        UnsupportedFeatureException.class, e -> assertThat(e.feature()).isEqualTo(feature))
                .hasMessageContaining(feature.text());
    }
}
