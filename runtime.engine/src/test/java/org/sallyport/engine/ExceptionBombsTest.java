package org.sallyport.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.sallyport.CompilationException;
import org.sallyport.Config;
import org.sallyport.Engine;
import org.sallyport.LimitExceededException;
import org.sallyport.Module;
import org.sallyport.Store;
import org.sallyport.WasmException;
import org.sallyport.text.Wat;

/** Modules with very many handlers, deep in each other or with much alive in them: compiled, or refused, in time. */
class ExceptionBombsTest {
    private record Bomb(String name, String text) {
        @Override
        public String toString() {
            return name;
        }
    }

    /** A quarter of what is worth trying: verifying all that is compiled takes several times the compiler's time. */
    private static final int SCALE = Integer.getInteger("sallyport.stress", 1);
    private static final String HEAD = "(module (tag $e (param i32)) (func $t (param i32) (result i32) (if (local.get 0)"
            + " (then (throw $e (local.get 0)))) (i32.const 0))\n(func (export \"f\") (param i32) (result i32)";

    static Stream<Bomb> bombs() {
        return Stream.of(
                new Bomb("deep try_table",
                        deep(5_000 * SCALE, "(block (result i32) (try_table (result i32) (catch $e 0) ", "))")),
                new Bomb("deep try", deep(5_000 * SCALE, "(try (result i32) (do ", ") (catch $e))")),
                new Bomb("deep try, each passes on", deep(5_000 * SCALE, "(try (result i32) (do ", ") (catch_all (rethrow 0)))")),
                new Bomb("deep delegate", deep(5_000 * SCALE, "(try (result i32) (do ", ") (delegate 0))")),
                new Bomb("very many calls in one region",
                        one(8_000 * SCALE, "", "(local.set 0 (i32.add (local.get 0) (call $t (i32.const 0))))")),
                new Bomb("very many regions", HEAD
                        + "(block $h (try_table (catch_all $h) (drop (call $t (local.get 0)))))\n".repeat(12_500 * SCALE)
                        + "(local.get 0)))"),
                new Bomb("very many clauses", HEAD + "(block $h (result i32) (try_table (result i32)"
                        + " (catch $e $h)".repeat(8_000 * SCALE) + " (call $t (local.get 0))))))"),
                new Bomb("calls times locals", locals(1_000 * SCALE, 600 * SCALE)));
    }

    private static String deep(int n, String before, String after) {
        return HEAD + before.repeat(n) + "(call $t (local.get 0))" + after.repeat(n) + "))";
    }

    private static String one(int n, String locals, String call) {
        return HEAD + locals + "(block $h (result i32) (try_table (catch $e $h) " + (call + "\n").repeat(n)
                + ") (local.get 0))))";
    }

    /** Each call is followed by a change of one local; all of them are wanted in the handler. */
    private static String locals(int calls, int locals) {
        StringBuilder text = new StringBuilder(HEAD).append("(local").append(" i32".repeat(locals)).append(")")
                .append("(block $h (result i32) (try_table (catch $e $h) ");
        for (int i = 0; i < calls; i++) {
            text.append("(local.set ").append(1 + i % locals).append(" (call $t (local.get 0)))\n");
        }
        text.append(") (i32.const 0))");
        for (int i = 1; i <= locals; i++) {
            text.append("(local.get ").append(i).append(") i32.add\n");
        }
        return text.append("))").toString();
    }

    @ParameterizedTest
    @MethodSource("bombs")
    @Timeout(120)
    void endInTime(Bomb bomb) {
        byte[] binary = Wat.compile(bomb.text);
        Config config = Config.defaults();
        config = config.withCompileLimits(config.compileLimits().withTime(Duration.ofSeconds(20)));
        try (Engine engine = Engine.create(config)) {
            try (Module module = engine.compile(binary); Store store = engine.newStore()) {
                var f = engine.newLinker().link(module).instantiate(store).func("f");
                try {
                    assertThat(f.call(5)).hasSize(1);
                } catch (WasmException e) {
                    assertThat(e.values()).containsExactly(5);
                }
            } catch (CompilationException | LimitExceededException e) {
                assertThat(e).hasMessageNotContaining("BUG");
            }
        }
    }
}
