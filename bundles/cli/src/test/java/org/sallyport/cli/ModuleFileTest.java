package org.sallyport.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.sallyport.wasm.Printable;

/** What is said of files that hold no module, or a bad one: every subcommand names the file, and options, not methods. */
class ModuleFileTest extends CommandLineTest {
    private static final List<String[]> READERS = List.of(
            new String[] {"run"}, new String[] {"validate"}, new String[] {"inspect"}, new String[] {"wasm2wat"},
            new String[] {"compile", "-o", "/dev/null"});

    private void refused(String file, String... said) {
        for (String[] words : READERS) {
            String[] line = java.util.Arrays.copyOf(words, words.length + 1);
            line[words.length] = file;
            Outcome outcome = run(line);
            assertThat(outcome.status()).as(words[0]).isEqualTo(ExitStatus.FAILURE);
            assertThat(outcome.err()).as(words[0]).startsWith("sallyport: ").contains(said);
            assertThat(outcome.err().split(file, -1)).as("%s names the file once: %s", words[0], outcome.err()).hasSize(2);
        }
    }

    private String bytes(String name, String hex) throws IOException {
        return Files.write(temp.resolve(name), HexFormat.of().parseHex(hex)).toString();
    }

    @Test
    void otherFilesAreNamedAndShown() throws IOException {
        refused(file("prog.c", "int main(void) { return 0; }\n"), "prog.c: is no WebAssembly", "int main(void)", "compiled");
        refused(bytes("prog", "7f454c460201"), "prog: is no WebAssembly", "7f 45 4c 46 02 01");
        refused(file("empty.wasm", ""), "empty.wasm: is empty");
        refused(file("blank.wat", " \n"), "blank.wat: is no WebAssembly");
        refused(temp.toString(), ": is a directory");
        refused(temp.resolve("none.wasm").toString(), "none.wasm: no such file");
    }

    @Test
    void componentsAreCalledComponents() throws IOException {
        refused(bytes("c.wasm", "0061736d0d000100"), "c.wasm: ", "\"component model\"", "core modules");
    }

    @ParameterizedTest
    @CsvSource({
        "00, unexpected end", "0061736d, unexpected end", "0061736d0100, unexpected end",
        "0061736d0100000001, unexpected end", "0061736d02000000, unknown binary version"
    })
    void badModulesAreNamed(String hex, String fault) throws IOException {
        refused(bytes("bad.wasm", hex), "bad.wasm: " + fault);
    }

    @Test
    void badTextIsNamedWithItsLine() {
        refused(file("bad.wat", "(module\n  (func (oops)))"), "bad.wat:2:");
    }

    @Test
    void invalidModulesAreNamed() throws IOException {
        for (String command : List.of("run", "inspect", "validate")) {
            Outcome outcome = run(command, file("invalid.wat", "(module (func (result i32)))"));
            assertThat(outcome.err()).as(command).contains("invalid.wat: type mismatch");
        }
    }

    @Test
    void messagesSpeakOfOptions() {
        String simd = file("simd.wat", "(module (func (result v128) (v128.const i32x4 0 0 0 0)))");
        assertThat(run("validate", "--feature=-simd", simd).err()).contains("--feature").doesNotContain("Config");
        String large = file("large.wat", "(module (memory 2) (func (export \"_start\")))");
        Outcome limited = run("run", "--max-memory", "64k", large);
        assertThat(limited.status()).isEqualTo(ExitStatus.FAILURE);
        assertThat(limited.err()).contains("--max-memory").doesNotContain("StoreLimits");
    }

    @Test
    void namesOfAModuleCannotDriveATerminal() {
        String module = file("names.wat", """
                (module $m (@name "m\\1b[2J\\0aforged")
                  (func $f (@name "f\\1b]0;x\\07") (unreachable))
                  (func (export "g\\1b[31m\\e2\\80\\ae\\0aforged") (call $f))
                  (@custom "c\\1b[7m" "x"))
                """);
        List<Outcome> outcomes = List.of(
                run("inspect", "--functions", module), run("inspect", "--json", module), run("wasm2wat", module),
                run("inspect", "--ir", "f", module), run("run", module), run("run", "--invoke", "nosuch", module),
                run("run", "--invoke", "g\033[31m\u202e\nforged", module),
                run("run", "--stacktrace", "--invoke", "g\033[31m\u202e\nforged", module));
        for (Outcome outcome : outcomes) {
            String said = outcome.out() + outcome.err();
            assertThat(said.codePoints()).as(said).allMatch(c -> c == '\n' || c == '\t' || Printable.isPrintable(c));
            assertThat(said.lines()).as(said).noneMatch(line -> line.startsWith("forged"));
        }
        assertThat(outcomes.getLast().err()).contains("trap: unreachable", "\\u{1b}");
    }

