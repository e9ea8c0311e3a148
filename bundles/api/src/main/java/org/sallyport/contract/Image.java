package org.sallyport.contract;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * A value as it is to lie in a guest's memory: one buffer, with everything that belongs to it. Where it will lie is known
 * only when it is done; the addresses in it are put right then.
 */
final class Image {
    private static final int FIRST = 64;

    private final String where;
    private final int align;
    private ByteBuffer bytes;
    private int end;
    private int[] pointers = {};
    private int pointerCount;
    private int count;

    /**
     * @param align of the value, 1 to 8
     * @param where it goes, for messages
     */
    Image(int align, String where) {
        this.align = align;
        this.where = where;
        bytes = buffer(new byte[FIRST]);
    }

    private Image(byte[] contents) {
        align = 1;
        where = "";
        bytes = buffer(contents);
        end = contents.length;
        count = contents.length;
    }

    /** Of bytes as they are. */
    static Image of(byte[] contents) {
        return new Image(contents);
    }

    private static ByteBuffer buffer(byte[] bytes) {
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** Of elements of the outermost part. */
    int count() {
        return count;
    }

    void setCount(int elements) {
        count = elements;
    }

    String where() {
        return where;
    }

    int align() {
        return align;
    }

    int length() {
        return end;
    }

    /**
     * Room at the end, full of zeros.
     *
     * @return offset of its first byte
     */
    int append(long size, int alignment) {
        long at = end + (-end & alignment - 1);
        if (at + size > Integer.MAX_VALUE - 8) {
            throw new IllegalArgumentException(where + ": the value has more than two billion bytes");
        }
        if (at + size > bytes.capacity()) {
            long more = Math.min(Integer.MAX_VALUE - 8, Math.max(at + size, 2L * bytes.capacity()));
            bytes = buffer(Arrays.copyOf(bytes.array(), (int) more));
        }
        end = (int) (at + size);
        return (int) at;
    }

    ByteBuffer bytes() {
        return bytes;
    }

    /** An address inside of the image and a count. */
    void putPair(int offset, int target, int count) {
        bytes.putInt(offset, target);
        bytes.putInt(offset + 4, count);
        if (pointerCount == pointers.length) {
            pointers = Arrays.copyOf(pointers, Math.max(8, 2 * pointerCount));
        }
        pointers[pointerCount++] = offset;
    }

    /** What is to be written at that address. To be called once. */
    byte[] at(int address) {
        for (int i = 0; i < pointerCount; i++) {
            bytes.putInt(pointers[i], bytes.getInt(pointers[i]) + address);
        }
        pointerCount = 0;
        return bytes.capacity() == end ? bytes.array() : Arrays.copyOf(bytes.array(), end);
    }

    /** @throws NullPointerException if the value is null */
    <T> T notNull(T value) {
        if (value == null) {
            throw new NullPointerException("null cannot cross into a guest: " + where);
        }
        return value;
    }
}
