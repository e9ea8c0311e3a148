package org.sallyport.codegen.regalloc;

/**
 * How far away the next use of a value is: the measure by which values lose their registers. Layout distance, with
 * three corrections: behind the end of a loop the uses of the next iteration come first; leaving a loop is far; and a
 * use behind a call does not profit from a register before it. Questions must come in layout order.
 */
final class NextUse {
    /** No use that would profit from a register. */
    static final int FAR = 1 << 28;
    /** Uses in cold blocks only. */
    private static final int COLD = FAR - 1;
    /** Added when a call that destroys all registers perhaps comes before the use, or surely. */
    static final int MAYBE_CALL = 1 << 13;
    private static final int[] PENALTY = {0, MAYBE_CALL, 1 << 14};
    private static final int LEAVE_LOOP = 1 << 18;

    private final FlatCode code;
    private final ControlFlow flow;
    private final Liveness live;
    private final Calls calls;
    private final int[] liveFrom;
    private final int[] liveTo;
    private final int[] useCursor;
    private final int[] liveCursor;

    NextUse(FlatCode code, ControlFlow flow, Liveness live, Calls calls) {
        this.code = code;
        this.flow = flow;
        this.live = live;
        this.calls = calls;
        liveFrom = live.from.data;
        liveTo = live.to.data;
        useCursor = code.arena.copyOf(live.useStart, code.vregs);
        liveCursor = code.arena.copyOf(live.liveStart, code.vregs);
    }

    /** Index of the first use of v behind {@code point}. */
    int next(int v, int point) {
        int u = useCursor[v];
        int end = live.useStart[v + 1];
        while (u < end && live.usePoint[u] <= point) u++;
        useCursor[v] = u;
        return u;
    }

    /** End of the live range of v around {@code point}, or 0 if v is dead there. */
    int liveTo(int v, int point) {
        int x = liveCursor[v];
        int end = live.liveStart[v + 1];
        while (x < end && liveTo[x] <= point) x++;
        liveCursor[v] = x;
        return x < end && liveFrom[x] <= point ? liveTo[x] : 0;
    }

    /** Whether v, not one of its parameters, is live at the beginning of the block. */
    boolean isLiveInto(int v, int block) {
        if (live.isUnbounded[v] || code.isParam(v) && code.defBlock[v] == block) return false;
        return liveTo(v, code.entryPoint(block)) > 0;
    }

    /** Points from {@code point} in {@code block} to the next use of v that profits from a register, or more. */
    int distance(int v, int point, int block) {
        int u = next(v, point);
        int use = warmUse(v, u, block);
        int bank = code.bank[v];
        int penalty = 0;
        for (int h = flow.loop[block]; h >= 0; h = flow.outer[h]) {
            int end = flow.loopEnd(h);
            if (use <= end) break;
            int start = flow.loopStart(h);
            if (code.defPoint[v] < start) {
                int first = live.firstUse(v, start);
                if (first < u) return aroundLoop(bank, point, h, live.usePoint[first]) + penalty;
            }
            penalty += LEAVE_LOOP;
        }
        if (use >= COLD) return use;
        return Math.min(use - point + penalty + PENALTY[calls.between(bank, point, use)], COLD - 1);
    }

    private int aroundLoop(int bank, int point, int header, int first) {
        int way = flow.loopEnd(header) - point + first - flow.loopStart(header);
        return way + PENALTY[calls.around(bank, header, point, first)];
    }

    /** The point of the first use from {@code u} on that is not in a cold block, if this block is not cold either. */
    private int warmUse(int v, int u, int block) {
        int end = live.useStart[v + 1];
        int x = u;
        while (x < end && (isSlotUse(x) || code.cold[live.useBlock(x)] && !code.cold[block])) x++;
        if (x < end) return live.usePoint[x];
        return u < end && !isSlotUse(u) ? COLD : FAR;
    }

    private boolean isSlotUse(int u) {
        int k = live.useOperand[u];
        return k >= 0 && code.constraint(k) == Operand.SLOT;
    }
}
