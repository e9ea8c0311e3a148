package org.sallyport.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.Pipe;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Standard streams that are closed, full, abandoned or non-blocking: results that are not written are a failure. */
@Timeout(300)
class HostOutputTest extends ShellTest {
    /** Every command that prints, and ends well where it can. */
    private static final List<String> PRINTING = List.of(
            "--help", "version", "run --help", "validate m.wat", "inspect m.wat", "inspect --json m.wat", "wasm2wat m.wat",
            "wat2wasm m.wat -o -", "wast s.wast", "wast --json s.wast", "run --no-cache --invoke f m.wat", "cache info");

    @BeforeEach
    void linux() throws IOException {
        assumeTrue(Files.exists(Path.of("/dev/full")), "SKIPPED: no /dev/full here");
        file("m.wat", "(module (func (export \"f\") (result i32) i32.const 7))");
        System.setProperty("sallyport.cache", temp.resolve("cache").toString());
        file("s.wast", "(module) (assert_invalid (module (func (result i32))) \"type mismatch\")");
    }

    /** A stream whose every use fails. */
    private static OutputStream failing(IOException failure) {
        return new OutputStream() {
            @Override
            public void write(int b) throws IOException {
                throw failure;
            }
        };
    }

    private int runInto(OutputStream out, OutputStream err, String line) {
        String[] words = line.split(" ");
        for (int i = 0; i < words.length; i++) {
            words[i] = words[i].matches("[ms]\\.wa.*") ? temp.resolve("work").resolve(words[i]).toString() : words[i];
        }
        return Main.run(InputStream.nullInputStream(), out, err, words);
    }

    @Test
    void resultsThatAreNotWrittenAreAFailureOfEveryCommand() {
        for (String line : PRINTING) {
            ByteArrayOutputStream err = new ByteArrayOutputStream();
            assertThat(runInto(failing(new IOException("no room")), err, line)).as(line).isEqualTo(ExitStatus.FAILURE);
            assertThat(err).as(line).hasToString("sallyport: standard output: no room\n");
        }
    }

    @Test
    void whatNobodyReadsEndsEveryCommandQuietly() throws IOException {
        for (String line : PRINTING) {
            Pipe pipe = Pipe.open();
            pipe.source().close();
            ByteArrayOutputStream err = new ByteArrayOutputStream();
            try (OutputStream out = Channels.newOutputStream(pipe.sink())) {
                assertThat(runInto(out, err, line)).as(line).isEqualTo(ExitStatus.ABANDONED);
            }
            assertThat(err.size()).as(line).isZero();
        }
    }

    @Test
    void messagesThatAreNotWrittenAreAFailure() {
        OutputStream err = failing(new IOException("no room"));
        assertThat(runInto(new ByteArrayOutputStream(), err, "validate none")).isEqualTo(ExitStatus.FAILURE);
        assertThat(runInto(new ByteArrayOutputStream(), err, "walk")).isEqualTo(ExitStatus.USAGE);
        String verbose = "run --no-cache --verbose --invoke f m.wat";
        assertThat(runInto(new ByteArrayOutputStream(), err, verbose)).isEqualTo(ExitStatus.FAILURE);
        assertThat(runInto(new ByteArrayOutputStream(), err, "validate m.wat")).isEqualTo(ExitStatus.OK);
    }

    @Test
    void soItIsWithDescriptors() throws Exception {
        Said said = shell("""
                exec 3>&1
                plain --help >/dev/full; echo $?
                launched wasm2wat m.wat >/dev/full; echo $?
                launched validate none 2>/dev/full; echo $?
                { sleep 0.2; plain --help; echo $? >&3; } | true
                { sleep 0.2; launched validate m.wat; echo $? >&3; } | true
                """);
        assertThat(said.lines()).containsExactly("1", "1", "1", "141", "141");
        assertThat(said.err().lines())
                .hasSize(2)
                .allMatch(line -> line.equals("sallyport: standard output: No space left on device"));
    }

