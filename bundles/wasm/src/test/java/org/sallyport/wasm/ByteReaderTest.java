package org.sallyport.wasm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ByteReaderTest {

    private static ByteReader reader(String hex) {
        byte[] bytes = HexFormat.of().parseHex(hex);
        return new ByteReader(bytes, 0, bytes.length);
    }

    private static Object read(String kind, ByteReader in) {
        return switch (kind) {
            case "u32" -> Integer.toUnsignedString(in.u32());
            case "s32" -> Integer.toString(in.s32());
            case "s33" -> Long.toString(in.s33());
            case "u64" -> Long.toUnsignedString(in.u64());
            case "s64" -> Long.toString(in.s64());
            default -> throw new IllegalArgumentException(kind);
        };
    }

    @ParameterizedTest
    @CsvSource({
        "u32, 00, 0", "u32, 7f, 127", "u32, 8001, 128", "u32, ffffffff0f, 4294967295", "u32, 8080808000, 0",
        "s32, 7f, -1", "s32, 40, -64", "s32, 3f, 63", "s32, ff7e, -129", "s32, 8080808078, -2147483648",
        "s32, ffffffff07, 2147483647", "s32, ffffffff7f, -1",
        "s33, ffffffff0f, 4294967295", "s33, 8080808070, -4294967296", "s33, 6f, -17",
        "u64, ffffffffffffffffff01, 18446744073709551615", "u64, 808080808000, 0",
        "s64, 8080808080808080807f, -9223372036854775808", "s64, ffffffffffffffffff00, 9223372036854775807", "s64, 7f, -1",
    })
    void readsIntegers(String kind, String hex, String value) {
        ByteReader in = reader(hex);
        assertThat(read(kind, in)).isEqualTo(value);
        assertThat(in.hasNext()).isFalse();
    }

    @ParameterizedTest
    @CsvSource({
        "u32, 8080808080, integer representation too long", "u32, 8080808010, integer too large",
        "u32, ffffffff8f, integer representation too long", "s32, ffffffff4f, integer too large",
        "s32, 8080808008, integer too large", "s32, 8080808080, integer representation too long",
        "s33, 8080808020, integer too large", "u64, 80808080808080808002, integer too large",
        "u64, 80808080808080808080, integer representation too long",
        "s64, 80808080808080808001, integer too large", "s64, ffffffffffffffffffff, integer representation too long",
        "u32, 80, unexpected end", "s64, ff, unexpected end", "u64, '', unexpected end",
    })
    void refusesIntegers(String kind, String hex, String specText) {
        assertThatThrownBy(() -> read(kind, reader(hex)))
                .isInstanceOfSatisfying(MalformedCodeException.class, e -> assertThat(e.specText()).startsWith(specText));
    }

    @Test
    void countNeverExceedsWhatIsThere() {
        assertThat(reader("03000000").count()).isEqualTo(3);
        assertThatThrownBy(() -> reader("040000").count()).isInstanceOf(MalformedCodeException.class);
        assertThatThrownBy(() -> reader("ffffffff0f").count()).isInstanceOf(MalformedCodeException.class);
    }

    @Test
    void indexBeyondIntReadsAsLargestInt() {
        assertThat(reader("ffffffff0f").index()).isEqualTo(Integer.MAX_VALUE);
        assertThat(reader("ffffffff07").index()).isEqualTo(Integer.MAX_VALUE);
        assertThat(reader("05").index()).isEqualTo(5);
    }

    @ParameterizedTest
    @CsvSource({
        "7f, i32", "7b, v128", "70, funcref", "6f, externref", "6305, (ref null 5)", "6405, (ref 5)", "6470, (ref func)",
        "6370, funcref", "69, exnref", "71, nullref", "64ff00, (ref 127)", "6c, i31ref"
    })
    void readsValueTypes(String hex, String text) {
        ByteReader in = reader(hex);
        assertThat(in.valType()).hasToString(text);
        assertThat(in.hasNext()).isFalse();
    }

    @ParameterizedTest
    @CsvSource({"40", "60", "7a", "80", "6440", "64ff7f", "647f", "63"})
    void refusesValueTypes(String hex) {
        assertThatThrownBy(() -> reader(hex).valType()).isInstanceOf(MalformedCodeException.class);
    }

    @Test
    void staysInItsRange() {
        ByteReader in = new ByteReader(new byte[] {1, 2, 3, 4}, 1, 3);
        assertThat(in.u8()).isEqualTo(2);
        assertThat(in.remaining()).isEqualTo(1);
        assertThatThrownBy(() -> in.skip(2)).isInstanceOf(MalformedCodeException.class);
        assertThatThrownBy(() -> in.skip(-1)).isInstanceOf(MalformedCodeException.class);
        assertThatThrownBy(in::fixed32).isInstanceOf(MalformedCodeException.class);
        assertThatThrownBy(() -> new ByteReader(new byte[2], 0, 3)).isInstanceOf(IndexOutOfBoundsException.class);
    }
}
