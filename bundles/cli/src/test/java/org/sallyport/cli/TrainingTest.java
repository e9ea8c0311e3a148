package org.sallyport.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ServiceLoader;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sallyport.Engine;
import org.sallyport.EngineFactory;
import org.sallyport.spi.CodeGenerator;
import org.sallyport.spi.InstanceAllocator;
import org.sallyport.spi.Loader;
import org.sallyport.spi.Validator;
import org.sallyport.text.Wat;
import org.sallyport.wasi.Wasi;
import org.sallyport.wasm.WasmModule;

/** The run that the launcher has Java watch, in a process of its own because it uses the standard streams. */
class TrainingTest {
    @TempDir
    Path temp;

    @Test
    void runsWhatItIsGivenAndLeavesNothingBehind() throws Exception {
        Path module = temp.resolve("process.wasm");
        try (InputStream in = getClass().getResourceAsStream("/programs/process.wasm")) {
            Files.write(module, in.readAllBytes());
        }
        Path work = Files.createDirectory(temp.resolve("tmp"));
        Path errors = temp.resolve("errors");
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--enable-native-access=ALL-UNNAMED",
                        "-Djava.io.tmpdir=" + work,
                        "-cp",
                        classPath(),
                        Training.class.getName(),
                        module.toString())
                .redirectError(errors.toFile())
                .start();
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();

        assertThat(process.exitValue()).as(output).isZero();
        assertThat(output.split("argument an\nargument argument\n", -1)).as(output).hasSize(3); // it ran twice
        assertThat(output.split("\n3(?=\n)", -1)).as(output).hasSize(4); // and once more
        assertThat(errors).content().doesNotContain("sallyport: ");
        try (Stream<Path> left = Files.list(work)) {
            assertThat(left).noneMatch(file -> file.getFileName().toString().startsWith("sallyport"));
        }
    }

    /** Where the classes that run here come from, whatever launched this JVM. */
    private static String classPath() {
        Stream<Class<?>> used = Stream.of(Main.class, Engine.class, WasmModule.class, Wasi.class, Wat.class);
        Stream<Class<?>> provided = Stream.of(
                        EngineFactory.class,
                        Loader.class,
                        Validator.class,
                        CodeGenerator.class,
                        InstanceAllocator.class)
                .map(type -> ServiceLoader.load(type).findFirst().orElseThrow().getClass());
        return Stream.concat(used, provided)
                .map(type -> Path.of(type.getProtectionDomain().getCodeSource().getLocation().getPath()).toString())
                .distinct()
                .collect(Collectors.joining(File.pathSeparator));
    }
}
