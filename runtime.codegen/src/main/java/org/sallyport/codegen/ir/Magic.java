package org.sallyport.codegen.ir;

import java.math.BigInteger;

/**
 * Multiplier and shift that replace a 64-bit division by a constant. The quotient is the high half of the product
 * shifted right; with
 * {@link #add} the multiplier has a 65th bit, which is 1.
 */
record Magic(long multiplier, int shift, boolean add) {
    private static final BigInteger ONE = BigInteger.ONE;
    private static final BigInteger TWO_64 = ONE.shiftLeft(64);

    static Magic unsigned(long d) {
        return unsigned(d, 64);
    }

    /**
     * For dividends below 2^bits: the smallest s with m = ceil(2^(64+s) / d) and m * d - 2^(64+s) <= 2^(64+s-bits)
     * (Granlund and
     * Montgomery, theorem 4.2).
     *
     * @param d unsigned, not a power of two
     */
    static Magic unsigned(long d, int bits) {
        BigInteger divisor = new BigInteger(Long.toUnsignedString(d));
        for (int s = 0;; s++) {
            BigInteger power = ONE.shiftLeft(64 + s);
            BigInteger m = power.add(divisor).subtract(ONE).divide(divisor);
            BigInteger error = m.multiply(divisor).subtract(power);
            if (error.compareTo(ONE.shiftLeft(64 + s - bits)) <= 0) {
                return new Magic(m.longValue(), s, m.compareTo(TWO_64) >= 0);
            }
        }
    }

    /**
     * For all signed dividends: the smallest s with m = floor(2^(64+s) / d) + 1 and m * d - 2^(64+s) < 2^(s+1). A
     * multiplier
     * of 2^63 and above appears negative.
     *
     * @param d positive, not a power of two
     */
    static Magic signed(long d) {
        BigInteger divisor = BigInteger.valueOf(d);
        for (int s = 0;; s++) {
            BigInteger power = ONE.shiftLeft(64 + s);
            BigInteger m = power.divide(divisor).add(ONE);
            BigInteger error = m.multiply(divisor).subtract(power);
            if (error.compareTo(ONE.shiftLeft(s + 1)) < 0) {
                return new Magic(m.longValue(), s, false);
            }
        }
    }
}