    @Test
    void limitsAreNamedByTheirOwnOptions() {
        String empty = file("empty.wat", "(module)");
        for (String stack : List.of("1", "2t")) {
            Outcome outcome = run("run", "--max-stack", stack, empty);
            assertThat(outcome.status()).isEqualTo(ExitStatus.USAGE);
            assertThat(outcome.err()).contains("--max-stack: " + stack, "64k to 1g").doesNotContain("--max-memory");
        }
        assertThat(run("run", "--max-memory", "much", empty).err()).contains("--max-memory: ").doesNotContain("--max-stack");
    }

    @Test
    void aFolderThatIsNotThereIsNamed() {
        Outcome outcome = run("compile", file("a.wat", "(module)"), "-o", temp.resolve("none/a.cwasm").toString());
        assertThat(outcome.status()).isEqualTo(ExitStatus.FAILURE);
        assertThat(outcome.err()).contains(temp.resolve("none") + ": no such file").doesNotContain(".new");
    }

    @Test
    void standardInputIsNamed() {
        Outcome outcome = runWith(new String(new byte[] {1, 2}, StandardCharsets.ISO_8859_1), "validate", "-");
        assertThat(outcome.err()).contains("standard input: is no WebAssembly");
    }

    @Test
    void oddFilesAreNamed() throws Exception {
        assumeTrue(Files.exists(Path.of("/dev/zero")), "SKIPPED: no /dev/zero here");
        refused("/dev/zero", "/dev/zero: is no WebAssembly; it begins with the bytes 00 00");
        refused("/dev/null", "/dev/null: is empty");
        refused("none/none.wasm", "none/none.wasm: no such file");
        refused(file("file", "(module)") + "/x", "file/x: ", "irectory");
        String[] writers = {"wat2wasm", "compile"};
        String module = file("m.wat", "(module)");
        for (String writer : writers) {
            for (String[] output : new String[][] {
                {temp.toString(), "irectory"}, {"/dev/full", "No space left"}, {temp + "/none/x", "no such file"}
            }) {
                Outcome outcome = run(writer, module, "-o", output[0]);
                assertThat(outcome.status()).as(writer + output[0]).isEqualTo(ExitStatus.FAILURE);
                assertThat(outcome.err()).contains(output[1]).contains(output[0].replaceFirst("/x$", "")).hasLineCount(1);
            }
        }
    }

    @Test
    void textsAndScriptsComeFromEverywhere() throws Exception {
        for (String command : List.of("wat2wasm", "wast")) {
            String[] line = command.equals("wast") ? new String[] {command, "-"} : new String[] {command, "-", "-o", "-"};
            assertThat(runWith("(module)", line).status()).as(command).isZero();
            line[1] = file("empty", "");
            assertThat(run(line).err()).contains("empty: is empty");
            line[1] = temp.toString();
            assertThat(run(line).err()).contains(command.equals("wast") ? "no .wast file in " : "is a directory");
            line[1] = temp.resolve("none").toString();
            assertThat(run(line)).isEqualTo(new Outcome(1, "", "sallyport: " + line[1] + ": no such file\n"));
            line[1] = bytes("binary", "0061736d01000000");
            assertThat(run(line).err()).contains("binary: is a binary module already");
        }
    }

    @Test
    void aFileThatMayNotBeReadIsNamed() throws Exception {
        Path secret = Path.of(file("secret.wat", "(module)"));
        Files.setPosixFilePermissions(secret, java.util.Set.of());
        assumeTrue(!Files.isReadable(secret), "SKIPPED: this user may read everything");
        refused(secret.toString(), "secret.wat: permission denied");
    }

    @Test
    void namesOfFilesCannotDriveATerminal() {
        String name = "a\033[2J\nforged";
        String module = file(name + ".wat", "(module)");
        for (Outcome outcome : List.of(
                run("validate", module), run("validate", module + "x"), run("inspect", module), run("run", module),
                run("wast", module), run("wast", module + "x"), run("wat2wasm", module, "-o", module + "/x"),
                run("run", "--dir", module + "::x", module), run("\033[2J"), run("run", "--feature", name, module),
                run("run", "--invoke", name, module), run("run", "--max-memory", name, module), run("cache", name))) {
            String said = outcome.out() + outcome.err();
            assertThat(said.codePoints()).as(said).allMatch(c -> c == '\n' || Printable.isPrintable(c));
            assertThat(said.lines()).as(said).noneMatch(line -> line.startsWith("forged"));
        }
    }
}
