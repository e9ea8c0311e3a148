package org.sallyport.codegen.lir;

import java.util.Arrays;
import org.sallyport.codegen.meter.Meter;

/**
 * The 128-bit constants of a function, beside the instructions, which have room for a number only. Each value is there once, so
 * that equal numbers mean equal constants; number 0 is zero. Graph and machine instructions of a function speak of the same
 * numbers.
 */
public final class WideConstants {
    /** The number of the constant zero. */
    public static final int ZERO = 0;

    private static final int ENTRY_BYTES = 16 + 2 * 4;

    /** Arrays that are larger do not stay for the next function. */
    private static final int KEPT = 512;

    private final Meter meter;
    /** Low and high half of each. */
    private long[] halves = new long[16];
    private int count;
    /** Hash table of numbers plus one. */
    private int[] table = new int[16];

    public WideConstants(Meter meter) {
        this.meter = meter;
        clear();
    }

    /** Only zero is left. */
    public void clear() {
        if (halves.length > KEPT) {
            halves = new long[16];
            table = new int[16];
        } else {
            Arrays.fill(table, 0);
        }
        count = 0;
        number(0, 0);
    }

    /** Makes this mean the same as {@code other}. */
    public void copyOf(WideConstants other) {
        if (halves.length < other.halves.length) {
            meter.take((long) (other.halves.length - halves.length) / 2 * ENTRY_BYTES);
            halves = new long[other.halves.length];
            table = new int[other.table.length];
        }
        System.arraycopy(other.halves, 0, halves, 0, 2 * other.count);
        count = other.count;
        Arrays.fill(table, 0);
        for (int i = 0; i < count; i++) {
            table[slot(halves[2 * i], halves[2 * i + 1])] = i + 1;
        }
    }

    /** All numbers are smaller. */
    public int size() {
        return count;
    }

    /** The number of a value. */
    public int number(long low, long high) {
        int slot = slot(low, high);
        if (table[slot] != 0) {
            return table[slot] - 1;
        }
        if (2 * count == halves.length) {
            grow();
            slot = slot(low, high);
        }
        halves[2 * count] = low;
        halves[2 * count + 1] = high;
        table[slot] = ++count;
        return count - 1;
    }

    /** Where the value is in the table, or would be: at most half of it is used. */
    private int slot(long low, long high) {
        long h = (low * 31 + high) * 0x9E37_79B9_7F4A_7C15L;
        int slot = (int) (h >>> 40) & table.length - 1;
        while (table[slot] != 0 && !is(table[slot] - 1, low, high)) {
            slot = slot + 1 & table.length - 1;
        }
        return slot;
    }

    private boolean is(int number, long low, long high) {
        return halves[2 * number] == low && halves[2 * number + 1] == high;
    }

    private void grow() {
        meter.take((long) halves.length / 2 * ENTRY_BYTES);
        halves = Arrays.copyOf(halves, 2 * halves.length);
        table = new int[halves.length];
        for (int i = 0; i < count; i++) {
            table[slot(halves[2 * i], halves[2 * i + 1])] = i + 1;
        }
    }

    /** Bytes 0 to 7. */
    public long low(int number) {
        return halves[2 * number];
    }

    /** Bytes 8 to 15. */
    public long high(int number) {
        return halves[2 * number + 1];
    }

    /** Byte {@code i} of 16, unsigned. */
    public int at(int number, int i) {
        return (int) (halves[2 * number + (i >> 3)] >>> 8 * (i & 7)) & 0xFF;
    }
}
