package org.sallyport.codegen.bytecode;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import org.sallyport.spi.SegmentMemory;

/**
 * Accesses to a shared memory, as generated code calls them: named and addressed as those of {@link Bytes}, and what is outside
 * throws the same.
 */
public final class SharedBytes {
    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle INTS = ValueLayout.JAVA_INT.withOrder(ByteOrder.LITTLE_ENDIAN).varHandle();
    private static final VarHandle LONGS = ValueLayout.JAVA_LONG.withOrder(ByteOrder.LITTLE_ENDIAN).varHandle();

    private SharedBytes() {}

    private static long inside(SegmentMemory memory, int at, int bytes) {
        long length = memory.length;
        if (at < 0 || at > length - bytes) {
            throw new IndexOutOfBoundsException();
        }
        return at;
    }

    public static byte get8(SegmentMemory memory, int at) {
        return memory.bytes.get(ValueLayout.JAVA_BYTE, inside(memory, at, 1));
    }

    public static short get16(SegmentMemory memory, int at) {
        return memory.bytes.get(SHORT, inside(memory, at, Short.BYTES));
    }

    public static int get32(SegmentMemory memory, int at) {
        return memory.bytes.get(INT, inside(memory, at, Integer.BYTES));
    }

    public static long get64(SegmentMemory memory, int at) {
        return memory.bytes.get(LONG, inside(memory, at, Long.BYTES));
    }

    /** The upper half of a vector, whose lower one is inside. */
    public static long getUpper(SegmentMemory memory, int at) {
        return memory.bytes.get(LONG, inside(memory, at + Long.BYTES, Long.BYTES));
    }

    public static void set8(SegmentMemory memory, int at, int value) {
        memory.bytes.set(ValueLayout.JAVA_BYTE, inside(memory, at, 1), (byte) value);
    }

    public static void set16(SegmentMemory memory, int at, int value) {
        memory.bytes.set(SHORT, inside(memory, at, Short.BYTES), (short) value);
    }

    public static void set32(SegmentMemory memory, int at, int value) {
        memory.bytes.set(INT, inside(memory, at, Integer.BYTES), value);
    }

    public static void set64(SegmentMemory memory, int at, long value) {
        memory.bytes.set(LONG, inside(memory, at, Long.BYTES), value);
    }

    /** Writes nothing if one of the halves is outside. */
    public static void set128(SegmentMemory memory, int at, long low, long high) {
        long to = inside(memory, at, 2 * Long.BYTES);
        memory.bytes.set(LONG, to, low);
        memory.bytes.set(LONG, to + Long.BYTES, high);
    }

    // ---- atomic accesses: at multiples of their size

    /** Extended with zeros. @param bytes 1, 2, 4 or 8 */
    public static long load(SegmentMemory memory, int at, int bytes) {
        long from = inside(memory, at, bytes);
        if (bytes == Long.BYTES) {
            return (long) LONGS.getVolatile(memory.bytes, from);
        }
        int word = (int) INTS.getVolatile(memory.bytes, from & -Integer.BYTES);
        return Atomics.part(word, from, bytes);
    }

    public static void store(SegmentMemory memory, int at, long value, int bytes) {
        if (bytes == Long.BYTES) {
            LONGS.setVolatile(memory.bytes, inside(memory, at, bytes), value);
        } else if (bytes == Integer.BYTES) {
            INTS.setVolatile(memory.bytes, inside(memory, at, bytes), (int) value);
        } else {
            modify(memory, at, value, bytes, Atomics.EXCHANGE);
        }
    }

    /** @return what was there, extended with zeros */
    public static long modify(SegmentMemory memory, int at, long value, int bytes, int how) {
        long place = inside(memory, at, bytes);
        MemorySegment all = memory.bytes;
        if (bytes == Long.BYTES) {
            while (true) {
                long old = (long) LONGS.getVolatile(all, place);
                if (LONGS.compareAndSet(all, place, old, Atomics.combined(old, value, how))) {
                    return old;
                }
            }
        }
        long around = place & -Integer.BYTES;
        while (true) {
            int word = (int) INTS.getVolatile(all, around);
            long old = Atomics.part(word, place, bytes);
            if (INTS.compareAndSet(all, around, word, Atomics.with(word, place, bytes, Atomics.combined(old, value, how)))) {
                return old;
            }
        }
    }

    /** Writes if what is there, extended with zeros, is all that is expected. @return what was there, extended with zeros */
    public static long exchange(SegmentMemory memory, int at, long expected, long value, int bytes) {
        long place = inside(memory, at, bytes);
        MemorySegment all = memory.bytes;
        if (bytes == Long.BYTES) {
            return (long) LONGS.compareAndExchange(all, place, expected, value);
        }
        long around = place & -Integer.BYTES;
        while (true) {
            int word = (int) INTS.getVolatile(all, around);
            long old = Atomics.part(word, place, bytes);
            if (old != expected || INTS.compareAndSet(all, around, word, Atomics.with(word, place, bytes, value))) {
                return old;
            }
        }
    }
}
