package org.sallyport.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class HostTextTest {
    private static final int[] INTERESTING = {
        0x00, 'a', 0x7F, 0x80, 0xBF, 0xC0, 0xC3, 0xA9, 0xE2, 0xED, 0xA0, 0xF0, 0x9F, 0xF4, 0xFF
    };

    @Test
    void anyBytesComeBack() {
        Random random = new Random(1);
        for (int i = 0; i < 20_000; i++) {
            byte[] bytes = new byte[random.nextInt(12)];
            for (int k = 0; k < bytes.length; k++) {
                bytes[k] = (byte) INTERESTING[random.nextInt(INTERESTING.length)];
            }
            assertThat(HostText.bytes(HostText.decode(bytes))).isEqualTo(bytes);
        }
    }

    @Test
    void textIsText() {
        String text = "gr\u00fc\u00dfe \ud83d\ude00 \u0000";
        assertThat(HostText.decode(text.getBytes(StandardCharsets.UTF_8))).isEqualTo(text);
        assertThat(HostText.isUtf8(text)).isTrue();
        assertThat(HostText.decode(new byte[] {'a', (byte) 0xE9})).isEqualTo("a\udce9");
        assertThat(HostText.isUtf8("a\udce9")).isFalse();
        assertThat(HostText.shown("a\udce9\u001b\n")).isEqualTo("a\\xe9\\u{1b}\\u{a}");
        assertThat(HostText.message("a\udce9\n")).isEqualTo("a\\xe9\n");
    }

    @Test
    void otherUnpairedSurrogatesStandForNothing() {
        for (String text : List.of("\ud800", "a\udc00b", "\udfff")) {
            assertThatThrownBy(() -> HostText.bytes(text)).isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void argumentsThatJavaCouldNotDecodeAreTakenFromTheSystem() {
        String[] decoded = {"x", "caf\ufffd"};
        List<byte[]> bytes = List.of(new byte[] {'x'}, new byte[] {'c', 'a', 'f', (byte) 0xE9});
        assertThat(HostProcess.arguments(decoded, bytes, StandardCharsets.UTF_8)).containsExactly("x", "caf\udce9");
        assertThat(HostProcess.arguments(decoded, bytes, StandardCharsets.US_ASCII)).containsExactly("x", "caf\udce9");
        assertThatThrownBy(() -> HostProcess.arguments(decoded, List.of(), StandardCharsets.UTF_8))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("argument 2");
        assertThat(HostProcess.arguments(new String[] {"\u00c3\u00a9"}, List.of(new byte[] {(byte) 0xC3, (byte) 0xA9}),
                        StandardCharsets.ISO_8859_1))
                .as("as of de_DE.ISO-8859-1, where it is installed")
                .containsExactly("\u00e9");
    }

    @Test
    void theLaunchersLocaleIsNotTheUsers() {
        List<byte[]> with = List.of("LC_ALL=C.UTF-8".getBytes(StandardCharsets.UTF_8),
                "SALLYPORT_LC_ALL==de_DE".getBytes(StandardCharsets.UTF_8), "A=b=c".getBytes(StandardCharsets.UTF_8));
        assertThat(HostProcess.variable("LC_ALL", with)).isEqualTo("de_DE");
        assertThat(HostProcess.variable("A", with)).isEqualTo("b=c");
        assertThat(HostProcess.variable("B", with)).isNull();
        List<byte[]> without = List.of("LC_ALL=C.UTF-8".getBytes(StandardCharsets.UTF_8),
                "SALLYPORT_LC_ALL=".getBytes(StandardCharsets.UTF_8));
        assertThat(HostProcess.variable("LC_ALL", without)).isNull();
    }

    @Test
    void standardStreamsGoInTheRightDirectionAndWereInherited() {
        int[][] open = {{0, 0}, {0, 2}, {1, 1}, {1, 02002}, {2, 04001}};
        int[][] closed = {{0, 1}, {1, 0}, {2, 0}, {0, 02000000}, {1, 02000002}};
        for (int[] stream : open) {
            assertThat(HostStream.isOpen(stream[0], stream[1])).as("%d %o", stream[0], stream[1]).isTrue();
        }
        for (int[] stream : closed) {
            assertThat(HostStream.isOpen(stream[0], stream[1])).as("%d %o", stream[0], stream[1]).isFalse();
        }
    }
}
