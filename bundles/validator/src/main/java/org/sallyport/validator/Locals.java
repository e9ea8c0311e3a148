package org.sallyport.validator;

import static org.sallyport.validator.Problem.UNINITIALIZED_LOCAL;
import static org.sallyport.validator.Problem.UNKNOWN_LOCAL;

import java.util.Arrays;

/**
 * The locals of a body: their types, and which of those that have no initial value have been set (WebAssembly 3.0,
 * 3.4.11 and appendix 7.6). The first ones lie in an array; the many that a body may declare in a few bytes stay runs.
 */
final class Locals {
    private static final int FLAT = 128;

    private final int[] flat = new int[FLAT];
    private int[] runTypes = new int[8];
    /** Index behind the last local of each run. */
    private int[] runEnds = new int[8];
    private int runs;
    private int count;

    /** Parameters come first and always have values. */
    private int params;
    /** One bit for each local without an initial value that was set in the current frames. */
    private long[] set = {};
    /** Those locals in the order in which they were set. */
    private int[] order = new int[8];
    private int ordered;

    void reset(int[] parameters) {
        backTo(0);
        runs = 0;
        count = 0;
        for (int type : parameters) {
            add(1, type);
        }
        params = parameters.length;
    }

    void declare(int n, int type) {
        add(n, type);
    }

    private void add(int n, int type) {
        if (n == 0) {
            return;
        }
        for (int i = count; i < Math.min(FLAT, count + n); i++) {
            flat[i] = type;
        }
        count += n;
        if (runs > 0 && runTypes[runs - 1] == type) {
            runEnds[runs - 1] = count;
            return;
        }
        if (runs == runEnds.length) {
            runTypes = Arrays.copyOf(runTypes, runs * 2);
            runEnds = Arrays.copyOf(runEnds, runs * 2);
        }
        runTypes[runs] = type;
        runEnds[runs++] = count;
    }

    int count() {
        return count;
    }

    int type(int local) {
        if (local >= count) {
            throw Violation.index(UNKNOWN_LOCAL, local, count);
        }
        if (local < FLAT) {
            return flat[local];
        }
        int at = Arrays.binarySearch(runEnds, 0, runs, local);
        return runTypes[at < 0 ? -at - 1 : at + 1];
    }

    /** The type of a local that is read: it must have a value. */
    int read(int local) {
        int type = type(local);
        if (!Types.isDefaultable(type) && local >= params && !isSet(local)) {
            throw Violation.entry(UNINITIALIZED_LOCAL, local);
        }
        return type;
    }

    private boolean isSet(int local) {
        int word = local >> 6;
        return word < set.length && (set[word] & 1L << local) != 0;
    }

    /** The type of a local that gets a value. */
    int write(int local) {
        int type = type(local);
        if (!Types.isDefaultable(type) && !isSet(local)) {
            mark(local);
        }
        return type;
    }

    private void mark(int local) {
        int word = local >> 6;
        if (word >= set.length) {
            set = Arrays.copyOf(set, word + 1);
        }
        set[word] |= 1L << local;
        if (ordered == order.length) {
            order = Arrays.copyOf(order, ordered * 2);
        }
        order[ordered++] = local;
    }

    /** For {@link #backTo}: what has been set so far. */
    int mark() {
        return ordered;
    }

    /** Forgets what was set since the mark. */
    void backTo(int mark) {
        while (ordered > mark) {
            int local = order[--ordered];
            set[local >> 6] &= ~(1L << local);
        }
    }
}
