package org.sallyport.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.sallyport.TextFormatException;

/** The messages as people read them, in {@code errors.txt}: texts behind {@code >}, then what is said about them. */
class ErrorMessagesTest {
    private static final String FILE = "org/sallyport/text/errors.txt";
    private static final String HOW = "run the test with -Dbless=true to rewrite " + FILE;

    private static final String HEADER = "# Texts and the messages about them. -Dbless=true rewrites the messages.\n";

    private record Case(String text, String message) {}

    private static List<Case> cases() throws IOException {
        try (InputStream in = ErrorMessagesTest.class.getClassLoader().getResourceAsStream(FILE)) {
            assertThat(in).isNotNull();
            String all = new String(in.readAllBytes(), StandardCharsets.UTF_8);
            List<Case> cases = new ArrayList<>();
            for (String block : all.split("\n\n+")) {
                List<String> lines = block.lines().filter(l -> !l.startsWith("#")).toList();
                if (!lines.isEmpty()) {
                    cases.add(new Case(select(lines, true), select(lines, false)));
                }
            }
            return cases;
        }
    }

    private static String select(List<String> lines, boolean text) {
        return lines.stream()
                .filter(l -> l.startsWith(">") == text)
                .map(l -> text ? l.substring(Math.min(2, l.length())) : l)
                .collect(Collectors.joining("\n"));
    }

    private static String message(String text) {
        try {
            Wat.compile(text, "app.wat");
            return "accepted";
        } catch (TextFormatException e) {
            return e.getMessage();
        }
    }

    @TestFactory
    Stream<DynamicTest> saysWhatIsWrongAndWhere() throws IOException {
        if (Boolean.getBoolean("bless")) {
            bless();
        }
        return cases().stream()
                .map(c -> DynamicTest.dynamicTest(c.text().replace('\n', ' '), () -> check(c)));
    }

    private static void check(Case c) {
        assertThat(message(c.text())).as(HOW).isEqualTo(c.message());
    }

    private static void bless() throws IOException {
        StringBuilder out = new StringBuilder(HEADER);
        for (Case c : cases()) {
            out.append('\n');
            c.text().lines().forEach(l -> out.append(("> " + l).stripTrailing()).append('\n'));
            out.append(message(c.text())).append('\n');
        }
        Path module = Path.of(System.getProperty("basedir", "bundles/text"));
        Files.writeString(module.resolve("src/test/resources").resolve(FILE), out);
    }

    @Test
    void everyTextIsRefused() throws IOException {
        assertThat(cases()).hasSizeGreaterThan(30).allSatisfy(c -> assertThat(c.message()).isNotEqualTo("accepted"));
    }

    @Test
    void tellsLineAndColumnInCodePoints() {
        try {
            Wat.compile("(module\r\n  (; λ😀 ;) (func foo))", "x");
            throw new AssertionError("accepted");
        } catch (TextFormatException e) {
            assertThat(e.specText()).isEqualTo("unknown operator foo");
            assertThat(List.of(e.file(), e.line(), e.column())).isEqualTo(List.of("x", 2, 18));
        }
    }
}
