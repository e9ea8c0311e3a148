package org.sallyport.itests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** {@code ./sallyport host} as a process, in a folder of its own. */
final class HostProcess implements AutoCloseable {
    private static final Path DEMO = Path.of("../../bundles/demo/target").toAbsolutePath().normalize();
    private static final String PROMPT = "g! ";

    private final Process process;
    private final Writer shell;
    private final Path out;
    private int read;

    /**
     * Starts one.
     *
     * @param folder where it is to be
     * @param temp where it makes what it needs while it runs
     * @param out what it says
     * @param log what it logs; null: there, too
     * @param options behind {@code host}
     */
    HostProcess(Path folder, Path temp, Path out, @Nullable Path log, String... options) throws IOException {
        List<String> jars = new ArrayList<>();
        for (Path place : List.of(DEMO, DEMO.resolve("app/felix"))) {
            try (Stream<Path> files = Files.list(place)) {
                files.map(Path::toString).filter(file -> file.endsWith(".jar")).forEach(jars::add);
            }
        }
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-Djava.io.tmpdir=" + Files.createDirectories(temp),
                "-Dsallyport.app=" + DEMO.resolve("app"),
                "-cp",
                String.join(":", jars),
                "org.sallyport.demo.Main",
                "host"));
        command.addAll(List.of(options));
        this.out = out;
        ProcessBuilder builder = new ProcessBuilder(command).directory(folder.toFile()).redirectOutput(out.toFile());
        if (log == null) {
            builder.redirectErrorStream(true);
        } else {
            builder.redirectError(log.toFile());
        }
        this.process = builder.start();
        this.shell = process.outputWriter();
    }

    Process process() {
        return process;
    }

    /** All that it has said, the log not included. */
    String said() throws IOException {
        return Files.readString(out);
    }

    /** Returns when the shell takes commands. @param last what is said at last before that */
    void ready(String last) throws Exception {
        await(() -> said().contains(last));
        shell.write("echo ready\n");
        shell.flush();
        await(() -> said().matches("(?s).*ready\\R" + PROMPT));
        read = said().length();
    }

    /** Types a command. @return what it answers */
    String type(String command) throws Exception {
        int from = read;
        shell.write(command + "\n");
        shell.flush();
        await(() -> said().length() > from && said().endsWith(PROMPT));
        read = said().length();
        return said().substring(from, read - PROMPT.length());
    }

    private void await(Callable<Boolean> condition) throws Exception {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(120);
        while (!condition.call()) {
            assertThat(System.nanoTime()).as("said so far: " + said()).isLessThan(end);
            assertThat(process.isAlive()).as("said so far: " + said()).isTrue();
            Thread.sleep(10);
        }
    }

    @Override
    public void close() {
        process.destroyForcibly().onExit().join();
    }
}
