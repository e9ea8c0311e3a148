package org.sallyport.codegen.bytecode;

import org.sallyport.TrapCode;

/** Operations that take more than one instruction of the JVM, as WebAssembly defines them (4.3). Called by generated code. */
public final class Numbers {
    private static final double TWO_63 = 0x1p63;
    private static final double TWO_64 = 0x1p64;

    private Numbers() {}

    // ---- division

    public static int divS(int a, int b) {
        checkDivisor(b != 0);
        checkRange(b != -1 || a != Integer.MIN_VALUE);
        return a / b;
    }

    public static long divS(long a, long b) {
        checkDivisor(b != 0);
        checkRange(b != -1 || a != Long.MIN_VALUE);
        return a / b;
    }

    public static int divU(int a, int b) {
        checkDivisor(b != 0);
        return Integer.divideUnsigned(a, b);
    }

    public static long divU(long a, long b) {
        checkDivisor(b != 0);
        return Long.divideUnsigned(a, b);
    }

    public static int remS(int a, int b) {
        checkDivisor(b != 0);
        return a % b;
    }

    public static long remS(long a, long b) {
        checkDivisor(b != 0);
        return a % b;
    }

    public static int remU(int a, int b) {
        checkDivisor(b != 0);
        return Integer.remainderUnsigned(a, b);
    }

    public static long remU(long a, long b) {
        checkDivisor(b != 0);
        return Long.remainderUnsigned(a, b);
    }

    private static void checkDivisor(boolean ok) {
        if (!ok) {
            throw GuestTrap.of(TrapCode.INTEGER_DIVIDE_BY_ZERO);
        }
    }

    private static void checkRange(boolean ok) {
        if (!ok) {
            throw GuestTrap.of(TrapCode.INTEGER_OVERFLOW);
        }
    }

    // ---- floats: the JVM's functions may give a signalling NaN back as it came; a sum makes it quiet

    public static float min(float a, float b) {
        return a != a || b != b ? a + b : Math.min(a, b);
    }

    public static double min(double a, double b) {
        return a != a || b != b ? a + b : Math.min(a, b);
    }

    public static float max(float a, float b) {
        return a != a || b != b ? a + b : Math.max(a, b);
    }

    public static double max(double a, double b) {
        return a != a || b != b ? a + b : Math.max(a, b);
    }

    public static float sqrt(float a) {
        return (float) Math.sqrt(a);
    }

    public static double ceil(double a) {
        return a != a ? a + a : Math.ceil(a);
    }

    public static float ceil(float a) {
        return (float) ceil((double) a);
    }

    public static double floor(double a) {
        return a != a ? a + a : Math.floor(a);
    }

    public static float floor(float a) {
        return (float) floor((double) a);
    }

    /** Towards zero; zeros keep the sign. */
    public static double trunc(double a) {
        return a != a ? a + a : a < 0 || 1 / a < 0 ? Math.ceil(a) : Math.floor(a);
    }

    public static float trunc(float a) {
        return (float) trunc((double) a);
    }

    public static double nearest(double a) {
        return a != a ? a + a : Math.rint(a);
    }

    public static float nearest(float a) {
        return (float) nearest((double) a);
    }

    public static float copysign(float a, float b) {
        return Float.intBitsToFloat(
                Float.floatToRawIntBits(a) & Integer.MAX_VALUE | Float.floatToRawIntBits(b) & Integer.MIN_VALUE);
    }

    public static double copysign(double a, double b) {
        return Double.longBitsToDouble(
                Double.doubleToRawLongBits(a) & Long.MAX_VALUE | Double.doubleToRawLongBits(b) & Long.MIN_VALUE);
    }

    public static float abs(float a) {
        return Float.intBitsToFloat(Float.floatToRawIntBits(a) & Integer.MAX_VALUE);
    }

    public static double abs(double a) {
        return Double.longBitsToDouble(Double.doubleToRawLongBits(a) & Long.MAX_VALUE);
    }

    public static float neg(float a) {
        return Float.intBitsToFloat(Float.floatToRawIntBits(a) ^ Integer.MIN_VALUE);
    }

    public static double neg(double a) {
        return Double.longBitsToDouble(Double.doubleToRawLongBits(a) ^ Long.MIN_VALUE);
    }

    // ---- floats to integers

    /** What an f32 is as an f64 decides alike, and so for all below. */
    public static int truncS32(double a) {
        check(a, a > -0x1p31 - 1 && a < 0x1p31);
        return (int) a;
    }

    public static int truncU32(double a) {
        check(a, a > -1 && a < 0x1p32);
        return (int) (long) a;
    }

    public static long truncS64(double a) {
        check(a, a >= -TWO_63 && a < TWO_63);
        return (long) a;
    }

    public static long truncU64(double a) {
        check(a, a > -1 && a < TWO_64);
        return truncSatU64(a);
    }

    private static void check(double a, boolean fits) {
        if (!fits) {
            throw GuestTrap.of(a != a ? TrapCode.INVALID_CONVERSION : TrapCode.INTEGER_OVERFLOW);
        }
    }

    public static int truncSatU32(double a) {
        long n = (long) a; // saturates; NaN is 0
        return (int) (n < 0 ? 0 : Math.min(n, 0xFFFF_FFFFL));
    }

    public static long truncSatU64(double a) {
        if (!(a > 0)) {
            return 0;
        }
        if (a >= TWO_64) {
            return -1;
        }
        return a < TWO_63 ? (long) a : (long) (a - TWO_63) + Long.MIN_VALUE;
    }

    // ---- integers to floats

    public static float toF32U(long a) {
        return a >= 0 ? (float) a : (float) (a >>> 1 | a & 1) * 2f; // the lost bit still decides the rounding
    }

    public static double toF64U(long a) {
        return a >= 0 ? (double) a : (double) (a >>> 1 | a & 1) * 2d;
    }
}
