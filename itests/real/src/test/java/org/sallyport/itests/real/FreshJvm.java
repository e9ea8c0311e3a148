package org.sallyport.itests.real;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.ServiceLoader;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.opentest4j.TestAbortedException;
import org.sallyport.Engine;
import org.sallyport.EngineFactory;
import org.sallyport.itests.inputs.RealInputs;
import org.sallyport.spi.CodeGenerator;
import org.sallyport.spi.InstanceAllocator;
import org.sallyport.spi.Loader;
import org.sallyport.spi.Validator;
import org.sallyport.wasi.Wasi;
import org.sallyport.wasm.WasmModule;

/** Java programs of these tests in processes of their own. */
final class FreshJvm {
    private static final long SECONDS = 120;

    /** JVM options with which what nobody can reach is gone after collections, and threads are those that were asked for. */
    static final List<String> LEAVES_NOTHING = List.of(
            // the JDK keeps the last of some types softly: java.lang.runtime.ObjectMethods
            "-XX:SoftRefLRUPolicyMSPerMB=0",
            "-XX:-UseDynamicNumberOfGCThreads",
            "-XX:-UseDynamicNumberOfCompilerThreads");

    /** A process that was started and whose output is still to come. */
    record Running(Process process) {
        /** What it wrote, when it has ended well. */
        String output() throws IOException, InterruptedException {
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(process.waitFor(SECONDS, TimeUnit.SECONDS)).isTrue();
            assertThat(process.exitValue()).as(output).isZero();
            return output;
        }
    }

    private FreshJvm() {}

    /** The command that starts a main class with these arguments. */
    static List<String> command(Class<?> main, String... args) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-XX:-UsePerfData",
                "-Dsallyport.cache=" + RealInputs.cache(),
                "-cp",
                classPath(),
                main.getName()));
        command.addAll(List.of(args));
        return command;
    }

    static Running start(List<String> command) throws IOException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        process.getOutputStream().close();
        return new Running(process);
    }

    static String run(Class<?> main, String... args) throws IOException, InterruptedException {
        return start(command(main, args)).output();
    }

    /** Where the classes that run here come from, whatever launched this JVM. */
    private static String classPath() {
        Stream<Class<?>> used = Stream.of(
                ColdStart.class, RealInputs.class, Engine.class, WasmModule.class, Wasi.class, TestAbortedException.class);
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
