package org.sallyport.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ObjdumpCommandTest extends CommandLineTest {
    private static final String MODULE = """
            (module $m (import "env" "log" (func $log))
              (func $div (export "div") (param i32 i32) (result i32) (i32.div_s (local.get 0) (local.get 1)))
              (func $other (call $log)))
            """;

    @Test
    void showsFunctionsTrapsAndCalls() {
        Outcome outcome = run("objdump", file("m.wat", MODULE));
        assertThat(outcome.status()).isZero();
        assertThat(outcome.out()).contains("module \"m\"", "<div>: func[1], wasm 0x", "<other>: func[2]");
        if (!outcome.out().contains("there is no objdump")) {
            assertThat(outcome.out()).containsPattern("ud2 +; wasm 0x[0-9a-f]+: integer divide by zero")
                    .containsPattern("; returns to wasm 0x[0-9a-f]+");
        }
    }

    @Test
    void showsOneFunction() {
        Outcome outcome = run("objdump", "--func", "other", file("m.wat", MODULE));
        assertThat(outcome.out()).contains("<other>").doesNotContain("<div>");
        assertThat(run("objdump", "--func", "log", file("m.wat", MODULE)).err()).contains("is imported");
    }
}
