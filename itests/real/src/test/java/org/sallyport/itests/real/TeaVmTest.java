package org.sallyport.itests.real;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.sallyport.Config;
import org.sallyport.Engine;
import org.sallyport.HeapStatistics;
import org.sallyport.Module;
import org.sallyport.itests.inputs.RealInputs;
import org.sallyport.itests.real.teavm.Programs;

/** Three programs in Java, compiled to WasmGC by TeaVM, print what they print in the JVM. */
class TeaVmTest {
    @TempDir
    static Path folder;

    private static byte[] binary;

    @BeforeAll
    static void compile() throws Exception {
        Path tools = RealInputs.maven(
                "teavm-0.16.0", "org.teavm:teavm-tooling:0.16.0", "org.teavm:teavm-classlib:0.16.0");
        Path driver = folder.resolve("Compile.java");
        try (InputStream source = TeaVmTest.class.getResourceAsStream("/teavm/Compile.java")) {
            Files.write(driver, source.readAllBytes());
        }
        String programs = Path.of(Programs.class.getProtectionDomain().getCodeSource().getLocation().toURI()).toString();
        FreshJvm.start(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        tools.resolve("*") + File.pathSeparator + programs,
                        driver.toString(),
                        Programs.class.getName(),
                        folder.toString(),
                        "programs.wasm"))
                .output();
        binary = Files.readAllBytes(folder.resolve("programs.wasm"));
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void printWhatTheyPrintInTheJvm(boolean optimize) {
        try (Engine engine = Engine.create(Config.defaults().withCompile(Config.defaults().compile().withOptimize(optimize)));
                Module module = engine.compile(binary, "programs.wasm");
                TeaVmProgram program = new TeaVmProgram(engine, module)) {
            assertThat(program.main()).isEqualTo(Programs.output());
        }
    }

    @Test
    void theirHeapIsCountedByType() {
        try (Engine engine = Engine.create();
                Module module = engine.compile(binary, "programs.wasm");
                TeaVmProgram program = new TeaVmProgram(engine, module)) {
            program.main();
            HeapStatistics heap = program.store().heap().statistics();
            assertThat(heap.types()).hasSizeGreaterThan(10);
            assertThat(heap.types().stream().mapToLong(HeapStatistics.OfType::objects).sum()).isEqualTo(heap.objects());
            assertThat(heap.bytes()).isPositive().isLessThanOrEqualTo(heap.reservedBytes());
            assertThat(heap.hostObjects()).as("classes and functions of JavaScript").isPositive();
        }
    }
}
