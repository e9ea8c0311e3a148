package org.sallyport.engine.cache;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * Reads what {@link FormWriter} wrote. Lengths are checked against what is there.
 *
 * <p>Its methods throw {@link java.nio.BufferUnderflowException} at the end and {@code IllegalArgumentException} on
 * impossible lengths.
 */
final class FormReader {
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

    int[] numbers() {
        int[] numbers = new int[length(Integer.BYTES)];
        in.asIntBuffer().get(numbers);
        in.position(in.position() + numbers.length * Integer.BYTES);
        return numbers;
    }

    /** @throws IllegalArgumentException if something is left */
    void end() {
        if (in.hasRemaining()) {
            throw new IllegalArgumentException(in.remaining() + " bytes too many");
        }
    }
}
