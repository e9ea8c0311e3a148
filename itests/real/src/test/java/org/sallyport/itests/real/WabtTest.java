package org.sallyport.itests.real;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.sallyport.Engine;
import org.sallyport.Module;
import org.sallyport.itests.inputs.RealInputs;

/**
 * The WebAssembly Binary Toolkit as WASI commands, with files: byte for byte what its native tools write. Where those
 * are not installed the comparison is skipped, loudly.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class WabtTest {
    private Engine engine;
    private Module wat2wasm;
    private Module wast2json;

    @BeforeAll
    void compile() {
        engine = Engine.create();
        wat2wasm = engine.compile(RealInputs.wat2wasm(), "wat2wasm");
        wast2json = engine.compile(RealInputs.wast2json(), "wast2json");
    }

    @AfterAll
    void close() {
        if (engine != null) {
            engine.close();
        }
    }

    @Test
    void wat2wasmWritesTheBytesOfTheNativeTool(@TempDir Path ours, @TempDir Path theirs) throws Exception {
        for (Path directory : List.of(ours, theirs)) {
            Files.writeString(directory.resolve("in.wat"), Texts.read("wabt/everything.wat"));
        }
        String[] command = {"wat2wasm", "--debug-names", "in.wat", "-o", "out.wasm"};

        assertThat(WasiCommand.run(engine, wat2wasm, ours, command)).isEqualTo(new WasiCommand.Result(0, "", ""));
        assertThat(ours.resolve("out.wasm")).isNotEmptyFile();
        runNative(theirs, command);
        assertThat(ours.resolve("out.wasm")).hasSameBinaryContentAs(theirs.resolve("out.wasm"));
    }

    @Test
    void wat2wasmShowsWhereAFaultIs(@TempDir Path directory) throws IOException {
        Files.writeString(directory.resolve("bad.wat"), "(module\n  (func (result i32)\n    i64.const 1))\n");

        WasiCommand.Result result = WasiCommand.run(engine, wat2wasm, directory, "wat2wasm", "bad.wat");

        assertThat(result.status()).isEqualTo(1);
        assertThat(result.err())
                .startsWith("bad.wat:3:5: error: type mismatch in implicit return, expected [i32] but got [i64]");
        assertThat(directory.resolve("bad.wasm")).doesNotExist();
    }

    @ParameterizedTest
    @ValueSource(strings = {"script", "address", "call", "float_literals", "i32", "names"})
    void wast2jsonWritesTheFilesOfTheNativeTool(String name, @TempDir Path ours, @TempDir Path theirs)
            throws Exception {
        String script = name.equals("script") ? Texts.read("wabt/script.wast") : testsuite(name);
        for (Path directory : List.of(ours, theirs)) {
            Files.writeString(directory.resolve(name + ".wast"), script);
        }
        String[] command = {"wast2json", name + ".wast", "-o", name + ".json"};

        assertThat(WasiCommand.run(engine, wast2json, ours, command)).isEqualTo(new WasiCommand.Result(0, "", ""));
        assertThat(ours.resolve(name + ".json")).isNotEmptyFile();
        runNative(theirs, command);
        assertThat(contents(ours)).isEqualTo(contents(theirs));
    }

    private static String testsuite(String name) throws IOException {
        Path file = Path.of(System.getProperty("sallyport.testsuite", "no-testsuite"), name + ".wast");
        if (!Files.exists(file)) {
            System.err.println("\n*** SKIPPED: no WebAssembly testsuite at " + file + " (sallyport.testsuite)\n");
        }
        assumeThat(file).exists();
        return Files.readString(file);
    }

    /** Every file by name, as numbers that a failure can show. */
    private static Map<String, String> contents(Path directory) throws IOException {
        Map<String, String> contents = new TreeMap<>();
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file : files.toList()) {
                contents.put(
                        file.getFileName().toString(),
                        java.util.HexFormat.of().formatHex(Files.readAllBytes(file)));
            }
        }
        return contents;
    }

    private static void runNative(Path directory, String... command) throws Exception {
        boolean installed = Stream.of(System.getenv("PATH").split(File.pathSeparator))
                .anyMatch(folder -> Files.isExecutable(Path.of(folder, command[0])));
        if (!installed) {
            System.err.println("\n*** SKIPPED: no native " + command[0] + " to compare with: apt-get install wabt\n");
        }
        assumeThat(installed).isTrue();
        Process process = new ProcessBuilder(new ArrayList<>(List.of(command)))
                .directory(directory.toFile())
                .inheritIO()
                .start();
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).isZero();
    }
}
