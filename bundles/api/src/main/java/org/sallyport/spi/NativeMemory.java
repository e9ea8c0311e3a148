package org.sallyport.spi;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;

/**
 * Plain access to native memory by address, for the runtime core and the instance allocator. Nothing is checked:
 * whoever calls has made sure that the address is mapped. Native byte order, any alignment and no memory ordering but where
 * it is said.
 */
public final class NativeMemory {
    private static final MemorySegment ALL = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);

    private NativeMemory() {}

    /** For those who cannot see this class. */
    static MemorySegment all() {
        return ALL;
    }

    public static byte getByte(long address) {
        return ALL.get(ValueLayout.JAVA_BYTE, address);
    }

    public static short getShort(long address) {
        return ALL.get(ValueLayout.JAVA_SHORT_UNALIGNED, address);
    }

    public static int getInt(long address) {
        return ALL.get(ValueLayout.JAVA_INT_UNALIGNED, address);
    }

    public static long getLong(long address) {
        return ALL.get(ValueLayout.JAVA_LONG_UNALIGNED, address);
    }

    public static float getFloat(long address) {
        return Float.intBitsToFloat(getInt(address));
    }

    public static double getDouble(long address) {
        return Double.longBitsToDouble(getLong(address));
    }

    public static void putByte(long address, byte value) {
        ALL.set(ValueLayout.JAVA_BYTE, address, value);
    }

    public static void putShort(long address, short value) {
        ALL.set(ValueLayout.JAVA_SHORT_UNALIGNED, address, value);
    }

    public static void putInt(long address, int value) {
        ALL.set(ValueLayout.JAVA_INT_UNALIGNED, address, value);
    }

    public static void putLong(long address, long value) {
        ALL.set(ValueLayout.JAVA_LONG_UNALIGNED, address, value);
    }

    /** The same; who sees the value, also in machine code, sees all that was stored before. */
    public static void putLongRelease(long address, long value) {
        VarHandle.releaseFence();
        putLong(address, value);
    }

    /** In program order with other opaque accesses, as compilers see it; the processor may swap them. A multiple of 8. */
    public static long getLongOpaque(long address) {
        return (long) Atomic.LONG.getOpaque(ALL, address);
    }

    /** Likewise. */
    public static void putLongOpaque(long address, long value) {
        Atomic.LONG.setOpaque(ALL, address, value);
    }

    // ---- atomic access, sequentially consistent; addresses are multiples of the size

    public static int getIntVolatile(long address) {
        return (int) Atomic.INT.getVolatile(ALL, address);
    }

    public static long getLongVolatile(long address) {
        return (long) Atomic.LONG.getVolatile(ALL, address);
    }

    public static void putIntVolatile(long address, int value) {
        Atomic.INT.setVolatile(ALL, address, value);
    }

    public static void putLongVolatile(long address, long value) {
        Atomic.LONG.setVolatile(ALL, address, value);
    }

    public static int getAndAddInt(long address, int delta) {
        return (int) Atomic.INT.getAndAdd(ALL, address, delta);
    }

    public static long getAndAddLong(long address, long delta) {
        return (long) Atomic.LONG.getAndAdd(ALL, address, delta);
    }

    public static int compareAndExchangeInt(long address, int expected, int value) {
        return (int) Atomic.INT.compareAndExchange(ALL, address, expected, value);
    }

    public static long compareAndExchangeLong(long address, long expected, long value) {
        return (long) Atomic.LONG.compareAndExchange(ALL, address, expected, value);
    }

    /** Made when the first one needs them. */
    private static final class Atomic {
        static final VarHandle INT = ValueLayout.JAVA_INT.varHandle();
        static final VarHandle LONG = ValueLayout.JAVA_LONG.varHandle();
    }

    /** Stores the bits as they are, a signalling NaN too. */
    public static void putFloat(long address, float value) {
        putInt(address, Float.floatToRawIntBits(value));
    }

    /** Stores the bits as they are, a signalling NaN too. */
    public static void putDouble(long address, double value) {
        putLong(address, Double.doubleToRawLongBits(value));
    }

    public static void fill(long address, long length, byte value) {
        ALL.asSlice(address, length).fill(value);
    }

    /** Ranges may overlap. */
    public static void copy(long source, long target, long length) {
        MemorySegment.copy(ALL, source, ALL, target, length);
    }

    public static void read(long address, byte[] target, int offset, int length) {
        MemorySegment.copy(ALL, ValueLayout.JAVA_BYTE, address, target, offset, length);
    }

    public static void write(long address, byte[] source, int offset, int length) {
        MemorySegment.copy(source, offset, ALL, ValueLayout.JAVA_BYTE, address, length);
    }

    public static void write(long address, long[] source, int offset, int length) {
        MemorySegment.copy(source, offset, ALL, ValueLayout.JAVA_LONG_UNALIGNED, address, length);
    }

    /** The range as a segment that never ends; whoever hands it out must bound its life. */
    public static MemorySegment segment(long address, long length) {
        return MemorySegment.ofAddress(address).reinterpret(length);
    }
}
