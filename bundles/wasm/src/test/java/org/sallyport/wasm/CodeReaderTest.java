package org.sallyport.wasm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CodeReaderTest {

    /** A reader that has read the one instruction in the bytes. */
    private static CodeReader read(String hex, Opcode expected) {
        byte[] bytes = HexFormat.of().parseHex(hex.replace(" ", ""));
        CodeReader code = new CodeReader(bytes, 0, bytes.length);
        assertThat(code.next()).isSameAs(expected);
        assertThat(code.hasNext()).isFalse();
        return code;
    }

    @Test
    void readsMemoryArguments() {
        CodeReader code = read("28 02 10", Opcode.I32_LOAD);
        assertThat(code.memory()).isZero();
        assertThat(code.memoryGiven()).isFalse();
        assertThat(code.alignLog2()).isEqualTo(2);
        assertThat(code.memOffset()).isEqualTo(16);
    }

    @Test
    void readsMemoryArgumentsWithMemory() {
        CodeReader code = read("29 43 05 ffffffffffffffffff01", Opcode.I64_LOAD);
        assertThat(code.memory()).isEqualTo(5);
        assertThat(code.memoryGiven()).isTrue();
        assertThat(code.alignLog2()).isEqualTo(3);
        assertThat(code.memOffset()).isEqualTo(-1L);
    }

    @Test
    void readsLanes() {
        CodeReader code = read("fd54 00 07 0f", Opcode.V128_LOAD8_LANE);
        assertThat(code.memOffset()).isEqualTo(7);
        assertThat(code.lane()).isEqualTo(15);
        code = read("fd0d 000102030405060708090a0b0c0d0eff", Opcode.I8X16_SHUFFLE);
        for (int i = 0; i < 15; i++) {
            assertThat(code.lane(i)).isEqualTo(i);
        }
        assertThat(code.lane(15)).isEqualTo(255);
    }

    @Test
    void readsConstants() {
        assertThat(read("41 7f", Opcode.I32_CONST).bits()).isEqualTo(-1);
        assertThat(read("42 8080808008", Opcode.I64_CONST).bits()).isEqualTo(1L << 31);
        assertThat(read("43 000080bf", Opcode.F32_CONST).bits()).isEqualTo(Float.floatToRawIntBits(-1f));
        assertThat(read("44 000000000000f03f", Opcode.F64_CONST).bits()).isEqualTo(Double.doubleToRawLongBits(1));
        CodeReader code = read("fd0c 0100000000000000 0200000000000080", Opcode.V128_CONST);
        assertThat(code.bits()).isEqualTo(1);
        assertThat(code.bitsHigh()).isEqualTo(2 | Long.MIN_VALUE);
    }

    @Test
    void readsBranchTables() {
        CodeReader code = read("0e 03 01 80 01 00 07", Opcode.BR_TABLE);
        assertThat(code.labelCount()).isEqualTo(3);
        assertThat(code.labelArray()).containsExactly(1, 128, 0, 7);
        assertThat(code.label(3)).isEqualTo(7);
        assertThatThrownBy(() -> code.label(4)).isInstanceOf(IndexOutOfBoundsException.class);
    }

    @Test
    void readsBlockTypes() {
        CodeReader code = read("02 40", Opcode.BLOCK);
        assertThat(code.blockTypeIndex()).isEqualTo(-1);
        assertThat(code.blockValType()).isNull();
        code = read("03 7d", Opcode.LOOP);
        assertThat(code.blockTypeIndex()).isEqualTo(-1);
        assertThat(code.blockValType()).isEqualTo(NumType.F32);
        code = read("04 64 05", Opcode.IF);
        assertThat(code.blockValType()).hasToString("(ref 5)");
        code = read("02 c000", Opcode.BLOCK);
        assertThat(code.blockTypeIndex()).isEqualTo(64);
        assertThat(code.blockValType()).isNull();
    }

    @Test
    void readsCatchClauses() {
        CodeReader code = read("1f 40 04 00 05 01 01 06 02 02 03 03 04", Opcode.TRY_TABLE);
        assertThat(code.catchCount()).isEqualTo(4);
        assertThat(code.catchKind(0)).isEqualTo(CodeReader.CATCH);
        assertThat(code.catchTag(0)).isEqualTo(5);
        assertThat(code.catchLabel(0)).isEqualTo(1);
        assertThat(code.catchKind(1)).isEqualTo(CodeReader.CATCH_REF);
        assertThat(code.catchTag(1)).isEqualTo(6);
        assertThat(code.catchKind(2)).isEqualTo(CodeReader.CATCH_ALL);
        assertThat(code.catchTag(2)).isEqualTo(-1);
        assertThat(code.catchLabel(3)).isEqualTo(4);
    }

    @Test
    void readsReferenceTypes() {
        assertThat(read("d0 70", Opcode.REF_NULL).refType()).hasToString("funcref");
        assertThat(read("d0 05", Opcode.REF_NULL).refType()).hasToString("(ref null 5)");
        assertThat(read("fb14 6b", Opcode.REF_TEST).refType()).hasToString("(ref struct)");
        assertThat(read("fb17 6b", Opcode.REF_CAST_NULL).refType()).hasToString("structref");
        CodeReader code = read("fb18 01 03 6e 05", Opcode.BR_ON_CAST);
        assertThat(code.index()).isEqualTo(3);
        assertThat(code.refType()).hasToString("anyref");
        assertThat(code.refType2()).hasToString("(ref 5)");
        assertThat(code.heapType2()).isEqualTo(new HeapType.Concrete(5));
        code = read("1c 02 7f 6f", Opcode.SELECT_TYPED);
        assertThat(code.typeCount()).isEqualTo(2);
        assertThat(code.type(0)).isEqualTo(NumType.I32);
        assertThat(code.type(1)).isEqualTo(RefType.EXTERNREF);
    }

    @ParameterizedTest
    @CsvSource({
        "11 03 04, CALL_INDIRECT", "fc08 03 04, MEMORY_INIT", "fc0a 03 04, MEMORY_COPY", "fc0c 03 04, TABLE_INIT",
        "fc0e 03 04, TABLE_COPY", "fb02 03 04, STRUCT_GET", "fb08 03 04, ARRAY_NEW_FIXED", "fb11 03 04, ARRAY_COPY",
        "fb09 03 04, ARRAY_NEW_DATA", "fb13 03 04, ARRAY_INIT_ELEM"
    })
    void readsPairsOfIndices(String hex, Opcode op) {
        CodeReader code = read(hex, op);
        assertThat(code.index()).isEqualTo(3);
        assertThat(code.index2()).isEqualTo(4);
    }

    @Test
    void walksASequence() {
        byte[] bytes = HexFormat.of().parseHex("ff20016a0bff");
        CodeReader code = new CodeReader(bytes, 1, 5);
        assertThat(code.next()).isEqualTo(Opcode.LOCAL_GET);
        assertThat(code.offset()).isEqualTo(1);
        assertThat(code.position()).isEqualTo(3);
        assertThat(code.next()).isEqualTo(Opcode.I32_ADD);
        assertThat(code.next()).isEqualTo(Opcode.END);
        assertThat(code.hasNext()).isFalse();
        code.reset(3, 5);
        assertThat(code.next()).isEqualTo(Opcode.I32_ADD);
    }

    @ParameterizedTest
    @CsvSource({
        "ff, illegal opcode ff", "16, illegal opcode 16", "fc12, illegal opcode fc 0x12", "fd8020, illegal opcode fd 0x1000",
        "fbffffffff0f, illegal opcode fb 0xffffffff", "28 8001 00, malformed memop flags", "fe03 01, zero byte expected",
        "fb18 04 00 70 70, malformed br_on_cast flags", "1f 40 01 04 00, malformed catch clause",
        "02 8040, malformed value type", "d0 7f, malformed heap type", "0e ffffffff0f 00, unexpected end",
        "1f 40 ffffff7f 00, unexpected end", "1c ffffff7f 00, unexpected end", "41 8080808080, integer representation too long"
    })
    void refusesMalformedInstructions(String hex, String specText) {
        byte[] bytes = HexFormat.of().parseHex(hex.replace(" ", ""));
        assertThatThrownBy(() -> new CodeReader(bytes, 0, bytes.length).next())
                .isInstanceOfSatisfying(MalformedCodeException.class, e -> {
                    assertThat(e.specText()).startsWith(specText);
                    assertThat(e.offset()).isBetween(0, bytes.length);
                    assertThat(e.fault().advice()).isNotBlank();
                });
    }
}
