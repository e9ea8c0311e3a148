package org.sallyport.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.ServiceLoader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.sallyport.LoadLimits;
import org.sallyport.MalformedModuleException;
import org.sallyport.TextFormatException;
import org.sallyport.spi.Loader;
import org.sallyport.wasm.Feature;
import org.sallyport.wasm.WasmModule;

class WatTest {
    private static final Loader LOADER = ServiceLoader.load(Loader.class).findFirst().orElseThrow();

    private static WasmModule load(byte[] binary) {
        return LOADER.load(binary, EnumSet.allOf(Feature.class), LoadLimits.DEFAULT);
    }

    private static byte[] withNames(String text) {
        return Wat.compile(text.getBytes(StandardCharsets.UTF_8), "names", WatOptions.DEFAULT.withNames(true));
    }

    /** What follows the header. */
    private static String hex(String text) {
        return HexFormat.of().formatHex(Wat.compile(text)).substring(16);
    }

    /** The instructions of a function's body in a module that has two of each thing and a structure type. */
    private static String code(String instructions) {
        WasmModule module = load(Wat.compile("(type (struct (field $f i32))) (tag) (memory 1) (memory 1)"
                + " (table 1 funcref) (table 1 funcref) (global i32 (i32.const 0)) (data) (elem func)"
                + " (func (local $x i32) (local i32) " + instructions + ")"));
        WasmModule.Body body = module.bodies().getFirst();
        return HexFormat.of().formatHex(module.binary(), body.code(), body.end() - 1);
    }

