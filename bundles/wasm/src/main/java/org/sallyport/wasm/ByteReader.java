package org.sallyport.wasm;

import static org.sallyport.wasm.Malformed.*;

import java.nio.charset.StandardCharsets;

/**
 * A cursor over a range of a binary: integers, names and types (WebAssembly 3.0, 5.1-5.3). Every method checks that
 * its bytes lie within the range and throws {@link MalformedCodeException} where they do not, or do not follow the
 * grammar. Not thread-safe; allocates only what it returns.
 */
public final class ByteReader {
    private static final HeapType.Abstract[] ABSTRACT = new HeapType.Abstract[0x80];
    private static final RefType[] NULLABLE = new RefType[0x80];
    private static final RefType[] NON_NULL = new RefType[0x80];

    static {
        for (HeapType.Abstract heap : HeapType.Abstract.values()) {
            ABSTRACT[heap.code] = heap;
            NULLABLE[heap.code] = new RefType(true, heap);
            NON_NULL[heap.code] = new RefType(false, heap);
        }
    }

    private final byte[] bytes;
    private int position;
    private int end;

    public ByteReader(byte[] bytes, int start, int end) {
        this.bytes = bytes;
        reset(start, end);
    }

    /** Goes on with another range of the same binary. */
    public void reset(int start, int end) {
        java.util.Objects.checkFromToIndex(start, end, bytes.length);
        this.position = start;
        this.end = end;
    }

    /** Offset in the binary of the next byte. */
    public int position() {
        return position;
    }

    public int end() {
        return end;
    }

    public boolean hasNext() {
        return position < end;
    }

    public int remaining() {
        return end - position;
    }

    /** The next byte, which stays. */
    public int peek() {
        if (position >= end) {
            throw cutOff();
        }
        return bytes[position] & 0xFF;
    }

    public int u8() {
        if (position >= end) {
            throw cutOff();
        }
        return bytes[position++] & 0xFF;
    }

    /** Unsigned LEB128 of 32 bits; the result holds them unsigned. */
    public int u32() {
        int b = u8();
        return b < 0x80 ? b : u32Rest(b & 0x7F);
    }

    private int u32Rest(int low) {
        int result = low;
        for (int shift = 7; shift < 28; shift += 7) {
            int b = u8();
            result |= (b & 0x7F) << shift;
            if (b < 0x80) {
                return result;
            }
        }
        int b = u8();
        if ((b & 0x70) != 0) {
            throw fault(LEB_TOO_LARGE);
        }
        if (b >= 0x80) {
            throw fault(LEB_TOO_LONG);
        }
        return result | b << 28;
    }

    /**
     * A 32-bit index or count. What does not fit an int reads as the largest int, which no index space and no vector
     * reaches.
     */
    public int index() {
        int value = u32();
        return value < 0 ? Integer.MAX_VALUE : value;
    }

    public int s32() {
        int b = u8();
        return b < 0x80 ? b << 25 >> 25 : (int) signedRest(b & 0x7F, 32);
    }

    /** Signed LEB128 of 33 bits: a type index or, when negative, the code of a type. */
    public long s33() {
        int b = u8();
        return b < 0x80 ? b << 25 >> 25 : signedRest(b & 0x7F, 33);
    }

    public long s64() {
        int b = u8();
        return b < 0x80 ? b << 25 >> 25 : signedRest(b & 0x7F, 64);
    }

    private long signedRest(long low, int bits) {
        long result = low;
        int shift = 7;
        for (; shift + 7 < bits; shift += 7) {
            int b = u8();
            result |= (long) (b & 0x7F) << shift;
            if (b < 0x80) {
                int unused = 64 - 7 - shift;
                return result << unused >> unused;
            }
        }
        int b = u8();
        int sign = -1 << bits - shift - 1 & 0x7F;
        if ((b & sign) != 0 && (b & sign) != sign) {
            throw fault(LEB_TOO_LARGE);
        }
        if (b >= 0x80) {
            throw fault(LEB_TOO_LONG);
        }
        result |= (long) (b & 0x7F) << shift;
        return result << 64 - bits >> 64 - bits;
    }

    /** Unsigned LEB128 of 64 bits; the result holds them unsigned. */
    public long u64() {
        long result = 0;
        for (int shift = 0; shift < 63; shift += 7) {
            int b = u8();
            result |= (long) (b & 0x7F) << shift;
            if (b < 0x80) {
                return result;
            }
        }
        int b = u8();
        if ((b & 0x7E) != 0) {
            throw fault(LEB_TOO_LARGE);
        }
        if (b >= 0x80) {
            throw fault(LEB_TOO_LONG);
        }
        return result | (long) b << 63;
    }

