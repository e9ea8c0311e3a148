package org.sallyport.engine;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;

import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.sallyport.text.Wat;
import org.sallyport.text.WatOptions;

/**
 * Nothing is broken for good because the Java heap was full when it was used first. A class whose initializer meets an
 * OutOfMemoryError, or a call site that is linked then, fails each time afterwards ({@link FullHeap}).
 */
class FullHeapTest {
    private static final int SCALE = Integer.getInteger("sallyport.stress", 1);
    static final String MODULE = """
            (module
              (type $pair (func (param i32 i32) (result i32)))
              (import "h" "boxed" (func $boxed))
              (import "h" "twice" (func $twice (param i32) (result i32)))
              (memory (export "m") 1 9)
              (table $t (export "t") 10 100 funcref)
              (global (export "g") (mut i64) (i64.const 1))
              (elem (i32.const 0) $add)
              (data (i32.const 100) "some bytes")
              (func $add (export "add") (type $pair) (i32.add (local.get 0) (local.get 1)))
              (func (export "host") (param i32) (result i32) (call $boxed) (call $twice (local.get 0)))
              (func (export "divide") (drop (i32.div_s (i32.const 1) (global.get $zero))))
              (func $deep (export "deep") (call $deep))
              (func (export "outside") (drop (i32.load (i32.const -8))))
              (func (export "unreachable") (unreachable))
              (func (export "indirect") (drop (call_indirect (type $pair) (i32.const 1) (i32.const 2) (i32.const 9))))
              (func (export "spin") (loop (br 0)))
              (global $zero (mut i32) (i32.const 0))
              (func (param i32 i64 f32 f64) (result f64)
                (local $i i32) (local $sum i64)
                (loop $next
                  (local.set $sum (i64.add (local.get $sum) (i64.load (i32.and (local.get $i) (i32.const 1023)))))
                  (i32.store8 (local.get $i) (i32.shr_u (local.get $i) (i32.const 3)))
                  (if (i32.eqz (i32.rem_u (local.get $i) (i32.const 7)))
                    (then (local.set $sum (i64.mul (local.get $sum) (i64.rotl (local.get 1) (i64.const 5))))))
                  (br_if $next (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get 0))))
                (block $a (block $b (br_table $a $b (local.get $i))) (local.set 2 (f32.sqrt (local.get 2))))
                (memory.fill (i32.const 8) (i32.const 0) (i32.const 8))
                (drop (memory.grow (i32.const 0)))
                (drop (table.grow $t (ref.null func) (i32.const 0)))
                (f64.add (f64.convert_i64_s (local.get $sum))
                  (select (f64.promote_f32 (local.get 2)) (local.get 3) (i32.clz (i32.trunc_sat_f64_s (local.get 3)))))))
            """;

    /** All of it needs some 220 KB; each round has a little more than the one before, in all some hundred points. */
    @ParameterizedTest
    @CsvSource({"0, 8300, false", "2300, 6800, false", "1100, 7800, true"})
    void nothingBreaksForGood(int first, int step, boolean fuel, @TempDir Path directory) throws Exception {
        Path module = Files.write(
                directory.resolve("test.wasm"), Wat.compile(MODULE.getBytes(UTF_8), "test", WatOptions.DEFAULT));
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--enable-native-access=ALL-UNNAMED",
                        "-Xmx20m",
                        "-XX:+UseSerialGC",
                        "-cp",
                        System.getProperty("java.class.path"),
                        FullHeap.class.getName(),
                        module.toString(),
                        String.valueOf(36 * SCALE),
                        String.valueOf(first),
                        String.valueOf(step / SCALE),
                        String.valueOf(fuel))
                .redirectErrorStream(true)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
        assertThat(output).contains("closed without memory, failing at first: ", "the engine is closed");
    }
}
