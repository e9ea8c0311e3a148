package org.sallyport;

/**
 * A {@code v128} value between host and guest. Its lanes are made and read as Java values of their size; lane 0 comes first
 * in memory (WebAssembly 3.0, 4.3.3).
 *
 * @param low bytes 0 to 7, little-endian
 * @param high bytes 8 to 15, little-endian
 */
public record V128(long low, long high) {
    public static final V128 ZERO = new V128(0, 0);

    /** As {@code i8x16}, and as the 16 bytes lie in memory. @throws IllegalArgumentException unless there are 16 */
    public static V128 ofBytes(byte... lanes) {
        long[] bits = new long[check(lanes.length, 16)];
        for (int i = 0; i < bits.length; i++) {
            bits[i] = lanes[i];
        }
        return join(bits);
    }

    /** As {@code i16x8}. @throws IllegalArgumentException unless there are 8 */
    public static V128 ofShorts(short... lanes) {
        long[] bits = new long[check(lanes.length, 8)];
        for (int i = 0; i < bits.length; i++) {
            bits[i] = lanes[i];
        }
        return join(bits);
    }

    /** As {@code i32x4}. @throws IllegalArgumentException unless there are 4 */
    public static V128 ofInts(int... lanes) {
        long[] bits = new long[check(lanes.length, 4)];
        for (int i = 0; i < bits.length; i++) {
            bits[i] = lanes[i];
        }
        return join(bits);
    }

    /** As {@code f32x4}; the bits of NaNs stay. @throws IllegalArgumentException unless there are 4 */
    public static V128 ofFloats(float... lanes) {
        long[] bits = new long[check(lanes.length, 4)];
        for (int i = 0; i < bits.length; i++) {
            bits[i] = Float.floatToRawIntBits(lanes[i]);
        }
        return join(bits);
    }

    /** As {@code f64x2}; the bits of NaNs stay. As {@code i64x2}, a value is made by its constructor. */
    public static V128 ofDoubles(double first, double second) {
        return new V128(Double.doubleToRawLongBits(first), Double.doubleToRawLongBits(second));
    }

    private static int check(int found, int wanted) {
        if (found != wanted) {
            throw new IllegalArgumentException("a v128 has " + wanted + " lanes of this kind, found " + found);
        }
        return found;
    }

    /** Lanes of {@code 128 / lanes.length} bits; what is above these does not count. */
    private static V128 join(long[] lanes) {
        int size = 128 / lanes.length;
        long mask = -1L >>> 64 - size;
        long[] halves = new long[2];
        for (int i = 0; i < lanes.length; i++) {
            halves[i * size >> 6] |= (lanes[i] & mask) << (i * size & 63);
        }
        return new V128(halves[0], halves[1]);
    }

    /** The bits of a lane in the lowest of the result. */
    private long lane(int lane, int size) {
        if (lane < 0 || lane >= 128 / size) {
            throw new IndexOutOfBoundsException("lane " + lane + " of " + 128 / size);
        }
        return (lane * size < 64 ? low : high) >>> (lane * size & 63);
    }

    /** Lane 0 to 15 of {@code i8x16}. */
    public byte byteAt(int lane) {
        return (byte) lane(lane, 8);
    }

    /** Lane 0 to 7 of {@code i16x8}. */
    public short shortAt(int lane) {
        return (short) lane(lane, 16);
    }

    /** Lane 0 to 3 of {@code i32x4}. */
    public int intAt(int lane) {
        return (int) lane(lane, 32);
    }

    /** Lane 0 or 1 of {@code i64x2}. */
    public long longAt(int lane) {
        return lane(lane, 64);
    }

    /** Lane 0 to 3 of {@code f32x4}. */
    public float floatAt(int lane) {
        return Float.intBitsToFloat(intAt(lane));
    }

    /** Lane 0 or 1 of {@code f64x2}. */
    public double doubleAt(int lane) {
        return Double.longBitsToDouble(longAt(lane));
    }

    /** The 16 bytes as they lie in memory. */
    public byte[] toBytes() {
        byte[] bytes = new byte[16];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = byteAt(i);
        }
        return bytes;
    }

    /** The form of the text format: {@code i64x2 0x... 0x...}. */
    @Override
    public String toString() {
        return "i64x2 0x" + Long.toHexString(low) + " 0x" + Long.toHexString(high);
    }
}
