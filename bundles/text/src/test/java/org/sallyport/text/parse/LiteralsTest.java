package org.sallyport.text.parse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.sallyport.text.parse.Tokens.Kind;

class LiteralsTest {
    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static float f32(String text) {
        return Float.intBitsToFloat(Literals.f32(bytes(text), 0, text.length()));
    }

    private static double f64(String text) {
        return Double.longBitsToDouble(Literals.f64(bytes(text), 0, text.length()));
    }

    @ParameterizedTest
    @CsvSource({
        "0, NAT", "1_000, NAT", "0xFf_0, NAT", "+1, INT", "-0x1, INT",
        "1., FLOAT", "1.5, FLOAT", "1e9, FLOAT", "1.e-9, FLOAT",
        "0x1p3, FLOAT", "0x1.8P+3, FLOAT", "-inf, FLOAT", "nan, FLOAT", "+nan:0x1_2, FLOAT", "0x1., FLOAT",
        "0x, RESERVED", "1_, RESERVED", "_1, RESERVED", "1__0, RESERVED", "1x, RESERVED", "0x1g, RESERVED",
        "1.5_, RESERVED", "1e, RESERVED", "0x1p, RESERVED", "0x1pa, RESERVED", "+, RESERVED", "--1, RESERVED",
        "nan:1, RESERVED", "nan:0x, RESERVED",
        "infx, RESERVED", ".5, RESERVED", "0x.5, RESERVED", "1e+, RESERVED", "1._5, RESERVED"
    })
    void classifies(String text, Kind kind) {
        assertThat(Literals.classify(bytes(text), 0, text.length())).isEqualTo(kind);
    }

    @ParameterizedTest
    @CsvSource({
        "0, 32, 0", "4294967295, 32, 4294967295", "-2147483648, 32, -2147483648", "+2147483647, 32, 2147483647",
        "0xffff_ffff_ffff_ffff, 64, -1", "-0x8000000000000000, 64, -9223372036854775808", "255, 8, 255", "-128, 8, -128"
    })
    void readsIntegers(String text, int bits, long value) {
        assertThat(Literals.integer(bytes(text), 0, text.length(), bits)).isEqualTo(value);
    }

    @ParameterizedTest
    @CsvSource({
        "4294967296, 32", "-2147483649, 32", "+2147483648, 32", "18446744073709551616, 64", "0x10000000000000000, 64",
        "-0x8000000000000001, 64", "256, 8", "-129, 8", "99999999999999999999999999, 64"
    })
    void refusesIntegersOutOfRange(String text, int bits) {
        assertThatThrownBy(() -> Literals.integer(bytes(text), 0, text.length(), bits))
                .isInstanceOf(ArithmeticException.class);
    }

    @Test
    void roundsHexadecimalOnce() {
        assertThat(f32("0x1.fffffefffffp127")).isEqualTo(Float.MAX_VALUE);
        assertThat(f32("0x1.00000100000000001p0")).isEqualTo(Math.nextUp(1f));
        assertThat(f32("0x1.000001p0")).isEqualTo(1f);
        assertThat(f32("0x1.000003p0")).isEqualTo(Math.nextUp(Math.nextUp(1f)));
        assertThat(f32("0x1p-149")).isEqualTo(Float.MIN_VALUE);
        assertThat(f32("0x1p-150")).isZero();
        assertThat(f32("0x1.00000000000000000001p-150")).isEqualTo(Float.MIN_VALUE);
        assertThat(f32("0x0.fffffep-126")).isEqualTo(Float.MIN_NORMAL - Float.MIN_VALUE);
        assertThat(f32("0x0.ffffffp-126")).isEqualTo(Float.MIN_NORMAL);
        assertThat(f64("0x1p-1074")).isEqualTo(Double.MIN_VALUE);
        assertThat(f64("0x0p99999999999999999999")).isZero();
        assertThat(f64("0x1p-99999999999999999999")).isZero();
        assertThat(Literals.f64(bytes("-0x0"), 0, 4)).isEqualTo(Long.MIN_VALUE);
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "0x1.ffffffp127", "0x1p128", "1e39", "340282356779733661637539395458142568448", "0x1p99999999999999999999",
        "nan:0x0", "nan:0x800000"
    })
    void refusesFloatsOutOfRange(String text) {
        assertThatThrownBy(() -> f32(text)).isInstanceOf(ArithmeticException.class);
    }

    @Test
    void keepsPayloads() {
        assertThat(Literals.f32(bytes("-nan:0x7fffff"), 0, 13)).isEqualTo(0xFFFF_FFFF);
        assertThat(Literals.f32(bytes("nan"), 0, 3)).isEqualTo(0x7FC0_0000);
        assertThat(Literals.f64(bytes("nan:0x1"), 0, 7)).isEqualTo(0x7FF0_0000_0000_0001L);
        assertThat(Literals.f64(bytes("-inf"), 0, 4)).isEqualTo(0xFFF0_0000_0000_0000L);
    }

    /** Against exact arithmetic: BigDecimal rounds to nearest even. */
    @Property
    void agreesWithExactArithmetic(
            @ForAll long high, @ForAll int low, @ForAll @IntRange(min = -1300, max = 900) int exponent) {
        BigInteger mantissa = new BigInteger(1, java.nio.ByteBuffer.allocate(12).putLong(high).putInt(low).array());
        String text = "0x" + mantissa.toString(16) + "p" + exponent;
        BigDecimal exact = exponent >= 0
                ? new BigDecimal(mantissa.shiftLeft(exponent))
                : new BigDecimal(mantissa).divide(new BigDecimal(BigInteger.TWO.pow(-exponent)));
        assertThat(bitsOrOverflow(text, true)).isEqualTo(Double.doubleToRawLongBits(exact.doubleValue()));
        assertThat(bitsOrOverflow(text, false)).isEqualTo(Float.floatToRawIntBits(exact.floatValue()));
    }

    private static long bitsOrOverflow(String text, boolean wide) {
        try {
            return wide ? Literals.f64(bytes(text), 0, text.length()) : Literals.f32(bytes(text), 0, text.length());
        } catch (ArithmeticException e) {
            return wide
                    ? Double.doubleToRawLongBits(Double.POSITIVE_INFINITY)
                    : Float.floatToRawIntBits(Float.POSITIVE_INFINITY);
        }
    }
}
