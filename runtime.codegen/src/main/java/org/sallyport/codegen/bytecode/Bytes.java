package org.sallyport.codegen.bytecode;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Objects;

/**
 * Accesses to a linear memory in an array, as generated code calls them. An address is unsigned 32 bits, an offset is between
 * -{@value #NEGATIVE} and {@link Integer#MAX_VALUE}; one comparison finds all that is outside, and then
 * {@link IndexOutOfBoundsException} is thrown, which becomes a trap where the call of the guest ends.
 */
public final class Bytes {
    /** Arrays are shorter than 2 GiB by more than this: an address of 2 GiB and more stays outside when so much is subtracted. */
    static final int NEGATIVE = 4096;

    private static final VarHandle SHORT = MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private Bytes() {}

    /** Where the access is, or something negative: sums do not wrap, and what is beyond 2 GiB is nowhere. */
    public static int at(int address, int offset) {
        return address + offset | address >> 31;
    }

    /** The same of an address of 64 bits that was compared with the memory's length, or of one that is given unsigned. */
    public static int at(long address, long offset) {
        long sum = address + offset;
        return sum >>> 31 == 0 ? (int) sum : -1;
    }

    public static byte get8(byte[] memory, int at) {
        return memory[Objects.checkIndex(at, memory.length)];
    }

    public static short get16(byte[] memory, int at) {
        return (short) SHORT.get(memory, at);
    }

    public static int get32(byte[] memory, int at) {
        return (int) INT.get(memory, at);
    }

    public static long get64(byte[] memory, int at) {
        return (long) LONG.get(memory, at);
    }

    /** The upper half of a vector, whose lower one is inside. */
    public static long getUpper(byte[] memory, int at) {
        return (long) LONG.get(memory, at + Long.BYTES);
    }

    /** Writes nothing if one of the halves is outside. */
    public static void set128(byte[] memory, int at, long low, long high) {
        Objects.checkIndex(at, memory.length - (2 * Long.BYTES - 1));
        LONG.set(memory, at, low);
        LONG.set(memory, at + Long.BYTES, high);
    }

    public static void set8(byte[] memory, int at, int value) {
        memory[Objects.checkIndex(at, memory.length)] = (byte) value;
    }

    public static void set16(byte[] memory, int at, int value) {
        SHORT.set(memory, at, (short) value);
    }

    public static void set32(byte[] memory, int at, int value) {
        INT.set(memory, at, value);
    }

    public static void set64(byte[] memory, int at, long value) {
        LONG.set(memory, at, value);
    }
}