    /** Four bytes, little endian. */
    public int fixed32() {
        skip(4);
        int at = position - 4;
        return bytes[at] & 0xFF | (bytes[at + 1] & 0xFF) << 8 | (bytes[at + 2] & 0xFF) << 16 | bytes[at + 3] << 24;
    }

    /** Eight bytes, little endian. */
    public long fixed64() {
        long low = fixed32() & 0xFFFF_FFFFL;
        return low | (long) fixed32() << 32;
    }

    /** Number of elements of a vector, each at least one byte: never more than the bytes that are really there. */
    public int count() {
        int at = position;
        int count = u32();
        if (count < 0 || count > remaining()) {
            throw tooLong(UNEXPECTED_END, at, count, "elements");
        }
        return count;
    }

    public void skip(int count) {
        if (count < 0 || count > end - position) {
            throw cutOff();
        }
        position += count;
    }

    /** A length and as many bytes. */
    public WasmModule.Range bytes() {
        return bytes(UNEXPECTED_END);
    }

    /** The same for a section, whose length has an error of its own. */
    public WasmModule.Range sized() {
        return bytes(LENGTH);
    }

    private WasmModule.Range bytes(Malformed fault) {
        int at = position;
        int length = u32();
        if (length < 0 || length > remaining()) {
            throw tooLong(fault, at, length, "bytes");
        }
        position += length;
        return new WasmModule.Range(position - length, position);
    }

    private MalformedCodeException tooLong(Malformed fault, int at, int length, String what) {
        String found = Integer.toUnsignedString(length) + " " + what + ", " + remaining() + " left";
        return new MalformedCodeException(fault, at, found);
    }

    /** A length and as many bytes of UTF-8. */
    public String name() {
        WasmModule.Range range = bytes(LENGTH);
        if (!Utf8.isValid(bytes, range.start(), range.end())) {
            throw new MalformedCodeException(UTF8, range.start());
        }
        return new String(bytes, range.start(), range.length(), StandardCharsets.UTF_8);
    }

    /** A value type (5.3.6). */
    public ValType valType() {
        int at = position;
        int b = u8();
        return switch (b) {
            case 0x7F -> NumType.I32;
            case 0x7E -> NumType.I64;
            case 0x7D -> NumType.F32;
            case 0x7C -> NumType.F64;
            case 0x7B -> VecType.V128;
            default -> refType(b, at, VALUE_TYPE);
        };
    }

    /** A reference type (5.3.5). */
    public RefType refType() {
        int at = position;
        return refType(u8(), at, REFERENCE_TYPE);
    }

    private RefType refType(int b, int at, Malformed otherwise) {
        if (b == 0x63 || b == 0x64) {
            return refType(b == 0x63, heapCode());
        }
        if (b >= 0x80 || ABSTRACT[b] == null) {
            throw new MalformedCodeException(otherwise, at, "0x" + Integer.toHexString(b), ForeignProposal.ofType(b));
        }
        return NULLABLE[b];
    }

    /** A heap type (5.3.4). */
    public HeapType heapType() {
        return heapType(heapCode());
    }

    /** A type index, or the code of an abstract heap type minus 0x80. */
    int heapCode() {
        int at = position;
        long code = s33();
        if (code >= 0) {
            return (int) Math.min(code, Integer.MAX_VALUE);
        }
        if (code < -0x40 || position != at + 1 || ABSTRACT[(int) code + 0x80] == null) {
            throw new MalformedCodeException(HEAP_TYPE, at, Long.toString(code), ForeignProposal.ofType((int) code & 0x7F));
        }
        return (int) code;
    }

    static HeapType heapType(int heapCode) {
        return heapCode < 0 ? ABSTRACT[heapCode + 0x80] : new HeapType.Concrete(heapCode);
    }

    static RefType refType(boolean nullable, int heapCode) {
        if (heapCode < 0) {
            return (nullable ? NULLABLE : NON_NULL)[heapCode + 0x80];
        }
        return new RefType(nullable, new HeapType.Concrete(heapCode));
    }

    /** The exception for a fault just before {@link #position()}. */
    MalformedCodeException fault(Malformed fault) {
        return new MalformedCodeException(fault, position - 1);
    }

    private MalformedCodeException cutOff() {
        return new MalformedCodeException(UNEXPECTED_END, end);
    }
}
