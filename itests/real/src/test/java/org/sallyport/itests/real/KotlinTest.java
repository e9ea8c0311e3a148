package org.sallyport.itests.real;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sallyport.Config;
import org.sallyport.Engine;
import org.sallyport.Module;
import org.sallyport.Store;
import org.sallyport.itests.inputs.RealInputs;
import org.sallyport.wasi.Wasi;
import org.sallyport.wasi.WasiProcess;

/**
 * Two programs in Kotlin ({@code src/test/resources/kotlin}), compiled by Kotlin 2.3 to a WASI module with structures, arrays
 * and exceptions, print what they print in the JVM, which is {@code expected.txt}.
 */
class KotlinTest {
    private static final String COMPILER = "org.jetbrains.kotlin.cli.js.K2JSCompiler";
    private static final String LIBRARY = "kotlin-stdlib-wasm-wasi-2.3.0.klib";

    @TempDir
    static Path folder;

    private static byte[] binary;

    @BeforeAll
    static void compile() throws Exception {
        Path tools = RealInputs.maven(
                "kotlin-2.3.0",
                "org.jetbrains.kotlin:kotlin-compiler-embeddable:2.3.0",
                "org.jetbrains.kotlin:kotlin-stdlib-wasm-wasi:2.3.0:klib");
        List<String> sources = new ArrayList<>();
        for (String name : List.of("Main.kt", "Trees.kt", "Documents.kt")) {
            Path source = folder.resolve(name);
            Files.writeString(source, resource(name));
            sources.add(source.toString());
        }
        Path library = tools.resolve(LIBRARY);
        List<String> parse = new ArrayList<>(List.of("-libraries", library.toString(), "-Xir-produce-klib-file"));
        parse.addAll(sources);
        kotlin(tools, "parsed", parse);
        String parsed = folder.resolve("parsed").resolve("main.klib").toString();
        kotlin(tools, "compiled", List.of(
                "-libraries", library + File.pathSeparator + parsed, "-Xir-produce-js", "-Xinclude=" + parsed, "-Xir-dce"));
        binary = Files.readAllBytes(folder.resolve("compiled").resolve("main.wasm"));
    }

    private static void kotlin(Path tools, String output, List<String> arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp", tools.resolve("*").toString(),
                COMPILER, "-Xwasm", "-Xwasm-target=wasm-wasi",
                "-ir-output-dir", folder.resolve(output).toString(), "-ir-output-name", "main"));
        command.addAll(arguments);
        FreshJvm.start(command).output();
    }

    private static String resource(String name) throws Exception {
        try (InputStream in = KotlinTest.class.getResourceAsStream("/kotlin/" + name)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    @Test
    void printsWhatItPrintsInTheJvm() throws Exception {
        run(Config.defaults());
    }

    @Test
    void alsoUnoptimized() throws Exception {
        run(Config.defaults().withCompile(Config.defaults().compile().withOptimize(false)));
    }

    private static void run(Config config) throws Exception {
        try (Engine engine = Engine.create(config);
                Module module = engine.compile(binary, "main.wasm")) {
            assertThat(output(engine, module)).isEqualTo(resource("expected.txt"));
        }
    }

    private static String output(Engine engine, Module module) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        Wasi wasi = Wasi.defaults().withStdout(out);
        try (Store store = engine.newStore();
                WasiProcess _ = wasi.attachTo(store)) {
            wasi.instantiate(engine.newLinker(), module, store).func("_initialize").call();
        }
        return out.toString(StandardCharsets.UTF_8);
    }
}
