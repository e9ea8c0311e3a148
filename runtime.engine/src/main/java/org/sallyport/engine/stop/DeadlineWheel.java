package org.sallyport.engine.stop;

import org.jspecify.annotations.Nullable;

/**
 * Who is to be looked at when: a wheel of lists, one for each of the next {@value #SLOTS} ticks of about a millisecond.
 * Putting in and taking out take a few steps, however many there are. Whoever is due later than the wheel reaches is
 * looked at when it ends, and put in again. Used by one thread; allocates nothing.
 */
final class DeadlineWheel {
    static final int SLOTS = 1024;
    /** log2 of the nanoseconds of a tick. */
    private static final int TICK = 20;
    /** How far it reaches, in nanoseconds: about a second. */
    static final long HORIZON = (long) (SLOTS - 2) << TICK;

    private final @Nullable Watch[] slots = new Watch[SLOTS];
    /** No watch of the slot is due before. */
    private final long[] earliest = new long[SLOTS];
    /** One bit for each slot: whether it has any. */
    private final long[] occupied = new long[SLOTS / Long.SIZE];
    private int count;
    /** Nothing is due before this tick. */
    private long cursor;

    DeadlineWheel(long now) {
        cursor = now >> TICK;
    }

    boolean isEmpty() {
        return count == 0;
    }

    int count() {
        return count;
    }

    /**
     * Puts it in, or moves it. Whoever is due already is due at once.
     *
     * @param now of the last {@link #due}
     */
    void put(Watch watch, long at, long now) {
        takeOut(watch);
        long capped = at - now > HORIZON ? now + HORIZON : at;
        long tick = Math.max(capped >> TICK, cursor);
        int slot = (int) (tick & SLOTS - 1);
        Watch first = slots[slot];
        watch.slot = slot;
        watch.next = first;
        if (first == null) {
            occupied[slot >> 6] |= 1L << slot;
            earliest[slot] = capped;
        } else {
            first.previous = watch;
            if (capped - earliest[slot] < 0) {
                earliest[slot] = capped;
            }
        }
        slots[slot] = watch;
        count++;
        watch.at = capped;
    }

    /** Takes it out if it is in. */
    void takeOut(Watch watch) {
        int slot = watch.slot;
        if (slot < 0) {
            return;
        }
        Watch before = watch.previous;
        Watch behind = watch.next;
        if (before != null) {
            before.next = behind;
        } else {
            slots[slot] = behind;
            if (behind == null) {
                occupied[slot >> 6] &= ~(1L << slot);
            }
        }
        if (behind != null) {
            behind.previous = before;
        }
        watch.previous = null;
        watch.next = null;
        watch.slot = -1;
        watch.at = Watched.NEVER;
        count--;
    }

    /**
     * Takes out all that are due, and chains them by {@link Watch#nextDue}.
     *
     * @param behind what to chain them to
     */
    @Nullable Watch due(long now, @Nullable Watch behind) {
        long last = now >> TICK;
        Watch chain = behind;
        if (count != 0) {
            long from = last - cursor >= SLOTS ? last - SLOTS + 1 : cursor;
            for (long tick = from; tick <= last; tick++) {
                int slot = (int) (tick & SLOTS - 1);
                if (slots[slot] != null && earliest[slot] - now <= 0) {
                    chain = dueIn(slot, now, chain);
                }
            }
        }
        cursor = Math.max(last, cursor);
        return chain;
    }

    private @Nullable Watch dueIn(int slot, long now, @Nullable Watch behind) {
        Watch chain = behind;
        long first = Long.MAX_VALUE;
        Watch watch = slots[slot];
        while (watch != null) {
            Watch following = watch.next;
            if (watch.at - now <= 0) {
                takeOut(watch);
                watch.nextDue = chain;
                chain = watch;
            } else {
                first = Math.min(first, watch.at);
            }
            watch = following;
        }
        earliest[slot] = first;
        return chain;
    }

    /** A time before which nothing is due, and not long before that; {@code otherwise} if it is empty. */
    long earliest(long otherwise) {
        if (count == 0) {
            return otherwise;
        }
        int start = (int) (cursor & SLOTS - 1);
        for (int i = 0; i <= occupied.length; i++) {
            int word = (start >> 6) + i & occupied.length - 1;
            long bits = occupied[word];
            if (i == 0) {
                bits &= -1L << start;
            } else if (i == occupied.length) {
                bits &= ~(-1L << start);
            }
            if (bits != 0) {
                return earliest[word << 6 | Long.numberOfTrailingZeros(bits)];
            }
        }
        throw new AssertionError("BUG: " + count + " watches in no slot");
    }
}
