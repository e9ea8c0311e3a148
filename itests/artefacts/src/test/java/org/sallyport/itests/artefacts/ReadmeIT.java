package org.sallyport.itests.artefacts;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sallyport.text.Wat;

/** The whole programs of the README, with the guests that stand beside them, on what the one dependency brings. */
class ReadmeIT {
    private static final String CLASS_PATH =
            Built.PARTS.stream().map(part -> Built.jar("org.sallyport." + part).toString())
                    .collect(Collectors.joining(File.pathSeparator));

    @TempDir
    Path temp;

    private Machine machine;

    @BeforeEach
    void start() throws IOException {
        machine = new Machine(temp);
    }

    @Test
    void structuresAndArrays() throws Exception {
        assertThat(program("shapes", "interface Shapes ", "length")).startsWith(String.valueOf(1 + Math.sqrt(73)));
    }

    @Test
    void aPluginHostInPlainJava() throws Exception {
        assertThat(program("discount", "interface Discount ", "priceOf")).contains("plugin: a basket", "1700");
    }

    /** @return what the program says that declares so, beside the guest that exports so */
    private List<String> program(String guest, String declares, String export) throws Exception {
        Files.writeString(temp.resolve("Program.java"), block("java", "void main() ", declares));
        Files.write(temp.resolve(guest + ".wasm"), Wat.compile(block("wasm", "(export \"" + export + "\")")));
        return machine.run(temp, Built.tool("java"), "--illegal-native-access=deny", "--enable-native-access=ALL-UNNAMED", "-cp",
                CLASS_PATH, "Program.java").well().lines();
    }

    /** The first block of that language that contains all of the words. */
    private static String block(String language, String... words) throws IOException {
        return Pattern.compile("(?s)```" + language + "\n(.*?)```")
                .matcher(Files.readString(Built.ROOT.resolve("README.md")))
                .results()
                .map(found -> found.group(1))
                .filter(text -> Arrays.stream(words).allMatch(text::contains))
                .findFirst()
                .orElseThrow();
    }
}
