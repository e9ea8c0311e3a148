package org.sallyport.engine.cache;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/**
 * Reads what {@link FormWriter} wrote. Lengths are checked against what is there.
 *
 * <p>Its methods throw {@link java.nio.BufferUnderflowException} at the end and {@code IllegalArgumentException} on
 * impossible lengths.
 */
final class FormReader {
    /** No byte stands for more than these (RFC 1951: two bits for 258 bytes). */
    private static final int MOST_DEFLATED = 1032;

    private final ByteBuffer in;

    FormReader(byte[] bytes, int start, int end) {
        in = ByteBuffer.wrap(bytes, start, end - start).order(ByteOrder.LITTLE_ENDIAN);
    }

    boolean flag() {
        return in.get() != 0;
    }

    int number() {
        return in.getInt();
    }

    /** The length of what follows, in elements of this many bytes. */
    int length(int elementBytes) {
        int length = in.getInt();
        if (length < 0 || length > in.remaining() / elementBytes) {
            throw new IllegalArgumentException("length " + length + " with " + in.remaining() + " bytes left");
        }
        return length;
    }

    String text() {
        return new String(bytes(), StandardCharsets.UTF_8);
    }

    byte[] bytes() {
        byte[] bytes = new byte[length(1)];
        in.get(bytes);
        return bytes;
    }

    /** All that is left. */
    byte[] rest() {
        byte[] bytes = new byte[in.remaining()];
        in.get(bytes);
        return bytes;
    }

    int[] numbers() {
        int[] numbers = new int[length(1)];
        int last = 0;
        for (int i = 0; i < numbers.length; i++) {
            int groups = groups();
            last += groups >>> 1 ^ -(groups & 1);
            numbers[i] = last;
        }
        return numbers;
    }

    int[] ascending() {
        int[] numbers = new int[length(1)];
        int last = 0;
        for (int i = 0; i < numbers.length; i++) {
            last += groups();
            numbers[i] = last;
        }
        return numbers;
    }

    private int groups() {
        int value = 0;
        int shift = 0;
        byte group;
        do {
            if (shift >= Integer.SIZE) {
                throw new IllegalArgumentException("a number of more than 32 bits");
            }
            group = in.get();
            value |= (group & 0x7F) << shift;
            shift += 7;
        } while (group < 0);
        return value;
    }

    /** What {@link FormWriter#packed} wrote. */
    FormReader packed() {
        int length = number();
        int packed = length(1);
        if (length < 0 || length / MOST_DEFLATED > packed) {
            throw new IllegalArgumentException("length " + length + " of " + packed + " deflated bytes");
        }
        byte[] contents = new byte[length];
        Inflater inflater = new Inflater(true);
        try {
            inflater.setInput(in.slice(in.position(), packed));
            in.position(in.position() + packed);
            int n = 0;
            byte[] beyond = new byte[1];
            while (n <= length && !inflater.finished()) {
                int more = n < length ? inflater.inflate(contents, n, length - n) : inflater.inflate(beyond);
                if (more == 0 && !inflater.finished()) {
                    throw new IllegalArgumentException("deflated bytes that do not end");
                }
                n += more;
            }
            if (n != length || inflater.getRemaining() != 0) {
                throw new IllegalArgumentException("length " + length + " of what is another number of bytes");
            }
        } catch (DataFormatException e) {
            throw new IllegalArgumentException("deflated: " + e.getMessage(), e);
        } finally {
            inflater.end();
        }
        return new FormReader(contents, 0, length);
    }

    /** @throws IllegalArgumentException if something is left */
    void end() {
        if (in.hasRemaining()) {
            throw new IllegalArgumentException(in.remaining() + " bytes too many");
        }
    }
}
