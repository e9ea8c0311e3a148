package org.sallyport.wasi.preview1;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@link Cases} here, in other locales and as another user. */
@Timeout(600)
class CasesTest {
    @TempDir
    Path temp;

    static List<Cases.Case> cases() {
        return Cases.all();
    }

    @ParameterizedTest
    @MethodSource("cases")
    void theAnswerIsAsPosixWantsIt(Cases.Case one) throws IOException {
        assumeTrue(Files.isDirectory(Path.of("/proc/self/fd")));
        assertThat(Cases.play(one, Files.createDirectory(temp.resolve("case")))).isEqualTo(one.want().toString());
    }

    @Test
    void eachFamilyHasSixOrMore() {
        assertThat(Cases.all().stream().collect(Collectors.groupingBy(Cases.Case::family, Collectors.counting())).values())
                .hasSize(7)
                .allSatisfy(n -> assertThat(n).isGreaterThanOrEqualTo(6));
    }

    @ParameterizedTest
    @ValueSource(strings = {"C", "C.UTF-8", "de_DE.UTF-8", "xx_YY.UTF-8"})
    void theAnswersAreTheSameInEachLocale(String locale) throws Exception {
        assumeTrue(Files.isDirectory(Path.of("/proc/self/fd")));
        String before = "export LC_ALL=" + locale + ";";
        if (locale.startsWith("de")) {
            before += "export LOCPATH='" + german() + "';";
        }
        String answers = FreshJvm.answers(Files.createDirectory(temp.resolve("locale")), before, Cases.class, "");
        assertThat(answers).isEqualTo(Cases.all().size() + "");
    }

    /** A folder with the German locale, made for this test; skips it aloud where that cannot be. */
    private String german() throws Exception {
        Path catalogue = Path.of("/usr/share/locale/de/LC_MESSAGES/libc.mo");
        Path locales = Files.createDirectory(temp.resolve("locales"));
        boolean made = Files.exists(catalogue)
                && Files.exists(Path.of("/usr/bin/localedef"))
                && new ProcessBuilder("localedef", "-i", "de_DE", "-f", "UTF-8", locales.resolve("de_DE.UTF-8").toString())
                        .inheritIO().start().waitFor() == 0;
        if (!made) {
            System.out.println("SKIPPED: the German locale needs localedef, its sources and " + catalogue
                    + " (packages locales and libc-l10n)");
        }
        assumeTrue(made);
        ProcessBuilder builder = new ProcessBuilder("cat", "/nowhere");
        builder.environment().putAll(Map.of("LC_ALL", "de_DE.UTF-8", "LOCPATH", locales.toString()));
        String text = new String(builder.start().getErrorStream().readAllBytes());
        assertThat(text).as("the system speaks German").contains("Datei oder Verzeichnis nicht gefunden");
        return locales.toString();
    }
}