    // The columns are the text and the bytes of the instruction (5.4)
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            // @formatter:off
            value = {
                "nop                                    | 01",
                "local.get $x                           | 2000",
                "(local.set 1 (i32.const -1)) | 417f2101",
                "i64.const 0x7fffffffffffffff           | 42ffffffffffffffffff00",
                "f32.const 0x1p-149                     | 4301000000",
                "f64.const -nan:0x4                     | 44040000000000f0ff",
                "i32.load                               | 280200",
                "i32.load 1 offset=300 align=1          | 284001ac02",
                "memory.copy                            | fc0a0000",
                "memory.copy 1 0                        | fc0a0100",
                "memory.init 0                          | fc080000",
                "memory.init 1 0                        | fc080001",
                "table.init 1 0                         | fc0c0001",
                "table.grow 1                           | fc0f01",
                "call_indirect 1 (type 1)               | 110101",
                "block $l br $l end                     | 02400c000b",
                "loop (result i64) unreachable end      | 037e000b",
                "(block (param i32) (result i32)) | 02020b",
                "(if (local.get 0) (then nop)) | 20000440010b",
                "(if (then) (else nop)) | 044005010b",
                "br_table 0 0 0                         | 0e02000000",
                "select (result i32)                    | 1c017f",
                "(try_table (catch 0 0) (catch_all_ref 0)) | 1f400200000003000b",
                "struct.get 0 $f                        | fb020000",
                "ref.test (ref null any)                | fb156e",
                "ref.cast (ref 0)                       | fb1600",
                "br_on_cast 0 anyref (ref 0)            | fb1801006e00",
                "ref.null 0                             | d000",
                "v128.load8_lane 1 3                    | fd5440010003",
                "v128.load8_lane 3                      | fd54000003",
                "i8x16.extract_lane_s 15                | fd150f",
                "v128.const i16x8 0 -1 0 0 0 0 0 0x8000 | fd0c0000ffff000000000000000000000080",
                "f32x4.relaxed_madd                     | fd8502",
                "i32.atomic.rmw8.add_u                  | fe200000",
                "atomic.fence                           | fe0300",
                "i64.add128                             | fc13",
            })
    // @formatter:on
    void writesInstructions(String text, String bytes) {
        assertThat(code(text)).isEqualTo(bytes);
    }

    // Abbreviations and what they stand for (6.6)
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            // @formatter:off
            value = {
                "(func (import \"a\" \"b\") (param i32)) | (type (func (param i32))) (import \"a\" \"b\" (func (type 0)))",
                "(func (export \"a\") (export \"b\")) | (func) (export \"a\" (func 0)) (export \"b\" (func 0))",
                "(memory (data \"abc\")) | (memory 1 1) (data (i32.const 0) \"abc\")",
                "(memory i64 (data)) | (memory i64 0 0) (data (offset i64.const 0) \"\")",
                "(table funcref (elem $f $f)) (func $f) | (table 2 2 funcref) (elem (i32.const 0) func 0 0) (func)",
                "(table (ref null 0) (elem (ref.null 0)))  (type (func)) | (type (func)) (table 1 1 (ref null 0)) "
                        + "(elem (table 0) (i32.const 0) (ref null 0) (item ref.null 0))",
                "(func (param i32 i64)) | (func (param i32) (param i64))",
                "(func (local i32 i32 f32)) | (func (local $a i32) (local i32) (local f32))",
                "(type (sub final (func))) | (type (func))",
                "(rec (type (func))) | (rec (type $t (func)))",
                "(global $g (mut f64) (f64.const 1.5)) | (global (mut f64) f64.const 0x1.8p0)",
                "(data \"a\" \"b\") | (data \"ab\")",
                "(data \"\\u{1F600}\\t\\n\\'\\\"\\41\") | (data \"\\f0\\9f\\98\\80\\09\\0a\\27\\22A\")",
                "(func $\"a b\") (start $\"a b\") | (func) (start 0)",
                "(func $\"a\") (start $a) | (func) (start 0)",
                "(tag (export \"e\") (param i32)) | (type (func (param i32))) (tag (type 0)) (export \"e\" (tag 0))",
                "(module (func)) | (func)",
                "(module quote \"(func\" \")\") | (func)",
                "(func (;a (;b;) c;) nop) ;; end | (func nop)",
                "(func (@anything (at \"all\") ,) nop) | (func nop)",
            })
    // @formatter:on
    void expandsAbbreviations(String text, String expansion) {
        assertThat(hex(text)).isEqualTo(hex(expansion));
    }

    @Test
    void reusesTheFirstEqualPlainType() {
        String text = "(rec (type (func)) (type (func))) (type (func (param i32))) (func) (func (param i32))";
        WasmModule module = load(Wat.compile(text));
        assertThat(module.types()).hasSize(4);
        assertThat(module.functions()).containsExactly(3, 2);
    }

    @Test
    void innerLabelsHideOuterOnes() {
        String hex = code("(block $a (block $a (br $a) (block $b (br $a))) (br $a))");
        assertThat(hex).isEqualTo("024002400c0002400c010b0b0c000b");
    }

    @Test
    void binaryModulesPassThrough() {
        assertThat(Wat.compile("(module binary \"\\00asm\" \"\\01\\00\\00\\00\")")).hasSize(8);
    }

    // Names

    @Test
    void identifiersBecomeNamesWhenAskedFor() {
        String text = "(module $m (func $f (param $p i32) (block $l)))";
        assertThat(load(Wat.compile(text)).customSections()).isEmpty();
        WasmModule module = load(withNames(text));
        assertThat(module.names().module()).isEqualTo("m");
        assertThat(module.names().functions()).containsEntry(0, "f");
        assertThat(Wat.print(module)).contains("(module $m", "(func $f ", "(param $p i32)", "block $l");
    }

    @Test
    void annotationsAreNamesAlways() {
        String text = "(module (@name \"M\") (func $f (@name \"λ x\")) (func (@name \"λ x\")))";
        WasmModule module = load(Wat.compile(text));
        assertThat(module.names().module()).isEqualTo("M");
        assertThat(module.names().functions()).containsEntry(0, "λ x").containsEntry(1, "λ x");
        String printed = Wat.print(module);
        assertThat(printed).contains("(func $\"λ x\" (;0;)", "(func (@name \"λ x\") (;1;)");
        assertThat(withNames(printed)).isEqualTo(module.binary());
    }

    @Test
    void namesOfEveryKindSurvivePrinting() {
        byte[] binary = withNames("""
                (module $m
                  (type $t (struct (field $x i32) (field (mut i64))))
                  (type $ft (func (param i32 i32)))
                  (import "a" "b" (func $imported (param $p i32)))
                  (table $tab 1 funcref) (memory $mem 1) (global $g i32 (i32.const 1)) (tag $e)
                  (elem $el func $imported) (data $d "x")
                  (func $f (type $ft) (param $a i32) (param i32) (local $c i64)
                    (block $one (block (loop $three (br $one))))
                    (drop (struct.get $t $x (struct.new $t (local.get $a) (local.get $c))))))""");
        String printed = Wat.print(load(binary));
        assertThat(printed)
                .contains("$imported", "$tab", "$mem", "$g", "$e", "$el", "$d", "$three", "struct.get $t $x");
        assertThat(withNames(printed)).isEqualTo(binary);
    }

    @Test
    void textLoaderTellsTextFromBinary() {
        TextLoader loader = new TextLoader(LOADER);
        byte[] text = "(module $m (func $f))".getBytes(StandardCharsets.UTF_8);
        WasmModule fromText = loader.load(text, EnumSet.allOf(Feature.class), LoadLimits.DEFAULT);
        assertThat(fromText.names().module()).isEqualTo("m");
        WasmModule fromBinary = loader.load(fromText.binary(), EnumSet.allOf(Feature.class), LoadLimits.DEFAULT);
        assertThat(fromBinary.binary()).isSameAs(fromText.binary());
        assertThatThrownBy(() -> loader.load(new byte[] {0, 'a'}, EnumSet.allOf(Feature.class), LoadLimits.DEFAULT))
                .isInstanceOf(MalformedModuleException.class);
        assertThat(loader.load(new byte[0], EnumSet.allOf(Feature.class), LoadLimits.DEFAULT).functions()).isEmpty();
    }

    // Size and depth

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            // @formatter:off
            value = {
                "(block | )",
                "(loop (result i32) | )",
                "(try_table (catch_all 0) | )",
                "(if (i32.const 1) (then | ))",
                "(if (then) (else | ))",
                "(i32.eqz | )",
                "(i32.add (i32.const 1) | )",
                "(if (param i32) (if | (then)) (then))",
                "(@unknown ( | ))",
                "(; | ;)",
            })
    // @formatter:on
    void depthOfNestingCostsNoStack(String open, String close) {
        String text = "(func " + (open + " ").repeat(100_000) + close.repeat(100_000) + ")";
        byte[] binary = Wat.compile(text);
        assertThat(Wat.compile(Wat.print(load(binary)))).isEqualTo(binary);
    }

    @Test
    void depthOfFlatBlocksCostsNoStack() {
        byte[] binary = Wat.compile("(func " + "block ".repeat(200_000) + "end ".repeat(200_000) + ")");
        assertThat(Wat.compile(Wat.print(load(binary)))).isEqualTo(binary);
    }

    @Test
    void manyParenthesesWithoutEndAreRefused() {
        assertThatThrownBy(() -> Wat.compile("(".repeat(1_000_000)))
                .isInstanceOf(TextFormatException.class)
                .hasMessageStartingWith("unexpected token");
    }

    @Test
    void halfASurrogatePairIsNoText() {
        assertThatThrownBy(() -> Wat.compile("(data \"" + (char) 0xD800 + "\")"))
                .isInstanceOf(TextFormatException.class)
                .hasMessageStartingWith("malformed UTF-8 encoding");
    }

    @Test
    void sizesAre32BitNumbersWithoutMemory64() {
        EnumSet<Feature> features = EnumSet.allOf(Feature.class);
        features.remove(Feature.MEMORY64);
        byte[] text = "(memory 0x1_0000_0000)".getBytes(StandardCharsets.UTF_8);
        assertThat(Wat.compile(text, "m", WatOptions.DEFAULT)).isNotEmpty();
        assertThatThrownBy(() -> Wat.compile(text, "m", WatOptions.DEFAULT.withFeatures(features)))
                .hasMessageStartingWith("i32 constant out of range");
    }

    // Sections

    @Test
    void customSectionsGoWhereTheAnnotationSays() {
        WasmModule module = load(Wat.compile(
                "(module (@custom \"last\" \"a\") (@custom \"b\" (before func) \"\\00\") (@custom \"c\" (after last))"
                        + "(func) (@custom \"first\" (before first) \"x\" \"y\"))"));
        assertThat(module.customSections())
                .extracting(s -> s.name() + " after " + s.place())
                .containsExactly("first after 0", "b after 1", "last after 10", "c after 10");
        assertThat(Wat.compile(Wat.print(module))).isEqualTo(module.binary());
    }

    @Test
    void branchHintsPointAtTheirInstruction() {
        WasmModule module = load(Wat.compile("(func (param i32) (@metadata.code.branch_hint \"\\01\")"
                + " (if (local.get 0) (then)) block local.get 0 (@metadata.code.branch_hint \"\\00\") br_if 0 end)"));
        WasmModule.Range section = module.customSections().getFirst().contents();
        byte[] contents = java.util.Arrays.copyOfRange(module.binary(), section.start(), section.end());
        // One function, number 0, two hints: if at 3, br_if at 10 bytes from the local declarations.
        assertThat(HexFormat.of().formatHex(contents)).isEqualTo("010002" + "030101" + "0a0100");
        assertThat(Wat.print(module)).contains("(@metadata.code.branch_hint \"\\01\") if");
        assertThat(Wat.compile(Wat.print(module))).isEqualTo(module.binary());
    }
}
