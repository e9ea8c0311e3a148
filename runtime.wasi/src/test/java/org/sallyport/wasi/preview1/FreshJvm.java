package org.sallyport.wasi.preview1;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Runs a class in a JVM of its own that a shell starts. It writes what it found to the file {@code answers}. */
final class FreshJvm {
    private FreshJvm() {}

    /**
     * What the class wrote.
     *
     * @param directory where it is started, and its only argument
     * @param before commands of the shell, such as {@code ulimit -n 256;}
     * @param redirections such as {@code </dev/null}
     */
    static String answers(Path directory, String before, Class<?> main, String redirections)
            throws IOException, InterruptedException {
        String command = before + " exec '" + Path.of(System.getProperty("java.home"), "bin", "java")
                + "' -XX:TieredStopAtLevel=1 --enable-native-access=ALL-UNNAMED -cp '"
                + System.getProperty("java.class.path") + "' '" + main.getName() + "' '" + directory + "' " + redirections;
        java.lang.Process shell = new ProcessBuilder("sh", "-c", command).directory(directory.toFile()).start();
        shell.getOutputStream().close();
        String output = new String(shell.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
        shell.waitFor();
        Path answers = directory.resolve("answers");
        assertThat(answers).as(output).exists();
        return Files.readString(answers);
    }

    /** For the class: tells its answers. */
    static void tell(String[] args, CharSequence answers) throws IOException {
        Files.writeString(Path.of(args[0], "answers"), answers);
    }
}
