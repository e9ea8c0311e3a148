package org.sallyport.codegen.regalloc;

import java.util.Arrays;

/**
 * Takes values out of registers where no use follows before they leave them anyway: the walk of {@link Residency}
 * cannot know that when it passes a block border. A value is needed at the beginning of a block if the block uses it
 * in its register, or if it stays there to the block's end and is needed by a successor.
 */
final class Needs {
    /** Loops nested deeper than this are left as they are. */
    private static final int MAX_SWEEPS = 60;

    private final FlatCode code;
    private final BlockSets sets;
    private final Stays stays;

    private final boolean[] neededAtEntry;
    private final boolean[] neededAtExit;
    /** The last block looked at whose successors need the value; what they need only grows. */
    private final int[] wantedBy;
    /** A successor needs more than when the block was looked at. */
    private final boolean[] changed;
    private final int[] cursor;

    Needs(FlatCode code, BlockSets sets, Stays stays) {
        this.code = code;
        this.sets = sets;
        this.stays = stays;
        neededAtEntry = new boolean[sets.entries];
        neededAtExit = new boolean[sets.exits];
        wantedBy = code.arena.filled(code.vregs, -1);
        changed = new boolean[code.blocks];
        cursor = code.arena.copyOf(stays.first, code.vregs);
        for (int x = 0; x < neededAtEntry.length; x++) neededAtEntry[x] = sets.entryUsed[x] != 0;
        propagate();
        for (int b = 0; b < code.blocks; b++) trim(b);
    }

    /** Sweeps over the blocks that may have changed from last to first, until none has. */
    private void propagate() {
        Arrays.fill(changed, true);
        int sweeps = 0;
        for (boolean again = true; again;) {
            again = false;
            if (++sweeps > MAX_SWEEPS) {
                Arrays.fill(neededAtEntry, true);
                Arrays.fill(neededAtExit, true);
                return;
            }
            for (int b = code.blocks - 1; b >= 0; b--) {
                if (!changed[b]) continue;
                changed[b] = false;
                if (look(b)) again |= reconsiderPredecessors(b);
            }
        }
    }

    /** Returns whether some of them have already been swept over. */
    private boolean reconsiderPredecessors(int b) {
        boolean missed = false;
        for (int x = code.inStart[b]; x < code.inStart[b + 1]; x++) {
            int p = code.inFrom[x];
            changed[p] = true;
            missed |= p >= b;
        }
        return missed;
    }

    /** Finds what is needed at the end of b; returns whether more is needed at its beginning than was known. */
    private boolean look(int b) {
        int end = sets.exitStart[b + 1];
        if (sets.exitStart[b] == end) return false;
        for (int e = code.edgeStart[b]; e < code.edgeStart[b + 1]; e++) wantForEdge(e, b);
        boolean more = false;
        for (int y = sets.exitStart[b]; y < end; y++) {
            int v = sets.exit[y];
            if (v < 0 || wantedBy[v] != b) continue;
            neededAtExit[y] = true;
            int x = sets.exitFrom[y];
            if (x < 0 || neededAtEntry[x]) continue;
            neededAtEntry[x] = true;
            more = true;
        }
        return more;
    }

    private void wantForEdge(int e, int b) {
        int s = code.edgeTo[e];
        boolean passes = code.argStart[e] < code.argStart[e + 1];
        for (int a = code.argStart[e]; a < code.argStart[e + 1]; a++) {
            int param = code.param[code.paramStart[s] + a - code.argStart[e]];
            if (!isUnneededAtEntry(param, s)) wantedBy[code.argument[a]] = b;
        }
        int end = sets.entryStart[s + 1];
        for (int x = sets.entryStart[s]; x < end; x++) {
            int v = sets.entry[x];
            if (v >= 0 && neededAtEntry[x] && !(passes && code.isParam(v) && code.defBlock[v] == s)) wantedBy[v] = b;
        }
    }

    private boolean isUnneededAtEntry(int v, int block) {
        for (int x = sets.entryStart[block]; x < sets.entryStart[block + 1]; x++) {
            if (sets.entry[x] == v) return !neededAtEntry[x];
        }
        return false;
    }

    private void trim(int b) {
        int end = code.exitPoint(b);
        for (int x = sets.entryStart[b]; x < sets.entryStart[b + 1]; x++) {
            int v = sets.entry[x];
            if (v < 0 || neededAtEntry[x]) continue;
            cut(v, code.entryPoint(b), end);
            sets.entry[x] = -1;
        }
        for (int y = sets.exitStart[b]; y < sets.exitStart[b + 1]; y++) {
            int v = sets.exit[y];
            if (v < 0 || neededAtExit[y] || sets.exitPiece[y] < 0) continue;
            cut(v, Math.max(sets.exitTouched[y], code.entryPoint(b)), end);
            sets.exit[y] = -1;
        }
    }

    /** Takes {@code [from, to)} out of the stays of v. Called in layout order. */
    private void cut(int v, int from, int to) {
        int s = cursor[v];
        while (s >= 0 && stays.end[s] <= from) s = stays.next[s];
        cursor[v] = s;
        if (s < 0 || stays.start[s] >= to) return;
        if (stays.start[s] < from) s = stays.split(s, from);
        if (stays.end[s] > to) stays.split(s, to);
        stays.end[s] = stays.start[s];
        cursor[v] = s;
    }
}
