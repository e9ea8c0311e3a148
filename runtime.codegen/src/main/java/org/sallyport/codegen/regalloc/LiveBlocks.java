package org.sallyport.codegen.regalloc;

import org.jspecify.annotations.Nullable;

/**
 * The blocks in which values live that live in several, found for all of them at once with a set of values for each
 * block: from uses back to definitions, in sweeps over the blocks from last to first. For functions that are not so
 * large that these sets would be mostly empty.
 */
final class LiveBlocks {
    /** Words of a set for each block, all in all. */
    private static final int MAX_WORDS = 1 << 16;
    /** Loops nested deeper than this are left to {@link Liveness}. */
    private static final int MAX_SWEEPS = 12;

    private final FlatCode code;
    private final Liveness live;
    private final IntArray values;
    private final int words;
    /** By block and word: the values live at its beginning, at its end, and those that it defines. */
    private final int[] in;
    private final int[] out;
    private final int[] defined;

    /** Blocks at whose beginning the value number c is live, ascending: {@code list[start[c] .. start[c + 1])}. */
    final int[] start;
    int[] list;

    private LiveBlocks(FlatCode code, Liveness live, IntArray values) {
        this.code = code;
        this.live = live;
        this.values = values;
        words = values.size + 31 >> 5;
        in = code.arena.ints(code.blocks * words);
        out = code.arena.ints(code.blocks * words);
        defined = code.arena.ints(code.blocks * words);
        start = code.arena.ints(values.size + 1);
        list = start;
    }

    /** Null if the function is too large, or needs more than so many pairs of a value and a block. */
    static @Nullable LiveBlocks find(FlatCode code, Liveness live, IntArray values, int maxPairs) {
        long most = (long) code.blocks * (values.size + 31 >> 5);
        if (most > MAX_WORDS || most * 32 > maxPairs) return null;
        var blocks = new LiveBlocks(code, live, values);
        blocks.begin();
        for (int sweeps = 0; blocks.sweep(); sweeps++) {
            if (sweeps == MAX_SWEEPS) return null;
        }
        blocks.collect();
        return blocks;
    }

    boolean livesOut(int c, int block) {
        return (out[block * words + (c >> 5)] & 1 << c) != 0;
    }

    private void begin() {
        for (int c = 0; c < values.size; c++) {
            int v = values.data[c];
            int home = code.defBlock[v];
            defined[home * words + (c >> 5)] |= 1 << c;
            int end = live.useStart[v + 1];
            for (int u = live.useStart[v]; u < end;) {
                code.arena.step();
                int b = live.useBlock(u);
                if (b != home) in[b * words + (c >> 5)] |= 1 << c;
                u = live.behindBlock(u, end, b);
            }
        }
    }

    /** Returns whether a block has found more than one behind it knew when it was looked at. */
    private boolean sweep() {
        boolean again = false;
        for (int b = code.blocks - 1; b >= 0; b--) {
            code.arena.step();
            boolean more = false;
            for (int w = 0; w < words; w++) more |= look(b, w);
            for (int x = code.inStart[b]; more && !again && x < code.inStart[b + 1]; x++) again = code.inFrom[x] >= b;
        }
        return again;
    }

    private boolean look(int b, int w) {
        int x = b * words + w;
        int after = out[x];
        for (int e = code.edgeStart[b]; e < code.edgeStart[b + 1]; e++) after |= in[code.edgeTo[e] * words + w];
        out[x] = after;
        int before = in[x] | after & ~defined[x];
        boolean more = before != in[x];
        in[x] = before;
        return more;
    }

    private void collect() {
        for (int b = 0; b < code.blocks; b++) {
            code.arena.step();
            for (int w = 0; w < words; w++) {
                for (int rest = in[b * words + w]; rest != 0; rest &= rest - 1) start[value(w, rest) + 1]++;
            }
        }
        for (int c = 0; c < values.size; c++) start[c + 1] += start[c];
        list = code.arena.dirty(start[values.size]);
        int[] next = code.arena.copyOf(start, values.size);
        for (int b = 0; b < code.blocks; b++) {
            code.arena.step();
            for (int w = 0; w < words; w++) {
                for (int rest = in[b * words + w]; rest != 0; rest &= rest - 1) {
                    int c = value(w, rest);
                    list[next[c]++] = b;
                    live.noteHeader(values.data[c], b);
                }
            }
        }
    }

    /** The number of the value that is the lowest in the rest of a word. */
    private int value(int word, int rest) {
        return (word << 5) + Integer.numberOfTrailingZeros(rest);
    }
}
