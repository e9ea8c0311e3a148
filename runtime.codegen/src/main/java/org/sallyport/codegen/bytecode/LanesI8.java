package org.sallyport.codegen.bytecode;

/** What instructions of {@code i8x16} do with half a vector: named like their operations. Called by generated code. */
public final class LanesI8 {
    private static final long H = 0x8080_8080_8080_8080L;
    private static final int S = 8;

    private LanesI8() {}

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
        return bits(low) | bits(high) << 8;
    }

    private static int bits(long half) {
        return (int) ((half >>> 7 & 0x0101_0101_0101_0101L) * 0x0102_0408_1020_4080L >>> 56);
    }

    public static long splat(int scalar) {
        return (scalar & 0xFF) * 0x0101_0101_0101_0101L;
    }

    public static int extract(long half, int lane) {
        return (int) (half >>> S * lane) & 0xFF;
    }

    public static int extractS(long half, int lane) {
        return (byte) (half >>> S * lane);
    }

    public static long replace(long half, int lane, int scalar) {
        long mask = 0xFFL << S * lane;
        return Swar.select(mask, (long) scalar << S * lane, half);
    }

    public static long popcnt(long a) {
        long pairs = a - (a >>> 1 & 0x5555_5555_5555_5555L);
        long fours = (pairs & 0x3333_3333_3333_3333L) + (pairs >>> 2 & 0x3333_3333_3333_3333L);
        return fours + (fours >>> 4) & 0x0F0F_0F0F_0F0F_0F0FL;
    }

    /** Of eight words. */
    public static long narrowS(long low, long high) {
        return packed(clamp(low, -0x80, 0x7F)) | packed(clamp(high, -0x80, 0x7F)) << 32;
    }

    public static long narrowU(long low, long high) {
        return packed(clamp(low, 0, 0xFF)) | packed(clamp(high, 0, 0xFF)) << 32;
    }

    private static long clamp(long words, int least, int most) {
        return LanesI16.minS(LanesI16.maxS(words, LanesI16.splat(least)), LanesI16.splat(most));
    }

    /** The lower bytes of four words. */
    private static long packed(long words) {
        long bytes = words & 0x00FF_00FF_00FF_00FFL;
        bytes = (bytes | bytes >>> 8) & 0x0000_FFFF_0000_FFFFL;
        return (bytes | bytes >>> 16) & 0xFFFF_FFFFL;
    }

    /** Half of the result: those bytes that {@code lanes} names. */
    public static long swizzle(long low, long high, long lanes) {
        long bytes = 0;
        for (int i = 0; i < 8; i++) {
            long lane = lanes >>> 8 * i & 0xFF;
            long from = lane < 8 ? low : lane < 16 ? high : 0;
            bytes |= (from >>> 8 * (int) (lane & 7) & 0xFF) << 8 * i;
        }
        return bytes;
    }
}
