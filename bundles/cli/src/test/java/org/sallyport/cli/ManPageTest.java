package org.sallyport.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/** The manual page that the distribution takes; {@code -Dbless=true} writes it anew. */
class ManPageTest {
    private static final Path PAGE = Path.of("src/main/man/sallyport.1");

    @Test
    void thePageIsWhatTheSubcommandsSay() throws IOException {
        String page = ManPage.of(Main.subcommands());
        if (Boolean.getBoolean("bless")) {
            Files.createDirectories(PAGE.getParent());
            Files.writeString(PAGE, page);
        }
        assertThat(PAGE).as("run this test with -Dbless=true, read the difference").hasContent(page);
    }

    @Test
    void groffFormatsItWithoutAWarning() throws Exception {
        Process process;
        try {
            process = new ProcessBuilder("groff", "-man", "-Tutf8", "-ww", PAGE.toString()).redirectErrorStream(true).start();
        } catch (IOException e) {
            Assumptions.abort("SKIPPED: there is no groff here");
            return;
        }
        String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).isZero();
        assertThat(text).doesNotContain("warning:", "error:");
        String plain = text.replaceAll("\u001b\\[[0-9;]*m", "").replaceAll(".\b", "");
        assertThat(plain).contains("sallyport compile [OPTIONS] FILE", "--timeout=TIME", "134");
    }
}
