package org.sallyport.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.sallyport.wasm.Feature;

/** Modules that need what is switched off, not compiled or not known: which proposal it is, where, and what to do. */
class ProposalsTest extends CommandLineTest {
    /** An example for each proposal that is known. */
    private record Example(Feature feature, String text, String place) {}

    static final List<Example> KNOWN = List.of(
            new Example(Feature.MUTABLE_GLOBALS, "(global (export \"g\") (mut i32) (i32.const 0))", "export[0]"),
            new Example(Feature.SIGN_EXTENSION, "(func $f (drop (i32.extend8_s (i32.const 0))))", "code[0] (f)"),
            new Example(Feature.SATURATING_CONVERSION, "(func (drop (i32.trunc_sat_f32_s (f32.const 0))))", "code[0]"),
            new Example(Feature.MULTI_VALUE, "(func (result i32 i32) (i32.const 0) (i32.const 1))", "type[0]"),
            new Example(Feature.BULK_MEMORY, "(memory 1) (func $g (data.drop 0)) (data \"\")", "data[0]"),
            new Example(Feature.REFERENCE_TYPES, "(func $f (param externref))", "type[0]"),
            new Example(Feature.EXTENDED_CONST, "(global i32 (i32.add (i32.const 1) (i32.const 2)))", "global[0]"),
            new Example(Feature.SIMD, "(func $f (drop (v128.const i64x2 0 0)))", "code[0] (f)"),
            new Example(Feature.RELAXED_SIMD, "(func $f (drop (i8x16.relaxed_swizzle "
                    + "(v128.const i64x2 0 0) (v128.const i64x2 0 0))))", "code[0] (f)"),
            new Example(Feature.TAIL_CALLS, "(func $e) (func $f (return_call $e))", "code[1] (f)"),
            new Example(Feature.FUNCTION_REFERENCES, "(func $f (param (ref func)))", "type[0]"),
            new Example(Feature.GC, "(type $s (struct (field i8))) (func $f (drop (struct.new_default $s)))", "type[0]"),
            new Example(Feature.EXCEPTIONS, "(tag $e) (func $f (throw $e))", "tag[0]"),
            new Example(Feature.MULTI_MEMORY, "(memory 1) (memory 1)", "memory[1]"),
            new Example(Feature.MEMORY64, "(memory i64 1)", "memory[0]"),
            new Example(Feature.THREADS, "(memory 1 1 shared) (func $f (drop (i32.atomic.load (i32.const 0))))", "memory[0]"),
            new Example(Feature.CUSTOM_PAGE_SIZES, "(memory 1 (pagesize 1))", "memory[0]"),
            new Example(Feature.WIDE_ARITHMETIC, "(func $f (call $g (i64.mul_wide_s (i64.const 1) (i64.const 1)))) "
                    + "(func $g (param i64 i64))", "code[0] (f)"),
            new Example(Feature.LEGACY_EXCEPTIONS, "(func $f (try (do) (catch_all)))", "code[0] (f)"));

    private static final Set<Feature> COMPILED = Parts.compiledFeatures();

    @Test
    void everyFeatureHasAnExample() {
        assertThat(KNOWN.stream().map(Example::feature)).containsExactly(Feature.values());
    }

    @ParameterizedTest
    @FieldSource("KNOWN")
    void whatIsOffIsNamedWithItsPlaceAndTheOption(Example example) {
        String name = example.feature.text();
        String module = file("m.wat", "(module " + example.text + ")");
        Outcome off = run("validate", "--feature=-" + name, module);
        assertThat(off.status()).isEqualTo(ExitStatus.FAILURE);
        assertThat(off.err())
                .startsWith("sallyport: " + module + ": ")
                .contains("\"" + name + "\", which the module needs, is switched off; --feature=" + name + " allows it.")
                .contains("\n  in ", "Build the module without it", "sallyport inspect")
                .doesNotContain("Config", "damaged");
        assertThat(off.err().contains("The compiler lacks it")).isEqualTo(!COMPILED.contains(example.feature));
        assertThat(run("validate", "--feature=" + name, module).status()).isZero();
    }

    @ParameterizedTest
    @FieldSource("KNOWN")
    void whatIsRefusedIsDescribed(Example example) {
        String name = example.feature.text();
        String module = file("m.wat", "(module $known (import \"env\" \"\\1bx\" (func (param i32))) " + example.text
                + " (func (export \"last\")))");
        Outcome off = run("inspect", "--feature=-" + name, module);
        assertThat(off.status()).isEqualTo(ExitStatus.FAILURE);
        assertThat(off.err()).startsWith("sallyport: ").contains(name).doesNotContain("sallyport inspect");
        assertThat(off.out())
                .contains("module \"known\"", "needs " + name + ": off; --feature=" + name + " allows it", "sections:")
                .contains("\"env\" \"\\u{1b}x\": func (i32) -> ()", "\"last\": func () -> ()", "  last\n");
        String place = example.place.replace("code[1]", "code[2]").replace("code[0]", "code[1]").replace("type[0]", "type[");
        assertThat(off.out().lines()).anyMatch(line -> line.startsWith("  " + place));
        String json = run("inspect", "--json", "--feature=-" + name, module).out();
        assertThat(json).contains("\"proposal\": \"" + name + "\"", "\"refused\": \"", "\"name\": \"last\"").endsWith("}\n");
        assertThat(run("inspect", "--json", "--feature=" + name, file("e.wat", "(module)")).out()).contains("\"refused\": null");
    }

