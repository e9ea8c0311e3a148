package org.sallyport.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.sallyport.text.wast.Testsuite;

/**
 * The native back end for AArch64, in an emulated JVM of that machine: scripts of the testsuite ({@link RunScripts}). Runs where
 * the property {@code sallyport.aarch64} or the variable {@code SALLYPORT_AARCH64} names a folder that {@code
 * cnf/emulate-aarch64.sh} has filled; {@code -Dsallyport.aarch64.scripts=all} runs the whole suite, which takes half an
 * hour.
 */
class AArch64Test {
    private static final Path EMULATOR = Path.of("/usr/bin/qemu-aarch64-static");
    private static final String JAVA = "usr/lib/jvm/java-25-openjdk-arm64/bin/java";

    /**
     * A few of each: integers, floats, memory, calls out and in, tables, traps, exceptions, tail calls, vectors, objects,
     * atomics.
     */
    private static final List<String> REPRESENTATIVE = List.of(
            "i64.wast", "f32.wast", "conversions.wast", "br_table.wast", "call_indirect.wast", "address.wast", "traps.wast",
            "memory_fill.wast", "imports.wast", "return_call_indirect.wast", "try_table.wast", "simd_lane.wast", "struct.wast",
            "proposals/threads/atomic.wast", "skip-stack-guard-page.wast");

    @Test
    void passesTheSuite() throws Exception {
        Testsuite suite = Testsuite.find().orElse(null);
        Path folder = folder();
        if (suite == null || folder == null || !Files.isExecutable(folder.resolve(JAVA)) || !Files.isExecutable(EMULATOR)) {
            System.err.println("SKIPPED: AArch64: no testsuite, no emulator at " + EMULATOR
                    + ", or no JDK for it; cnf/emulate-aarch64.sh FOLDER and -Dsallyport.aarch64=FOLDER bring the latter two");
            Assumptions.abort("no AArch64");
            return;
        }
        List<String> command = new ArrayList<>(List.of(
                EMULATOR.toString(), "-L", folder.toString(), folder.resolve(JAVA).toString(), "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1", "--enable-native-access=ALL-UNNAMED", "-Dsallyport.verify=true",
                "-Dsallyport.aarch64.native=true",
                "-D" + Testsuite.PROPERTY + "=" + suite.root(), "-cp", System.getProperty("java.class.path"),
                RunScripts.class.getName()));
        if (!System.getProperty("sallyport.aarch64.scripts", "").equals("all")) {
            List<String> names = suite.names();
            REPRESENTATIVE.stream().filter(names::contains).forEach(command::add);
        }
        assertThat(run(command)).contains("\n0 scripts failed");
    }

    private static @Nullable Path folder() {
        String named = System.getProperty("sallyport.aarch64", System.getenv("SALLYPORT_AARCH64"));
        return named == null || named.isEmpty() ? null : Path.of(named);
    }

    private static String run(List<String> command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        try {
            String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
            return out;
        } finally {
            process.destroyForcibly();
        }
    }
}
