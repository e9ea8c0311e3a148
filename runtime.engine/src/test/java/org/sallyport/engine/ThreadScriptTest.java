package org.sallyport.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.EnumSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.sallyport.Engine;
import org.sallyport.text.WatOptions;
import org.sallyport.text.wast.EngineHost;
import org.sallyport.text.wast.Report;
import org.sallyport.text.wast.Script;
import org.sallyport.text.wast.WastRunner;
import org.sallyport.wasm.Feature;

/** Scripts with {@code thread} and {@code wait}: each thread has a store of its own, with the memories that it is given. */
@Timeout(60)
class ThreadScriptTest {
    @Test
    void threadsOfAScriptSeeSharedMemories() {
        Report report = run("""
                (module $Mem (memory (export "shared\\e2\\82\\ac") 1 1 shared))
                (thread $T1 (shared (module $Mem))
                  (register "mem" $Mem)
                  (module
                    (memory (import "mem" "shared\\e2\\82\\ac") 1 1 shared)
                    (func (export "run") (result i32)
                      (memory.atomic.wait32 (i32.const 0) (i32.const 0) (i64.const -1))))
                  (assert_return (invoke "run") (either (i32.const 0) (i32.const 1))))
                (thread $T2 (shared (module $Mem))
                  (register "mem" $Mem)
                  (module
                    (memory (import "mem" "shared\\e2\\82\\ac") 1 1 shared)
                    (func (export "notify-0") (result i32)
                      (memory.atomic.notify (i32.const 0) (i32.const 0)))
                    (func (export "wake")
                      (i32.atomic.store (i32.const 0) (i32.const 1))
                      (drop (memory.atomic.notify (i32.const 0) (i32.const 1)))))
                  (assert_return (invoke "notify-0") (i32.const 0))
                  (assert_return (invoke "wake")))
                (wait $T1)
                (wait $T2)
                (module (memory 1 1) (func (export "f") (result i32)
                  (memory.atomic.wait32 (i32.const 0) (i32.const 0) (i64.const -1))))
                (assert_trap (invoke "f") "expected shared memory")
                """);
        assertThat(report.failures()).isEmpty();
    }

    private static Report run(String text) {
        try (Engine engine = Engine.create(EngineHost.config(EnumSet.allOf(Feature.class)));
                EngineHost host = new EngineHost(engine)) {
            return WastRunner.run(Script.parse(text.getBytes(StandardCharsets.UTF_8), "threads.wast", WatOptions.DEFAULT), host);
        }
    }
}
