package org.sallyport.codegen.bytecode;

/** What instructions of {@code i16x8} do with half a vector: named like their operations. Called by generated code. */
public final class LanesI16 {
    private static final long H = 0x8000_8000_8000_8000L;
    private static final int S = 16;
    /** The signs of bytes that are words. */
    private static final long SIGNS = 0x0080_0080_0080_0080L;

    private LanesI16() {}

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

    public static long addSatS(long a, long b) {
        return Swar.addSatS(a, b, H, S);
    }

    public static long addSatU(long a, long b) {
        return Swar.addSatU(a, b, H, S);
    }

    public static long subSatS(long a, long b) {
        return Swar.subSatS(a, b, H, S);
    }

    public static long subSatU(long a, long b) {
        return Swar.subSatU(a, b, H, S);
    }

    public static long avgrU(long a, long b) {
        return Swar.avgrU(a, b, H);
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
        return bits(low) | bits(high) << 4;
    }

    private static int bits(long half) {
        return (int) ((half >>> 15 & 0x0001_0001_0001_0001L) * 0x1000_2000_4000_8000L >>> 60);
    }

    public static long splat(int scalar) {
        return (scalar & 0xFFFF) * 0x0001_0001_0001_0001L;
    }

    public static int extract(long half, int lane) {
        return (int) (half >>> S * lane) & 0xFFFF;
    }

    public static int extractS(long half, int lane) {
        return (short) (half >>> S * lane);
    }

    public static long replace(long half, int lane, int scalar) {
        long mask = 0xFFFFL << S * lane;
        return Swar.select(mask, (long) scalar << S * lane, half);
    }

    public static long mul(long a, long b) {
        long even = (a & 0xFFFF) * (b & 0xFFFF) & 0xFFFF | (a >>> 32 & 0xFFFF) * (b >>> 32 & 0xFFFF) << 32 & 0xFFFF_0000_0000L;
        long odd = (a >>> 16 & 0xFFFF) * (b >>> 16 & 0xFFFF) & 0xFFFF | (a >>> 48) * (b >>> 48) << 32 & 0xFFFF_0000_0000L;
        return even | odd << 16;
    }

    public static long q15mulrSat(long a, long b) {
        return rounded(a, b, 0) & 0xFFFF | (rounded(a, b, 16) & 0xFFFF) << 16 | (rounded(a, b, 32) & 0xFFFF) << 32
                | rounded(a, b, 48) << 48;
    }

    private static long rounded(long a, long b, int at) {
        return Math.min((short) (a >>> at) * (short) (b >>> at) + 0x4000 >> 15, Short.MAX_VALUE);
    }

    /** Of four integers. */
    public static long narrowS(long low, long high) {
        return packed(low, Short.MIN_VALUE, Short.MAX_VALUE) | packed(high, Short.MIN_VALUE, Short.MAX_VALUE) << 32;
    }

    public static long narrowU(long low, long high) {
        return packed(low, 0, 0xFFFF) | packed(high, 0, 0xFFFF) << 32;
    }

    private static long packed(long ints, int least, int most) {
        long second = Math.clamp((int) (ints >>> 32), least, most) & 0xFFFF;
        return Math.clamp((int) ints, least, most) & 0xFFFF | second << 16;
    }

    /** The lower four bytes as words. */
    public static long extendU(long bytes) {
        long spread = (bytes & 0xFFFF | bytes << 16) & 0x0000_FFFF_0000_FFFFL;
        return (spread | spread << 8) & 0x00FF_00FF_00FF_00FFL;
    }

    public static long extendS(long bytes) {
        return Swar.sub(extendU(bytes) ^ SIGNS, SIGNS, H);
    }

    public static long extaddU(long a) {
        return (a & 0x00FF_00FF_00FF_00FFL) + (a >>> 8 & 0x00FF_00FF_00FF_00FFL);
    }

    public static long extaddS(long a) {
        return Swar.sub(extaddU(a ^ 0x8080_8080_8080_8080L), 0x0100_0100_0100_0100L, H);
    }

    /** Of the lower four bytes. */
    public static long extmulU(long a, long b) {
        return mul(extendU(a), extendU(b));
    }

    public static long extmulS(long a, long b) {
        return mul(extendS(a), extendS(b));
    }
}
