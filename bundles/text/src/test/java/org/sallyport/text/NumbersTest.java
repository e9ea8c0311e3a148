package org.sallyport.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.sallyport.wasm.NumType.F32;
import static org.sallyport.wasm.NumType.F64;
import static org.sallyport.wasm.NumType.I32;
import static org.sallyport.wasm.NumType.I64;

import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.sallyport.wasm.NumType;

class NumbersTest {
    @Test
    void integersAreSignedOrUnsigned() {
        assertThat((int) Numbers.parse(I32, "0xffff_ffff")).isEqualTo(-1);
        assertThat((int) Numbers.parse(I32, "4294967295")).isEqualTo(-1);
        assertThat((int) Numbers.parse(I32, "-0x8000_0000")).isEqualTo(Integer.MIN_VALUE);
        assertThat((int) Numbers.parse(I32, "+2147483647")).isEqualTo(Integer.MAX_VALUE);
        assertThat(Numbers.parse(I64, "18446744073709551615")).isEqualTo(-1);
        assertThat(Numbers.parse(I64, "-9_223_372_036_854_775_808")).isEqualTo(Long.MIN_VALUE);
    }

    @Test
    void floatsAreDecimalHexadecimalOrSpecial() {
        assertThat(Numbers.parse(F32, "0x1.8p1")).isEqualTo(Float.floatToIntBits(3));
        assertThat(Numbers.parse(F64, "1_0e-1")).isEqualTo(Double.doubleToLongBits(1));
        assertThat(Numbers.parse(F64, "-0x1_0.8")).isEqualTo(Double.doubleToLongBits(-16.5));
    }

    @Test
    void nanHasSignAndPayload() {
        assertThat((int) Numbers.parse(F32, "nan")).isEqualTo(0x7FC00000);
        assertThat((int) Numbers.parse(F32, "-nan:0x1")).isEqualTo(0xFF800001);
        assertThat(Numbers.parse(F64, "nan:0xf_ffff_ffff_ffff")).isEqualTo(0x7FFFFFFFFFFFFFFFL);
        assertThat(Numbers.print(F32, 0xFF800001)).isEqualTo("-nan:0x1");
        assertThat(Numbers.print(F64, 0xFFF8000000000000L)).isEqualTo("-nan");
    }

    @Test
    void whatIsNoNumberIsRefused() {
        List<String> wrong = List.of("", " 1", "1 ", "0X1", "1_", "_1", "1__0", "0x", "1f", "Infinity", "NaN", "nan:", "nan:1",
                "--1", "0x.8", ".5", "\u0661");
        for (String text : wrong) {
            for (NumType type : NumType.values()) {
                assertThatThrownBy(() -> Numbers.parse(type, text)).as(text).isInstanceOf(NumberFormatException.class);
            }
        }
        for (String text : List.of("4294967296", "-2147483649", "+2147483648", "1.0", "1e2", "inf", "nan", "0x1_0000_0000")) {
            assertThatThrownBy(() -> Numbers.parse(I32, text)).as(text).isInstanceOf(NumberFormatException.class);
        }
        for (String text : List.of("nan:0x0", "nan:0x800000", "1e39", "0x1p128")) {
            assertThatThrownBy(() -> Numbers.parse(F32, text)).as(text).isInstanceOf(NumberFormatException.class);
        }
    }

    @Test
    void vectorsAreAShapeAndItsLanes() {
        assertThat(Numbers.parseVector("i32x4 1 -2 0x3 4")).containsExactly(0xFFFF_FFFE_0000_0001L, 0x4_0000_0003L);
        assertThat(Numbers.parseVector("  i8x16 0 1 2 3 4 5 6 7  8 9 10 11 12 13 14 -1 "))
                .containsExactly(0x0706_0504_0302_0100L, 0xFF0E_0D0C_0B0A_0908L);
        assertThat(Numbers.parseVector("i16x8 -1 65535 0 0 0 0 0 -32768")).containsExactly(0xFFFF_FFFFL, 0x8000L << 48);
        assertThat(Numbers.parseVector("i64x2 -1 0x2")).containsExactly(-1, 2);
        assertThat(Numbers.parseVector("f32x4 1 -0 inf nan"))
                .containsExactly(0x8000_0000_3F80_0000L, 0x7FC0_0000_7F80_0000L);
        assertThat(Numbers.parseVector("f64x2 0.5 -1")).containsExactly(0x3FE0L << 48, 0xBFF0L << 48);
        String[][] wrong = {
            {"", "shape"}, {"5", "shape"}, {"I32X4 1 2 3 4", "shape"}, {"i32x4", "0 lanes"}, {"i32x4 1 2 3", "3 lanes"},
            {"i64x2 1 2 3", "3 lanes"}, {"i8x16 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 256", "lane 15 is out of range"},
            {"i32x4 1 2 x 4", "lane 2 is no number"}, {"i64x2 1.5 2", "lane 0 is no integer"}
        };
        for (String[] text : wrong) {
            assertThatThrownBy(() -> Numbers.parseVector(text[0]))
                    .as(text[0])
                    .isInstanceOf(NumberFormatException.class)
                    .hasMessageContaining(text[1]);
        }
    }

    @Test
    void allBitsReadBack() {
        Random random = new Random(1);
        for (int i = 0; i < 20_000; i++) {
            long bits = i % 2 == 0 ? random.nextLong() : random.nextLong() | 0x7FF0000000000000L | 0x7F800000;
            for (NumType type : NumType.values()) {
                long read = Numbers.parse(type, Numbers.print(type, bits));
                boolean wide = type == I64 || type == F64;
                assertThat(wide ? read : (int) read).isEqualTo(wide ? bits : (int) bits);
            }
        }
    }
}
