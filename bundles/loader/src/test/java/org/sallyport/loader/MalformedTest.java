package org.sallyport.loader;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.EnumSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.sallyport.LimitExceededException;
import org.sallyport.LoadLimits;
import org.sallyport.LoadLimits.Limit;
import org.sallyport.MalformedModuleException;
import org.sallyport.itests.support.Binary;
import org.sallyport.spi.Loader;
import org.sallyport.wasm.Feature;

/**
 * Binaries that must be refused, and with which words. The official testsuite has many more; these are ours to keep.
 */
class MalformedTest {
    private static final Set<Feature> ALL = EnumSet.allOf(Feature.class);

    private final Loader loader = new BinaryLoader();

    private void refuses(byte[] bytes, Set<Feature> features, String specText) {
        assertThatThrownBy(() -> loader.load(bytes, features, LoadLimits.DEFAULT))
                .isInstanceOfSatisfying(MalformedModuleException.class, e -> {
                    assertThat(e.specText()).startsWith(specText);
                    assertThat(e.place().offset()).isBetween(0, bytes.length);
                });
    }

    @ParameterizedTest
    @CsvSource({
        "'', unexpected end", "0061, unexpected end", "00617a6d01000000, magic header not detected",
        "0061736d, unexpected end", "0061736d0d000100, unknown binary version", "0061736d02000000, unknown binary version"
    })
    void headers(String hex, String specText) {
        refuses(Binary.hex(hex), ALL, specText);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "0e00                        | malformed section id",
        "800000                      | malformed section id",
        "0105                        | length out of bounds",
        "01ffffffff0f                | length out of bounds",
        "018080808010                | integer too large",
        "0000                        | unexpected end",
        "00020561                    | length out of bounds",
        "000301c000                  | malformed UTF-8 encoding",
        "0100                        | unexpected end",
        "0101ff                      | unexpected end",
        "010100 010100               | unexpected content after last section",
        "030100 010100               | unexpected content after last section",
        "0d0100 050100               | unexpected content after last section",
        "060100 0d0100               | unexpected content after last section",
        "0b0100 0c0100               | unexpected content after last section",
        "01020000                    | section size mismatch",
        "010101 600000               | section size mismatch",
        "01020161                    | malformed definition type",
        "010301e07f                  | integer representation too long",
        "0104016001 40               | malformed value type",
        "0105015f017602              | malformed storage type",
        "0105015f017f02              | malformed mutability",
        "0105015e647f00              | malformed heap type",
        "0206010000000500            | section size mismatch",
        "02050100000500              | malformed import kind",
        "02060100000401 00           | malformed tag attribute",
        "0301ff                      | unexpected end",
        "03020100                    | function and code section have inconsistent lengths",
        "0a040102000b                | function and code section have inconsistent lengths",
        "0403017002                  | malformed limits flags",
        "040401700200                | malformed limits flags",
        "0403017f00                  | malformed reference type",
        "0406014001700000            | zero byte expected",
        "05020110                    | malformed limits flags",
        "0504010800 41               | invalid custom page size",
        "06050 17f024100             | malformed mutability",
        "0605017f0041ff              | unexpected end",
        "0605017f00ff0b              | illegal opcode ff",
        "0607017f0041000505 0b       | END opcode expected",
        "060a017f00410004400505 0b0b | END opcode expected",
        "0607017f00410019 0b         | END opcode expected",
        "060b017f00410006401919 0b0b | END opcode expected",
        "060b017f0041000640191800 0b | END opcode expected",
        "0704010005 00               | malformed export kind",
        "07030102c0                  | length out of bounds",
        "09020108                    | malformed elements segment kind",
        "0904010101 00               | malformed element kind",
        "0b020103                    | malformed data segment kind",
        "0b0101                      | unexpected end",
        "0b03010105                  | unexpected end",
        "0c0101                      | data count and data section have inconsistent lengths",
        "0c0101 0b0100               | data count and data section have inconsistent lengths"
    })
    void sections(String hex, String specText) {
        byte[] bytes = Binary.module().raw(hex).toBytes();
        refuses(bytes, ALL, specText);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "01 02 01 00                                   | unexpected end",
        "01 7f 00 0b                                   | length out of bounds",
        "01 0a 02 808080801 07f 027e 0b                | integer too large",
        "01 0a 02 ffffffff0f7f 027e 0b                 | too many locals",
        "01 02 01 01 7f 0b                             | section size mismatch"
    })
    void bodies(String code, String specText) {
        byte[] bytes = Binary.module().section(1, "01600000").section(3, "0100").section(10, code).toBytes();
        refuses(bytes, ALL, specText);
    }

    /** A body is damaged and, behind it, the section; the first fault counts. */
    @Test
    void firstFaultIsReported() {
        byte[] bytes = Binary.module()
                .section(1, "01600000")
                .section(3, "0100")
                .section(10, "01 03 00 ff 0b")
                .raw("7f00")
                .toBytes();
        refuses(bytes, ALL, "illegal opcode ff");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "GC                | 0102015f00     | malformed definition type",
        "GC                | 0103014e00     | malformed definition type",
        "EXCEPTIONS        | 0d0100         | malformed section id",
        "EXCEPTIONS        | 0206010000040000 | malformed import kind",
        "MEMORY64          | 0503010400     | malformed limits flags",
        "MEMORY64          | 040401700400   | malformed limits flags",
        "MEMORY64          | 0507010080808080 10 | integer too large",
        "THREADS           | 050401030001   | malformed limits flags",
        "CUSTOM_PAGE_SIZES | 050401080000   | malformed limits flags"
    })
    void syntaxOfProposalsThatAreOff(Feature feature, String hex, String specText) {
        Set<Feature> others = EnumSet.complementOf(EnumSet.of(feature));
        refuses(Binary.module().raw(hex).toBytes(), others, specText);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "TYPES            | 1 | 0107 02 600000 600000",
        "TYPES            | 1 | 0109 01 4e02 600000 600000",
        "PARAMS           | 1 | 0106 01 60027f7f00",
        "RESULTS          | 1 | 0106 01 60 00 027f7f",
        "FIELDS           | 1 | 0107 01 5f 02 7f00 7f00",
        "IMPORTS          | 1 | 020b 02 0000037f00 0000037f00",
        "GLOBALS          | 1 | 020b 02 0000037f00 0000037f00",
        "NAME_BYTES       | 3 | 0209 01 03616263 00037f00",
        "FUNCTIONS        | 1 | 0303 02 0000",
        "TABLES           | 1 | 0407 02 700000 700000",
        "MEMORIES         | 1 | 0505 02 0000 0000",
        "TAGS             | 1 | 0d05 02 0000 0000",
        "EXPORTS          | 1 | 0707 02 000000 000000",
        "ELEMENT_SEGMENTS | 1 | 0907 02 010000 010000",
        "SEGMENT_ELEMENTS | 1 | 0906 01 0100 02 0000",
        "DATA_SEGMENTS    | 1 | 0b05 02 0100 0100",
        "BODY_BYTES       | 2 | 0a05 01 03 00 01 0b",
        "LOCALS           | 4 | 0a08 01 06 02 027f 037e 0b"
    })
    void limits(Limit limit, int max, String hex) {
        byte[] bytes = Binary.module().raw(hex).toBytes();
        LoadLimits limits = LoadLimits.DEFAULT.with(limit, max);
        assertThatThrownBy(() -> loader.load(bytes, ALL, limits))
                .isInstanceOf(LimitExceededException.class)
                .hasMessageContaining(limit.what())
                .hasMessageContaining("LoadLimits." + limit)
                .hasMessageContaining("allowed " + max);
    }

    @Test
    void limitOfModuleBytes() {
        byte[] bytes = Binary.module().toBytes();
        assertThatThrownBy(() -> loader.load(bytes, ALL, LoadLimits.DEFAULT.with(Limit.MODULE_BYTES, 7)))
                .isInstanceOf(LimitExceededException.class);
        assertThat(loader.load(bytes, ALL, LoadLimits.DEFAULT.with(Limit.MODULE_BYTES, 8))).isNotNull();
    }

    @Test
    void nestingInConstantsIsNotRecursion() {
        int depth = 200_000;
        byte[] contents = Binary.join(
                Binary.hex("017f00"), Binary.repeat(Binary.hex("0240"), depth), Binary.repeat(Binary.hex("0b"), depth + 1));
        byte[] bytes = Binary.module().section(6, contents).toBytes();
        assertThat(loader.load(bytes, ALL, LoadLimits.DEFAULT).globals()).hasSize(1);
    }

    @Test
    void limitsAreComparable() {
        assertThat(LoadLimits.DEFAULT.with(Limit.TYPES, 5)).isEqualTo(LoadLimits.DEFAULT.with(Limit.TYPES, 5));
        assertThat(LoadLimits.DEFAULT.with(Limit.TYPES, 5)).isNotEqualTo(LoadLimits.DEFAULT);
        assertThat(LoadLimits.DEFAULT.max(Limit.LOCALS)).isEqualTo(50_000);
        assertThatThrownBy(() -> LoadLimits.DEFAULT.with(Limit.TYPES, -1)).isInstanceOf(IllegalArgumentException.class);
    }
}
