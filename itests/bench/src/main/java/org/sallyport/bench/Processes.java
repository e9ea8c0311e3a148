package org.sallyport.bench;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Runs other programs and whole JVMs, one at a time, and waits for them. */
final class Processes {
    private final File root;

    /** @param root of the project */
    Processes(File root) {
        this.root = root;
    }

    /** Standard output, without the line end; empty if the program is not there or fails, which is told. */
    Optional<String> output(List<String> command) throws InterruptedException {
        try {
            Process process = new ProcessBuilder(command).directory(root).redirectError(ProcessBuilder.Redirect.INHERIT).start();
            process.getOutputStream().close();
            String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
            int status = process.waitFor();
            if (status == 0) {
                return Optional.of(out);
            }
            System.err.println("bench: " + String.join(" ", command) + " ended with " + status);
        } catch (IOException e) {
            System.err.println("bench: " + command.getFirst() + " cannot be started: " + e.getMessage());
        }
        return Optional.empty();
    }

    /** A main class of this module in a JVM of its own. */
    Optional<String> java(String mainClass, Object... args) throws InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                javaCommand(), "--enable-native-access=ALL-UNNAMED", "-cp", System.getProperty("java.class.path"), mainClass));
        for (Object arg : args) {
            command.add(arg.toString());
        }
        return output(command);
    }

    static String javaCommand() {
        return ProcessHandle.current().info().command().orElse("java");
    }

    /** Wall milliseconds of the whole process: the median of so many runs, after one that is not counted. */
    @Nullable Double wallMillis(int runs, List<String> command) throws InterruptedException {
        double[] samples = new double[runs];
        for (int i = -1; i < runs; i++) {
            long start = System.nanoTime();
            if (output(command).isEmpty()) {
                return null;
            }
            samples[Math.max(i, 0)] = (System.nanoTime() - start) / 1e6;
        }
        Arrays.sort(samples);
        return samples[runs / 2];
    }

    /** Removes a folder with all that is in it, if it is there. */
    static void delete(Path folder) throws IOException {
        if (Files.exists(folder)) {
            try (Stream<Path> files = Files.walk(folder)) {
                for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            }
        }
    }
}
