package org.sallyport.text.parse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.sallyport.TextFormatException;
import org.sallyport.wasm.Opcode;

class LexerTest {
    private static Tokens lex(String text) {
        return Lexer.lex(Source.of("test", text));
    }

    private static String kinds(String text) {
        Tokens tokens = lex(text);
        return IntStream.range(0, tokens.count() - 1)
                .mapToObj(i -> tokens.kind(i).name())
                .collect(Collectors.joining(" "));
    }

    @ParameterizedTest
    // @formatter:off
    @CsvSource(
            delimiter = '|',
            value = {
                "(module $m)              | OPEN KEYWORD ID CLOSE",
                "()(                      | OPEN CLOSE OPEN",
                "a;;b                     | KEYWORD",
                "a(;b;)c                  | KEYWORD KEYWORD",
                "(;(;a;);)                | ''",
                "1 +1 1. nan:0x1 inf      | NAT INT FLOAT FLOAT FLOAT",
                "nan:canonical infx       | KEYWORD KEYWORD",
                "offset=1 align=0x10      | KEYWORD KEYWORD",
                "\"a\" \"\\\"\"           | STRING STRING",
                "\"a\"\"b\"               | RESERVED",
                "\"a\"b $\"a\"b a\"b\" 1$ | RESERVED RESERVED RESERVED RESERVED",
                "$\"a b\" $a$b $!         | ID ID ID",
                "A _ 0x 1x @a , ; ] {     | RESERVED RESERVED RESERVED RESERVED RESERVED RESERVED RESERVED RESERVED RESERVED",
                "(@a (b) \")\" 0x) c      | KEYWORD",
                "(@\"x y\") (@!$1)        | ''",
            })
    // @formatter:on
    void cutsTokens(String text, String kinds) {
        assertThat(kinds(text)).isEqualTo(kinds);
    }

    @ParameterizedTest
    // @formatter:off
    @CsvSource(
            delimiter = '|',
            value = {
                "\"a            | unclosed string",
                "\"a\\          | illegal escape",
                "\"\\0\"        | illegal escape",
                "\"\\u{}\"      | illegal escape",
                "\"\\u{1__2}\"  | illegal escape",
                "\"\\u{12\"     | illegal escape",
                "\"\\u{d800}\"  | malformed UTF-8 encoding",
                "(; (; ;)       | unclosed comment",
                "(@a (          | unclosed annotation",
                "(@)            | empty annotation id",
                "(@\"\")        | empty annotation id",
                "(@\"\\ff\")    | malformed UTF-8 encoding",
                "$              | empty identifier",
                "$\"\"          | empty identifier",
                "$\"\\ff\"      | malformed UTF-8 encoding",
                "é              | illegal character",
            })
    // @formatter:on
    void refuses(String text, String message) {
        assertThatThrownBy(() -> lex(text)).isInstanceOf(TextFormatException.class).hasMessageStartingWith(message);
    }

    @ParameterizedTest
    @CsvSource({
        "\"\\t\\n\\r\\'\\\\\\\"\\00\\fF\", 090a0d275c2200ff",
        "\"\\u{41}\\u{e9}\\u{1_F600}\", 41c3a9f09f9880",
        "\"é\", c3a9"
    })
    void decodesStrings(String text, String hex) {
        assertThat(HexFormat.of().formatHex(lex(text).bytes(0))).isEqualTo(hex);
    }

    @Test
    void matchesParentheses() {
        Tokens tokens = lex("(a (b) (c (d)) (");
        assertThat(tokens.match(2)).isEqualTo(4);
        assertThat(tokens.match(5)).isEqualTo(10);
        assertThat(tokens.match(0)).isEqualTo(tokens.count() - 1);
        assertThat(tokens.lastUnclosed()).isEqualTo(11);
    }

    @Test
    void knowsAnnotationsByTheTokenBehindThem() {
        Tokens tokens = lex("(module (@name \"x\") (@other) (func (@custom \"y\")))");
        assertThat(tokens.annotations).extracting(a -> a.id() + " " + a.token()).containsExactly("name 2", "custom 4");
    }

    @Test
    void everyInstructionIsAKeyword() {
        for (Opcode op : Opcode.values()) {
            Tokens tokens = lex(op.text());
            assertThat(tokens.opcode(0)).isEqualTo(Opcode.named(op.text()));
            assertThat(tokens.word(0)).isNull();
            assertThat(tokens.isUnknown(0)).isFalse();
        }
    }

    @Test
    void everyWordIsAKeyword() {
        for (Word word : Word.values()) {
            Tokens tokens = lex(word.text() + (word.text().endsWith("=") ? "1" : ""));
            assertThat(tokens.word(0)).isEqualTo(word);
            assertThat(tokens.opcode(0)).isNull();
        }
        assertThat(lex("foo").isUnknown(0)).isTrue();
    }

    /** Against the JDK's decoder. */
    @Property(tries = 5000)
    void judgesUtf8(@ForAll @Size(max = 5) byte[] bytes) {
        byte[] likely = bytes.clone();
        for (int i = 1; i < likely.length; i++) {
            likely[i] = (byte) (likely[i] & 0xBF | 0x80);
        }
        for (byte[] b : Arrays.asList(bytes, likely)) {
            boolean wellFormed;
            try {
                StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(b));
                wellFormed = true;
            } catch (CharacterCodingException e) {
                wellFormed = false;
            }
            assertThat(Utf8.isWellFormed(b)).isEqualTo(wellFormed);
        }
    }
}
