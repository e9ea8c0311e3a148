package org.sallyport.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Compiled artefacts: only what this user compiled is run. */
class CompileCommandTest extends CommandLineTest {
    @BeforeEach
    void haveOwnState() {
        System.setProperty("sallyport.state", temp.resolve("state").toString());
    }

    @AfterEach
    void forgetState() {
        System.clearProperty("sallyport.state");
    }

    private Path compiled() {
        String source = file("add.wat", """
                (module (func (export "inc") (param i32) (result i32) (i32.add (local.get 0) (i32.const 1))))
                """);
        Path artefact = temp.resolve("add.cwasm");
        assertThat(run("compile", source, "-o", artefact.toString())).isEqualTo(new Outcome(0, "", ""));
        return artefact;
    }

    @Test
    void aCompiledModuleRunsAndIsInspected() {
        Path artefact = compiled();
        assertThat(run("run", "--invoke", "inc", artefact.toString(), "41").out()).isEqualTo("42\n");
        assertThat(run("inspect", artefact.toString()).out()).contains("\"inc\": func (i32) -> (i32)");
        assertThat(run("wasm2wat", artefact.toString()).err()).contains("can only be run");
    }

    @Test
    void theArtefactMayGoToStandardOutput() {
        Outcome outcome = run("compile", file("empty.wat", "(module)"), "-o", "-");
        assertThat(outcome.status()).isZero();
        assertThat(outcome.out()).contains("SALLYPORT");
        assertThat(Path.of("-")).doesNotExist();
    }

    @Test
    void aChangedArtefactIsRefused() throws IOException {
        Path artefact = compiled();
        byte[] bytes = Files.readAllBytes(artefact);
        for (int i : new int[] {ArtefactFile.MAGIC.length, bytes.length / 2, bytes.length - 1}) {
            byte[] changed = bytes.clone();
            changed[i] ^= 1;
            Files.write(artefact, changed);
            refused(artefact);
        }
        Files.write(artefact, Arrays.copyOf(bytes, bytes.length - 5));
        refused(artefact);
    }

    @Test
    void anArtefactOfOtherSettingsNamesTheOption() {
        String artefact = compiled().toString();
        String[][] settings = {
            {"--fuel=100", "without --count-fuel (--fuel), this engine works with --count-fuel (--fuel);"},
            {"--no-optimize", "without --no-optimize, this engine works with --no-optimize;"},
            {"--explicit-bounds-checks", "without --explicit-bounds-checks, this engine works with --explicit-bounds-checks;"},
            {"--deterministic-vectors", "without --deterministic-vectors, this engine works with --deterministic-vectors;"}
        };
        for (String[] setting : settings) {
            Outcome outcome = run("run", setting[0], "--invoke", "inc", artefact, "1");
            assertThat(outcome.status()).isEqualTo(ExitStatus.FAILURE);
            assertThat(outcome.err()).contains("the artefact was compiled " + setting[1] + " compile the module again with that");
        }
        Path counting = temp.resolve("counting.cwasm");
        run("compile", "--count-fuel", file("e.wat", "(module (func (export \"f\")))"), "-o", counting.toString());
        assertThat(run("run", "--invoke", "f", counting.toString()).err())
                .contains("compiled with --count-fuel (--fuel), this engine works without --count-fuel (--fuel);");
    }

    private static void refused(Path artefact) {
        Outcome outcome = run("run", "--invoke", "inc", artefact.toString(), "1");
        assertThat(outcome.status()).isEqualTo(ExitStatus.FAILURE);
        assertThat(outcome.out()).isEmpty();
        assertThat(outcome.err()).startsWith("sallyport: ").doesNotContain("Exception");
    }

    @Test
    void anArtefactOfAnotherUserIsRefused() throws IOException {
        Path artefact = compiled();
        Path key = temp.resolve("state/artefact.key");
        byte[] other = Files.readAllBytes(key);
        other[3] ^= 1;
        Files.write(key, other);
        refused(artefact);
        Files.delete(key);
        Outcome outcome = run("run", "--invoke", "inc", artefact.toString(), "1");
        assertThat(outcome.status()).isEqualTo(ExitStatus.FAILURE);
        assertThat(outcome.err()).contains("there is no key");
    }

    @Test
    void nothingIsWrittenWhenCompilingFails() {
        Path artefact = temp.resolve("bad.cwasm");
        Outcome outcome = run("compile", file("bad.wat", "(module (func (result i32)))"), "-o", artefact.toString());
        assertThat(outcome.status()).isEqualTo(ExitStatus.FAILURE);
        assertThat(artefact).doesNotExist();
        Outcome unwritable = run("compile", file("good.wat", "(module)"), "-o", temp.resolve("no/dir/x").toString());
        assertThat(unwritable.status()).isEqualTo(ExitStatus.FAILURE);
        assertThat(unwritable.err()).contains("no such file").hasLineCount(1);
    }

    @Test
    void withoutANameTheArtefactHasTheModulesInTheCurrentDirectory() throws IOException {
        String source = file("usual-name-of-an-artefact.wat", "(module (func (export \"_start\")))");
        Path artefact = Path.of("usual-name-of-an-artefact.cwasm"); // where tests are started, which is where users are
        try {
            assertThat(run("compile", source)).isEqualTo(new Outcome(0, "", ""));
            assertThat(run(artefact.toString())).isEqualTo(new Outcome(0, "", ""));
        } finally {
            Files.deleteIfExists(artefact);
        }
        Outcome nameless = runWith("(module)", "compile", "-");
        assertThat(nameless.status()).isEqualTo(ExitStatus.USAGE);
        assertThat(nameless.err()).contains("-o");
    }
}
