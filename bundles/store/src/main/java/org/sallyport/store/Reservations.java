package org.sallyport.store;

import java.util.concurrent.atomic.AtomicReference;

import org.sallyport.store.LinuxMemory.Ranges;

/**
 * What a {@link LinuxMemory} has reserved, by address. Four words for each reservation, in one array as the last will wants
 * them ({@link org.sallyport.spi.LastWill#withReservations}): address, size, mappings, and {@link #FOR_EVER} or {@link
 * #REFUSED}; the address is 0 where there is none. An open hash table with linear probing. Adding may need Java heap; all
 * else allocates nothing, so that a full heap keeps no reservation. Whoever uses it holds its monitor.
 */
final class Reservations {
    static final int WORDS = 4;
    /** It is never given back. */
    static final long FOR_EVER = 1;
    /** Nobody uses it any more, and the operating system did not take it back. */
    static final long REFUSED = 2;

    private static final int BYTES = 1;
    private static final int MAPPINGS = 2;
    private static final int STATE = 3;
    /** Fibonacci hashing. */
    private static final long SCATTER = 0x9E37_79B9_7F4A_7C15L;
    private static final int FIRST = 16;

    private final AtomicReference<long[]> table = new AtomicReference<>(new long[FIRST * WORDS]);
    private long[] words = table.get();
    private int count;
    private int refused;
    private long bytes;

    /** For a will. */
    AtomicReference<long[]> table() {
        return table;
    }

    int count() {
        return count;
    }

    /** Of all reservations. */
    long bytes() {
        return bytes;
    }

    /** Makes sure that {@link #add} needs no memory. */
    void makeRoom() {
        if (2 * (count + 1) * WORDS > words.length) {
            long[] larger = new long[2 * words.length];
            for (int at = 0; at < words.length; at += WORDS) {
                if (words[at] != 0) {
                    System.arraycopy(words, at, larger, place(larger, words[at]), WORDS);
                }
            }
            words = larger;
            table.set(larger);
        }
    }

    /** After {@link #makeRoom}. */
    void add(long address, long size, long mappings) {
        int at = place(words, address);
        if (words[at] != 0) {
            throw new AssertionError("BUG: the system gave 0x" + Long.toHexString(address) + " twice");
        }
        words[at + BYTES] = size;
        words[at + MAPPINGS] = mappings;
        words[at + STATE] = 0;
        words[at] = address;
        count++;
        bytes += size;
    }

    /** @return its place, as long as nothing else is added or removed, or -1 */
    int find(long address) {
        int at = place(words, address);
        return address != 0 && words[at] == address ? at : -1;
    }

    long address(int at) {
        return words[at];
    }

    long bytes(int at) {
        return words[at + BYTES];
    }

    long mappings(int at) {
        return words[at + MAPPINGS];
    }

    long state(int at) {
        return words[at + STATE];
    }

    void keepForEver(int at) {
        words[at + STATE] |= FOR_EVER;
    }

    /** The system did not take it back. */
    void refuse(int at) {
        if ((words[at + STATE] & REFUSED) == 0) {
            words[at + STATE] |= REFUSED;
            refused++;
        }
    }

    /** The place of one that the system did not take back, or -1. */
    int anyRefused() {
        for (int at = 0; refused > 0 && at < words.length; at += WORDS) {
            if (words[at] != 0 && (words[at + STATE] & REFUSED) != 0) {
                return at;
            }
        }
        return -1;
    }

    /** Those behind that had to go on for it come closer to where they belong. */
    void remove(int place) {
        count--;
        bytes -= words[place + BYTES];
        refused -= (int) ((words[place + STATE] & REFUSED) / REFUSED);
        int mask = words.length - 1;
        int free = place;
        for (int at = place + WORDS & mask; words[at] != 0; at = at + WORDS & mask) {
            int home = home(words, words[at]);
            if ((at - home & mask) >= (at - free & mask)) {
                words[free] = words[at];
                words[free + BYTES] = words[at + BYTES];
                words[free + MAPPINGS] = words[at + MAPPINGS];
                words[free + STATE] = words[at + STATE];
                free = at;
            }
        }
        words[free] = 0;
    }

    /** Where the address is, or may come. */
    private static int place(long[] words, long address) {
        int at = home(words, address);
        while (words[at] != 0 && words[at] != address) {
            at = at + WORDS & words.length - 1;
        }
        return at;
    }

    private static int home(long[] words, long address) {
        return (int) (address * SCATTER >>> 33) * WORDS & words.length - 1;
    }

    void eachRange(Ranges ranges) {
        for (int at = 0; at < words.length; at += WORDS) {
            if (words[at] != 0) {
                ranges.add("reservation", words[at], words[at + BYTES]);
            }
        }
    }
}
