package org.sallyport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class V128Test {
    private static final V128 COUNT = new V128(0x0706_0504_0302_0100L, 0xFF0E_0D0C_0B0A_0908L);

    @Test
    void lanesAreWhatTheyWereMadeOf() {
        V128 bytes = V128.ofBytes((byte) 0, (byte) 1, (byte) 2, (byte) 3, (byte) 4, (byte) 5, (byte) 6, (byte) 7,
                (byte) 8, (byte) 9, (byte) 10, (byte) 11, (byte) 12, (byte) 13, (byte) 14, (byte) -1);
        assertThat(bytes).isEqualTo(COUNT);
        assertThat(V128.ofBytes(COUNT.toBytes())).isEqualTo(COUNT);
        assertThat(V128.ofShorts((short) 0x100, (short) 0x302, (short) 0x504, (short) 0x706, (short) 0x908, (short) 0xB0A,
                (short) 0xD0C, (short) 0xFF0E)).isEqualTo(COUNT);
        assertThat(V128.ofInts(0x0302_0100, 0x0706_0504, 0x0B0A_0908, 0xFF0E_0D0C)).isEqualTo(COUNT);
        assertThat(V128.ofFloats(1, -0f, Float.NaN, 2.5f))
                .isEqualTo(V128.ofInts(0x3F80_0000, 0x8000_0000, 0x7FC0_0000, 0x4020_0000));
        assertThat(V128.ofDoubles(1, -0d)).isEqualTo(new V128(0x3FF0_0000_0000_0000L, Long.MIN_VALUE));
    }

    @Test
    void lanesAreRead() {
        assertThat(COUNT.byteAt(1)).isEqualTo((byte) 1);
        assertThat(COUNT.byteAt(15)).isEqualTo((byte) -1);
        assertThat(COUNT.shortAt(7)).isEqualTo((short) 0xFF0E);
        assertThat(COUNT.intAt(3)).isEqualTo(0xFF0E_0D0C);
        assertThat(COUNT.longAt(0)).isEqualTo(COUNT.low());
        assertThat(COUNT.longAt(1)).isEqualTo(COUNT.high());
        assertThat(V128.ofFloats(1, 2, 3, -4).floatAt(3)).isEqualTo(-4f);
        assertThat(V128.ofDoubles(1, -2).doubleAt(1)).isEqualTo(-2d);
    }

    @Test
    void otherNumbersOfLanesAreRefused() {
        assertThatThrownBy(() -> V128.ofInts(1, 2, 3))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("a v128 has 4 lanes of this kind, found 3");
        assertThatThrownBy(() -> COUNT.intAt(4)).isInstanceOf(IndexOutOfBoundsException.class).hasMessage("lane 4 of 4");
        assertThatThrownBy(() -> COUNT.byteAt(-1)).isInstanceOf(IndexOutOfBoundsException.class);
    }
}
