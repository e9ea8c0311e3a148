package org.sallyport.validator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.EnumSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.sallyport.InvalidModuleException;
import org.sallyport.LimitExceededException;
import org.sallyport.LoadLimits;
import org.sallyport.LoadLimits.Limit;
import org.sallyport.MalformedModuleException;
import org.sallyport.wasm.Feature;

/**
 * What must be refused, and with which words. The official testsuite has thousands more; it runs in the text bundle.
 */
class InvalidTest {
    /**
     * Types: 0 [] -> [], 1 [i32] -> [i32], 2 struct (i32 const, i8 var), 3 array (i64 const), 4 array of (ref 2) var.
     */
    private static final String TYPES = "05 600000 60017f017f 5f027f007801 5e7e00 5e640201";

    /** One function of type 0, its locals an i32 and a (ref 2); something in every index space. */
    private static TestModule rich(String... code) {
        return new TestModule()
                .section(1, TYPES)
                .section(3, "01 00")
                .section(4, "01 70 00 01")
                .section(5, "01 00 01")
                .section(13, "01 00 00")
                .section(6, "02 7f00 41000b 7f01 41000b")
                .section(12, "01")
                .body("02 017f 016402", code)
                .section(11, "01 01 00");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "i32.add                                 | type mismatch",
        "i32.const 1;f32.const 0x00000000;i32.add | type mismatch",
        "i32.const 1                             | type mismatch",
        "drop                                    | type mismatch",
        "local.get 2                             | unknown local 2",
        "local.get 1                             | uninitialized local 1",
        "global.get 2                            | unknown global 2",
        "i32.const 0;global.set 0                | immutable global",
        "call 1                                  | unknown function 1",
        "i32.const 0;call_indirect 9 0           | unknown type 9",
        "i32.const 0;call_indirect 0 1           | unknown table 1",
        "i32.const 0;call_indirect 2 0           | non-function type 2",
        "br 1                                    | unknown label 1",
        "ref.func 0;drop                         | undeclared function reference",
        "ref.func 7;drop                         | unknown function 7",
        "throw 1                                 | unknown tag 1",
        "try 0x40;catch 1;end                    | unknown tag 1",
        "try 0x40;catch 0;i32.const 1;end        | type mismatch",
        "try 0x7f;i32.const 1;catch_all;end;drop | type mismatch",
        "try 0x7f;delegate 0;drop                | type mismatch",
        "try 0x40;delegate 1                     | unknown label 1",
        "rethrow 1                               | unknown label 1",
        "rethrow 0                               | invalid rethrow label",
        "try 0x40;rethrow 0;end                  | invalid rethrow label",
        "try 0x40;catch_all;block 0x40;rethrow 0;end;end | invalid rethrow label",
        "i32.const 0;i32.load 3 0;drop           | alignment must not be larger than natural",
        "i32.const 0;i32.atomic.load 1 0;drop    | alignment must be equal to natural",
        "i32.const 0;i32.load 2 0x8080808010;drop | offset out of range",
        "i32.const 0;i32.load 0x4201 0;drop      | unknown memory 1",
        "memory.init 1 0                         | unknown data segment 1",
        "elem.drop 0                             | unknown elem segment 0",
        "block 7;end                             | unknown type 7",
        "block 2;end                             | non-function type 2",
        "block 0x7f;end;drop                     | type mismatch",
        "i32.const 0;if 0x7f;i32.const 1;end;drop | type mismatch",
        "i32.const 0;i32.const 0;0x1c00;drop     | invalid result arity",
        "struct.new 0;drop                       | non-structure type 0",
        "struct.new_default 9;drop               | unknown type 9",
        "ref.null 2;struct.get 2 2;drop          | unknown field 2",
        "ref.null 2;struct.get 2 1;drop          | field is packed",
        "ref.null 2;struct.get_s 2 0;drop        | field is unpacked",
        "ref.null 2;i32.const 0;struct.set 2 0   | immutable field",
        "ref.null 3;i32.const 0;i64.const 0;array.set 3 | immutable array",
        "i32.const 0;array.new_default 2;drop    | non-array type 2",
        "i32.const 0;array.new_default 4;drop    | field type is not defaultable",
        "i32.const 0;i32.const 0;array.new_data 4 0;drop | array type is not numeric or vector",
        "ref.null 4;i32.const 0;ref.null 3;i32.const 0;i32.const 0;array.copy 4 3 | array types do not match",
        "i32.const 0;ref.is_null;drop            | type mismatch",
        "try_table 0x40 1 0 0 7;end              | unknown label 7",
        "try_table 0x40 1 3 0;end                | type mismatch"
    })
    void instructions(String code, String specText) {
        refuses(rich(code.split(";")), specText);
    }

    private static void refuses(TestModule module, String specText) {
        assertThatThrownBy(module::validate)
                .isInstanceOfSatisfying(InvalidModuleException.class, e -> {
                    assertThat(e.specText()).startsWith(specText);
                    assertThat(e.place().offset()).isBetween(-1, module.bytes().length);
                });
    }

    @Test
    void richModuleIsValidByItself() {
        assertThat(rich().validate().module().types()).hasSize(5);
    }

    /** Sections are {@code id:contents}. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "1:01 60016401 00                   | unknown type 1",
        "1:01 50010060 00 00                | unknown type 0",
        "1:02 600000 4f0100600000           | sub type 1 does not match super type 0",
        "1:02 50005f017f00 4f01005f00       | sub type 1 does not match super type 0",
        "1:03 5000600000 5000600000 4f020001600000 | sub type 2 has more than one super type",
        "2:01 00 00 00 00                   | unknown type 0",
        "2:01 00 00 03 6400 00              | unknown type 0",
        "1:01 5f00;2:01 00 00 00 00         | non-function type 0",
        "1:01 6000017f;13:01 00 00          | non-empty tag result type",
        "4:01 70 01 02 01                   | size minimum must not be greater than maximum",
        "4:01 70 00 8080808010              | table size must be at most 2^32-1",
        "4:01 6470 00 00                    | type mismatch",
        "5:01 01 02 01                      | size minimum must not be greater than maximum",
        "5:01 00 818004                     | memory size must be at most 65536 pages (4GiB)",
        "5:01 04 81808080808040             | memory size must be at most 281474976710656 pages",
        "5:01 08 8080808010 00              | memory size must be at most 4294967295 pages",
        "5:01 08 00 01                      | invalid custom page size",
        "5:01 02 00                         | shared memory must have maximum",
        "6:01 7f00 42000b                   | type mismatch",
        "6:01 7f00 0b                       | type mismatch",
        "6:01 7f00 41004100 0b              | type mismatch",
        "6:01 7f00 23000b                   | unknown global 0",
        "6:02 7f01 41000b 7f00 23000b       | constant expression required",
        "6:01 7f00 4100450b                 | constant expression required",
        "6:01 7000 d2000b                   | unknown function 0",
        "7:01 00 00 00                      | unknown function 0",
        "7:01 00 01 00                      | unknown table 0",
        "7:01 00 02 00                      | unknown memory 0",
        "7:01 00 03 00                      | unknown global 0",
        "7:01 00 04 00                      | unknown tag 0",
        "5:01 00 01;7:02 0161 02 00 0161 02 00 | duplicate export name",
        "8:00                               | unknown function 0",
        "1:01 60017f00;2:01 00 00 00 00;8:00 | start function",
        "9:01 00 41000b 00                  | unknown table 0",
        "4:01 6f 00 00;9:01 00 41000b 00    | type mismatch",
        "4:01 70 00 00;9:01 00 42000b 00    | type mismatch",
        "9:01 01 00 01 00                   | unknown function 0",
        "9:01 05 70 01 d06f0b               | type mismatch",
        "11:01 00 41000b 00                 | unknown memory 0",
        "5:01 04 00;11:01 00 41000b 00      | type mismatch"
    })
    void sections(String sections, String specText) {
        TestModule module = new TestModule();
        for (String section : sections.split(";")) {
            String[] parts = section.split(":");
            module.section(Integer.parseInt(parts[0]), parts[1]);
        }
        refuses(module, specText);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "SIGN_EXTENSION       | i32.const 0;i32.extend8_s;drop",
        "SATURATING_CONVERSION | f32.const 0x00000000;i32.trunc_sat_f32_s;drop",
        "MULTI_VALUE          | i32.const 0;block 1;end;drop",
        "BULK_MEMORY          | i32.const 0;i32.const 0;i32.const 0;memory.fill 0",
        "REFERENCE_TYPES      | ref.null 0x70;drop",
        "SIMD                 | i32.const 0;i8x16.splat;drop",
        "SIMD                 | block 0x7b;unreachable;end;drop",
        "RELAXED_SIMD         | i32.const 0;i8x16.splat;i32x4.relaxed_trunc_f32x4_s;drop",
        "TAIL_CALLS           | return_call 0",
        "TAIL_CALLS           | ref.null 0;return_call_ref 0",
        "FUNCTION_REFERENCES  | ref.null 0;call_ref 0",
        "GC                   | ref.null 0x6e;drop",
        "EXCEPTIONS           | try_table 0x40 0;end",
        "LEGACY_EXCEPTIONS    | try 0x40;end",
        "MULTI_MEMORY         | i32.const 0;i32.load 0x4200 0;drop",
        "THREADS              | i32.const 0;i32.atomic.load 2 0;drop",
        "WIDE_ARITHMETIC      | i64.const 0;i64.const 0;i64.mul_wide_s;drop;drop"
    })
    void proposalsThatAreOff(Feature feature, String code) {
        TestModule module = TestModule.withTypes()
                .section(3, "01 00")
                .section(5, "01 00 01")
                .body("00", code.split(";"));
        assertThat(module.validate().features()).contains(feature);
        Set<Feature> others = EnumSet.complementOf(EnumSet.of(feature));
        assertThatThrownBy(() -> module.validate(others))
                .isInstanceOf(InvalidModuleException.class)
                .hasMessageStartingWith("feature not enabled")
                .hasMessageContaining(feature.name())
                .hasMessageContaining("Config.withFeature");
    }

    @Test
    void messageSaysWhatWhereAndWhatNext() {
        // The name section calls function 1 "adder".
        TestModule module = TestModule.withTypes()
                .section(3, "02 00 00")
                .body("00")
                .body("00", "i32.const 1", "f32.const 0x00000000", "i32.add", "drop")
                .section(0, "046e616d65 01 08 01 01 056164646572");
        assertThatThrownBy(module::validate).hasMessage("""
                type mismatch: instruction requires [i32 i32] but stack has [i32 f32]
                  in code[1] (adder) at 0x27
                  The producer emitted an invalid module; rebuild it or report it.""");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "0x05        | END opcode expected",
        "catch_all   | END opcode expected",
        "try 0x40;catch_all;catch_all;end | END opcode expected",
        "try 0x40;catch_all;delegate 0    | END opcode expected",
        "0x0b        | section size mismatch",
        "0xff        | illegal opcode ff",
        "block 0x40  | unexpected end",
        "data.drop 0 | data count section required"
    })
    void malformedCode(String code, String specText) {
        TestModule module = TestModule.withTypes().section(3, "01 00").body("00", code.split(";"));
        assertThatThrownBy(module::validate)
                .isInstanceOfSatisfying(MalformedModuleException.class, e -> {
                    assertThat(e.specText()).startsWith(specText);
                    assertThat(e.place().section()).isEqualTo("code");
                    assertThat(e.place().entry()).isZero();
                });
    }

    @Test
    void malformedAnywhereIsMalformed() {
        TestModule module = TestModule.withTypes().section(3, "02 00 00").body("00", "drop").body("00", "0xff");
        assertThatThrownBy(module::validate).isInstanceOf(MalformedModuleException.class);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "OPERANDS       | 2 | i32.const 0;i32.const 0;i32.const 0;drop;drop;drop",
        "BRANCH_TABLE   | 1 | i32.const 0;0x0e02000000",
        "ARRAY_OPERANDS | 1 | i64.const 0;i64.const 0;array.new_fixed 3 2;drop"
    })
    void limits(Limit limit, int max, String code) {
        TestModule module = rich(code.split(";"));
        assertThat(module.validate()).isNotNull();
        LoadLimits limits = LoadLimits.DEFAULT.with(limit, max);
        assertThatThrownBy(() -> new ModuleValidator().validate(module.load(), TestModule.ALL, limits, Runnable::run))
                .isInstanceOf(LimitExceededException.class)
                .hasMessageContaining("LoadLimits." + limit);
    }

    @Test
    void limitOfSubtypeDepth() {
        StringBuilder types = new StringBuilder("50005f00");
        for (int i = 0; i < 3; i++) {
            types.append("5001").append("%02x".formatted(i)).append("5f00");
        }
        TestModule module = new TestModule().section(1, "04" + types);
        LoadLimits limits = LoadLimits.DEFAULT.with(Limit.SUBTYPE_DEPTH, 2);
        assertThat(module.validate()).isNotNull();
        assertThatThrownBy(() -> new ModuleValidator().validate(module.load(), TestModule.ALL, limits, Runnable::run))
                .isInstanceOf(LimitExceededException.class);
    }
}