    /** Support of a proposal is one entry of the compiler's table, which is right. */
    @ParameterizedTest
    @FieldSource("KNOWN")
    void theCompilersTableIsRight(Example example) {
        String module = file("m.wat", "(module " + example.text + " (func (export \"_start\")))");
        Outcome outcome = run("run", "--no-cache", "--feature=" + example.feature.text(), module);
        if (COMPILED.contains(example.feature)) {
            assertThat(outcome).isEqualTo(new Outcome(0, "", ""));
        } else if (outcome.status() != 0) { // of some there is a part
            assertThat(outcome.err()).contains("not supported by this back end: ").containsPattern("in func\\[\\d\\].* at 0x");
        }
    }

    private static final String TYPES = "0061736d01000000 0104016000 00 03020100 ";

    private static String body(String instructions) {
        int size = instructions.replace(" ", "").length() / 2 + 2;
        return TYPES + String.format("0a%02x01%02x00%s0b", size + 2, size, instructions);
    }

    /** Binaries with what is not known here, its name, and the place. */
    static Stream<String[]> foreign() {
        return Stream.of(
                new String[] {body("e000"), "stack switching", "cont.new", "code[0] at 0x17"},
                new String[] {body("e200"), "stack switching", "suspend", "code[0] at 0x17"},
                new String[] {body("d068 1a"), "stack switching", "heap type", "code[0] at 0x18"},
                new String[] {"0061736d01000000 0106026000005d00", "stack switching", "0x5d", "type[1] at 0xe"},
                new String[] {body("fb820100"), "reference-typed strings", "strings", "code[0] at 0x17"},
                new String[] {"0061736d01000000 010501600167 00", "reference-typed strings", "0x67", "type[0] at 0xd"},
                new String[] {"0061736d01000000 0e0100", "reference-typed strings", "14", "module at 0x8"},
                new String[] {body("fb2000"), "custom descriptors", "descriptor", "code[0] at 0x17"},
                new String[] {body("fc1200"), "memory control", "memory.discard", "code[0] at 0x17"},
                new String[] {body("fc300000"), "half precision", "f32.load_f16", "code[0] at 0x17"},
                new String[] {body("fda002"), "half precision", "f16x8", "code[0] at 0x17"},
                new String[] {body("fe4f0000"), "shared-everything threads", "atomic", "code[0] at 0x17"},
                new String[] {"0061736d01000000 02080101 61 00 7f 01 61 00", "compact import section", "127", "import[0] at 0xe"},
                new String[] {"0061736d0d000100", "component model", "component", "header at 0x4"});
    }

    @ParameterizedTest
    @MethodSource("foreign")
    void whatIsNotKnownIsNamedAndDescribed(String hex, String proposal, String what, String place) throws IOException {
        String module = Files.write(temp.resolve("m.wasm"), HexFormat.of().parseHex(hex.replace(" ", ""))).toString();
        for (String command : List.of("run", "validate", "compile", "inspect")) {
            Outcome outcome = command.equals("compile") ? run(command, module, "-o", "/dev/null") : run(command, module);
            assertThat(outcome.status()).as(command).isEqualTo(ExitStatus.FAILURE);
            assertThat(outcome.err())
                    .as(command)
                    .contains("m.wasm: ", what, "\n  in " + place)
                    .contains("The proposal \"" + proposal + "\", which the module needs, is not supported. ")
                    .doesNotContain("damaged");
        }
        String out = run("inspect", module).out();
        assertThat(out).contains("features: ", "needs " + proposal + ": not supported\n  " + place + ": ", "could not be read");
        assertThat(run("inspect", "--json", module).out()).contains("\"proposal\": \"" + proposal + "\"");
    }

    @Test
    void everyFunctionThatNeedsItIsListed() {
        StringBuilder many = new StringBuilder("(module (func $plain)");
        for (int i = 0; i < 15; i++) {
            many.append("(func $f").append(i).append(" (local i32) (drop (v128.const i64x2 0 0)))");
        }
        String module = file("many.wat", many + ")");
        Outcome ten = run("inspect", "--feature=-simd", module);
        assertThat(ten.out()).contains("code[1] (f0) at 0x", ": v128.const", "… and 5 more").doesNotContain("(plain)", "(f14)");
        assertThat(run("inspect", "--functions", "--feature=-simd", module).out()).contains("code[15] (f14) at 0x");
    }

    @Test
    void damagedModulesAreDescribedAsFarAsTheyGo() throws IOException {
        String text = "(module (import \"a\" \"b\" (func)) (func (export \"c\")) (memory 1) (func $d (nop)))";
        byte[] whole = org.sallyport.text.Wat.compile(text);
        for (int length = 8; length < whole.length; length++) {
            String module = Files.write(temp.resolve("cut.wasm"), java.util.Arrays.copyOf(whole, length)).toString();
            Outcome outcome = run("inspect", module);
            if (outcome.status() != ExitStatus.OK) {
                assertThat(outcome.err()).as("%d", length).startsWith("sallyport: ").doesNotContain("internal");
                assertThat(outcome.out()).as("%d", length).startsWith(module + ": module \"cut.wasm\", " + length + " bytes\n");
            }
        }
        byte[] wrong = whole.clone();
        wrong[wrong.length - 2] = (byte) 0xFF; // the nop of the last function
        String module = Files.write(temp.resolve("wrong.wasm"), wrong).toString();
        assertThat(run("inspect", module).out())
                .contains("could not be read", "code[2]", "illegal opcode ff")
                .contains("\"a\" \"b\": func () -> ()", "\"c\": func () -> ()");
    }
}
