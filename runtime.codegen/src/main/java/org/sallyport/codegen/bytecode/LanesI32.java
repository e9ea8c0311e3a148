package org.sallyport.codegen.bytecode;

/** What instructions of {@code i32x4} do with half a vector: named like their operations. Called by generated code. */
public final class LanesI32 {
    private static final long H = 0x8000_0000_8000_0000L;
    private static final int S = 32;

    private LanesI32() {}

    public static long abs(long a) {
        return Swar.abs(a, H, S);
    }

    public static long neg(long a) {
        return Swar.sub(0, a, H);
    }

    public static long add(long a, long b) {
        return Swar.add(a, b, H);
    }

    public static long sub(long a, long b) {
        return Swar.sub(a, b, H);
    }

    public static long minS(long a, long b) {
        return Swar.select(Swar.ltS(a, b, H, S), a, b);
    }

    public static long maxS(long a, long b) {
        return Swar.select(Swar.ltS(a, b, H, S), b, a);
    }

    public static long minU(long a, long b) {
        return Swar.select(Swar.ltU(a, b, H, S), a, b);
    }

    public static long maxU(long a, long b) {
        return Swar.select(Swar.ltU(a, b, H, S), b, a);
    }

    public static long eq(long a, long b) {
        return Swar.zero(a ^ b, H, S);
    }

    public static long ne(long a, long b) {
        return ~Swar.zero(a ^ b, H, S);
    }

    public static long ltS(long a, long b) {
        return Swar.ltS(a, b, H, S);
    }

    public static long gtS(long a, long b) {
        return Swar.ltS(b, a, H, S);
    }

    public static long leS(long a, long b) {
        return ~Swar.ltS(b, a, H, S);
    }

    public static long geS(long a, long b) {
        return ~Swar.ltS(a, b, H, S);
    }

    public static long ltU(long a, long b) {
        return Swar.ltU(a, b, H, S);
    }

    public static long gtU(long a, long b) {
        return Swar.ltU(b, a, H, S);
    }

    public static long leU(long a, long b) {
        return ~Swar.ltU(b, a, H, S);
    }

    public static long geU(long a, long b) {
        return ~Swar.ltU(a, b, H, S);
    }

    public static long shl(long a, int count) {
        return Swar.shl(a, count, H, S);
    }

    public static long shrS(long a, int count) {
        return Swar.shrS(a, count, H, S);
    }

    public static long shrU(long a, int count) {
        return Swar.shrU(a, count, H, S);
    }

    public static int allTrue(long low, long high) {
        return (Swar.zero(low, H, S) | Swar.zero(high, H, S)) == 0 ? 1 : 0;
    }

    public static int bitmask(long low, long high) {
        return bits(low) | bits(high) << 2;
    }

    private static int bits(long half) {
        return (int) (half >>> 31 & 1 | half >>> 62 & 2);
    }

    public static long splat(int scalar) {
        return join(scalar, scalar);
    }

    public static int extract(long half, int lane) {
        return (int) (half >>> S * lane);
    }

    public static long replace(long half, int lane, int scalar) {
        return Swar.select(0xFFFF_FFFFL << S * lane, (long) scalar << S * lane, half);
    }

    public static long mul(long a, long b) {
        return a * b & 0xFFFF_FFFFL | (a >>> 32) * (b >>> 32) << 32;
    }

    public static long dot(long a, long b) {
        return join(sum(a, b, 0), sum(a, b, 32));
    }

    private static int sum(long a, long b, int at) {
        return (short) (a >>> at) * (short) (b >>> at) + (short) (a >>> at + 16) * (short) (b >>> at + 16);
    }

    /** The lower two words as integers. */
    public static long extendU(long words) {
        return words & 0xFFFF | (words & 0xFFFF_0000L) << 16;
    }

    public static long extendS(long words) {
        return join((short) words, (int) words >> 16);
    }

    public static long extaddU(long a) {
        return (a & 0x0000_FFFF_0000_FFFFL) + (a >>> 16 & 0x0000_FFFF_0000_FFFFL);
    }

    public static long extaddS(long a) {
        return join((short) a + ((int) a >> 16), (short) (a >>> 32) + (int) (a >> 48));
    }

    /** Of the lower two words. */
    public static long extmulU(long a, long b) {
        return mul(extendU(a), extendU(b));
    }

    public static long extmulS(long a, long b) {
        return mul(extendS(a), extendS(b));
    }

    public static long truncSatS(long floats) {
        return join((int) LanesF32.first(floats), (int) LanesF32.second(floats));
    }

    public static long truncSatU(long floats) {
        return join(Numbers.truncSatU32(LanesF32.first(floats)), Numbers.truncSatU32(LanesF32.second(floats)));
    }

    public static long truncZeroS(long first, long second) {
        return join((int) Double.longBitsToDouble(first), (int) Double.longBitsToDouble(second));
    }

    public static long truncZeroU(long first, long second) {
        return join(
                Numbers.truncSatU32(Double.longBitsToDouble(first)), Numbers.truncSatU32(Double.longBitsToDouble(second)));
    }

    static long join(int first, int second) {
        return first & 0xFFFF_FFFFL | (long) second << 32;
    }
}
