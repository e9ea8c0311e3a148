package org.sallyport.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The quick way and the library agree wherever the quick way has an answer. */
class SyntaxTest {
    private static final String[] WORDS = {
        "a.wasm", "-", "--", "", "@file", "x=y", "--json", "--dir", "--dir=a", "--dir=", "--dir=a=b", "--name",
        "--name=n", "-o", "--output", "--output=o", "-oo", "-h", "--help", "--nam", "--json=1", "-x", "--other", "-1",
        "b c", "'q'", "\"q\""
    };

    private static Syntax one() {
        return new Syntax().flag("--json", "j").often("--dir", "D", "d").option("--name", "N", "n").file("f");
    }

    private static List<Syntax> all() {
        return List.of(
                one(),
                one().guestArguments("g"),
                new Syntax().flag("--json", "j").often("--dir", "D", "d").files("f"),
                new Syntax().output("o").flag("--json", "j").file("f"),
                new Syntax().flag("--json", "j"));
    }

    @Test
    void theQuickWayUnderstandsOrdinaryLines() {
        Syntax syntax = one().guestArguments("g");
        assertThat(syntax.parse(new String[] {"--dir", "a", "--json", "--dir=b", "f", "--json", "-x"}))
                .isEqualTo(new Line(
                        Map.of("--dir", List.of("a", "b"), "--json", List.of("")), List.of("f", "--json", "-x")));
        assertThat(new Syntax().output("o").file("f").parse(new String[] {"f", "-o", "out"}))
                .isEqualTo(new Line(Map.of("--output", List.of("out")), List.of("f")));
    }

    @Test
    void theLibraryAgrees() {
        Random random = new Random(1);
        int understood = 0;
        for (Syntax syntax : all()) {
            Picocli library = new Picocli("test", "", syntax);
            for (int i = 0; i < 4000; i++) {
                String[] args = new String[random.nextInt(6)];
                for (int k = 0; k < args.length; k++) {
                    args[k] = WORDS[random.nextInt(WORDS.length)];
                }
                Line quick = syntax.parse(args);
                if (quick != null) {
                    understood++;
                    assertThat(library.parse(args)).as(String.join(" ", args)).isEqualTo(quick);
                }
            }
        }
        assertThat(understood).isGreaterThan(1000);
    }

    @Test
    void theLibrarySaysWhatIsWrong() {
        Picocli library = new Picocli("test", "", one());
        assertThatThrownBy(() -> library.parse(new String[] {"--nam", "x", "f"}))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("--nam");
        assertThatThrownBy(() -> library.parse(new String[] {})).hasMessageContaining("FILE");
        assertThat(Picocli.asksForHelp(library.parse(new String[] {"--help"}))).isTrue();
    }
}
