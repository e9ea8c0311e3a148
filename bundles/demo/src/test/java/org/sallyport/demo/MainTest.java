package org.sallyport.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MainTest {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    private int answer(String... words) {
        return Main.answer(List.of(words), new PrintStream(out), new PrintStream(err));
    }

    @Test
    void helpIsAnsweredWithoutAFramework() {
        assertThat(answer("host", "--help")).isZero();
        assertThat(answer("demo", "-h")).isZero();
        assertThat(out.toString()).contains("Usage: sallyport demo", "sallyport host", "plugins");
        assertThat(err.toString()).isEmpty();
    }

    @Test
    void otherWordsAreWrongUsage() {
        assertThat(answer("host", "8080")).isEqualTo(2);
        assertThat(err.toString()).contains("--help", "host 8080");
        assertThat(out.toString()).isEmpty();
    }

    @Test
    void demoAndHostStart() {
        assertThat(answer("demo")).isEqualTo(Main.START);
        assertThat(answer("host")).isEqualTo(Main.START);
    }

    @Test
    void aFileInThePlaceOfTheFolderIsNamed(@TempDir Path temp) throws IOException {
        Path file = Files.writeString(temp.resolve("plugins"), "");
        assertThat(Main.folder(file, new PrintStream(err))).isNull();
        assertThat(Main.folder(file.resolve("below"), new PrintStream(err))).isNull();
        assertThat(err.toString().lines()).hasSize(2).allMatch(line -> line.startsWith("sallyport: " + file));
        assertThat(Main.folder(temp.resolve("new/plugins"), new PrintStream(err))).isDirectory();
        assertThat(Main.folder(temp, new PrintStream(err))).isEqualTo(temp);
    }

    @Test
    void theShellDoesNotReadFromNowhere(@TempDir Path temp) throws IOException {
        Path link = Files.createSymbolicLink(temp.resolve("link"), Path.of("/dev/null"));
        assumeTrue(Files.exists(Path.of("/dev/null")), "SKIPPED: no /dev/null here");
        assertThat(Main.isNothing(link)).isTrue();
        assertThat(Main.isNothing(Files.writeString(temp.resolve("commands"), "exit 0"))).isFalse();
        assertThat(Main.isNothing(temp.resolve("none"))).isFalse();
    }

    @Test
    void outputThatIsNotWrittenIsAFailure() {
        PrintStream full = new PrintStream(new OutputStream() {
            @Override
            public void write(int b) throws IOException {
                throw new IOException("no room");
            }
        });
        full.print("help");
        assertThat(Main.written(0, full)).isEqualTo(1);
        assertThat(Main.written(2, full)).isEqualTo(2);
        assertThat(Main.written(0, new PrintStream(out))).isZero();
    }
}
