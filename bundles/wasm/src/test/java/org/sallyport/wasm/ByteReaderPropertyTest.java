package org.sallyport.wasm;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

class ByteReaderPropertyTest {
    private static byte[] signedLeb(long value) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        long rest = value;
        while (rest < -64 || rest > 63) {
            out.write((int) (rest & 0x7F | 0x80));
            rest >>= 7;
        }
        out.write((int) (rest & 0x7F));
        return out.toByteArray();
    }

    private static byte[] unsignedLeb(long value) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        long rest = value;
        while (rest >>> 7 != 0) {
            out.write((int) (rest & 0x7F | 0x80));
            rest >>>= 7;
        }
        out.write((int) rest);
        return out.toByteArray();
    }

    @Property
    void integersRoundTrip(@ForAll long value) {
        byte[] signed = signedLeb(value);
        assertThat(new ByteReader(signed, 0, signed.length).s64()).isEqualTo(value);
        byte[] unsigned = unsignedLeb(value);
        assertThat(new ByteReader(unsigned, 0, unsigned.length).u64()).isEqualTo(value);
        byte[] narrow = signedLeb((int) value);
        assertThat(new ByteReader(narrow, 0, narrow.length).s32()).isEqualTo((int) value);
        byte[] index = signedLeb(value >> 31);
        assertThat(new ByteReader(index, 0, index.length).s33()).isEqualTo(value >> 31);
        byte[] count = unsignedLeb(value >>> 32);
        assertThat(Integer.toUnsignedLong(new ByteReader(count, 0, count.length).u32())).isEqualTo(value >>> 32);
    }

    @Property(tries = 5000)
    void utf8AgreesWithTheJdk(@ForAll @Size(max = 6) byte[] bytes) {
        boolean valid = true;
        try {
            StandardCharsets.UTF_8.newDecoder().onMalformedInput(CodingErrorAction.REPORT).decode(ByteBuffer.wrap(bytes));
        } catch (CharacterCodingException e) {
            valid = false;
        }
        assertThat(Utf8.isValid(bytes, 0, bytes.length)).isEqualTo(valid);
    }

    @Property(tries = 5000)
    void utf8SequencesAgreeWithTheJdk(
            @ForAll @IntRange(min = 0xC0, max = 0xFF) int lead,
            @ForAll @IntRange(min = 0x70, max = 0xC0) int second,
            @ForAll @IntRange(min = 0x7F, max = 0xC0) int third,
            @ForAll @IntRange(min = 0x7F, max = 0xC0) int fourth) {
        for (int length = 1; length <= 4; length++) {
            byte[] all = {(byte) lead, (byte) second, (byte) third, (byte) fourth};
            utf8AgreesWithTheJdk(Arrays.copyOf(all, length));
        }
    }
}
