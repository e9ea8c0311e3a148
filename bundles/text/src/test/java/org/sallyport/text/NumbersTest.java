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
