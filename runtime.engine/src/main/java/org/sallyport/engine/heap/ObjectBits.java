package org.sallyport.engine.heap;

import java.util.Arrays;

/**
 * Where objects begin, and which of them are marked: a bit for each 8 bytes of the heap. Behind a collection both are the same;
 * until the next one the marks stay, and say which objects are old. Places are the heap's offsets.
 */
final class ObjectBits {
    private long[] starts = {};
    private long[] marks = {};
    /** By 4 KiB: the start of the object that the first byte belonged to, when it was made. */
    private int[] reaching = {};

    /** Words of a set of bits. */
    int words() {
        return starts.length;
    }

    void grow(int words) {
        reaching = Arrays.copyOf(reaching, (words >>> 3) + 1);
        marks = Arrays.copyOf(marks, words);
        starts = Arrays.copyOf(starts, words);
    }

    static int word(long place) {
        return (int) (place >>> 9);
    }

    private static long bit(long place) {
        return 1L << (place >>> 3);
    }

    // ---- starts

    void setStart(long place, long bytes) {
        starts[word(place)] |= bit(place);
        reach(place, bytes);
    }

    /** Notes an object where it may be searched for from its middle. */
    void reach(long place, long bytes) {
        for (long page = (place >>> 12) + 1; page <= place + bytes - 1 >>> 12; page++) {
            reaching[(int) page] = (int) place;
        }
    }

    boolean isStart(long place) {
        return (starts[word(place)] & bit(place)) != 0;
    }

    /** Where an object may begin that the byte at the offset belongs to; 0 if there is none. */
    long startBefore(long offset) {
        int word = word(offset);
        int first = (int) (offset >>> 12) << 3;
        long bits = starts[word] & -1L >>> 63 - (offset >>> 3 & 63);
        while (bits == 0 && word > first) {
            bits = starts[--word];
        }
        return bits != 0
                ? ((long) word << 9) + ((63 - Long.numberOfLeadingZeros(bits)) << 3)
                : reaching[(int) (offset >>> 12)] & 0xFFFF_FFFFL;
    }

    /** The next object from there on; {@code end} if none. */
    long nextStart(long from, long end) {
        return next(starts, from, end);
    }

    // ---- marks

    /** @return whether it was not marked before */
    boolean mark(long place) {
        int word = word(place);
        boolean isNew = (marks[word] & bit(place)) == 0;
        marks[word] |= bit(place);
        return isNew;
    }

    void clearMarks(long end) {
        Arrays.fill(marks, 0, word(end), 0);
    }

    /** The next marked object from there on; {@code end} if none. */
    long nextMarked(long from, long end) {
        return next(marks, from, end);
    }

    /** From now on only what is marked is an object. A few bits around the places are copied, too. */
    void keepMarked(long from, long to) {
        int first = word(from);
        System.arraycopy(marks, first, starts, first, word(to - 1) + 1 - first);
    }

    private static long next(long[] set, long from, long end) {
        if (from >= end) {
            return end;
        }
        int word = word(from);
        int last = word(end - 1);
        long bits = set[word] & -1L << (from >>> 3);
        while (bits == 0) {
            if (++word > last) {
                return end;
            }
            bits = set[word];
        }
        return Math.min(end, ((long) word << 9) + (Long.numberOfTrailingZeros(bits) << 3));
    }
}
