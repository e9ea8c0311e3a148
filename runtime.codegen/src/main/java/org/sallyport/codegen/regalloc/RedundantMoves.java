package org.sallyport.codegen.regalloc;

import java.util.Arrays;

/**
 * Walks over the finished moves, knowing which value each register holds, drops moves of values to where they are, and
 * takes values from registers that happen to hold them still instead of from memory.
 */
final class RedundantMoves {
    private static final int NOTHING = -1;

    private final FlatCode code;
    private final BlockSets sets;
    private final int[] place;
    private final int[] entryRegister;
    /** By bank: the registers that may hold a value have lower numbers within it. */
    private final int[] count = new int[2];
    private final int[] holds = new int[Registers.END];

    RedundantMoves(FlatCode code, BlockSets sets, int[] place, int[] entryRegister) {
        this.code = code;
        this.sets = sets;
        this.place = place;
        this.entryRegister = entryRegister;
        for (int bank = 0; bank < 2; bank++) {
            count[bank] = Integer.SIZE - Integer.numberOfLeadingZeros(code.allocatable[bank]);
        }
    }

    /** Works on {@code m} in place; dropped moves get {@code to = from}. */
    void run(MoveList m) {
        int next = 0;
        int end;
        for (int b = 0; next < m.count; b = end) {
            end = b + 1;
            while (end < code.blocks && continues(end)) end++;
            if (m.point[next] < 2 * code.blockStart[end]) next = run(m, next, b, end);
        }
    }

    /** Goes through the blocks from {@code b} to {@code end}, each behind the one before, to the last move in them. */
    private int run(MoveList m, int first, int b, int end) {
        begin(b);
        int behind = 2 * code.blockStart[end];
        int next = first;
        for (int i = code.blockStart[b]; next < m.count && m.point[next] < behind; i++) {
            while (next < m.count && m.point[next] == 2 * i) play(m, next++);
            execute(i);
            while (next < m.count && m.point[next] == 2 * i + 1) play(m, next++);
        }
        return next;
    }

    /** Whether control comes from the block before only, so that all that is known still holds. */
    private boolean continues(int b) {
        return b > 0 && code.hasSinglePredecessor[b] && code.inFrom[code.inStart[b]] == b - 1;
    }

    private void begin(int b) {
        Arrays.fill(holds, NOTHING);
        if (code.hasSinglePredecessor[b]) return; // moves on the edge are still to come
        for (int x = sets.entryStart[b]; x < sets.entryStart[b + 1]; x++) {
            int v = sets.entry[x];
            if (v >= 0) holds[entryRegister[x]] = v;
        }
    }

    private void play(MoveList m, int x) {
        int from = m.from[x];
        int to = m.to[x];
        int v = m.vreg[x];
        boolean whole = m.wide[x] == code.wide[v];
        if (!Allocation.isSlot(to)) {
            if (whole && holds[to] == v) {
                m.from[x] = to;
                return;
            }
            boolean fromRegister = from >= 0 && !Allocation.isSlot(from);
            int r = fromRegister || !whole ? NOTHING : find(v, to);
            if (r >= 0) m.from[x] = r;
            holds[to] = whole ? v : NOTHING;
        }
    }

    /** A register of the same kind as {@code like} that holds v, or -1. */
    private int find(int v, int like) {
        int first = like & Registers.VECTORS;
        int end = first + count[first / Registers.VECTORS];
        for (int r = first; r < end; r++) {
            if (holds[r] == v) return r;
        }
        return NOTHING;
    }

    private void execute(int i) {
        for (int bank = 0; bank < 2; bank++) {
            for (int rest = code.clobbers[bank][i]; rest != 0; rest &= rest - 1) {
                holds[FlatCode.lowest(bank, rest)] = NOTHING;
            }
        }
        holds[code.scratch[0]] = NOTHING;
        holds[code.scratch[1]] = NOTHING;
        if ((code.traits[i] & FlatCode.DEFINES) == 0) return;
        for (int k = code.operandStart[i]; k < code.operandStart[i + 1]; k++) {
            if (code.isDef(k) && !Allocation.isSlot(place[k])) holds[place[k]] = code.vreg(k);
        }
    }
}
