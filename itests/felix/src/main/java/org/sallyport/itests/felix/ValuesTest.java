package org.sallyport.itests.felix;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.acme.itests.Adder;
import com.acme.itests.Dictionary;
import com.acme.itests.Texts;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.sallyport.BindException;
import org.sallyport.HostFunctionException;
import org.sallyport.LimitExceededException;
import org.sallyport.ValueException;
import org.sallyport.host.PluginManifest;
import org.sallyport.host.PluginState;
import org.sallyport.text.Wat;

/** Numbers, text and bytes cross in both directions (docs/plugin-abi.md). */
class ValuesTest extends PluginTest {
    private Texts texts;

    private static final class Words implements Dictionary {
        @Override
        public String lookUp(String word) {
            if (word.equals("?")) {
                throw new IllegalArgumentException("no such word");
            }
            return "<" + word + ">";
        }

        @Override
        public byte[] raw(byte[] key, boolean reversed) {
            byte[] result = key.clone();
            for (int i = 0; reversed && i < key.length; i++) {
                result[i] = key[key.length - 1 - i];
            }
            return result;
        }
    }

    @BeforeEach
    void startTexts() throws Exception {
        offer("dictionary", Dictionary.class, new Words());
        grant("texts*", "(sallyport.module=dictionary)");
        start("texts", services(Texts.class) + ";pool=1");
        texts = service(Texts.class, "texts");
    }

    @Test
    void textGoesThroughPluginAndHostAndBack() {
        assertThat(texts.translate("word")).isEqualTo("<word>");
        assertThat(texts.translate("")).isEqualTo("<>");
        assertThat(texts.translate("né 日本 🌍 \0")).isEqualTo("<né 日本 🌍 \0>");
        assertThat(texts.isEmpty("")).isTrue();
        assertThat(texts.isEmpty(" ")).isFalse();
    }

    @Test
    void bytesDoToo() {
        byte[] bytes = new byte[200_000];
        new Random(1).nextBytes(bytes);
        byte[] reversed = texts.reverse(bytes);

        assertThat(texts.reverse(reversed)).isEqualTo(bytes).isNotEqualTo(reversed);
        assertThat(texts.reverse(new byte[0])).isEmpty();
    }

    @Test
    void numbersDoToo() {
        assertThat(texts.not(true)).isFalse();
        assertThat(texts.not(false)).as("any i32 but 0 is true").isTrue();
        assertThat(texts.mix(-1, 1L << 40, 0.5f, -3.0)).isEqualTo((1L << 40) - 1 - 1.5);
    }

    @Test
    void everyBufferIsGivenBack() {
        for (int i = 0; i < 100; i++) {
            texts.translate("word " + i);
            texts.reverse(new byte[i]);
        }

        assertThat(texts.taken()).isZero();
    }

    @Test
    void malformedUtf8BecomesReplacementCharacters() {
        assertThat(new String(new byte[] {(byte) 0xc3, 0x28}, StandardCharsets.UTF_8)).startsWith("\uFFFD");
        assertThat(texts.translate("lone \uD800 surrogate")).isEqualTo("<lone ? surrogate>");
    }

    @Test
    void hostMayRefuse() {
        assertThatThrownBy(() -> texts.translate("?"))
                .isInstanceOf(HostFunctionException.class)
                .hasRootCauseMessage("no such word");
        assertThat(texts.translate("!")).isEqualTo("<!>");
    }

    @Test
    void nullDoesNotCross() {
        assertThatThrownBy(() -> texts.translate(null)).isInstanceOf(NullPointerException.class);
        assertThat(texts.translate("!")).isEqualTo("<!>");
    }

    @Test
    void largestTextThatMemoryAllows() throws Exception {
        grant("texts", "(sallyport.module=dictionary)", "memory", 1L << 20);
        eventually(() -> Long.valueOf(1 << 20).equals(plugin("texts").rights().get("memory")));

        assertThat(texts.isEmpty("x".repeat(900_000))).isFalse();
        assertThatThrownBy(() -> texts.isEmpty("x".repeat(2_000_000)))
                .isInstanceOf(ValueException.class)
                .hasMessageContaining("the guest has no memory for 2000000 bytes");
    }

    /** Whatever a plugin returns as a buffer is looked at before it is believed. */
    @Test
    void buffersOutsideOfTheMemoryAreErrors() {
        byte[] liar = Wat.compile("""
                (module (memory (export "memory") 1)
                  (func (export "sallyport_alloc") (param i32) (result i32) (i32.const 0xfffffff0))
                  (func (export "translate") (param i32 i32) (result i64) (i64.const 0x0000000100010000))
                  (func (export "reverse") (param i32 i32) (result i64) (i64.const -1))
                  (func (export "empty") (result i64) (i64.const 0x7fffffff00000000))
                  (func (export "far") (result i64) (i64.const 0x7fffffff00000001)))
                """);
        var plugin = host.install(PluginManifest.of("liar"), liar, context);
        afterwards(() -> {
            host.uninstall(plugin);
            return null;
        });

        assertThatThrownBy(() -> plugin.as(Far.class).far()).hasMessageContaining("a buffer outside of its memory");
        assertThatThrownBy(() -> plugin.as(Translator.class).translate("x"))
                .hasMessageContaining("sallyport_alloc returned a buffer outside of its memory");
        assertThat(plugin.state()).isEqualTo(PluginState.ACTIVE);
    }

    /** Results as well as arguments of host functions: nothing is copied, and the instance is given up. */
    @Test
    void valuesThatAreTooLongEndTheCall() {
        byte[] greedy = Wat.compile("""
                (module
                  (import "dictionary" "lookUp" (func $lookUp (param i32 i32) (result i64)))
                  (memory (export "memory") 300)
                  (func (export "far") (result i64) (i64.const 0x1000001))
                  (func (export "translate") (param i32 i32) (result i64)
                    (call $lookUp (i32.const 0) (i32.const 0x1000001)))
                  (func (export "sallyport_alloc") (param i32) (result i32) (i32.const 16)))
                """);
        var plugin = host.install(PluginManifest.of("texts-greedy"), greedy, context);
        afterwards(() -> {
            host.uninstall(plugin);
            return null;
        });

        assertThatThrownBy(() -> plugin.as(Far.class).far())
                .isInstanceOf(LimitExceededException.class)
                .hasMessageContaining("asked for 16777217, allowed 16777216")
                .hasMessageContaining("valueBytes of the configuration org.sallyport.host");
        assertThatThrownBy(() -> plugin.as(Translator.class).translate("x"))
                .isInstanceOf(LimitExceededException.class)
                .hasMessageContaining("valueBytes");
        assertThat(plugin.state()).isEqualTo(PluginState.ACTIVE);
    }

    public interface Far {
        String far();
    }

    public interface Translator {
        String translate(String text);
    }

    @Test
    void contractsThatDoNotFitAreRefusedAsAWhole() {
        assertThatThrownBy(() -> plugin("texts").as(Adder.class))
                .isInstanceOfSatisfying(BindException.class, e -> assertThat(e.mismatches())
                        .containsExactly("int add(int, int): no exported function \"add\" (i32 i32) -> (i32)"));
    }
}
