package org.sallyport.engine.cache;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Bytes being written: numbers little-endian, arrays and texts with their length before them. Grows as needed. */
final class FormWriter {
    private ByteBuffer out;

    FormWriter(int capacity) {
        out = ByteBuffer.allocate(capacity).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** As they are, without a length. */
    FormWriter raw(byte[] bytes) {
        room(bytes.length).put(bytes);
        return this;
    }

    FormWriter flag(boolean value) {
        room(1).put((byte) (value ? 1 : 0));
        return this;
    }

    FormWriter number(int value) {
        room(Integer.BYTES).putInt(value);
        return this;
    }

    FormWriter text(String value) {
        return bytes(value.getBytes(StandardCharsets.UTF_8));
    }

    FormWriter bytes(byte[] bytes) {
        return number(bytes.length).raw(bytes);
    }

    FormWriter numbers(int[] numbers) {
        number(numbers.length);
        int bytes = Math.multiplyExact(numbers.length, Integer.BYTES);
        room(bytes).slice(out.position(), bytes).order(ByteOrder.LITTLE_ENDIAN).asIntBuffer().put(numbers);
        out.position(out.position() + bytes);
        return this;
    }

    private ByteBuffer room(int bytes) {
        if (out.remaining() < bytes) {
            int needed = Math.addExact(out.position(), bytes);
            int size = (int) Math.min(Integer.MAX_VALUE - 16L, Math.max(needed, 2L * out.capacity()));
            out = ByteBuffer.allocate(Math.max(size, needed)).order(ByteOrder.LITTLE_ENDIAN).put(out.flip());
        }
        return out;
    }

    byte[] toBytes() {
        return Arrays.copyOf(out.array(), out.position());
    }
}
