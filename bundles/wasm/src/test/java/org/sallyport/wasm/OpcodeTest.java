package org.sallyport.wasm;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.api.Test;

class OpcodeTest {
    /** Rows that share their keyword with an earlier one: an annotation or {@code null} tells them apart. */
    private static final Set<Opcode> HOMONYMS = Set.of(Opcode.SELECT_TYPED, Opcode.REF_TEST_NULL, Opcode.REF_CAST_NULL);

    @ParameterizedTest
    @EnumSource
    void codeFindsTheRow(Opcode op) {
        assertThat(Opcode.of(op.code())).isSameAs(op);
    }

    @ParameterizedTest
    @EnumSource
    void keywordFindsTheRow(Opcode op) {
        if (HOMONYMS.contains(op)) {
            assertThat(Opcode.named(op.text())).isNotNull().isNotSameAs(op);
        } else {
            assertThat(Opcode.named(op.text())).isSameAs(op);
        }
    }

    /** Rows are named after their keywords, so that a typing error in one of the two shows. */
    @ParameterizedTest
    @EnumSource
    void nameFollowsTheKeyword(Opcode op) {
        if (!HOMONYMS.contains(op)) {
            assertThat(op.name()).isEqualToIgnoringCase(op.text().replace('.', '_'));
        }
    }

    @ParameterizedTest
    @EnumSource
    void everyRowIsReadable(Opcode op) {
        byte[] bytes = withZeroImmediates(op);
        CodeReader reader = new CodeReader(bytes, 0, bytes.length);
        assertThat(reader.next()).isSameAs(op);
        assertThat(reader.opcode()).isSameAs(op);
        assertThat(reader.offset()).isZero();
        assertThat(reader.position()).isEqualTo(bytes.length);
        assertThat(reader.hasNext()).isFalse();
    }

    @ParameterizedTest
    @EnumSource
    void everyCutOffRowIsMalformed(Opcode op) {
        byte[] bytes = withZeroImmediates(op);
        for (int end = 0; end < bytes.length; end++) {
            int cut = end;
            assertThat(catchMalformed(bytes, cut).specText()).as("cut at " + cut).startsWith("unexpected end");
        }
    }

    private static MalformedCodeException catchMalformed(byte[] bytes, int end) {
        try {
            Opcode op = new CodeReader(bytes, 0, end).next();
            throw new AssertionError("read " + op);
        } catch (MalformedCodeException e) {
            return e;
        }
    }

    /** The opcode and, for every immediate, the shortest bytes that are one. */
    private static byte[] withZeroImmediates(Opcode op) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        if (op.code() > 0xFF) {
            out.write(op.code() >>> 16);
            int number = op.code() & 0xFFFF;
            if (number >= 0x80) {
                out.write(number & 0x7F | 0x80);
                out.write(number >>> 7);
            } else {
                out.write(number);
            }
        } else {
            out.write(op.code());
        }
        int zeros = switch (op.immediates()) {
            case NONE -> 0;
            case BLOCK_TYPE, LABEL, FUNC, TYPE, LOCAL, GLOBAL, TABLE, TAG, DATA, ELEM, MEMORY, LANE, CONST_I32, CONST_I64,
                    SELECT_TYPES, HEAP_TYPE, ZERO -> 1;
            case CATCHES, LABELS, TYPE_TABLE, DATA_MEMORY, MEMORY_MEMORY, ELEM_TABLE, TABLE_TABLE, TYPE_FIELD, TYPE_COUNT,
                    TYPE_DATA, TYPE_ELEM, TYPE_TYPE, MEMARG -> 2;
            case MEMARG_LANE -> 3;
            case BR_CAST, CONST_F32 -> 4;
            case CONST_F64 -> 8;
            case CONST_V128, SHUFFLE -> 16;
        };
        out.writeBytes(new byte[zeros]);
        return out.toByteArray();
    }

    @Test
    void unassignedCodesGiveNull() {
        Set<Integer> assigned = new HashSet<>();
        for (Opcode op : Opcode.values()) {
            assertThat(assigned.add(op.code())).as(op.name()).isTrue();
        }
        for (int code = 0; code < 0x100; code++) {
            assertThat(Opcode.of(code) != null).as("0x%X", code).isEqualTo(assigned.contains(code));
        }
        for (int prefix : new int[] {0xFB, 0xFC, 0xFD, 0xFE}) {
            for (int number = 0; number < 0x400; number++) {
                int code = prefix << 16 | number;
                assertThat(Opcode.of(code) != null).as("0x%X", code).isEqualTo(assigned.contains(code));
            }
        }
        assertThat(Opcode.of(0xFA0000)).isNull();
        assertThat(Opcode.of(-1)).isNull();
    }

    /** How many instructions each proposal brings, counted in the specification and the proposals. */
    @ParameterizedTest
    @CsvSource({
        "SIGN_EXTENSION, 5", "SATURATING_CONVERSION, 8", "SIMD, 236", "RELAXED_SIMD, 20", "THREADS, 67", "WIDE_ARITHMETIC, 4",
        "EXCEPTIONS, 3", "TAIL_CALLS, 2", "LEGACY_EXCEPTIONS, 5"
    })
    void proposalsAreComplete(Feature feature, int instructions) {
        int count = 0;
        for (Opcode op : Opcode.values()) {
            count += op.feature() == feature ? 1 : 0;
        }
        assertThat(count).isEqualTo(instructions);
    }

    /** The names say it as well; here nobody takes them apart. */
    @Test
    void vectorInstructionsKnowTheirLanes() {
        int count = 0;
        for (Opcode op : Opcode.values()) {
            String shape = op.text().substring(0, Math.max(0, op.text().indexOf('.')));
            LaneShape lanes = op.lanes();
            String expected = shape.matches("[if]\\d+x\\d+") ? shape : "";
            assertThat(lanes == null ? "" : lanes.toString()).as(op.text()).isEqualTo(expected);
            count += lanes == null ? 0 : 1;
        }
        assertThat(count).isEqualTo(226);
        for (LaneShape shape : LaneShape.values()) {
            assertThat(shape.lanes() * shape.laneBytes()).isEqualTo(16);
        }
    }

    @ParameterizedTest
    @CsvSource({"I32_LOAD, 4", "I64_LOAD8_S, 1", "V128_STORE, 16", "V128_LOAD32X2_S, 8", "V128_LOAD16_LANE, 2",
        "I64_ATOMIC_RMW32_CMPXCHG_U, 4", "MEMORY_ATOMIC_WAIT64, 8", "I32_ADD, 0", "MEMORY_FILL, 0"})
    void accessesKnowTheirWidth(Opcode op, int bytes) {
        assertThat(op.accessBytes()).isEqualTo(bytes);
    }
}
