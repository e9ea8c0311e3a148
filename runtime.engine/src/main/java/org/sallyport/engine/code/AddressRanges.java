package org.sallyport.engine.code;

import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeSet;

import org.jspecify.annotations.Nullable;

/**
 * Which parts of a stretch of addresses are taken. Parts have any size and are given back in any order; free neighbours
 * become one. A request gets the smallest free part that is large enough, of several the lowest. Each operation takes
 * time logarithmic in the number of parts. Not thread-safe.
 *
 * <p>Free parts are immutable and are in two orders; no entry of a map is ever held. What must be true at any time is
 * what {@link #check} checks. Free is what is not taken: where the Java heap is full in the middle of a change of the two
 * orders, whoever comes next makes them anew.
 */
final class AddressRanges {
    /** A free part. The end is exclusive. */
    private record Hole(long start, long end) {
        long size() {
            return end - start;
        }
    }

    private static final Comparator<Hole> BY_START = (a, b) -> Long.compare(a.start, b.start);
    private static final Comparator<Hole> BY_SIZE =
            (a, b) -> a.size() != b.size() ? Long.compare(a.size(), b.size()) : Long.compare(a.start, b.start);

    private final long start;
    private final long end;
    private final TreeSet<Hole> byStart = new TreeSet<>(BY_START);
    private final TreeSet<Hole> bySize = new TreeSet<>(BY_SIZE);
    /** Ends of the taken parts by their starts. */
    private final Map<Long, Long> taken = new HashMap<>();
    private long used;
    /** Whether the two orders are to be made anew. */
    private boolean stale;

    /** All of it is free. @param end exclusive */
    AddressRanges(long start, long end) {
        this.start = start;
        this.end = end;
        add(new Hole(start, end));
    }

    /** The start of a part that is now the caller's, or -1 if no free part is large enough. */
    long take(long size) {
        if (size <= 0) {
            throw new AssertionError("BUG: a range of " + size + " bytes");
        }
        refresh();
        Hole hole = bySize.ceiling(new Hole(0, size));
        if (hole == null) {
            return -1;
        }
        long first = hole.start;
        taken.put(first, first + size);
        used += size;
        try {
            stale = true;
            remove(hole);
            if (hole.size() > size) {
                add(new Hole(first + size, hole.end));
            }
            stale = false;
        } finally {
            if (stale) {
                taken.remove(first);
                used -= size;
            }
        }
        return first;
    }

    /** Makes the two orders from what is taken, if they are not right. */
    private void refresh() {
        if (!stale) {
            return;
        }
        byStart.clear();
        bySize.clear();
        long[] starts = new long[taken.size()];
        int count = 0;
        for (long one : taken.keySet()) {
            starts[count++] = one;
        }
        Arrays.sort(starts);
        long from = start;
        for (long one : starts) {
            addIfAny(from, one);
            from = end(one);
        }
        addIfAny(from, end);
        stale = false;
    }

    private void addIfAny(long from, long to) {
        if (from < to) {
            add(new Hole(from, to));
        }
    }

    /** The end of the part that was taken at {@code first}. */
    long end(long first) {
        return known(first, taken.get(first));
    }

    /** Makes the end of a part free. @param last the new end, behind the start */
    void shrink(long first, long last) {
        long before = end(first);
        if (last <= first || last > before) {
            throw new AssertionError("BUG: 0x%x to 0x%x is to end at 0x%x".formatted(first, before, last));
        }
        if (last < before) {
            taken.put(last, before);
            taken.put(first, last); // allocates nothing: it is there
            giveBack(last);
        }
    }

    /**
     * Makes a part free that was taken.
     *
     * @throws VirtualMachineError if there is no heap or stack for it; then nothing has changed
     */
    void giveBack(long first) {
        long last = known(first, taken.remove(first));
        used -= last - first;
        boolean wasStale = stale;
        stale = true;
        if (!wasStale) {
            try {
                addFree(first, last);
                stale = false;
            } catch (VirtualMachineError e) {
                // whoever comes next makes the two orders anew
            }
        }
    }

    private void addFree(long first, long last) {
        Hole below = byStart.lower(new Hole(first, last));
        Hole above = byStart.higher(new Hole(first, last));
        boolean joinsBelow = below != null && below.end == first;
        boolean joinsAbove = above != null && above.start == last;
        if (joinsBelow) {
            remove(below);
        }
        if (joinsAbove) {
            remove(above);
        }
        add(new Hole(joinsBelow ? below.start : first, joinsAbove ? above.end : last));
    }

    /** Whether all of the range is taken, by whatever parts. @param last exclusive */
    boolean isTaken(long first, long last) {
        refresh();
        Hole below = byStart.lower(new Hole(last, last));
        return first >= start && last <= end && (below == null || below.end <= first);
    }

    private static long known(long first, @Nullable Long last) {
        if (last == null) {
            throw new AssertionError("BUG: nothing is taken at 0x" + Long.toHexString(first));
        }
        return last;
    }

    private void add(Hole hole) {
        if (!byStart.add(hole) || !bySize.add(hole)) {
            throw new AssertionError("BUG: free twice: " + hole);
        }
    }

    private void remove(Hole hole) {
        if (!byStart.remove(hole) || !bySize.remove(hole)) {
            throw new AssertionError("BUG: not free: " + hole);
        }
    }

    /** Bytes that are taken. */
    long used() {
        return used;
    }

    /** Parts that are taken. */
    int count() {
        return taken.size();
    }

    /** Size of the largest free part. */
    long largest() {
        refresh();
        return bySize.isEmpty() ? 0 : bySize.last().size();
    }

    /**
     * Checks that taken and free parts are disjoint, inside, and together the whole, and that no two free parts touch.
     * Takes time proportional to their number.
     *
     * @return true, so that an assertion can say it
     * @throws AssertionError if not
     */
    boolean check() {
        refresh();
        TreeSet<Hole> parts = new TreeSet<>(BY_START);
        for (Map.Entry<Long, Long> one : taken.entrySet()) {
            parts.add(new Hole(one.getKey(), one.getValue()));
        }
        require(parts.size() == taken.size(), "two parts taken at one address");
        require(byStart.size() == bySize.size() && byStart.containsAll(bySize), "the two orders differ");
        for (Hole hole : byStart) {
            require(parts.add(hole), "taken and free: ", hole);
        }
        long at = start;
        boolean free = false;
        long inUse = 0;
        for (Hole part : parts) {
            require(part.start == at && part.end > at && part.end <= end, "overlap, gap or outside: ", part);
            boolean isTaken = taken.containsKey(part.start);
            require(isTaken || !free, "free parts that touch: ", part);
            free = !isTaken;
            inUse += isTaken ? part.size() : 0;
            at = part.end;
        }
        require(at == end, "the end is missing");
        require(inUse == used, "the sum is wrong");
        return true;
    }

    private void require(boolean condition, Object... what) {
        if (!condition) {
            StringBuilder text = new StringBuilder("BUG: ");
            for (Object part : what) {
                text.append(part);
            }
            throw new AssertionError(text.append(" in ").append(this));
        }
    }

    @Override
    public String toString() {
        return "0x%x to 0x%x: %d taken, %d bytes, %d free parts".formatted(start, end, taken.size(), used, byStart.size());
    }
}
