package org.sallyport.text.parse;

import java.nio.charset.StandardCharsets;
import org.sallyport.text.parse.Tokens.Kind;

/**
 * Number literals (WebAssembly 3.0, 6.3.1 and 6.3.2). Values out of range are reported as {@link ArithmeticException},
 * since only the caller knows what to call them. Floating-point values are rounded once, to nearest, ties to even.
 */
public final class Literals {
    /** Exponents beyond it make no difference, and sums with it do not overflow. */
    private static final long HUGE_EXPONENT = 1L << 40;

    private Literals() {}

    // Form

    /** NAT, INT or FLOAT if the text is a number, else RESERVED. */
    public static Kind classify(byte[] b, int from, int to) {
        boolean signed = from < to && (b[from] == '+' || b[from] == '-');
        int i = signed ? from + 1 : from;
        if (i == to) {
            return Kind.RESERVED;
        }
        if (b[i] == 'i' || b[i] == 'n') {
            return isSpecial(b, i, to) ? Kind.FLOAT : Kind.RESERVED;
        }
        int radix = radix(b, i, to);
        i = digits(b, radix == 16 ? i + 2 : i, to, radix);
        if (i < 0) {
            return Kind.RESERVED;
        }
        if (i == to) {
            return signed ? Kind.INT : Kind.NAT;
        }
        return isFraction(b, i, to, radix) ? Kind.FLOAT : Kind.RESERVED;
    }

    private static int radix(byte[] b, int i, int to) {
        return i + 1 < to && b[i] == '0' && b[i + 1] == 'x' ? 16 : 10;
    }

    private static boolean isSpecial(byte[] b, int from, int to) {
        String text = new String(b, from, to - from, StandardCharsets.US_ASCII);
        return text.equals("inf")
                || text.equals("nan")
                || text.startsWith("nan:0x") && digits(b, from + "nan:0x".length(), to, 16) == to;
    }

    /** What follows the first digits: a fraction, an exponent, or both. */
    private static boolean isFraction(byte[] b, int from, int to, int radix) {
        int i = from;
        if (b[i] == '.') {
            i++;
            if (i < to && Character.digit(b[i], radix) >= 0) {
                i = digits(b, i, to, radix);
            }
        }
        if (i >= 0 && i < to && (b[i] | ' ') == (radix == 16 ? 'p' : 'e')) {
            i++;
            i = digits(b, i < to && (b[i] == '+' || b[i] == '-') ? i + 1 : i, to, 10);
        }
        return i == to;
    }

    /** Offset behind digits with single underscores between them; -1 if there are none. */
    private static int digits(byte[] b, int from, int to, int radix) {
        if (from >= to || Character.digit(b[from], radix) < 0) {
            return -1;
        }
        int i = from + 1;
        while (i < to) {
            int digit = b[i] == '_' && i + 1 < to ? i + 1 : i;
            if (Character.digit(b[digit], radix) < 0) {
                break;
            }
            i = digit + 1;
        }
        return i;
    }

    // Integers

    /**
     * The value of an integer of {@code bits} bits: a signed or an unsigned one, as the specification reads {@code iN}.
     *
     * @return sign-extended or, for large unsigned values, zero-extended
     * @throws ArithmeticException if it does not fit
     */
    public static long integer(byte[] b, int from, int to, int bits) {
        boolean negative = b[from] == '-';
        boolean signed = negative || b[from] == '+';
        long magnitude = magnitude(b, signed ? from + 1 : from, to);
        long limit = signed ? (1L << bits - 1) - (negative ? 0 : 1) : -1L >>> 64 - bits;
        if (Long.compareUnsigned(magnitude, limit) > 0) {
            throw new ArithmeticException("out of range");
        }
        return negative ? -magnitude : magnitude;
    }

    private static long magnitude(byte[] b, int from, int to) {
        int radix = radix(b, from, to);
        long value = 0;
        for (int i = radix == 16 ? from + 2 : from; i < to; i++) {
            if (b[i] == '_') {
                continue;
            }
            int digit = Character.digit(b[i], radix);
            if (Long.compareUnsigned(value, Long.divideUnsigned(-1L - digit, radix)) > 0) {
                throw new ArithmeticException("more than 64 bits");
            }
            value = value * radix + digit;
        }
        return value;
    }

    // Floating point

    /** @throws ArithmeticException if the value rounds to infinity or a payload does not fit */
    public static int f32(byte[] b, int from, int to) {
        return (int) real(b, from, to, Format.F32);
    }

