package org.sallyport.codegen.bytecode;

import org.sallyport.codegen.ir.Op;

/**
 * Atomic accesses to a memory in an array, as generated code calls them: only the thread inside the store sees it, so that they
 * are plain ones. What both kinds of memory need is here, too.
 */
public final class Atomics {
    static final int ADD = 0;
    static final int AND = 1;
    static final int OR = 2;
    static final int XOR = 3;
    static final int EXCHANGE = 4;

    private Atomics() {}

    /** What an operation of the graph does to the value in memory. */
    static int how(Op op) {
        return switch (op) {
            case ATOMIC_ADD -> ADD;
            case ATOMIC_AND -> AND;
            case ATOMIC_OR -> OR;
            case ATOMIC_XOR -> XOR;
            case ATOMIC_XCHG -> EXCHANGE;
            default -> throw new AssertionError("BUG: no modification: " + op);
        };
    }

    static long combined(long old, long value, int how) {
        return switch (how) {
            case ADD -> old + value;
            case AND -> old & value;
            case OR -> old | value;
            case XOR -> old ^ value;
            default -> value;
        };
    }

    private static long mask(int bytes) {
        return (1L << 8 * bytes) - 1;
    }

    /** A value of at most 4 bytes in the word around it. */
    static long part(int word, long at, int bytes) {
        return (word & 0xFFFF_FFFFL) >>> 8 * (int) (at & 3) & mask(bytes);
    }

    /** The word with another value there. */
    static int with(int word, long at, int bytes, long value) {
        int shift = 8 * (int) (at & 3);
        return (int) (word & ~(mask(bytes) << shift) | (value & mask(bytes)) << shift);
    }

    // ---- memories in arrays

    /** Extended with zeros. @param bytes 1, 2, 4 or 8 */
    public static long load(byte[] memory, int at, int bytes) {
        return switch (bytes) {
            case 1 -> Bytes.get8(memory, at) & 0xFF;
            case 2 -> Bytes.get16(memory, at) & 0xFFFF;
            case 4 -> Bytes.get32(memory, at) & 0xFFFF_FFFFL;
            default -> Bytes.get64(memory, at);
        };
    }

    public static void store(byte[] memory, int at, long value, int bytes) {
        switch (bytes) {
            case 1 -> Bytes.set8(memory, at, (int) value);
            case 2 -> Bytes.set16(memory, at, (int) value);
            case 4 -> Bytes.set32(memory, at, (int) value);
            default -> Bytes.set64(memory, at, value);
        }
    }

    /** @return what was there, extended with zeros */
    public static long modify(byte[] memory, int at, long value, int bytes, int how) {
        long old = load(memory, at, bytes);
        store(memory, at, combined(old, value, how), bytes);
        return old;
    }

    /** Writes if what is there, extended with zeros, is all that is expected. @return what was there, extended with zeros */
    public static long exchange(byte[] memory, int at, long expected, long value, int bytes) {
        long old = load(memory, at, bytes);
        if (old == expected) {
            store(memory, at, value, bytes);
        }
        return old;
    }
}
