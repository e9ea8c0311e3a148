package org.sallyport.codegen.bytecode;

/**
 * Arithmetic on several lanes of one {@code long} at once. {@code h} has the highest bit of each lane, {@code s} is their number
 * of bits, and both are constants to whoever calls: HotSpot makes a few instructions of each, without a branch. A mask has all
 * bits of a lane or none.
 */
final class Swar {
    private Swar() {}

    /** From the highest bits of lanes, and no other ones, the mask. */
    static long spread(long bits, int s) {
        return (bits << 1) - (bits >>> s - 1);
    }

    static long select(long mask, long a, long b) {
        return b ^ (a ^ b) & mask;
    }

    static long add(long a, long b, long h) {
        return (a & ~h) + (b & ~h) ^ (a ^ b) & h;
    }

    static long sub(long a, long b, long h) {
        return (a | h) - (b & ~h) ^ (a ^ ~b) & h;
    }

    /** Of lanes that are zero. */
    static long zero(long a, long h, int s) {
        return spread(~((a & ~h) + ~h | a) & h, s);
    }

    static long ltU(long a, long b, long h, int s) {
        return spread((~a & b | ~(a ^ b) & sub(a, b, h)) & h, s);
    }

    static long ltS(long a, long b, long h, int s) {
        return ltU(a ^ h, b ^ h, h, s);
    }

    static long abs(long a, long h, int s) {
        long negative = spread(a & h, s);
        return sub(a ^ negative, negative, h);
    }

    static long addSatU(long a, long b, long h, int s) {
        long sum = add(a, b, h);
        return sum | spread((a & b | (a | b) & ~sum) & h, s);
    }

    static long subSatU(long a, long b, long h, int s) {
        long difference = sub(a, b, h);
        return difference & ~spread((~a & b | ~(a ^ b) & difference) & h, s);
    }

    static long addSatS(long a, long b, long h, int s) {
        long sum = add(a, b, h);
        return saturated(sum, ~(a ^ b) & (a ^ sum), a, h, s);
    }

    static long subSatS(long a, long b, long h, int s) {
        long difference = sub(a, b, h);
        return saturated(difference, (a ^ b) & (a ^ difference), a, h, s);
    }

    /** Where the highest bit of {@code overflow} is set, the least or greatest value: which, says the sign of {@code a}. */
    private static long saturated(long value, long overflow, long a, long h, int s) {
        return select(spread(overflow & h, s), ~h + ((a & h) >>> s - 1), value);
    }

    static long avgrU(long a, long b, long h) {
        return (a | b) - ((a ^ b) >>> 1 & ~h);
    }

    /** The lowest bit of each lane. */
    private static long ones(long h, int s) {
        return h >>> s - 1;
    }

    static long shl(long a, int count, long h, int s) {
        int by = count & s - 1;
        return a << by & ones(h, s) * ((1L << s) - 1 << by & (1L << s) - 1);
    }

    static long shrU(long a, int count, long h, int s) {
        int by = count & s - 1;
        return a >>> by & ones(h, s) * ((1L << s) - 1 >>> by);
    }

    static long shrS(long a, int count, long h, int s) {
        long sign = h >>> (count & s - 1);
        return sub(shrU(a, count, h, s) ^ sign, sign, h);
    }
}
