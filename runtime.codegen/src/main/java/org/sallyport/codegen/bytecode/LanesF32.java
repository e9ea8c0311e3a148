package org.sallyport.codegen.bytecode;

/** What instructions of {@code f32x4} do with half a vector: named like their operations. Called by generated code. */
public final class LanesF32 {
    private LanesF32() {}

    public static long abs(long a) {
        return a & 0x7FFF_FFFF_7FFF_FFFFL;
    }

    public static long neg(long a) {
        return a ^ ~0x7FFF_FFFF_7FFF_FFFFL;
    }

    public static long sqrt(long a) {
        return join((float) Math.sqrt(first(a)), (float) Math.sqrt(second(a)));
    }

    public static long ceil(long a) {
        return join(Numbers.ceil(first(a)), Numbers.ceil(second(a)));
    }

    public static long floor(long a) {
        return join(Numbers.floor(first(a)), Numbers.floor(second(a)));
    }

    public static long trunc(long a) {
        return join(Numbers.trunc(first(a)), Numbers.trunc(second(a)));
    }

    public static long nearest(long a) {
        return join(Numbers.nearest(first(a)), Numbers.nearest(second(a)));
    }

    public static long add(long a, long b) {
        return join(first(a) + first(b), second(a) + second(b));
    }

    public static long sub(long a, long b) {
        return join(first(a) - first(b), second(a) - second(b));
    }

    public static long mul(long a, long b) {
        return join(first(a) * first(b), second(a) * second(b));
    }

    public static long div(long a, long b) {
        return join(first(a) / first(b), second(a) / second(b));
    }

    public static long fmin(long a, long b) {
        return join(Numbers.min(first(a), first(b)), Numbers.min(second(a), second(b)));
    }

    public static long fmax(long a, long b) {
        return join(Numbers.max(first(a), first(b)), Numbers.max(second(a), second(b)));
    }

    public static long pmin(long a, long b) {
        return Swar.select(flt(b, a), b, a);
    }

    public static long pmax(long a, long b) {
        return Swar.select(flt(a, b), b, a);
    }

    public static long eq(long a, long b) {
        return LanesI32.join(first(a) == first(b) ? -1 : 0, second(a) == second(b) ? -1 : 0);
    }

    public static long ne(long a, long b) {
        return LanesI32.join(first(a) != first(b) ? -1 : 0, second(a) != second(b) ? -1 : 0);
    }

    public static long flt(long a, long b) {
        return LanesI32.join(first(a) < first(b) ? -1 : 0, second(a) < second(b) ? -1 : 0);
    }

    public static long fgt(long a, long b) {
        return LanesI32.join(first(a) > first(b) ? -1 : 0, second(a) > second(b) ? -1 : 0);
    }

    public static long fle(long a, long b) {
        return LanesI32.join(first(a) <= first(b) ? -1 : 0, second(a) <= second(b) ? -1 : 0);
    }

    public static long fge(long a, long b) {
        return LanesI32.join(first(a) >= first(b) ? -1 : 0, second(a) >= second(b) ? -1 : 0);
    }

    public static long splat(float scalar) {
        return join(scalar, scalar);
    }

    public static float extract(long half, int lane) {
        return Float.intBitsToFloat((int) (half >>> 32 * lane));
    }

    public static long replace(long half, int lane, float scalar) {
        return LanesI32.replace(half, lane, Float.floatToRawIntBits(scalar));
    }

    public static long convertS(long integers) {
        return join((int) integers, (int) (integers >> 32));
    }

    public static long convertU(long integers) {
        return join(integers & 0xFFFF_FFFFL, integers >>> 32);
    }

    public static long demote(long first, long second) {
        return join((float) Double.longBitsToDouble(first), (float) Double.longBitsToDouble(second));
    }

    static float first(long half) {
        return Float.intBitsToFloat((int) half);
    }

    static float second(long half) {
        return Float.intBitsToFloat((int) (half >>> 32));
    }

    private static long join(float first, float second) {
        return LanesI32.join(Float.floatToRawIntBits(first), Float.floatToRawIntBits(second));
    }
}
