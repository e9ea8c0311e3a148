package org.sallyport.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PreloadTest extends CommandLineTest {
    private static final String USER =
            "(module (import \"lib\" \"twice\" (func $t (param i32) (result i32)))"
                    + " (func (export \"four\") (param i32) (result i32) (call $t (call $t (local.get 0)))))";

    private String library() {
        return file("lib.wat", "(module $lib (import \"base\" \"zero\" (global $z i32)) (global $n (mut i32) (i32.const 0))"
                + " (func (export \"_initialize\") (global.set $n (i32.const 2)))"
                + " (func (export \"twice\") (param i32) (result i32)"
                + "  (i32.add (global.get $z) (i32.mul (local.get 0) (global.get $n)))))");
    }

    @Test
    void modulesImportFromThoseBeforeThem() {
        String base = file("base.wat", "(module (global (export \"zero\") i32 (i32.const 0)))");
        Outcome outcome = run("--preload", "base=" + base, "--preload=lib=" + library(),
                "--invoke", "four", file("user.wat", USER), "5");
        assertThat(outcome).isEqualTo(new Outcome(0, "20\n", ""));
    }

    @Test
    void withoutItTheImportIsMissing() {
        Outcome outcome = run("--invoke", "four", file("user.wat", USER), "5");
        assertThat(outcome.status()).isEqualTo(ExitStatus.FAILURE);
        assertThat(outcome.err()).contains("lib").contains("twice");
    }

    @Test
    void slipsAreWrongUsage() {
        String user = file("user.wat", USER);
        assertThat(run("--preload", user, user).err()).contains("expected NAME=FILE");
        assertThat(run("--preload", "wasi_snapshot_preview1=" + user, user).err()).contains("a module of that name already");
        assertThat(run("--preload", "a=" + user, "--preload", "a=" + user, user).status()).isEqualTo(ExitStatus.USAGE);
    }

    @Test
    void aProgramIsNoLibrary() {
        String program = file("program.wat", "(module $p (func (export \"_start\")))");
        Outcome outcome = run("--preload", "p=" + program, program);
        assertThat(outcome.status()).isEqualTo(ExitStatus.FAILURE);
        assertThat(outcome.err()).contains("exports _start, so it is a program");
    }
}
