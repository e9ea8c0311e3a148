package org.sallyport.itests.real;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.opentest4j.TestAbortedException;
import org.sallyport.Engine;
import org.sallyport.itests.inputs.RealInputs;
import org.sallyport.spi.CodeGenerator;
import org.sallyport.spi.EngineFactory;
import org.sallyport.spi.InstanceAllocator;
import org.sallyport.spi.Loader;
import org.sallyport.spi.Validator;
import org.sallyport.wasm.WasmModule;

/**
 * Prints the medians of {@link ColdStart} over fresh JVMs: {@code -Dsallyport.cold.runs=9} for figures to speak of, one
 * run without it. What is tested is only that a fresh JVM comes to the right result.
 */
class ColdStartTest {
    private static final int RUNS = Integer.getInteger("sallyport.cold.runs", 1);

    @ParameterizedTest
    @ValueSource(strings = {"whole", "stages"})
    void freshJvm(String mode) throws Exception {
        assertThat(RealInputs.dprintJson()).isNotEmpty(); // in the cache from here on
        Map<String, List<Double>> runs = new LinkedHashMap<>();
        for (int i = 0; i < RUNS; i++) {
            run(mode).forEach((name, value) -> runs.computeIfAbsent(name, _ -> new ArrayList<>()).add(value));
        }

        assertThat(runs).hasSizeGreaterThan(4);
        System.out.printf("cold start, %s, dprint json, median of %d fresh JVMs:%n", mode, RUNS);
        runs.forEach((name, values) -> {
            values.sort(null);
            System.out.printf("  %-30s %9.2f%n", name, values.get(values.size() / 2));
        });
    }

    private static Map<String, Double> run(String mode) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--enable-native-access=ALL-UNNAMED",
                        "-Dsallyport.cache=" + RealInputs.cache(),
                        "-cp",
                        classPath(),
                        ColdStart.class.getName(),
                        mode)
                .redirectErrorStream(true)
                .start();
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).as(output).isZero();
        Map<String, Double> figures = new LinkedHashMap<>();
        for (String line : output.split("\n")) {
            int blank = line.lastIndexOf(' ');
            figures.put(line.substring(0, blank), Double.parseDouble(line.substring(blank + 1)));
        }
        return figures;
    }

    /** Where the classes that run here come from, whatever launched this JVM. */
    private static String classPath() {
        Stream<Class<?>> used = Stream.of(
                ColdStart.class, RealInputs.class, Engine.class, WasmModule.class, TestAbortedException.class);
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
