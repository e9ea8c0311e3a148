package org.sallyport.engine.heap;

import java.util.Arrays;

/** A set of places in the heap: a bit for each 8 bytes. Places are the heap's offsets. */
final class PlaceSet {
    private static final int WORD_LOG2 = 9;

    private long[] words = {};

    /** The word that has the bit of a place. */
    static int word(long place) {
        return (int) (place >>> WORD_LOG2);
    }

    static long bit(long place) {
        return 1L << (place >>> 3);
    }

    int words() {
        return words.length;
    }

    long word(int index) {
        return words[index];
    }

    void grow(int size) {
        words = Arrays.copyOf(words, size);
    }

    boolean has(long place) {
        return (words[word(place)] & bit(place)) != 0;
    }

    /** @return whether it was not in the set before */
    boolean add(long place) {
        int word = word(place);
        long before = words[word];
        long after = before | bit(place);
        words[word] = after;
        return before != after;
    }

    /** Removes all below the end. */
    void clear(long end) {
        Arrays.fill(words, 0, word(end), 0);
    }

    /** Has what the other one has between the places, and perhaps a few around them. */
    void copy(PlaceSet other, long from, long to) {
        int first = word(from);
        System.arraycopy(other.words, first, words, first, word(to - 1) + 1 - first);
    }

    /** The next one from there on; {@code end} if none is below that. */
    long next(long from, long end) {
        if (from >= end) {
            return end;
        }
        int word = word(from);
        int last = word(end - 1);
        long bits = words[word] & -1L << (from >>> 3);
        while (bits == 0) {
            if (++word > last) {
                return end;
            }
            bits = words[word];
        }
        return Math.min(end, ((long) word << WORD_LOG2) + (Long.numberOfTrailingZeros(bits) << 3));
    }
}
