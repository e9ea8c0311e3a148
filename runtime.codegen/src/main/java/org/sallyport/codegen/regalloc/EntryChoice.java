package org.sallyport.codegen.regalloc;

import java.util.Arrays;

/**
 * Chooses the values that are in registers at the beginning of a block, from what its predecessors have at their ends.
 * What is chosen and missing at a predecessor is loaded on that edge; so at a loop header this decides what is loaded
 * once before the loop.
 */
final class EntryChoice {
    /** A value held by less than this part of the (weighted) predecessors is not loaded on the other edges. */
    private static final float SHARE = 0.25f;
    /** Uses looked at to weigh a value in a loop. */
    private static final int MAX_USES = 64;
    private static final int UNIT = 1024;
    /** Uses for each iteration that make it worthwhile to load a value before the loop. */
    private static final int LOAD = UNIT / 8;

    private final FlatCode code;
    private final ControlFlow flow;
    private final Liveness live;
    private final NextUse nextUse;
    private final Calls calls;
    private final BlockSets sets;

    /** The values chosen for the last block asked. */
    final IntArray chosen = new IntArray(32);

    private final IntArray[] candidates;
    private final long[][] keys;
    /** For the values chosen that a predecessor has: their piece at the most frequent one, and its frequency. */
    private final int[] piece;
    private final float[] pieceFrequency;
    private final int[] seenIn;
    private final float[] weight;

    EntryChoice(FlatCode code, ControlFlow flow, Liveness live, NextUse nextUse, Calls calls, BlockSets sets) {
        this.code = code;
        candidates = new IntArray[] {new IntArray(code.arena, 64), new IntArray(code.arena, 64)};
        keys = new long[][] {code.arena.longs(0), code.arena.longs(1)};
        this.flow = flow;
        this.live = live;
        this.nextUse = nextUse;
        this.calls = calls;
        this.sets = sets;
        piece = code.arena.dirty(code.vregs);
        pieceFrequency = new float[code.vregs];
        seenIn = code.arena.filled(code.vregs, -1);
        weight = new float[code.vregs];
    }

    void choose(int block) {
        chosen.size = 0;
        for (int bank = 0; bank < 2; bank++) candidates[bank].size = 0;
        if (code.hasCriticalEntry[block]) return;
        if (flow.isHeader[block]) atLoop(block);
        else if (!inherit(block)) atJoin(block);
        for (int bank = 0; bank < 2; bank++) takeBest(bank);
    }

    /** Behind its only predecessor a block takes everything, if that fits. */
    private boolean inherit(int block) {
        if (!code.hasSinglePredecessor[block] || code.paramCount(block) > 0) return false;
        int p = code.inFrom[code.inStart[block]];
        int point = code.entryPoint(block);
        int vectors = 0;
        int end = sets.exitStart[p + 1];
        for (int y = sets.exitStart[p]; y < end; y++) {
            int v = sets.exit[y];
            if (v < 0 || live.isUnbounded[v] || nextUse.liveTo(v, point) == 0) continue;
            chosen.add(v);
            seenIn[v] = block;
            piece[v] = sets.exitPiece[y];
            vectors += code.bank[v];
        }
        if (chosen.size - vectors <= room(0) && vectors <= room(1)) return true;
        chosen.size = 0;
        return false;
    }

    private int room(int bank) {
        return Integer.bitCount(code.allocatable[bank]);
    }

    private void see(int v, int block) {
        seenIn[v] = block;
        pieceFrequency[v] = 0;
        piece[v] = -1;
        chosen.add(v);
    }

    private void notePiece(int v, int exit, int predecessor) {
        if (flow.frequency[predecessor] <= pieceFrequency[v]) return;
        pieceFrequency[v] = flow.frequency[predecessor];
        piece[v] = sets.exitPiece[exit];
    }

    /** The piece of a chosen value at the most frequent predecessor that has it in a register, or -1. */
    int pieceOf(int v, int block) {
        return seenIn[v] == block ? piece[v] : -1;
    }

    private void atJoin(int block) {
        float total = weighPredecessors(block);
        int point = code.entryPoint(block);
        int found = chosen.size;
        chosen.size = 0;
        for (int x = 0; x < found; x++) {
            int v = chosen.data[x];
            int distance = nextUse.distance(v, point, block);
            boolean everywhere = weight[v] >= total * 0.999f;
            boolean worthwhile = weight[v] >= total * SHARE && distance < NextUse.MAYBE_CALL;
            if (everywhere || worthwhile) add(v, distance);
        }
        for (int p = code.paramStart[block]; p < code.paramStart[block + 1]; p++) {
            int distance = nextUse.distance(code.param[p], point, block);
            if (distance < NextUse.FAR) add(code.param[p], distance);
        }
    }

