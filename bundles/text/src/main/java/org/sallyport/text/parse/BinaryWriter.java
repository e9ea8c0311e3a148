package org.sallyport.text.parse;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * A growing byte array with the primitives of the binary format (WebAssembly 3.0, 5.2): shortest LEB128, names,
 * vectors.
 */
final class BinaryWriter {
    private static final int CONTINUE = 0x80;
    private static final int PAYLOAD = 0x7F;

    private byte[] bytes;
    private int size;

    BinaryWriter() {
        this(64);
    }

    BinaryWriter(int capacity) {
        bytes = new byte[capacity];
    }

    int size() {
        return size;
    }

    byte[] toByteArray() {
        return Arrays.copyOf(bytes, size);
    }

    BinaryWriter u8(int b) {
        room(1);
        bytes[size++] = (byte) b;
        return this;
    }

    /** An unsigned 32-bit number. */
    BinaryWriter u32(int value) {
        room(5);
        int rest = value;
        while ((rest & ~PAYLOAD) != 0) {
            bytes[size++] = (byte) (rest & PAYLOAD | CONTINUE);
            rest >>>= 7;
        }
        bytes[size++] = (byte) rest;
        return this;
    }

    /** An unsigned 64-bit number. */
    BinaryWriter u64(long value) {
        room(10);
        long rest = value;
        while ((rest & ~PAYLOAD) != 0) {
            bytes[size++] = (byte) (rest & PAYLOAD | CONTINUE);
            rest >>>= 7;
        }
        bytes[size++] = (byte) rest;
        return this;
    }

    /** A signed number of any width up to 64 bits. */
    BinaryWriter s64(long value) {
        room(10);
        long rest = value;
        while (rest != (rest << 57 >> 57)) {
            bytes[size++] = (byte) (rest & PAYLOAD | CONTINUE);
            rest >>= 7;
        }
        bytes[size++] = (byte) (rest & PAYLOAD);
        return this;
    }

    /** Four bytes, little end first. */
    BinaryWriter i32(int value) {
        room(4);
        for (int i = 0; i < 4; i++) {
            bytes[size++] = (byte) (value >> 8 * i);
        }
        return this;
    }

    /** Eight bytes, little end first. */
    BinaryWriter i64(long value) {
        return i32((int) value).i32((int) (value >> 32));
    }

    BinaryWriter raw(byte[] b) {
        return raw(b, 0, b.length);
    }

    BinaryWriter raw(byte[] b, int from, int to) {
        room(to - from);
        System.arraycopy(b, from, bytes, size, to - from);
        size += to - from;
        return this;
    }

    BinaryWriter append(BinaryWriter other) {
        return raw(other.bytes, 0, other.size);
    }

    /** Takes the tail of another writer, which loses it: what is pushed there last comes here first. */
    BinaryWriter take(BinaryWriter other, int from) {
        raw(other.bytes, from, other.size);
        other.size = from;
        return this;
    }

    /** Length, then contents. */
    BinaryWriter sized(BinaryWriter contents) {
        return u32(contents.size).append(contents);
    }

    BinaryWriter name(String name) {
        byte[] utf8 = name.getBytes(StandardCharsets.UTF_8);
        return u32(utf8.length).raw(utf8);
    }

    private void room(int more) {
        if (more > bytes.length - size) {
            int doubled = (int) Math.min(2L * bytes.length, Integer.MAX_VALUE - 8);
            bytes = Arrays.copyOf(bytes, Math.max(Math.addExact(size, more), doubled));
        }
    }
}
