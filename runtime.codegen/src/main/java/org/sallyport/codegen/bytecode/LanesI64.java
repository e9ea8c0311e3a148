package org.sallyport.codegen.bytecode;

/** What instructions of {@code i64x2} do with half a vector: named like their operations. Called by generated code. */
public final class LanesI64 {
    private LanesI64() {}

    public static long abs(long a) {
        return Math.abs(a);
    }

    public static long neg(long a) {
        return -a;
    }

    public static long add(long a, long b) {
        return a + b;
    }

    public static long sub(long a, long b) {
        return a - b;
    }

    public static long mul(long a, long b) {
        return a * b;
    }

    public static long eq(long a, long b) {
        return a == b ? -1 : 0;
    }

    public static long ne(long a, long b) {
        return a != b ? -1 : 0;
    }

    public static long ltS(long a, long b) {
        return a < b ? -1 : 0;
    }

    public static long gtS(long a, long b) {
        return a > b ? -1 : 0;
    }

    public static long leS(long a, long b) {
        return a <= b ? -1 : 0;
    }

    public static long geS(long a, long b) {
        return a >= b ? -1 : 0;
    }

    public static long shl(long a, int count) {
        return a << count;
    }

    public static long shrS(long a, int count) {
        return a >> count;
    }

    public static long shrU(long a, int count) {
        return a >>> count;
    }

    public static int allTrue(long low, long high) {
        return low != 0 && high != 0 ? 1 : 0;
    }

    public static int bitmask(long low, long high) {
        return (int) (low >>> 63 | high >>> 62 & 2);
    }

    public static long splat(long scalar) {
        return scalar;
    }

    public static long extract(long half, int lane) {
        return half;
    }

    public static long replace(long half, int lane, long scalar) {
        return scalar;
    }

    public static long extendS(long integer) {
        return (int) integer;
    }

    public static long extendU(long integer) {
        return integer & 0xFFFF_FFFFL;
    }

    public static long extmulS(long a, long b) {
        return (long) (int) a * (int) b;
    }

    public static long extmulU(long a, long b) {
        return (a & 0xFFFF_FFFFL) * (b & 0xFFFF_FFFFL);
    }
}
