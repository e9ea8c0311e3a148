package org.sallyport.spi;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** An array: one of Java's, of a class that code names. Ranges are checked by whoever calls. */
public abstract sealed class GuestArray extends GuestObject {
    /** Of the object around Java's array, and of that array without elements. */
    private static final int BYTES = 40;
    /** The most elements that one of Java's arrays has. */
    private static final int MOST = Integer.MAX_VALUE - 8;

    GuestArray(GuestType type) {
        super(type);
    }

    /** About how many bytes of heap an array takes. @param length unsigned */
    public static long bytes(GuestType.Kind kind, int length) {
        return BYTES + kind.bytes() * (length & 0xFFFF_FFFFL);
    }

    /** Whether Java can have so many elements in one array. @param length unsigned */
    public static boolean mayHave(GuestType.Kind kind, int length) {
        return length >= 0 && length <= (kind == GuestType.Kind.VECTOR ? MOST / 2 : MOST);
    }

    /** An array of zeros. */
    public static GuestArray of(GuestType type, int length) {
        return switch (type.kind(0)) {
            case BYTE -> new OfBytes(type, length);
            case SHORT -> new OfShorts(type, length);
            case INT -> new OfInts(type, length);
            case LONG -> new OfLongs(type, length);
            case FLOAT -> new OfFloats(type, length);
            case DOUBLE -> new OfDoubles(type, length);
            case VECTOR -> new OfVectors(type, length);
            case OBJECT -> new OfObjects(type, length);
        };
    }

    public static final class OfBytes extends GuestArray {
        public final byte[] elements;

        public OfBytes(GuestType type, int length) {
            super(type);
            elements = new byte[length];
        }

        @Override
        public Object elements() {
            return elements;
        }

        @Override
        public int length() {
            return elements.length;
        }

        @Override
        public long word(int i) {
            return elements[i];
        }

        @Override
        public void fill(int from, int to, long low, long high, @Nullable Object object) {
            Arrays.fill(elements, from, to, (byte) low);
        }
    }

    public static final class OfShorts extends GuestArray {
        public final short[] elements;

        public OfShorts(GuestType type, int length) {
            super(type);
            elements = new short[length];
        }

        @Override
        public Object elements() {
            return elements;
        }

        @Override
        public int length() {
            return elements.length;
        }

        @Override
        public long word(int i) {
            return elements[i];
        }

        @Override
        public void fill(int from, int to, long low, long high, @Nullable Object object) {
            Arrays.fill(elements, from, to, (short) low);
        }
    }

    public static final class OfInts extends GuestArray {
        public final int[] elements;

        public OfInts(GuestType type, int length) {
            super(type);
            elements = new int[length];
        }

        @Override
        public Object elements() {
            return elements;
        }

        @Override
        public int length() {
            return elements.length;
        }

        @Override
        public long word(int i) {
            return elements[i];
        }

        @Override
        public void fill(int from, int to, long low, long high, @Nullable Object object) {
            Arrays.fill(elements, from, to, (int) low);
        }
    }

    /** Also of references to functions. */
    public static final class OfLongs extends GuestArray {
        public final long[] elements;

        public OfLongs(GuestType type, int length) {
            super(type);
            elements = new long[length];
        }

        @Override
        public Object elements() {
            return elements;
        }

        @Override
        public int length() {
            return elements.length;
        }

        @Override
        public long word(int i) {
            return elements[i];
        }

        @Override
        public void fill(int from, int to, long low, long high, @Nullable Object object) {
            Arrays.fill(elements, from, to, low);
        }
    }

    public static final class OfFloats extends GuestArray {
        public final float[] elements;

        public OfFloats(GuestType type, int length) {
            super(type);
            elements = new float[length];
        }

        @Override
        public Object elements() {
            return elements;
        }

        @Override
        public int length() {
            return elements.length;
        }

        @Override
        public long word(int i) {
            return Float.floatToRawIntBits(elements[i]);
        }

        @Override
        public void fill(int from, int to, long low, long high, @Nullable Object object) {
            Arrays.fill(elements, from, to, Float.intBitsToFloat((int) low));
        }
    }

    public static final class OfDoubles extends GuestArray {
        public final double[] elements;

        public OfDoubles(GuestType type, int length) {
            super(type);
            elements = new double[length];
        }

        @Override
        public Object elements() {
            return elements;
        }

        @Override
        public int length() {
            return elements.length;
        }

        @Override
        public long word(int i) {
            return Double.doubleToRawLongBits(elements[i]);
        }

        @Override
        public void fill(int from, int to, long low, long high, @Nullable Object object) {
            Arrays.fill(elements, from, to, Double.longBitsToDouble(low));
        }
    }

    /** Each element is two {@code long}s, the lower one first. */
    public static final class OfVectors extends GuestArray {
        public final long[] elements;

        public OfVectors(GuestType type, int length) {
            super(type);
            elements = new long[2 * length];
        }

        @Override
        public Object elements() {
            return elements;
        }

        @Override
        public int length() {
            return elements.length / 2;
        }

        @Override
        public long word(int i) {
            return elements[2 * i];
        }

        @Override
        public long high(int i) {
            return elements[2 * i + 1];
        }

        @Override
        public void fill(int from, int to, long low, long high, @Nullable Object object) {
            for (int i = from; i < to; i++) {
                elements[2 * i] = low;
                elements[2 * i + 1] = high;
            }
        }

        @Override
        public void copy(int to, GuestArray source, int from, int length) {
            System.arraycopy(source.elements(), 2 * from, elements, 2 * to, 2 * length);
        }
    }

    public static final class OfObjects extends GuestArray {
        public final @Nullable Object[] elements;

        public OfObjects(GuestType type, int length) {
            super(type);
            elements = new @Nullable Object[length];
        }

        @Override
        public Object elements() {
            return elements;
        }

        @Override
        public int length() {
            return elements.length;
        }

        @Override
        public long word(int i) {
            throw new AssertionError("BUG: an element that is an object");
        }

        @Override
        public @Nullable Object object(int i) {
            return elements[i];
        }

        @Override
        public void fill(int from, int to, long low, long high, @Nullable Object object) {
            Arrays.fill(elements, from, to, object);
        }
    }

    /** Java's array. */
    public abstract Object elements();

    public abstract int length();

    /** An element that is no object, as {@link GuestStruct#word}; of a vector the lower half. */
    public abstract long word(int i);

    /** The upper half of an element that is a vector. */
    public long high(int i) {
        return 0;
    }

    /** An element that is an object. */
    public @Nullable Object object(int i) {
        throw new AssertionError("BUG: an element that is no object");
    }

    /** Sets the elements from {@code from} to before {@code to} to a value, which is given in one of the two ways. */
    public abstract void fill(int from, int to, long low, long high, @Nullable Object object);

    /** Copies elements of an array of the same kind, which may be this one. */
    public void copy(int to, GuestArray source, int from, int length) {
        System.arraycopy(source.elements(), from, elements(), to, length);
    }

    /** Sets an element from its bytes, the lowest first. */
    public final void put(int i, byte[] bytes, int at) {
        int size = type.kind(0).bytes();
        fill(i, i + 1, little(bytes, at, Math.min(size, 8)), size > 8 ? little(bytes, at + 8, 8) : 0, null);
    }

    private static long little(byte[] bytes, int at, int count) {
        long value = 0;
        for (int i = count - 1; i >= 0; i--) {
            value = value << 8 | bytes[at + i] & 0xFF;
        }
        return value;
    }
}