    /** Fills {@link #chosen} with all values some predecessor before it has, and {@link #weight}. */
    private float weighPredecessors(int block) {
        float total = 0;
        for (int x = code.inStart[block]; x < code.inStart[block + 1]; x++) {
            int p = code.inFrom[x];
            if (p >= block) continue;
            total += flow.frequency[p];
            for (int y = sets.exitStart[p]; y < sets.exitStart[p + 1]; y++) {
                int v = sets.exit[y];
                if (v < 0) continue;
                if (seenIn[v] != block) {
                    if (!nextUse.isLiveInto(v, block)) continue;
                    see(v, block);
                    weight[v] = 0;
                }
                weight[v] += flow.frequency[p];
                notePiece(v, y, p);
            }
        }
        return total;
    }

    private void atLoop(int header) {
        for (int x = live.headerStart[header]; x < live.headerStart[header + 1]; x++) {
            int v = live.headerLive[x];
            weight[v] = isDestroyedInLoop(v, header) ? 0 : benefit(v, header);
            if (weight[v] >= LOAD) add(v, -(int) weight[v]);
        }
        for (int p = code.paramStart[header]; p < code.paramStart[header + 1]; p++) chooseParam(code.param[p], header);
        int found = collectPredecessors(header);
        for (int x = 0; x < found; x++) {
            int v = chosen.data[x];
            if (isDestroyedInLoop(v, header) || weight[v] >= LOAD) continue;
            if (weight[v] > 0) add(v, -(int) weight[v]);
            else add(v, nextUse.distance(v, code.entryPoint(header), header));
        }
    }

    /** Whether no value stays in a register of v's bank around the loop. */
    private boolean isDestroyedInLoop(int v, int header) {
        return calls.onEveryWay(code.bank[v], header) < Integer.MAX_VALUE;
    }

    /** Puts the values that the predecessors before the loop have into {@link #chosen}, and empties it. */
    private int collectPredecessors(int header) {
        for (int x = code.inStart[header]; x < code.inStart[header + 1]; x++) {
            int p = code.inFrom[x];
            if (p >= header) continue;
            for (int y = sets.exitStart[p]; y < sets.exitStart[p + 1]; y++) {
                int v = sets.exit[y];
                if (v < 0 || seenIn[v] != header && !nextUse.isLiveInto(v, header)) continue;
                if (seenIn[v] != header) see(v, header);
                notePiece(v, y, p);
            }
        }
        int found = chosen.size;
        chosen.size = 0;
        return found;
    }

    private void chooseParam(int v, int header) {
        int call = calls.onEveryWay(code.bank[v], header);
        int first = live.firstUse(v, code.entryPoint(header));
        if (first == live.useStart[v + 1] || live.usePoint[first] > call) return;
        add(v, -benefit(v, header) - UNIT);
    }

    /** Estimated uses of v for each iteration, in units of {@link #UNIT}; memory operands count a little less. */
    private int benefit(int v, int header) {
        int end = flow.loopEnd(header);
        float uses = 0;
        int first = live.firstUse(v, flow.loopStart(header));
        int last = Math.min(live.useStart[v + 1], first + MAX_USES);
        for (int u = first; u < last && live.usePoint[u] <= end; u++) {
            int b = live.useBlock(u);
            if (!code.cold[b]) uses += flow.frequency[b] * worth(live.useOperand[u]);
        }
        return uses == 0 ? 0 : (int) Math.clamp(uses / flow.frequency[header] * UNIT, 1, 1 << 24);
    }

    private float worth(int operand) {
        if (operand < 0) return 1;
        return switch (code.constraint(operand)) {
            case Operand.SLOT -> 0;
            case Operand.ANY -> 0.75f;
            default -> 1;
        };
    }

    private void add(int v, int key) {
        int bank = code.bank[v];
        int n = candidates[bank].size;
        if (n == keys[bank].length) keys[bank] = code.arena.growLongs(bank, keys[bank]);
        keys[bank][n] = (long) key << 32 | n;
        candidates[bank].add(v);
    }

    private void takeBest(int bank) {
        int n = candidates[bank].size;
        if (n > room(bank)) Arrays.sort(keys[bank], 0, n);
        for (int x = 0; x < Math.min(n, room(bank)); x++) chosen.add(candidates[bank].data[(int) keys[bank][x]]);
    }
}
