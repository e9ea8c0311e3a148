package org.sallyport.codegen.regalloc;

import java.util.Arrays;

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
    /** Added when a call that destroys all registers stands before the use. */
    static final int BEHIND_CALL = 1 << 14;
    private static final int LEAVE_LOOP = 1 << 18;

    private final FlatCode code;
    private final ControlFlow flow;
    private final Liveness live;
    private final int[] useCursor;
    private final int[] liveCursor;
    private final IntArray[] calls = {new IntArray(16), new IntArray(16)};
    private final int[] callCursor = new int[2];
    /** For a loop header and bank: the first call, as a point, on every way around the loop. */
    private final int[][] callInLoop;

    NextUse(FlatCode code, ControlFlow flow, Liveness live) {
        this.code = code;
        this.flow = flow;
        this.live = live;
        useCursor = Arrays.copyOf(live.useStart, code.vregs);
        liveCursor = Arrays.copyOf(live.liveStart, code.vregs);
        for (int i = 0; i < code.instructions; i++) {
            if (code.clobbers[i] == 0) continue;
            int written = code.clobbers[i] | fixedResults(i);
            for (int bank = 0; bank < 2; bank++) {
                if ((code.allocatable[bank] & ~written) == 0) calls[bank].add(i);
            }
        }
        callInLoop = new int[][] {findCallsInLoops(0), findCallsInLoops(1)};
    }

    private int[] findCallsInLoops(int bank) {
        int[] first = new int[code.blocks];
        Arrays.fill(first, Integer.MAX_VALUE);
        int block = -1;
        for (int c = 0; c < calls[bank].size; c++) {
            int b = code.blockOf[calls[bank].data[c]];
            if (b == block || code.cold[b]) continue;
            block = b;
            for (int h = flow.loop[b]; h >= 0; h = flow.outer[h]) {
                if (first[h] == Integer.MAX_VALUE && isOnEveryWay(b, h)) first[h] = Point.late(calls[bank].data[c]);
            }
        }
        return first;
    }

    private boolean isOnEveryWay(int b, int header) {
        for (int x = code.inStart[header]; x < code.inStart[header + 1]; x++) {
            int p = code.edgeFrom[code.inEdge[x]];
            if (flow.inLoop(p, header) && !code.cold[p] && !flow.dominates(b, p)) return false;
        }
        return true;
    }

    private int fixedResults(int i) {
        int registers = 0;
        for (int k = code.operandStart[i]; k < code.operandStart[i + 1]; k++) {
            if (code.isDef(k) && code.constraint(k) == Operand.FIXED) registers |= 1 << code.register(k);
        }
        return registers;
    }

    /**
     * The first point at which all registers of the bank are destroyed on every way around the loop, or
     * {@link Integer#MAX_VALUE}.
     */
    int callInLoop(int bank, int header) {
        return callInLoop[bank][header];
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
        while (x < end && live.to.data[x] <= point) x++;
        liveCursor[v] = x;
        return x < end && live.from.data[x] <= point ? live.to.data[x] : 0;
    }

    /** Whether v, not one of its parameters, is live at the beginning of the block. */
    boolean isLiveInto(int v, int block) {
        return !(code.isParam(v) && code.defBlock[v] == block) && liveTo(v, code.entryPoint(block)) > 0;
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
        if (isBehindCall(bank, point, use)) penalty += BEHIND_CALL;
        return Math.min(use - point + penalty, COLD - 1);
    }

    /** Whether a call may come between the point and the next use of v in layout order. */
    boolean mayBeBehindCall(int v, int point) {
        int bank = code.bank[v];
        int c = callBehind(bank, point);
        int u = next(v, point);
        return c < calls[bank].size && u < live.useStart[v + 1]
                && Point.late(calls[bank].data[c]) < live.usePoint[u] && !code.cold[code.blockOf[calls[bank].data[c]]];
    }

    private int aroundLoop(int bank, int point, int header, int first) {
        int call = callInLoop[bank][header];
        boolean destroyed = call != Integer.MAX_VALUE && (call > point || call < first);
        return flow.loopEnd(header) - point + first - flow.loopStart(header) + (destroyed ? BEHIND_CALL : 0);
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

    private int callBehind(int bank, int point) {
        IntArray all = calls[bank];
        int c = callCursor[bank];
        while (c < all.size && Point.late(all.data[c]) <= point) c++;
        callCursor[bank] = c;
        return c;
    }

    /** Whether the next call certainly comes before the use. */
    private boolean isBehindCall(int bank, int point, int use) {
        IntArray all = calls[bank];
        int c = callBehind(bank, point);
        return c < all.size && Point.late(all.data[c]) < use
                && flow.dominates(code.blockOf[all.data[c]], code.blockOf[Point.instructionBefore(use)]);
    }
}