    /** @throws ArithmeticException if the value rounds to infinity or a payload does not fit */
    public static long f64(byte[] b, int from, int to) {
        return real(b, from, to, Format.F64);
    }

    /** @param precision in bits, the hidden one included */
    private record Format(int width, int precision, int maxExponent) {
        static final Format F32 = new Format(32, Float.PRECISION, Float.MAX_EXPONENT);
        static final Format F64 = new Format(64, Double.PRECISION, Double.MAX_EXPONENT);

        long infinity() {
            return (1L << width - precision) - 1 << precision - 1;
        }

        int minExponent() {
            return 1 - maxExponent;
        }
    }

    private static long real(byte[] b, int from, int to, Format format) {
        boolean negative = b[from] == '-';
        int i = negative || b[from] == '+' ? from + 1 : from;
        long bits;
        if (b[i] == 'i') {
            bits = format.infinity();
        } else if (b[i] == 'n') {
            bits = nan(b, i, to, format);
        } else {
            bits = radix(b, i, to) == 16 ? hexadecimal(b, i + 2, to, format) : decimal(b, i, to, format);
            if (bits >= format.infinity()) {
                throw new ArithmeticException("rounds to infinity");
            }
        }
        return negative ? bits | 1L << format.width - 1 : bits;
    }

    private static long nan(byte[] b, int from, int to, Format format) {
        long canonical = 1L << format.precision - 2;
        if (to == from + "nan".length()) {
            return format.infinity() | canonical;
        }
        long payload = magnitude(b, from + "nan:".length(), to);
        if (payload == 0 || payload >>> format.precision - 1 != 0) {
            throw new ArithmeticException("has a payload that is 0 or has too many bits");
        }
        return format.infinity() | payload;
    }

    private static long decimal(byte[] b, int from, int to, Format format) {
        String text = new String(b, from, to - from, StandardCharsets.US_ASCII).replace("_", "");
        return format == Format.F32
                ? Float.floatToRawIntBits(Float.parseFloat(text))
                : Double.doubleToRawLongBits(Double.parseDouble(text));
    }

    /** Collects the first 60 to 64 significant bits and whether anything follows, then rounds once. */
    private static long hexadecimal(byte[] b, int from, int to, Format format) {
        long mantissa = 0;
        long exponent = 0;
        boolean sticky = false;
        boolean point = false;
        for (int i = from; i < to; i++) {
            int c = b[i];
            if (c == '_') {
                continue;
            } else if (c == '.') {
                point = true;
                continue;
            } else if ((c | ' ') == 'p') {
                exponent += exponent(b, i + 1, to);
                break;
            }
            int digit = Character.digit(c, 16);
            if (mantissa >>> 60 == 0) {
                mantissa = mantissa << 4 | digit;
                exponent -= point ? 4 : 0;
            } else {
                sticky |= digit != 0;
                exponent += point ? 0 : 4;
            }
        }
        return mantissa == 0 ? 0 : round(mantissa, exponent, sticky, format);
    }

    private static long exponent(byte[] b, int from, int to) {
        boolean signed = b[from] == '+' || b[from] == '-';
        long value = 0;
        for (int i = signed ? from + 1 : from; i < to; i++) {
            value = b[i] == '_' ? value : Math.min(value * 10 + Character.digit(b[i], 10), HUGE_EXPONENT);
        }
        return b[from] == '-' ? -value : value;
    }

    /** The bits of {@code mantissa * 2^exponent}, with a little more if {@code sticky}; infinity if it is too large. */
    private static long round(long mantissa, long exponent, boolean sticky, Format format) {
        int zeros = Long.numberOfLeadingZeros(mantissa);
        long m = mantissa << zeros;
        long top = exponent - zeros + 63;
        if (top > format.maxExponent) {
            return format.infinity();
        }
        long below = Math.max(0, format.minExponent() - top);
        long drop = 64 - format.precision + below;
        if (drop > 64) {
            return 0;
        }
        long kept = drop == 64 ? 0 : m >>> drop;
        long rest = drop == 64 ? m : m << 64 - drop;
        int half = Long.compareUnsigned(rest, Long.MIN_VALUE);
        if (half > 0 || half == 0 && (sticky || (kept & 1) != 0)) {
            kept++;
        }
        // A carry out of the mantissa goes on into the exponent field, as it should.
        return below > 0 ? kept : (top + format.maxExponent - 1 << format.precision - 1) + kept;
    }
}
