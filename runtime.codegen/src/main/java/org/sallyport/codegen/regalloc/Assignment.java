package org.sallyport.codegen.regalloc;

import java.util.Arrays;

/**
 * Gives every stay a register: bundles in the order in which they begin, each the register it likes best among those that
 * are free over all its stays. If there is none, the bundle is cut where the longest free register ends or, better,
 * at a block boundary before that in fewer loops; the rest waits for its turn.
 *
 * <p>It cannot fail: when a bundle that begins at point p has its turn, only bundles that began before, and the registers
 * that instructions occupy themselves, are in the way at p, and {@link Residency} leaves one register for it through the
 * instruction at p. (Results of that instruction may be in the way too, as later parts of bundles; they are then taken
 * back and have their turn again.) Every cut gives a register to at least that much, so it ends.
 */
final class Assignment {
    /** Block boundaries looked at for a cut. */
    private static final int MAX_BLOCKS = 100;

    private final FlatCode code;
    private final Stays stays;
    private final Bundles bundles;
    private final Hints hints;
    private final Occupancy occupancy;
    /** Binary heap of start point and first stay. */
    private long[] heap;
    private int heapSize;

    /** Register of each stay. */
    final IntArray register;

    Assignment(FlatCode code, ControlFlow flow, Liveness live, Stays stays, Bundles bundles) {
        this.code = code;
        this.stays = stays;
        this.bundles = bundles;
        hints = new Hints(code, flow, live, stays);
        occupancy = new Occupancy(Point.entry(code.instructions) + 1);
        register = new IntArray(stays.size() + 16);
        while (register.size < stays.size()) register.add(-1);
        heap = new long[stays.pieces + 16];
        occupyFixed();
        for (int p = 0; p < stays.pieces; p++) {
            if (bundles.find(p) == p && bundles.head[p] >= 0) push(bundles.head[p]);
        }
        while (heapSize > 0) assign(pop());
    }

    private void occupyFixed() {
        int usable = code.allocatable[0] | code.allocatable[1];
        for (int i = 0; i < code.instructions; i++) {
            int early = 0;
            int late = code.clobbers[i];
            for (int k = code.operandStart[i]; k < code.operandStart[i + 1]; k++) {
                if (code.constraint(k) != Operand.FIXED) continue;
                int bit = 1 << code.register(k) & usable;
                if (code.isDef(k)) {
                    late |= bit;
                    if (code.isExtended(k)) early |= bit;
                } else {
                    early |= bit;
                    if (code.isExtended(k)) late |= bit;
                }
            }
            if (early != 0) occupancy.take(Point.before(i), Point.late(i), early);
            if (late != 0) occupancy.take(Point.late(i), Point.after(i), late);
        }
    }

    private void assign(int head) {
        int allowed = code.allocatable[code.bank[stays.vreg.data[head]]];
        int taken = 0;
        for (int s = head; s >= 0 && (allowed & ~taken) != 0; s = bundles.next.data[s]) {
            taken |= occupancy.taken(stays.start.data[s], stays.end.data[s]);
        }
        int free = allowed & ~taken;
        if (free == 0) {
            cut(head, allowed);
        } else {
            give(head, hints.choose(bundles, head, free));
        }
    }

    private void give(int head, int r) {
        for (int s = head; s >= 0; s = bundles.next.data[s]) {
            occupancy.take(stays.start.data[s], stays.end.data[s], 1 << r);
            register.data[s] = r;
            hints.lastRegister[stays.vreg.data[s]] = (byte) r;
        }
    }

    private void cut(int head, int allowed) {
        int start = stays.start.data[head];
        int limit = start;
        for (int rest = allowed; rest != 0; rest &= rest - 1) {
            limit = Math.max(limit, Point.lastMovePoint(freeUntil(head, rest & -rest)));
        }
        if (limit <= start) {
            if (!displaceResults(Point.instruction(start))) throw new AssertionError("BUG: no register for" + describe(head));
            assign(head);
            return;
        }
        int point = cutPoint(start, limit);
        int rest = bundles.cut(head, point);
        while (register.size < stays.size()) register.add(-1);
        push(rest);
        assign(head);
    }

    /** Takes the registers of results of the instruction back that were given early, as parts of bundles. */
    private boolean displaceResults(int i) {
        boolean displaced = false;
        for (int k = code.operandStart[i]; k < code.operandStart[i + 1]; k++) {
            if (!code.isDef(k) || code.defPoint[code.vreg(k)] != Point.late(i)) continue;
            int s = stays.first[code.vreg(k)];
            if (s < 0 || stays.start.data[s] != Point.late(i) || register.data[s] < 0) continue;
            for (int x = s; x >= 0; x = bundles.next.data[x]) {
                occupancy.release(stays.start.data[x], stays.end.data[x], 1 << register.data[x]);
                register.data[x] = -1;
            }
            push(s);
            displaced = true;
        }
        return displaced;
    }

    private int freeUntil(int head, int bit) {
        for (int s = head; s >= 0; s = bundles.next.data[s]) {
            int p = occupancy.firstTaken(stays.start.data[s], stays.end.data[s], bit);
            if (p < stays.end.data[s]) return p;
        }
        throw new AssertionError("BUG: the register is free");
    }

    /** The last block boundary in {@code (start, limit]} in fewer loops than {@code limit}, else {@code limit}. */
    private int cutPoint(int start, int limit) {
        int b = code.blockOf[Point.instructionBefore(limit)];
        int first = Math.max(code.blockOf[Point.instruction(start)], b - MAX_BLOCKS);
        int best = limit;
        int depth = code.code.loopDepth(b);
        for (; b > first; b--) {
            // a boundary is as deep as the deeper of its sides: a header's is crossed by every iteration
            int d = Math.min(code.code.loopDepth(b), code.code.loopDepth(b - 1));
            if (d < depth) {
                depth = d;
                best = code.entryPoint(b);
            }
        }
        return best;
    }

    private String describe(int head) {
        var text = new StringBuilder();
        for (int s = head; s >= 0; s = bundles.next.data[s]) {
            text.append(" v").append(stays.vreg.data[s]).append('[').append(stays.start.data[s]).append(", ")
                    .append(stays.end.data[s]).append(") taken ")
                    .append(Integer.toHexString(occupancy.taken(stays.start.data[s], stays.start.data[s] + 1)));
        }
        return text.toString();
    }

    // ---- heap

    private void push(int head) {
        if (heapSize == heap.length) heap = Arrays.copyOf(heap, heapSize * 2);
        long key = (long) stays.start.data[head] << 32 | head;
        int x = heapSize++;
        while (x > 0 && heap[x - 1 >> 1] > key) {
            heap[x] = heap[x - 1 >> 1];
            x = x - 1 >> 1;
        }
        heap[x] = key;
    }

    private int pop() {
        int result = (int) heap[0];
        long key = heap[--heapSize];
        int x = 0;
        for (int child = 1; child < heapSize; child = 2 * x + 1) {
            if (child + 1 < heapSize && heap[child + 1] < heap[child]) child++;
            if (heap[child] >= key) break;
            heap[x] = heap[child];
            x = child;
        }
        heap[x] = key;
        return result;
    }
}
