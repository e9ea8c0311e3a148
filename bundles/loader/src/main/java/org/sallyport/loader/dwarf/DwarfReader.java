package org.sallyport.loader.dwarf;

import java.nio.charset.StandardCharsets;

/** Reads a section, or a part of one, from a position on. Little endian; nothing outside is read. */
final class DwarfReader {
    private static final int LONGEST_TEXT = 4096;

    private final byte[] bytes;
    private final int start;
    private final int end;
    private int at;

    /** @param start of the section in the bytes; {@code end} behind it */
    DwarfReader(byte[] bytes, int start, int end) {
        this.bytes = bytes;
        this.start = start;
        this.end = end;
        at = start;
    }

    /** From the section's start. */
    int position() {
        return at - start;
    }

    int size() {
        return end - start;
    }

    boolean hasMore() {
        return at < end;
    }

    DwarfReader seek(long position) {
        if (position < 0 || position > end - start) {
            throw new DwarfException("offset 0x" + Long.toHexString(position) + " is outside its section");
        }
        at = start + (int) position;
        return this;
    }

    /** The part from {@code from} of that length, as a section of its own. */
    DwarfReader part(long from, long length) {
        if (from < 0 || length < 0 || from > size() || length > size() - from) {
            throw new DwarfException("a part is outside its section");
        }
        return new DwarfReader(bytes, start + (int) from, start + (int) (from + length));
    }

    /** Another one at the same place. */
    DwarfReader copy() {
        return new DwarfReader(bytes, start, end).seek(position());
    }

    void skip(long count) {
        if (count < 0 || count > end - at) {
            throw new DwarfException("a section ends too early");
        }
        at += (int) count;
    }

    int u8() {
        if (at >= end) {
            throw new DwarfException("a section ends too early");
        }
        return bytes[at++] & 0xFF;
    }

    int u16() {
        return u8() | u8() << 8;
    }

    long u32() {
        return u16() | (long) u16() << 16;
    }

    long u64() {
        return u32() | u32() << 32;
    }

    /** A number of 1, 2, 3, 4 or 8 bytes. */
    long fixed(int size) {
        return switch (size) {
            case 1 -> u8();
            case 2 -> u16();
            case 3 -> u16() | (long) u8() << 16;
            case 4 -> u32();
            case 8 -> u64();
            default -> throw new DwarfException("a number of " + size + " bytes");
        };
    }

    long uleb() {
        long value = 0;
        for (int shift = 0; ; shift += 7) {
            int b = u8();
            if (shift < 64) {
                value |= (long) (b & 0x7F) << shift;
            }
            if (b < 0x80) {
                return value;
            }
        }
    }

    long sleb() {
        long value = 0;
        for (int shift = 0; ; ) {
            int b = u8();
            if (shift < 64) {
                value |= (long) (b & 0x7F) << shift;
            }
            shift += 7;
            if (b < 0x80) {
                return shift < 64 && (b & 0x40) != 0 ? value | -1L << shift : value;
            }
        }
    }

    /** Bytes up to a NUL, as UTF-8; of longer texts the beginning. */
    String text() {
        int from = at;
        skipText();
        return new String(bytes, from, Math.min(at - 1 - from, LONGEST_TEXT), StandardCharsets.UTF_8);
    }

    void skipText() {
        while (u8() != 0) {
            // on
        }
    }

    /** The {@code initial length} of a unit (7.4). */
    Length initialLength() {
        long length = u32();
        if (length == 0xFFFF_FFFFL) {
            return new Length(u64(), 8);
        }
        if (length >= 0xFFFF_FFF0L) {
            throw new DwarfException("a reserved length");
        }
        return new Length(length, 4);
    }

    /** @param offsetSize 4 in the 32-bit format, 8 in the 64-bit one */
    record Length(long bytes, int offsetSize) {}
}
