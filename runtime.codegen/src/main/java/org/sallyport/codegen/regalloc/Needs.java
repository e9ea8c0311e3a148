package org.sallyport.codegen.regalloc;

import java.util.Arrays;

/**
 * Takes values out of registers where no use follows before they leave them anyway: the walk of {@link Residency} cannot
 * know that when it passes a block border. A value is needed at the beginning of a block if the block uses it in its
 * register, or if it stays there to the block's end and is needed by a successor.
 */
final class Needs {
    private final FlatCode code;
    private final BlockSets sets;
    private final Stays stays;

    private final boolean[] neededAtEntry;
    private final boolean[] neededAtExit;
    /** The block whose successors need the value. */
    private final int[] wantedBy;
    private final int[] work;
    private final boolean[] queued;
    private int pending;
    private final int[] cursor;

    Needs(FlatCode code, BlockSets sets, Stays stays) {
        this.code = code;
        this.sets = sets;
        this.stays = stays;
        neededAtEntry = new boolean[sets.entry.size];
        neededAtExit = new boolean[sets.exit.size];
        wantedBy = new int[code.vregs];
        Arrays.fill(wantedBy, -1);
        work = new int[code.blocks];
        queued = new boolean[code.blocks];
        cursor = Arrays.copyOf(stays.first, code.vregs);
        for (int x = 0; x < neededAtEntry.length; x++) neededAtEntry[x] = sets.entryUsed.data[x] != 0;
        propagate();
        for (int b = 0; b < code.blocks; b++) trim(b);
    }

    private void propagate() {
        for (int b = 0; b < code.blocks; b++) enqueue(b);
        while (pending > 0) {
            int b = work[--pending];
            queued[b] = false;
            if (look(b)) {
                for (int x = code.inStart[b]; x < code.inStart[b + 1]; x++) enqueue(code.edgeFrom[code.inEdge[x]]);
            }
        }
    }

    private void enqueue(int b) {
        if (queued[b]) return;
        queued[b] = true;
        work[pending++] = b;
    }

    /** Finds what is needed at the end of b; returns whether more is needed at its beginning than was known. */
    private boolean look(int b) {
        for (int e = code.edgeStart[b]; e < code.edgeStart[b + 1]; e++) wantForEdge(e, b);
        boolean changed = false;
        for (int y = sets.exitStart[b]; y < sets.exitStart[b + 1]; y++) {
            if (sets.exit.data[y] < 0 || wantedBy[sets.exit.data[y]] != b) continue;
            neededAtExit[y] = true;
            int x = sets.exitFrom.data[y];
            if (x < 0 || neededAtEntry[x]) continue;
            neededAtEntry[x] = true;
            changed = true;
        }
        for (int y = sets.exitStart[b]; y < sets.exitStart[b + 1]; y++) {
            if (sets.exit.data[y] >= 0) wantedBy[sets.exit.data[y]] = -1;
        }
        return changed;
    }

    private void wantForEdge(int e, int b) {
        int s = code.edgeTo[e];
        for (int a = code.argStart[e]; a < code.argStart[e + 1]; a++) {
            int param = code.param[code.paramStart[s] + a - code.argStart[e]];
            if (!isUnneededAtEntry(param, s)) wantedBy[code.argument[a]] = b;
        }
        for (int x = sets.entryStart[s]; x < sets.entryStart[s + 1]; x++) {
            int v = sets.entry.data[x];
            if (v >= 0 && neededAtEntry[x] && !(code.isParam(v) && code.defBlock[v] == s)) wantedBy[v] = b;
        }
    }

    private boolean isUnneededAtEntry(int v, int block) {
        for (int x = sets.entryStart[block]; x < sets.entryStart[block + 1]; x++) {
            if (sets.entry.data[x] == v) return !neededAtEntry[x];
        }
        return false;
    }

    private void trim(int b) {
        int end = code.exitPoint(b);
        for (int x = sets.entryStart[b]; x < sets.entryStart[b + 1]; x++) {
            int v = sets.entry.data[x];
            if (v < 0 || neededAtEntry[x]) continue;
            cut(v, code.entryPoint(b), end);
            sets.entry.data[x] = -1;
        }
        for (int y = sets.exitStart[b]; y < sets.exitStart[b + 1]; y++) {
            int v = sets.exit.data[y];
            if (v < 0 || neededAtExit[y] || sets.exitPiece.data[y] < 0) continue;
            cut(v, Math.max(sets.exitTouched.data[y], code.entryPoint(b)), end);
            sets.exit.data[y] = -1;
        }
    }

    /** Takes {@code [from, to)} out of the stays of v. Called in layout order. */
    private void cut(int v, int from, int to) {
        int s = cursor[v];
        while (s >= 0 && stays.end.data[s] <= from) s = stays.next.data[s];
        cursor[v] = s;
        if (s < 0 || stays.start.data[s] >= to) return;
        if (stays.start.data[s] < from) s = stays.split(s, from);
        if (stays.end.data[s] > to) stays.split(s, to);
        stays.end.data[s] = stays.start.data[s];
        cursor[v] = s;
    }
}
