package org.sallyport.codegen.ir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import org.junit.jupiter.api.Test;
import org.sallyport.TrapCode;

/** Checks {@link Fold} against exact arithmetic over edge values. */
class FoldTest {
    private static final long[] INTS = {
        0, 1, -1, 2, -2, 7, 31, 32, 33, 63, 64, 127, 128, -128, 255, 256, 32767, 32768, 65535, Integer.MAX_VALUE,
        Integer.MIN_VALUE, 0xFFFF_FFFFL, 1L << 32, (1L << 53) + 1, Long.MAX_VALUE, Long.MIN_VALUE, Long.MIN_VALUE + 1,
        0x5555_5555_5555_5555L, 0xAAAA_AAAA_AAAA_AAAAL, (1L << 62) + 1, Long.MAX_VALUE - 512, 0x7FFF_FF40_0000_0001L
    };
    private static final double[] REALS = {
        0, -0.0, 0.5, -0.5, 0.49999999999999994, 1, -1, 1.5, 2.5, -2.5, -0.9, -1e-300, 1e300, Math.PI,
        0x1p31, 0x1p31 - 1, -0x1p31,
        -0x1p31 - 1, -0x1p31 - 0.5, 0x1p32, 0x1p32 - 0.5, 0x1p63, 0x1.fffffffffffffp62, -0x1p63, 0x1p64,
        0x1.fffffffffffffp63, 4503599627370497.5,
        Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY, Double.NaN, Double.MIN_VALUE, Double.MAX_VALUE, 8388609.0, 8388608.5
    };

    private static BigInteger big(long value, Type type, boolean signed) {
        BigInteger n = BigInteger.valueOf(value);
        return signed || value >= 0 ? n : n.add(BigInteger.ONE.shiftLeft(type.bytes() * 8));
    }

    private static long wrap(BigInteger n, Type type) {
        return type == Type.I32 ? n.intValue() : n.longValue();
    }

    private static void check(Op op, Type type, long a, long b, long expected) {
        long found = Fold.compute(op, type, op.isCompare() ? Type.I32 : type, a, b);
        if (found != expected) {
            fail("%s.%s %d, %d is %d, not %d", type, op, a, b, found, expected);
        }
    }

    @Test
    void integerArithmeticIsExactModuloTheWidth() {
        for (Type type : new Type[] {Type.I32, Type.I64}) {
            for (long x : INTS) {
                for (long y : INTS) {
                    long a = type == Type.I32 ? (int) x : x;
                    long b = type == Type.I32 ? (int) y : y;
                    integers(type, a, b);
                }
            }
        }
    }

    private static void integers(Type type, long a, long b) {
        BigInteger sa = big(a, type, true);
        BigInteger sb = big(b, type, true);
        BigInteger ua = big(a, type, false);
        BigInteger ub = big(b, type, false);
        int width = type.bytes() * 8;
        int count = ub.mod(BigInteger.valueOf(width)).intValue();
        check(Op.ADD, type, a, b, wrap(sa.add(sb), type));
        check(Op.SUB, type, a, b, wrap(sa.subtract(sb), type));
        check(Op.MUL, type, a, b, wrap(sa.multiply(sb), type));
        check(Op.AND, type, a, b, wrap(sa.and(sb), type));
        check(Op.OR, type, a, b, wrap(sa.or(sb), type));
        check(Op.XOR, type, a, b, wrap(sa.xor(sb), type));
        check(Op.SHL, type, a, b, wrap(sa.shiftLeft(count), type));
        check(Op.SHR_S, type, a, b, wrap(sa.shiftRight(count), type));
        check(Op.SHR_U, type, a, b, wrap(ua.shiftRight(count), type));
        check(Op.ROTL, type, a, b, wrap(ua.shiftLeft(count).or(ua.shiftRight(width - count)), type));
        check(Op.ROTR, type, a, b, wrap(ua.shiftRight(count).or(ua.shiftLeft(width - count)), type));
        check(Op.CLZ, type, a, b, width - ua.bitLength());
        check(Op.CTZ, type, a, b, a == 0 ? width : ua.getLowestSetBit());
        check(Op.POPCNT, type, a, b, ua.bitCount());
        check(Op.LT_S, type, a, b, sa.compareTo(sb) < 0 ? 1 : 0);
        check(Op.LT_U, type, a, b, ua.compareTo(ub) < 0 ? 1 : 0);
        check(Op.GE_S, type, a, b, sa.compareTo(sb) >= 0 ? 1 : 0);
        check(Op.GE_U, type, a, b, ua.compareTo(ub) >= 0 ? 1 : 0);
        check(Op.GT_U, type, a, b, ua.compareTo(ub) > 0 ? 1 : 0);
        check(Op.LE_S, type, a, b, sa.compareTo(sb) <= 0 ? 1 : 0);
        if (type == Type.I64) {
            check(Op.MULHI_S, type, a, b, sa.multiply(sb).shiftRight(64).longValue());
            check(Op.MULHI_U, type, a, b, ua.multiply(ub).shiftRight(64).longValue());
        }
        if (b != 0) {
            check(Op.DIV_U, type, a, b, wrap(ua.divide(ub), type));
            check(Op.REM_U, type, a, b, wrap(ua.remainder(ub), type));
            check(Op.REM_S, type, a, b, wrap(sa.remainder(sb), type));
            boolean overflows = sa.divide(sb).bitLength() >= width;
            assertThat(Fold.trap(Op.DIV_S, type, type, a, b)).isEqualTo(overflows ? TrapCode.INTEGER_OVERFLOW : null);
            if (!overflows) {
                check(Op.DIV_S, type, a, b, wrap(sa.divide(sb), type));
            }
        } else {
            assertThat(Fold.trap(Op.REM_U, type, type, a, b)).isEqualTo(TrapCode.INTEGER_DIVIDE_BY_ZERO);
        }
    }

