package org.sallyport.wasm;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;

class PrintableTest {
    @Test
    void leavesAloneWhatIsPrintable() {
        for (String name : new String[] {"", "memory", "wasi:io/poll@0.2.0", "größe", "関数", "a b", "\"\\'", "\uD83D\uDE00"}) {
            assertThat(Printable.name(name)).isEqualTo(name);
        }
    }

    @Test
    void escapesWhatChangesTerminalsLogsAndDirection() {
        assertThat(Printable.name("a\u001B[2Jb")).isEqualTo("a\\u{1b}[2Jb");
        assertThat(Printable.name("a\r\nb\tc\0")).isEqualTo("a\\u{d}\\u{a}b\\u{9}c\\u{0}");
        assertThat(Printable.name("\u007F\u009B\u0085")).isEqualTo("\\u{7f}\\u{9b}\\u{85}");
        assertThat(Printable.name("\u202Etxt\u2066\u200F\uFEFF")).isEqualTo("\\u{202e}txt\\u{2066}\\u{200f}\\u{feff}");
        assertThat(Printable.name("\u2028\u2029")).isEqualTo("\\u{2028}\\u{2029}");
        assertThat(Printable.name("\uD83D.\uDE00")).isEqualTo("\\u{d83d}.\\u{de00}");
        assertThat(Printable.name("\uDB40\uDC41")).isEqualTo("\\u{e0041}");
    }

    @Test
    void messagesKeepTheirLineEndsAndNothingElse() {
        assertThat(Printable.message("one\n  two\u001B[0m\r\n")).isEqualTo("one\n  two\\u{1b}[0m\\u{d}\n");
    }

    @Test
    void cutsWhatIsTooLong() {
        assertThat(Printable.text("abcdef", 6)).isEqualTo("abcdef");
        assertThat(Printable.text("abcdefg", 6)).isEqualTo("abcde…");
        assertThat(Printable.text("abcd\uD83D\uDE00e", 6)).isEqualTo("abcd…");
        assertThat(Printable.text("\n".repeat(10), 9)).isEqualTo("\\u{a}\\u{…");
        assertThat(Printable.name("x".repeat(100_000))).hasSize(Printable.NAME);
        assertThat(Printable.message("\n".repeat(100_000))).hasSize(Printable.MESSAGE);
    }

    @Test
    void anyTextIsPrintableAndStaysAsItIsTheSecondTime() {
        Random random = new Random(9);
        for (int i = 0; i < 20_000; i++) {
            StringBuilder text = new StringBuilder();
            for (int n = random.nextInt(60); n > 0; n--) {
                text.append((char) (random.nextBoolean() ? random.nextInt(0x100) : random.nextInt(0x10000)));
            }
            String once = Printable.text(text.toString(), 1 + random.nextInt(80));
            assertThat(once.codePoints()).allMatch(Printable::isPrintable);
            assertThat(Printable.text(once, Math.max(1, once.length()))).isEqualTo(once);
        }
    }
}
