package org.sallyport.codegen.lir;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Which blocks are on every way to which, of code that may be wrong (Cooper, Harvey, Kennedy: A Simple, Fast Dominance
 * Algorithm). Relies on nothing but that predecessors are right.
 */
final class LirDominators {
    private static final int UNKNOWN = -1;

    private int[] immediate = {};
    /** First and last number in a walk over the tree: what is within a block's numbers is dominated by it. */
    private int[] first = {};
    private int[] last = {};
    private int[] child = {};
    private int[] sibling = {};

    /** @return what is wrong with the order of blocks, or null */
    @Nullable String compute(Lir lir) {
        int n = lir.blockCount();
        if (immediate.length < n) {
            immediate = new int[2 * n];
            first = new int[2 * n];
            last = new int[2 * n];
            child = new int[2 * n];
            sibling = new int[2 * n];
        }
        Arrays.fill(immediate, 0, n, UNKNOWN);
        immediate[0] = 0;
        boolean changed = true;
        while (changed) {
            changed = false;
            for (int b = 1; b < n; b++) {
                int joined = join(lir, b);
                if (joined != immediate[b]) {
                    immediate[b] = joined;
                    changed = true;
                }
            }
        }
        for (int b = 1; b < n; b++) {
            if (immediate[b] == UNKNOWN) {
                return "b" + b + " cannot be reached from blocks before it";
            }
        }
        number(n);
        return null;
    }

    private int join(Lir lir, int b) {
        int joined = UNKNOWN;
        for (int p = 0; p < lir.predecessorCount(b); p++) {
            int from = lir.predecessor(b, p);
            if (immediate[from] == UNKNOWN) {
                continue;
            }
            joined = joined == UNKNOWN ? from : common(joined, from);
        }
        // what is entered only from behind has no number of its own that could be compared
        return joined > b ? UNKNOWN : joined;
    }

    private int common(int a, int b) {
        while (a != b) {
            if (a > b) {
                a = immediate[a];
            } else {
                b = immediate[b];
            }
        }
        return a;
    }

    private void number(int n) {
        Arrays.fill(child, 0, n, UNKNOWN);
        for (int b = n - 1; b > 0; b--) {
            sibling[b] = child[immediate[b]];
            child[immediate[b]] = b;
        }
        int next = 0;
        int b = 0;
        while (true) {
            first[b] = next++;
            if (child[b] != UNKNOWN) {
                b = child[b];
                continue;
            }
            last[b] = next - 1;
            while (b != 0 && sibling[b] == UNKNOWN) {
                b = immediate[b];
                last[b] = next - 1;
            }
            if (b == 0) {
                return;
            }
            b = sibling[b];
        }
    }

    boolean dominates(int a, int b) {
        return first[a] <= first[b] && first[b] <= last[a];
    }
}
