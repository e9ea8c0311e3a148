package org.sallyport.validator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Set;
import org.junit.jupiter.api.Test;
import org.sallyport.spi.ValidModule;
import org.sallyport.spi.ValidModule.FunctionFacts;
import org.sallyport.wasm.Feature;
import org.sallyport.wasm.IndexSpaces;

class ValidModuleTest {

    @Test
    void emptyModuleIsValid() {
        ValidModule valid = new TestModule().validate();
        assertThat(valid.features()).isEmpty();
        assertThat(valid.escapingFunctions()).isEmpty();
        assertThat(valid.spaces().funcCount()).isZero();
    }

    @Test
    void factsOfBodies() {
        ValidModule valid = TestModule.withTypes()
                .section(2, "01 0161 0162 00 00")
                .section(3, "04 00 00 00 00")
                .section(5, "01 00 01")
                .body("00", "i32.const 1", "i32.const 2", "i32.const 3", "i32.add", "i32.add", "drop")
                .body("00", "loop 0x40", "call 0", "br 0", "end")
                .body("00", "memory.size 0", "drop")
                .body("00", "i32.const 0", "return_call 0")
                .validate();
        assertThat(valid.facts(1)).isEqualTo(new FunctionFacts(7, 3, 1, false, false, false, false));
        assertThat(valid.facts(2)).isEqualTo(new FunctionFacts(5, 0, 2, true, false, true, false));
        assertThat(valid.facts(3)).isEqualTo(new FunctionFacts(3, 1, 1, false, false, false, true));
        assertThat(valid.facts(4)).isEqualTo(new FunctionFacts(3, 1, 1, true, true, false, false));
        assertThat(valid.spaces().importedFuncs()).isEqualTo(1);
    }

    @Test
    void functionsEscapeThroughExportsSegmentsAndConstants() {
        ValidModule valid = TestModule.withTypes()
                .section(3, "07 00 00 00 00 00 00 00")
                .section(4, "02 70 00 05  4000 70 00 05 d2050b")
                .section(6, "01 7000 d2040b")
                .section(7, "01 0165 00 03")
                .section(8, "00")
                .section(9, "03  00 41000b 01 02  03 00 01 06  05 70 01 d2030b")
                .body("00").body("00", "ref.func 2", "drop").body("00").body("00").body("00").body("00").body("00")
                .validate();
        assertThat(valid.escapingFunctions()).containsExactly(2, 3, 4, 5, 6);
    }

    @Test
    void functionsThatAreOnlyCalledDoNotEscape() {
        ValidModule valid = TestModule.withTypes()
                .section(3, "02 00 00")
                .section(8, "00")
                .body("00", "call 1").body("00", "call 0")
                .validate();
        assertThat(valid.escapingFunctions()).isEmpty();
    }

    @Test
    void featuresAreThoseInUse() {
        assertThat(TestModule.withTypes().section(4, "01 70 00 05").section(5, "01 00 01").validate().features()).isEmpty();
        ValidModule valid = TestModule.withTypes()
                .section(3, "02 00 00")
                .section(5, "02 04 01 03 00 01")
                .body("00", "i32.const 0", "i32.extend8_s", "drop")
                .body("01 01 7b", "i64.const 0", "i32.const 0", "i64.const 0", "memory.fill 0")
                .validate();
        assertThat(valid.features()).containsExactlyInAnyOrder(
                Feature.MEMORY64,
                Feature.THREADS,
                Feature.MULTI_MEMORY,
                Feature.SIGN_EXTENSION,
                Feature.SIMD,
                Feature.BULK_MEMORY);
        assertThatThrownBy(() -> valid.features().add(Feature.GC)).isInstanceOf(UnsupportedOperationException.class);
    }

    @Test
    void equalTypesHaveOneCanonicalIndex() {
        // 0 and 2 are equal; 1 and 3 refer to them; 4 is a member of a group
        ValidModule valid = new TestModule()
                .section(1, "05 600000 60016400 00 600000 60016402 00 4e02 600000 600000")
                .validate();
        assertThat(valid.canonicalType(2)).isZero();
        assertThat(valid.canonicalType(3)).isEqualTo(1);
        assertThat(valid.canonicalType(4)).isEqualTo(4);
        assertThat(valid.canonicalType(5)).isEqualTo(5);
    }

    @Test
    void onlyAValidatorVouches() {
        IndexSpaces spaces = new IndexSpaces(new TestModule().load());
        assertThatThrownBy(() -> new ValidModule(null, spaces, Set.of(), new int[0], new int[0], new FunctionFacts[0]))
                .isInstanceOf(NullPointerException.class);
    }
}
