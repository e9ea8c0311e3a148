package org.sallyport.codegen.ir;

import static org.sallyport.codegen.ir.Rewriter.NO;
import static org.sallyport.codegen.ir.Rule.constant;

/**
 * Division and remainder by constants, without dividing (Granlund and Montgomery, "Division by Invariant Integers
 * using
 * Multiplication", 1994; Warren, "Hacker's Delight", chapter 10).
 *
 * <p>i32 quotients are taken from 64-bit products, where every magic number fits: for unsigned division by d the
 * high half of x
 * times {@code floor(2^64 / d) + 1} is exact for all x below 2^32, because the error x / 2^64 is less than 1 / d.
 */
final class DivisionRules {
    private DivisionRules() {}

    static void addTo(Rules t) {
        t.add(Op.DIV_U, "div_u-const", constant(), (r, v, x, y) -> isDivisor(r, y) ? unsigned(r, x, r.unsigned(y)) : NO);
        t.add(Op.REM_U, "rem_u-const", constant(), (r, v, x, y) -> {
            if (!isDivisor(r, y)) {
                return NO;
            }
            long d = r.unsigned(y);
            return Long.bitCount(d) == 1 ? r.binaryConst(Op.AND, x, d - 1) : remainder(r, x, unsigned(r, x, d), d);
        });
        t.add(Op.DIV_S, "div_s-const", constant(), (r, _, x, y) -> isDivisor(r, y) && r.value(y) != -1
                ? signed(r, x, r.value(y)) : NO);
        t.add(Op.REM_S, "rem_s-const", constant(), (r, v, x, y) -> {
            if (!isDivisor(r, y)) {
                return NO;
            }
            // the sign of the divisor does not matter; abs of the minimum is itself, a power of two
            long d = Math.abs(r.value(y));
            return d == 1 ? r.constantLike(x, 0) : remainder(r, x, signed(r, x, d), d);
        });
    }

    private static boolean isDivisor(Rewriter r, int y) {
        return r.isConst(y) && r.value(y) != 0;
    }

    private static int remainder(Rewriter r, int x, int quotient, long d) {
        return r.binary(Op.SUB, x, r.binaryConst(Op.MUL, quotient, d));
    }

    // ---- unsigned ----

    private static int unsigned(Rewriter r, int x, long d) {
        if (Long.bitCount(d) == 1) {
            return d == 1 ? x : r.binaryConst(Op.SHR_U, x, Long.numberOfTrailingZeros(d));
        }
        return r.isI32(x) ? unsigned32(r, x, d) : unsigned64(r, x, d);
    }

    private static int unsigned32(Rewriter r, int x, long d) {
        int wide = r.unary(Op.EXTEND_U, Type.I64, x);
        // the smallest shift whose magic number is exact for 32 bits: 2^(32+s) <= m * d <= 2^(32+s) + 2^s
        for (int shift = 0; shift <= 31; shift++) {
            long power = 1L << 32 + shift;
            long magic = shift == 31 ? Long.divideUnsigned(power - 1, d) + 1 : (power + d - 1) / d;
            if (magic > 0xFFFF_FFFFL) {
                break;
            }
            if (magic * d - power <= 1L << shift) {
                int product = r.binaryConst(Op.MUL, wide, magic);
                return r.unary(Op.WRAP, Type.I32, r.binaryConst(Op.SHR_U, product, 32 + shift));
            }
        }
        int high = r.binaryConst(Op.MULHI_U, wide, Long.divideUnsigned(-1, d) + 1);
        return r.unary(Op.WRAP, Type.I32, high);
    }

    /** Hacker's Delight, 10-9: a 65-bit magic number costs an extra addition, unless d is even. */
    private static int unsigned64(Rewriter r, int x, long d) {
        Magic m = Magic.unsigned(d);
        if (m.add() && (d & 1) == 0) {
            int zeros = Long.numberOfTrailingZeros(d);
            Magic odd = Magic.unsigned(d >>> zeros, 64 - zeros);
            if (!odd.add()) {
                int shifted = r.binaryConst(Op.SHR_U, x, zeros);
                return shiftRight(r, r.binaryConst(Op.MULHI_U, shifted, odd.multiplier()), odd.shift());
            }
        }
        int high = r.binaryConst(Op.MULHI_U, x, m.multiplier());
        if (!m.add()) {
            return shiftRight(r, high, m.shift());
        }
        int half = r.binaryConst(Op.SHR_U, r.binary(Op.SUB, x, high), 1);
        return shiftRight(r, r.binary(Op.ADD, half, high), m.shift() - 1);
    }

    private static int shiftRight(Rewriter r, int x, int count) {
        return count == 0 ? x : r.binaryConst(Op.SHR_U, x, count);
    }

    // ---- signed ----

    /** @param d not 0 or -1 */
    private static int signed(Rewriter r, int x, long d) {
        int width = r.bits(x);
        long magnitude = width == 32 ? Math.abs(d) : d == Long.MIN_VALUE ? d : Math.abs(d);
        if (d == 1) {
            return x;
        }
        int quotient = Long.bitCount(magnitude) == 1 ? signedPower(r, x, Long.numberOfTrailingZeros(magnitude), width)
                : width == 32 ? signed32(r, x, magnitude) : signed64(r, x, magnitude);
        return d < 0 ? r.binary(Op.SUB, r.constantLike(x, 0), quotient) : quotient;
    }

    /** Rounds towards zero: adds 2^n - 1 to negative numbers before the shift. */
    private static int signedPower(Rewriter r, int x, int n, int width) {
        int sign = n == 1 ? x : r.binaryConst(Op.SHR_S, x, width - 1);
        int bias = r.binaryConst(Op.SHR_U, sign, width - n);
        return r.binaryConst(Op.SHR_S, r.binary(Op.ADD, x, bias), n);
    }

    private static int signed32(Rewriter r, int x, long d) {
        // the smallest n with 0 < m * d - 2^n <= 2^(n - 31) (theorem 5.1); m is below 2^32 + 1, so the product fits
        int n = 32;
        while ((1L << n) / d * d + d - (1L << n) > 1L << n - 31) {
            n++;
        }
        int wide = r.unary(Op.EXTEND_S, Type.I64, x);
        int product = r.binaryConst(Op.MUL, wide, (1L << n) / d + 1);
        int high = r.unary(Op.WRAP, Type.I32, r.binaryConst(Op.SHR_S, product, n));
        return r.binary(Op.SUB, high, r.binaryConst(Op.SHR_S, x, 31));
    }

    private static int signed64(Rewriter r, int x, long d) {
        Magic m = Magic.signed(d);
        int high = r.binaryConst(Op.MULHI_S, x, m.multiplier());
        if (m.multiplier() < 0) {
            high = r.binary(Op.ADD, high, x);
        }
        int shifted = m.shift() == 0 ? high : r.binaryConst(Op.SHR_S, high, m.shift());
        return r.binary(Op.SUB, shifted, r.binaryConst(Op.SHR_S, x, 63));
    }
}
