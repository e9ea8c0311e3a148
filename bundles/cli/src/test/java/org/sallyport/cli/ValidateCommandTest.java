package org.sallyport.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ValidateCommandTest extends CommandLineTest {

    @Test
    void saysOfEachFileWhetherItIsValid() {
        String good = file("good.wat", "(module)");
        String bad = file("bad.wat", "(module (func (result i32) (i64.const 1)))");
        Outcome outcome = run("validate", good, bad, temp.resolve("none").toString(), good);
        assertThat(outcome.status()).isEqualTo(ExitStatus.FAILURE);
        assertThat(outcome.out()).isEqualTo(good + ": valid\n" + good + ": valid\n");
        assertThat(outcome.err()).contains(bad + ": type mismatch", "none: no such file");
        assertThat(run("validate", temp.resolve("good.wat/x").toString()).err()).contains("is no directory");
        assertThat(run("validate", "--quiet", good)).isEqualTo(new Outcome(0, "", ""));
    }

    /** Its author knows lines, not offsets, and is its producer. */
    @Test
    void faultsOfATextAreShownInIt() {
        String bad = file("bad.wat", """
                (module
                  (import "m" "f" (func))
                  (func (nop))
                  (func (result i32)
                    i32.const 1
                    (f32.add (f32.const 1) (i32.const 2))))
                """);
        assertThat(run("validate", bad).err()).matches("sallyport: \\Q" + bad + "\\E: type mismatch: .*\n"
                + "  in code\\[2] at 0x[0-9a-f]+\n"
                + "  in \\Q" + bad + "\\E:6:6\n"
                + "        \\(f32.add \\(f32.const 1\\) \\(i32.const 2\\)\\)\\)\\)\n"
                + "         \\^\n");
        String global = file("global.wat", "(module (global i32 (i64.const 1)))");
        assertThat(run("validate", global).err())
                .contains("type mismatch", "global[0] at 0x", "The place is that in the binary which the text makes")
                .doesNotContain("producer");
    }

    @Test
    void featuresAreSwitched() {
        String simd = file("simd.wat", "(module (func (result v128) (v128.const i32x4 0 0 0 0)))");
        assertThat(run("validate", simd).status()).isZero();
        assertThat(run("validate", "--feature=-simd", simd).status()).isEqualTo(ExitStatus.FAILURE);
        String wide = file("wide.wat", "(module (func (result i64 i64) (i64.mul_wide_u (i64.const 1) (i64.const 2))))");
        assertThat(run("validate", wide).status()).isEqualTo(ExitStatus.FAILURE);
        assertThat(run("validate", "--feature", "wide-arithmetic", wide).status()).isZero();
        Outcome unknown = run("validate", "--feature", "speed", simd);
        assertThat(unknown.status()).isEqualTo(ExitStatus.USAGE);
        assertThat(unknown.err()).contains("speed", "tail-calls");
    }
}
