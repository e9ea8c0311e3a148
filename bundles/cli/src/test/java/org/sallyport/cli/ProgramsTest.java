package org.sallyport.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * C programs on WASI, as their users run them. The sources and how they were built lie in {@code src/test/programs}.
 */
@Timeout(120)
class ProgramsTest extends CommandLineTest {
    private Path work;

    @BeforeEach
    void start() throws IOException {
        work = Files.createDirectory(temp.resolve("work"));
    }

    private static byte[] resource(String name) throws IOException {
        try (InputStream in = ProgramsTest.class.getResourceAsStream("/programs/" + name)) {
            if (in == null) {
                throw new AssertionError("no resource " + name);
            }
            return in.readAllBytes();
        }
    }

    private String program(String name) throws IOException {
        return Files.write(temp.resolve(name + ".wasm"), resource(name + ".wasm")).toString();
    }

    @Test
    void theCLibrarysFilesBehaveAsOnTheHost() throws IOException {
        Outcome outcome = run("run", "--dir", work + "::.::rw", program("files"));
        assertThat(outcome.out()).isEqualTo(new String(resource("files.expected"), StandardCharsets.UTF_8));
        assertThat(outcome.err()).isEmpty();
        assertThat(outcome.status()).isZero();
        assertThat(work.resolve("d/soft")).isSymbolicLink();
    }

    @Test
    void withoutDirectoriesThereAreNoFiles() throws IOException {
        Outcome outcome = run("run", program("files"));
        assertThat(outcome.out()).startsWith("mkdir(\"d\", 0755): ENOTCAPABLE\n");
    }

    @Test
    void argumentsEnvironmentStreamsAndStatus() throws IOException {
        Outcome outcome = runWith("a\nbb\n", "run", "--env", "GREETING=hello", program("process"), "one", "7");
        assertThat(outcome.out())
                .isEqualTo("argument one\nargument 7\nGREETING hello\nHOME (none)\ninput: 2 lines, 5 bytes\n"
                        + "terminal: 0 0\ngoodbye\n");
        assertThat(outcome.err()).isEqualTo("to the error stream\n");
        assertThat(outcome.status()).isEqualTo(7);
        assertThat(run("run", "--env", "HOME", program("process")).out()).contains("HOME known");
    }

    @Test
    void clocksPollAndRandomNumbers() throws IOException {
        Outcome outcome = run("run", program("clocks"));
        assertThat(outcome.out())
                .isEqualTo("nanosleep 0\nslept enough\nyear plausible\nresolution 0\npoll 1 ready\nentropy differs\n");
    }

    @Test
    void aSleepingGuestIsStopped() throws IOException {
        long start = System.nanoTime();
        Outcome outcome = run("run", "--timeout", "300ms", program("clocks"), "100");
        assertThat(outcome.status()).isEqualTo(ExitStatus.TIMEOUT);
        assertThat(System.nanoTime() - start).isLessThan(60_000_000_000L);
    }

    @Test
    void noWayLeadsOutOfTheDirectories() throws IOException {
        Path readOnly = Files.createDirectory(temp.resolve("ro"));
        Files.writeString(readOnly.resolve("file"), "fixed");
        Path secret = Files.writeString(temp.resolve("secret"), "secret");
        Outcome outcome = run(
                "run", "--dir", work + "::rw::rw", "--dir", readOnly + "::ro", program("escape"),
                "/etc/passwd", "../secret", "rw/../secret", "rw/../../secret", secret.toString());
        List<String> lines = outcome.out().lines().toList();
        assertThat(lines.subList(0, 10)).allMatch(line -> line.endsWith(": ENOTCAPABLE"));
        assertThat(lines.subList(10, lines.size()))
                .containsExactly(
                        "link to the parent: DONE",
                        "through it: ENOTCAPABLE",
                        "absolute link: ENOTCAPABLE",
                        "write ro/file: EROFS",
                        "truncate ro/file: EROFS",
                        "create ro/new: EROFS",
                        "mkdir ro/new: EROFS",
                        "unlink ro/file: EROFS",
                        "rename ro/file: EROFS",
                        "rename into ro: EROFS",
                        "link ro/file: EROFS",
                        "read ro/file: DONE",
                        "fixed");
        assertThat(secret).hasContent("secret");
        assertThat(readOnly.resolve("file")).hasContent("fixed");
    }

    @Test
    void crashesNameTheFunctions() throws IOException {
        String crash = program("crash");
        for (String[] how : new String[][] {
            {"abort", "unreachable", "abort"},
            {"divide", "integer divide by zero", "innermost"},
            {"memory", "out of bounds memory access", "innermost"},
            {"call", "undefined element", "innermost"},
        }) {
            Outcome outcome = run("run", crash, how[0]);
            assertThat(outcome.status()).as(how[0]).isEqualTo(ExitStatus.TRAP);
            assertThat(outcome.out()).as(how[0]).isEqualTo("about to fail\n");
            List<String> lines = outcome.err().lines().toList();
            assertThat(lines.get(0)).isEqualTo("sallyport: trap: " + how[1]);
            assertThat(lines.get(1)).startsWith("  at crash.wasm!" + how[2] + " @ 0x");
            assertThat(outcome.err()).contains("!middle @", "!main @", "!_start @");
        }
        assertThat(run("run", "--timeout", "2s", crash, "loop").status()).isEqualTo(ExitStatus.TIMEOUT);
    }
}
