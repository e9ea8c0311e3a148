package org.sallyport.codegen.bytecode;

/** What instructions of {@code f64x2} do with half a vector: named like their operations. Called by generated code. */
public final class LanesF64 {
    private LanesF64() {}

    public static long abs(long a) {
        return a & Long.MAX_VALUE;
    }

    public static long neg(long a) {
        return a ^ ~Long.MAX_VALUE;
    }

    public static long sqrt(long a) {
        return bits(Math.sqrt(real(a)));
    }

    public static long ceil(long a) {
        return bits(Numbers.ceil(real(a)));
    }

    public static long floor(long a) {
        return bits(Numbers.floor(real(a)));
    }

    public static long trunc(long a) {
        return bits(Numbers.trunc(real(a)));
    }

    public static long nearest(long a) {
        return bits(Numbers.nearest(real(a)));
    }

    public static long add(long a, long b) {
        return bits(real(a) + real(b));
    }

    public static long sub(long a, long b) {
        return bits(real(a) - real(b));
    }

    public static long mul(long a, long b) {
        return bits(real(a) * real(b));
    }

    public static long div(long a, long b) {
        return bits(real(a) / real(b));
    }

    public static long fmin(long a, long b) {
        return bits(Numbers.min(real(a), real(b)));
    }

    public static long fmax(long a, long b) {
        return bits(Numbers.max(real(a), real(b)));
    }

    public static long pmin(long a, long b) {
        return Swar.select(flt(b, a), b, a);
    }

    public static long pmax(long a, long b) {
        return Swar.select(flt(a, b), b, a);
    }

    public static long eq(long a, long b) {
        return real(a) == real(b) ? -1 : 0;
    }

    public static long ne(long a, long b) {
        return real(a) != real(b) ? -1 : 0;
    }

    public static long flt(long a, long b) {
        return real(a) < real(b) ? -1 : 0;
    }

    public static long fgt(long a, long b) {
        return real(a) > real(b) ? -1 : 0;
    }

    public static long fle(long a, long b) {
        return real(a) <= real(b) ? -1 : 0;
    }

    public static long fge(long a, long b) {
        return real(a) >= real(b) ? -1 : 0;
    }

    public static long splat(double scalar) {
        return bits(scalar);
    }

    public static double extract(long half, int lane) {
        return real(half);
    }

    public static long replace(long half, int lane, double scalar) {
        return bits(scalar);
    }

    public static long convertS(long integer) {
        return bits((int) integer);
    }

    public static long convertU(long integer) {
        return bits(integer & 0xFFFF_FFFFL);
    }

    public static long promote(long single) {
        return bits(LanesF32.first(single));
    }

    private static double real(long half) {
        return Double.longBitsToDouble(half);
    }

    private static long bits(double value) {
        return Double.doubleToRawLongBits(value);
    }
}
