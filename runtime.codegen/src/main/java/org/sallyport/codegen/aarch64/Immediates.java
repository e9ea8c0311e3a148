package org.sallyport.codegen.aarch64;

/** Which constants fit into instructions. */
final class Immediates {
    private Immediates() {}

    /** Whether ADD and SUB take it, or its negation: 12 bits, also shifted by 12. */
    static boolean isArithmetic(long value) {
        return fits12(value) || fits12(-value);
    }

    static boolean fits12(long value) {
        return (value & ~0xFFFL) == 0 || (value & ~0xFFF000L) == 0;
    }

    /**
     * The fields N, immr and imms of a logical immediate (Arm ARM, DecodeBitMasks): a run of ones, rotated, repeated. -1 for what
     * is none.
     *
     * @param value of 32 bits as zero-extended
     */
    static int bitmask(boolean wide, long value) {
        long bits = wide ? value : value & 0xFFFF_FFFFL | value << 32;
        if (bits == 0 || bits == -1) {
            return -1;
        }
        int size = 64;
        while (size > 2) { // the shortest period
            int half = size / 2;
            long mask = (1L << half) - 1;
            if ((bits & mask) != (bits >>> half & mask)) {
                break;
            }
            size = half;
        }
        long mask = size == 64 ? -1 : (1L << size) - 1;
        long element = bits & mask;
        int ones = Long.bitCount(element);
        int rotation = rotation(element, size, ones, mask);
        if (rotation < 0) {
            return -1;
        }
        int n = size == 64 ? 1 : 0;
        int imms = (-(2 * size) | ones - 1) & 0x3F;
        return n << 12 | rotation << 6 | imms;
    }

    /** By how much a run of ones at the bottom is rotated to the right to give the element; -1 if it is no run. */
    private static int rotation(long element, int size, int ones, long mask) {
        long run = ones == 64 ? -1 : (1L << ones) - 1;
        int up = Long.numberOfTrailingZeros(element);
        if (element >>> up == run) {
            return size - up & size - 1;
        }
        int gap = Long.numberOfTrailingZeros(~element); // the run goes around the end
        long zeros = ~element & mask;
        int zeroCount = size - ones;
        if (zeros >>> gap == (1L << zeroCount) - 1) {
            return size - (gap + zeroCount) & size - 1;
        }
        return -1;
    }

    /** The 8 bits of an FMOV immediate, or -1: a small float with 4 bits of fraction (Arm ARM, VFPExpandImm). */
    static int floating(boolean isDouble, long bits) {
        long wide = isDouble ? bits : Double.doubleToRawLongBits(Float.intBitsToFloat((int) bits));
        if ((wide & (1L << 48) - 1) != 0 || !isDouble && Float.isNaN(Float.intBitsToFloat((int) bits))) {
            return -1;
        }
        int exponent = (int) (wide >>> 52 & 0x7FF) - 1023;
        if (exponent < -3 || exponent > 4) {
            return -1;
        }
        int sign = (int) (wide >>> 63);
        int low = exponent - 1 & 3;
        int high = exponent > 0 ? 0 : 1;
        return sign << 7 | high << 6 | low << 4 | (int) (wide >>> 48 & 0xF);
    }
}
