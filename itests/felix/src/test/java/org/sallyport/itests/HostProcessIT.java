package org.sallyport.itests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code ./sallyport host} as a process: what it takes in, and what it leaves behind when it is ended. */
@Timeout(300)
class HostProcessIT {
    private static final Path DEMO = Path.of("../../bundles/demo/target").toAbsolutePath().normalize();
    /** (module (func (export "one") (result i32) (i32.const 1))) */
    private static final byte[] MODULE = {
        0, 'a', 's', 'm', 1, 0, 0, 0, 1, 5, 1, 0x60, 0, 1, 0x7f, 3, 2, 1, 0, 7, 7, 1, 3, 'o', 'n', 'e', 0, 0, 10, 6, 1, 4, 0,
        0x41, 1, 0x0b
    };

    @TempDir
    Path folder;

    private final List<Process> started = new ArrayList<>();

    @AfterEach
    void endAll() throws InterruptedException {
        for (Process process : started) {
            process.destroyForcibly().waitFor();
        }
    }

    /** @param temp where it makes what it needs while it runs */
    private Process host(Path temp, Path out) throws IOException {
        return host("--enable-native-access=ALL-UNNAMED", temp, out);
    }

    private Process host(String nativeAccess, Path temp, Path out) throws IOException {
        List<String> jars = new ArrayList<>();
        for (Path place : List.of(DEMO, DEMO.resolve("app/felix"))) {
            try (Stream<Path> files = Files.list(place)) {
                files.map(Path::toString).filter(file -> file.endsWith(".jar")).forEach(jars::add);
            }
        }
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        nativeAccess,
                        "--sun-misc-unsafe-memory-access=allow",
                        "-Djava.io.tmpdir=" + Files.createDirectories(temp),
                        "-Dsallyport.app=" + DEMO.resolve("app"),
                        "-cp",
                        String.join(":", jars),
                        "org.sallyport.demo.Main",
                        "host")
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(out.toFile())
                .start();
        started.add(process);
        return process;
    }

    private static void says(Path out, String text) throws Exception {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(120);
        while (!Files.readString(out).contains(text)) {
            assertThat(System.nanoTime()).as("said so far: " + Files.readString(out)).isLessThan(end);
            Thread.sleep(50);
        }
    }

    private static List<String> filesIn(Path temp) throws IOException {
        try (Stream<Path> files = Files.list(temp)) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> !name.startsWith("hsperfdata"))
                    .toList();
        }
    }

    /** Also where native access is denied: then plugins are class files. */
    @ParameterizedTest
    @CsvSource({"TERM, --enable-native-access=ALL-UNNAMED, native", "INT, --illegal-native-access=deny, portable"})
    void signalTakesPluginsOutAndLeavesNothing(String signal, String nativeAccess, String backEnd) throws Exception {
        Files.write(Files.createDirectories(folder.resolve("plugins")).resolve("good.wasm"), MODULE);
        Path temp = folder.resolve("temp");
        Path out = folder.resolve("out");
        Process process = host(nativeAccess, temp, out);
        says(out, "plugin good is ACTIVE");
        assertThat(Files.readString(out)).contains("Sallyport engine: " + backEnd);
        assertThat(filesIn(temp)).isNotEmpty();

        assertThat(new ProcessBuilder("kill", "-" + signal, "" + process.pid()).start().waitFor()).isZero();
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).isEqualTo(signal.equals("TERM") ? 128 + 15 : 128 + 2);
        assertThat(Files.readString(out)).doesNotContain("Exception", "stays behind");
        assertThat(filesIn(temp)).isEmpty();
        assertThat(filesIn(folder.resolve("plugins"))).containsExactly("good.wasm");
    }

    @Test
    void exitOfTheShellDoesLikewise() throws Exception {
        Path temp = folder.resolve("temp");
        Path out = folder.resolve("out");
        Process process = host(temp, out);
        says(out, "exit 0 ends it");
        try (var shell = process.outputWriter()) {
            shell.write("exit 7\n");
        }
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).isEqualTo(7);
        assertThat(Files.readString(out)).doesNotContain("Exception", "stays behind");
        assertThat(filesIn(temp)).isEmpty();
    }

    /** Each has plugins of its own, and the first one's end is none of the second one's. */
    @Test
    void secondHostOnTheSameFolder() throws Exception {
        Path first = folder.resolve("out1");
        Path second = folder.resolve("out2");
        Files.write(Files.createDirectories(folder.resolve("plugins")).resolve("good.wasm"), MODULE);
        Process one = host(folder.resolve("temp1"), first);
        host(folder.resolve("temp2"), second);
        says(first, "plugin good is ACTIVE");
        says(second, "plugin good is ACTIVE");

        one.destroy();
        assertThat(one.waitFor(60, TimeUnit.SECONDS)).isTrue();
        Files.write(folder.resolve("plugins/later.wasm"), MODULE);
        says(second, "plugin later is ACTIVE");
        assertThat(Files.readString(second)).doesNotContain("UNINSTALLED");
    }
}