    @Test
    void closedStreamsAreNotFilesOfJava() throws Exception {
        String probes = """
                COMMAND validate m.wat >&-; echo $? out
                COMMAND validate - <&-; echo $? in
                COMMAND validate none 2>&-; echo $? err
                COMMAND wat2wasm m.wat -o o.wasm <&- >&- 2>&-; echo $? all
                """;
        // Where more than one is closed, Java may have opened /dev/null in place of an output: only the launcher is before it.
        Said said = shell(probes.replace("COMMAND", "plain") + probes.replace("COMMAND", "launched")
                + "launched version <&- >&- 2>&-; echo $? version\n");
        List<String> once = List.of("1 out", "1 in", "1 err", "0 all");
        List<String> twice = new ArrayList<>(once);
        twice.addAll(once);
        twice.add("1 version");
        assertThat(said.lines()).as(said.err()).isEqualTo(twice);
        assertThat(said.err().lines()).hasSize(4).allMatch(line -> line.matches(
                "sallyport: standard (out|in)put: (is closed|Bad file descriptor)"));
    }

    @AfterEach
    void forgetCache() {
        System.clearProperty("sallyport.cache");
    }

    /** Reads a bit and answers with the error number, 100 more for writing, 200 for poll, 300 for stat. */
    private static final String PROBE =
            """
            (module
              (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
              (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
              (import "wasi_snapshot_preview1" "fd_filestat_get" (func $stat (param i32 i32) (result i32)))
              (import "wasi_snapshot_preview1" "poll_oneoff" (func $poll (param i32 i32 i32 i32) (result i32)))
              (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
              (memory (export "memory") 1)
              (func (export "read") (result i32)
                (i32.store (i32.const 0) (i32.const 200)) (i32.store (i32.const 4) (i32.const 10))
                (call $read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 8)))
              (func (export "stat") (param i32) (result i32) (call $stat (local.get 0) (i32.const 200)))
              (func (export "poll") (result i32)
                (i64.store (i32.const 0) (i64.const 5)) (i32.store8 (i32.const 8) (i32.const 1))
                (i32.store (i32.const 16) (i32.const 0))
                (drop (call $poll (i32.const 0) (i32.const 100) (i32.const 1) (i32.const 200)))
                (i32.load16_u (i32.const 108))))
            """;

    @Test
    void aGuestSeesClosedInputAsClosedWhateverItAsks() throws Exception {
        file("probe.wat", PROBE);
        Said said = shell("""
                for how in plain launched; do
                    for f in read 'stat' poll; do
                        [ $f = stat ] && a=0 || a=
                        $how run --invoke $f probe.wat $a <&-
                    done
                    echo x | $how run --invoke read probe.wat
                    $how run --invoke read probe.wat </tmp
                done
                """);
        assertThat(said.lines()).as(said.err()).containsExactly("8", "8", "8", "0", "31", "8", "8", "8", "0", "31");
    }

    /** Given a pipe that another process made non-blocking. */
    @Test
    void aNonBlockingPipeGetsEverything() throws Exception {
        StringBuilder large = new StringBuilder("(module");
        for (int i = 0; i < 20_000; i++) {
            large.append("(func $a_function_of_many_").append(i).append(" (drop (i32.const ").append(i).append(")))\n");
        }
        file("large.wat", large + ")");
        Said said = shell("""
                command -v perl >/dev/null || { echo SKIP; exit; }
                plain wasm2wat large.wat >whole
                { perl -MFcntl -e 'fcntl(STDOUT, F_SETFL, fcntl(STDOUT, F_GETFL, 0) | O_NONBLOCK)'
                    plain wasm2wat large.wat; echo $? >status; } | { sleep 3; cat >piped; }
                cmp whole piped && cat status; wc -c <whole
                { perl -MFcntl -e 'fcntl(STDIN, F_SETFL, fcntl(STDIN, F_GETFL, 0) | O_NONBLOCK)'
                    plain validate -; } < <(sleep 2; cat m.wat)
                """);
        assumeTrue(!said.out().startsWith("SKIP"), "SKIPPED: no perl here");
        assertThat(said.lines()).as(said.err()).hasSize(3).startsWith("0").endsWith("-: valid");
        assertThat(Long.parseLong(said.lines().get(1).strip())).isGreaterThan(1_000_000);
    }
}
