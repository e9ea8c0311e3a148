package org.sallyport.engine.cache;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.zip.Deflater;

/**
 * Bytes being written: numbers little-endian, arrays and texts with their length before them. Grows as needed.
 *
 * <p>Of arrays of numbers the differences are written, in groups of seven bits, the low ones first, with the high bit set where
 * another group follows: what is near to its neighbour takes one byte.
 */
final class FormWriter {
    private static final int MOST_GROUPS = 5;
    /** For what the deflater writes at a time. */
    private static final int LEAST_ROOM = 1 << 10;

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

    /** Numbers of which any may be smaller than the one before. */
    FormWriter numbers(int[] numbers) {
        number(numbers.length);
        int last = 0;
        for (int number : numbers) {
            int difference = number - last;
            groups(difference << 1 ^ difference >> 31);
            last = number;
        }
        return this;
    }

    /** Numbers of which few are smaller than the one before: shorter for them than {@link #numbers}. */
    FormWriter ascending(int[] numbers) {
        number(numbers.length);
        int last = 0;
        for (int number : numbers) {
            groups(number - last);
            last = number;
        }
        return this;
    }

    private void groups(int value) {
        ByteBuffer to = room(MOST_GROUPS);
        int rest = value;
        for (; rest >>> 7 != 0; rest >>>= 7) {
            to.put((byte) (rest | 0x80));
        }
        to.put((byte) rest);
    }

    /** All that the other has, deflated, with both lengths before it. */
    FormWriter packed(FormWriter contents) {
        Deflater deflater = new Deflater(Deflater.BEST_SPEED, true);
        try {
            deflater.setInput(contents.out.flip());
            deflater.finish();
            number(contents.out.limit());
            int lengthAt = out.position();
            number(0);
            while (!deflater.finished()) {
                deflater.deflate(room(LEAST_ROOM));
            }
            out.putInt(lengthAt, out.position() - lengthAt - Integer.BYTES);
            return this;
        } finally {
            deflater.end();
        }
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
