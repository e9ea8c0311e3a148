package org.sallyport.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.util.List;
import org.junit.jupiter.api.Test;

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
}