    @Test
    void convertsIntegersWithOneRounding() {
        for (long x : INTS) {
            for (Type from : new Type[] {Type.I32, Type.I64}) {
                long a = from == Type.I32 ? (int) x : x;
                for (boolean signed : new boolean[] {true, false}) {
                    BigDecimal exact = new BigDecimal(big(a, from, signed));
                    Op op = signed ? Op.CONVERT_S : Op.CONVERT_U;
                    assertThat(Fold.compute(op, from, Type.F64, a, 0)).isEqualTo(Double.doubleToRawLongBits(exact.doubleValue()));
                    assertThat(Fold.compute(op, from, Type.F32, a, 0))
                            .isEqualTo(Float.floatToRawIntBits(exact.floatValue()) & 0xFFFF_FFFFL);
                }
            }
        }
    }

    @Test
    void truncatesExactlyOrTraps() {
        for (double d : REALS) {
            for (Type to : new Type[] {Type.I32, Type.I64}) {
                truncate(Type.F64, Double.doubleToRawLongBits(d), d, to);
                truncate(Type.F32, Float.floatToRawIntBits((float) d) & 0xFFFF_FFFFL, (float) d, to);
            }
        }
    }

    private static void truncate(Type from, long bits, double d, Type to) {
        for (boolean signed : new boolean[] {true, false}) {
            int width = to.bytes() * 8;
            BigInteger min = signed ? BigInteger.ONE.shiftLeft(width - 1).negate() : BigInteger.ZERO;
            BigInteger max = BigInteger.ONE.shiftLeft(signed ? width - 1 : width).subtract(BigInteger.ONE);
            TrapCode trap = Fold.trap(signed ? Op.TRUNC_S : Op.TRUNC_U, from, to, bits, 0);
            long saturated = Fold.compute(signed ? Op.TRUNC_SAT_S : Op.TRUNC_SAT_U, from, to, bits, 0);
            if (Double.isNaN(d)) {
                assertThat(trap).isEqualTo(TrapCode.INVALID_CONVERSION);
                assertThat(saturated).isZero();
                continue;
            }
            BigInteger exact = Double.isInfinite(d)
                    ? d > 0 ? max.add(max).add(BigInteger.TWO) : min.subtract(max).subtract(BigInteger.TWO)
                    : new BigDecimal(d).setScale(0, RoundingMode.DOWN).toBigInteger();
            boolean fits = exact.compareTo(min) >= 0 && exact.compareTo(max) <= 0;
            assertThat(trap).as("%s of %s", to, d).isEqualTo(fits ? null : TrapCode.INTEGER_OVERFLOW);
            assertThat(saturated).as("%s of %s", to, d).isEqualTo(wrap(exact.min(max).max(min), to));
            if (fits) {
                assertThat(Fold.compute(signed ? Op.TRUNC_S : Op.TRUNC_U, from, to, bits, 0)).isEqualTo(wrap(exact, to));
            }
        }
    }

    @Test
    void roundsFloatsAsTheSpecificationSays() {
        for (double d : REALS) {
            long bits = Double.doubleToRawLongBits(d);
            if (Double.isNaN(d)) {
                assertThat(Fold.isExact(Op.FNEAREST, Type.F64, Type.F64, bits, 0)).isFalse();
                assertThat(Fold.isExact(Op.FNEG, Type.F64, Type.F64, bits, 0)).isTrue();
                continue;
            }
            double truncated = Double.isInfinite(d) ? d : Math.copySign(Math.floor(Math.abs(d)), d);
            assertThat(Fold.compute(Op.FTRUNC, Type.F64, Type.F64, bits, 0)).isEqualTo(Double.doubleToRawLongBits(truncated));
            assertThat(Fold.compute(Op.FABS, Type.F64, Type.F64, bits, 0)).isEqualTo(Double.doubleToRawLongBits(Math.abs(d)));
            assertThat(Fold.compute(Op.FSQRT, Type.F64, Type.F64, bits, 0)).isEqualTo(Double.doubleToRawLongBits(Math.sqrt(d)));
        }
        assertThat(Fold.compute(Op.FNEAREST, Type.F64, Type.F64, Double.doubleToRawLongBits(2.5), 0))
                .isEqualTo(Double.doubleToRawLongBits(2));
        assertThat(Fold.compute(Op.FNEAREST, Type.F64, Type.F64, Double.doubleToRawLongBits(-0.5), 0))
                .isEqualTo(Double.doubleToRawLongBits(-0.0));
        assertThat(Fold.compute(Op.FMIN, Type.F64, Type.F64, 0, Double.doubleToRawLongBits(-0.0)))
                .isEqualTo(Double.doubleToRawLongBits(-0.0));
        assertThat(Fold.compute(Op.FMAX, Type.F32, Type.F32, 0x8000_0000L, 0)).isZero();
        assertThat(Fold.isExact(Op.FSUB, Type.F64, Type.F64, 0x7FF0_0000_0000_0000L, 0x7FF0_0000_0000_0000L)).isFalse();
    }
}
