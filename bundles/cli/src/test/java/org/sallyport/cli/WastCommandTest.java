package org.sallyport.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class WastCommandTest extends CommandLineTest {
    private static final String GOOD = """
            (module (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1)))
              (func (export "load") (param i32) (result i32) (i32.load (local.get 0))) (memory 1))
            (assert_return (invoke "add" (i32.const 1) (i32.const 2)) (i32.const 3))
            (assert_trap (invoke "load" (i32.const -1)) "out of bounds memory access")
            (assert_invalid (module (func (result i32))) "type mismatch")
            """;

    @Test
    void countsByKind() {
        String good = file("good.wast", GOOD);
        Outcome outcome = run("wast", good);
        assertThat(outcome.status()).isZero();
        assertThat(outcome.out()).startsWith(good + ": 4 passed, 0 failed\n").contains("1 scripts");
        assertThat(outcome.out()).containsPattern("assert_trap +1 passed +0 failed +0 unsupported");
        assertThat(run("wast", "--explicit-bounds-checks", good)).isEqualTo(outcome);
        assertThat(run("wast", "--no-optimize", good)).isEqualTo(outcome);
        assertThat(run("wast", temp.toString()).out()).isEqualTo(outcome.out());
    }

    @Test
    void failuresDecideTheExitStatus() {
        file("good.wast", GOOD);
        String bad = file("bad.wast", GOOD + "(assert_return (invoke \"add\" (i32.const 1) (i32.const 2)) (i32.const 4))");
        Outcome outcome = run("wast", temp.toString());
        assertThat(outcome.status()).isEqualTo(ExitStatus.FAILURE);
        assertThat(outcome.out()).contains(bad + ": 4 passed, 1 failed\n", bad + ":6: assert_return: expected", "2 scripts");
        Outcome syntax = run("wast", file("syntax.wast", "(assert_nothing)"));
        assertThat(syntax.status()).isEqualTo(ExitStatus.FAILURE);
        assertThat(syntax.err()).contains("syntax.wast:1:");
        assertThat(run("wast", "nowhere.wast").err()).contains("nowhere.wast: no such file");
    }

    @Test
    void whatTheCompilerLacksDoesNotPass() {
        String script = file("gc.wast", """
                (module (func (export "f") (param i32) (result i32) (i31.get_s (ref.i31 (local.get 0)))))
                (assert_return (invoke "f" (i32.const 3)) (i32.const 3))
                """);
        Outcome outcome = run("wast", script);
        if (outcome.out().contains(": 2 passed")) { // by a compiler that has a collector
            return;
        }
        assertThat(outcome.status()).isZero();
        assertThat(outcome.out()).contains(": 0 passed, 0 failed, 2 unsupported {gc=2}");
    }

    @Test
    void writesJson() {
        Outcome outcome = run("wast", "--json", file("good.wast", GOOD));
        assertThat(outcome.status()).isZero();
        assertThat(outcome.out()).startsWith("{").contains("\"file\": ", "\"assert_return\": {", "\"passed\": 4",
                "\"unsupportedByFeature\": {}", "\"failures\": []");
    }
}
