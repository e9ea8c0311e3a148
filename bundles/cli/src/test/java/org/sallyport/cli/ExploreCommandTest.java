package org.sallyport.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class ExploreCommandTest extends CommandLineTest {
    private static final Path PROGRAM = Path.of("../loader/src/test/resources/dwarf/dwarf5-O0.wasm");

    private String page(String... options) throws IOException {
        Path page = temp.resolve("page.html");
        String[] line = new String[4 + options.length];
        System.arraycopy(new String[] {"explore", "-o", page.toString()}, 0, line, 0, 3);
        System.arraycopy(options, 0, line, 3, options.length);
        line[line.length - 1] = PROGRAM.toString();
        assertThat(run(line)).isEqualTo(new Outcome(0, "", ""));
        return Files.readString(page);
    }

    @Test
    void textAndMachineCodeAreBesideEachOtherUnderSourceLines() throws IOException {
        String page = page();
        assertThat(page).contains("<h2>outer <small>func[", "<h2>divide <small>func[", ">./trap.c:7</div>", "i32.div_s");
        Matcher text = Pattern.compile("<div class=\"w\" data-w=\"(\\d+)\" data-l=\"(\\d+)\">.*i32.div_s").matcher(page);
        assertThat(text.find()).isTrue();
        assertThat(page).containsPattern("<div class=\"m\" data-w=\"" + text.group(1) + "\" data-l=\"" + text.group(2)
                + "\">.*<i>integer divide by zero</i>");
    }

    @Test
    void oneFunctionCanBeAskedFor() throws IOException {
        assertThat(page("--func", "divide")).contains("<h2>divide ").doesNotContain("<h2>outer ");
    }

    @Test
    void aPageLoadsNothingAndNamesAreText() throws IOException {
        assertThat(page()).doesNotContain("http", "src=", "href=");
        String module = file("m.wat", "(module (func $<b>))");
        Outcome outcome = run("explore", "-o", "-", module);
        assertThat(outcome.out()).contains("<h2>&lt;b&gt; ").doesNotContain("<b>");
    }
}
