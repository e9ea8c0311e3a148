package org.sallyport.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.Vector;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConfigValuesTest {
    @Test
    void wholeNumbersAndTheirTextsAreNumbers() {
        assertThat(ConfigValues.number("n", " 7 ", 0, 10)).isEqualTo(7);
        assertThat(ConfigValues.number("n", 7, 0, 10)).isEqualTo(7);
        assertThat(ConfigValues.number("n", (byte) 7, 0, 10)).isEqualTo(7);
        assertThat(ConfigValues.number("n", Long.MIN_VALUE, Long.MIN_VALUE, 0)).isEqualTo(Long.MIN_VALUE);
    }

    @Test
    void otherThingsAreNone() {
        for (Object value : List.of(
                "", " ", "16m", "50ms", "1e6", "0x10", "7.0", "-1", "11", "9".repeat(40), true, '7', 7.0, 7f,
                new String[] {"7"}, new int[] {7}, List.of(7), -1, 11L)) {
            assertThatThrownBy(() -> ConfigValues.number("n", value, 0, 10))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageStartingWith("n must be a number from 0 to 10, found ");
        }
    }

    @Test
    void onlyTrueAndFalseAreFlags() {
        assertThat(ConfigValues.flag("f", "true ")).isTrue();
        assertThat(ConfigValues.flag("f", false)).isFalse();
        for (Object value : List.of("", "yes", "TRUE", "ture", 1, new boolean[] {true}, List.of(true))) {
            assertThatThrownBy(() -> ConfigValues.flag("f", value)).hasMessageStartingWith("f must be true or false, found ");
        }
    }

    @Test
    void textsAreTexts() {
        assertThat(ConfigValues.text("t", " a b ")).isEqualTo("a b");
        for (Object value : List.of(1, true, new String[] {"a"}, new String[0], new Vector<>(List.of("a")))) {
            assertThatThrownBy(() -> ConfigValues.text("t", value)).hasMessageStartingWith("t must be one text, found ");
        }
        assertThatThrownBy(() -> ConfigValues.text("t", new String[] {"a", "b\n"}))
                .hasMessage("t must be one text, found the array [a, b\\u{a}]");
    }

    @Test
    void namesComeInTextsArraysAndCollections() {
        assertThat(ConfigValues.names("n", "a, b,,c ")).containsExactly("a", "b", "c");
        assertThat(ConfigValues.names("n", new String[] {"a", "b,c"})).containsExactly("a", "b", "c");
        assertThat(ConfigValues.names("n", new Vector<>(List.of("a")))).containsExactly("a");
        assertThat(ConfigValues.names("n", " , ")).isEmpty();
        assertThat(ConfigValues.names("n", new String[0])).isEmpty();
        for (Object value : List.of(1, true, new Integer[] {1}, new int[] {1}, Arrays.asList("a", 1), new String[] {null})) {
            assertThatThrownBy(() -> ConfigValues.names("n", value)).hasMessageStartingWith("n must be names ");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "timeout,", "service.pid,", "felix.fileinstall.filename,", ".private,",
        "Timeout, write timeout instead of Timeout", ".timeout, write timeout instead of .timeout",
        "MaxTraps, write max-traps instead of MaxTraps", "timout, unknown key timout (did you mean timeout?)"
    })
    void keysAreKnownOrTheFrameworks(String key, String fault) {
        String found = ConfigValues.keyFault(key, Set.of("timeout", "max-traps"));
        if (fault == null) {
            assertThat(found).isNull();
        } else {
            assertThat(found).startsWith(fault);
        }
    }
}
