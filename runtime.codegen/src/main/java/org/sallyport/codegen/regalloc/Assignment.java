package org.sallyport.codegen.regalloc;

import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Gives every stay a register: bundles in the order in which they begin, each the register it likes best among those
 * that are free over all its stays. If there is none, the bundle is cut where the longest free register ends or,
 * better, at a block boundary before that in fewer loops; the rest waits for its turn.
 *
 * <p>It cannot fail: when a bundle that begins at point p has its turn, only bundles that began before, and the
 * registers that instructions occupy themselves, are in the way at p, and {@link Residency} leaves one register for
 * it through the instruction at p. (Results of that instruction may be in the way too, as later parts of bundles;
 * they are then taken back and have their turn again.) Every cut gives a register to at least that much, so it ends.
 */
final class Assignment {
    /** Block boundaries looked at for a cut. */
    private static final int MAX_BLOCKS = 100;

    private final FlatCode code;
    private final Liveness live;
    /** The value is read in a fixed register somewhere. */
    private final boolean[] readsFixed;
    private final Stays stays;
    private final Bundles bundles;
    private final Hints hints;
    /** By bank; null if there is no value in its registers. */
    private final @Nullable Occupancy[] occupancy = new @Nullable Occupancy[2];
    /** Start point and first stay of the bundles, sorted; {@link #next} has its turn. */
    private final long[] queue;
    private int next;
    /** The same of what is cut off, or comes again, as a binary heap. */
    private long[] heap = new long[16];
    private int heapSize;

    /** Register of each stay. */
    final IntArray register;

    Assignment(FlatCode code, ControlFlow flow, Liveness live, Stays stays, Bundles bundles) {
        this.code = code;
        this.live = live;
        this.stays = stays;
        readsFixed = new boolean[code.vregs];
        this.bundles = bundles;
        hints = new Hints(code, flow, live, stays);
        for (int v = 0; v < code.vregs; v++) {
            if (occupancy[code.bank[v]] == null) {
                occupancy[code.bank[v]] = new Occupancy(code.arena, Point.entry(code.instructions) + 1);
            }
        }
        register = new IntArray(code.arena, stays.size() + 16);
        while (register.size < stays.size()) register.add(-1);
        queue = new long[stays.pieces];
        for (int bank = 0; bank < 2; bank++) {
            if (occupancy[bank] != null) occupyFixed(bank, of(bank));
        }
        int n = 0;
        for (int p = 0; p < stays.pieces; p++) {
            int head = bundles.head[p];
            if (head >= 0 && bundles.find(p) == p) queue[n++] = key(head);
        }
        Arrays.sort(queue, 0, n);
        while (next < n || heapSize > 0) {
            code.arena.step();
            boolean isCut = heapSize > 0 && (next == n || heap[0] < queue[next]);
            assign(isCut ? pop() : (int) queue[next++]);
        }
    }

    private long key(int head) {
        return (long) stays.start[head] << 32 | head;
    }

    private Occupancy of(int bank) {
        return Objects.requireNonNull(occupancy[bank]);
    }

    private int bank(int stay) {
        return code.bank[stays.vreg[stay]];
    }

    private void occupyFixed(int bank, Occupancy occupied) {
        int usable = code.allocatable[bank];
        for (int i = 0; i < code.instructions; i++) {
            code.arena.step();
            int late = code.clobbers[bank][i];
            if (late == 0 && (code.traits[i] & FlatCode.FIXED) == 0) continue;
            int early = 0;
            for (int k = code.operandStart[i]; k < code.operandStart[i + 1]; k++) {
                if (code.constraint(k) != Operand.FIXED || code.bank[code.vreg(k)] != bank) continue;
                int bit = FlatCode.bit(code.register(k)) & usable;
                if (code.isDef(k)) {
                    late |= bit;
                    if (code.isExtended(k)) early |= bit;
                } else {
                    early |= bit;
                    readsFixed[code.vreg(k)] = true;
                    if (code.isExtended(k)) late |= bit;
                }
            }
            if (early != 0) occupied.take(Point.before(i), Point.late(i), early);
            if (late != 0) occupied.take(Point.late(i), Point.after(i), late);
        }
    }

    private void assign(int head) {
        int allowed = code.allocatable[bank(head)];
        int taken = 0;
        for (int s = head; s >= 0 && (allowed & ~taken) != 0; s = bundles.next.data[s]) {
            taken |= taken(s);
        }
        int free = allowed & ~taken;
        if (free == 0) {
            cut(head, allowed);
        } else {
            give(head, hints.choose(bundles, head, bank(head), free));
        }
    }

    /** Registers not free for the stay. A value may stay in a register in which the instruction only reads it. */
    private int taken(int s) {
        int start = stays.start[s];
        int end = stays.end[s];
        int v = stays.vreg[s];
        Occupancy occupied = of(code.bank[v]);
        if (!readsFixed[v]) return occupied.taken(start, end);
        int result = 0;
        for (int u = live.firstUse(v, start); u < live.useStart[v + 1] && live.usePoint[u] < end; u++) {
            int own = ownFixed(u);
            if (own == 0) continue;
            int at = Math.max(start, live.usePoint[u]);
            result |= occupied.taken(start, at) | occupied.taken(at, Math.min(end, at + 2)) & ~own;
            start = Math.min(end, at + 2);
        }
        return result | occupied.taken(start, end);
    }

    /** The register in which a use reads the value before the results are written, as a set. */
    private int ownFixed(int use) {
        int k = live.useOperand[use];
        return k >= 0 && code.constraint(k) == Operand.FIXED && !code.isExtended(k) ? FlatCode.bit(code.register(k)) : 0;
    }

    private void give(int head, int r) {
        for (int s = head; s >= 0; s = bundles.next.data[s]) {
            of(bank(s)).take(stays.start[s], stays.end[s], FlatCode.bit(r));
            register.data[s] = r;
            hints.lastRegister[stays.vreg[s]] = (byte) r;
        }
    }

    private void cut(int head, int allowed) {
        int start = stays.start[head];
        int limit = start;
        for (int rest = allowed; rest != 0; rest &= rest - 1) {
            limit = Math.max(limit, Point.lastMovePoint(freeUntil(head, rest & -rest)));
        }
        if (limit <= start) {
            boolean retry = displaceResults(Point.instruction(start));
            if (!retry) throw new AssertionError("BUG: no register for" + describe(head));
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
            if (s < 0 || stays.start[s] != Point.late(i) || register.data[s] < 0) continue;
            for (int x = s; x >= 0; x = bundles.next.data[x]) {
                of(bank(x)).release(stays.start[x], stays.end[x], FlatCode.bit(register.data[x]));
                register.data[x] = -1;
                restoreFixed(x);
            }
            push(s);
            displaced = true;
        }
        return displaced;
    }

    private void restoreFixed(int s) {
        int v = stays.vreg[s];
        int u = live.firstUse(v, stays.start[s]);
        for (; readsFixed[v] && u < live.useStart[v + 1] && live.usePoint[u] < stays.end[s]; u++) {
            int own = ownFixed(u) & code.allocatable[code.bank[v]];
            if (own != 0) of(code.bank[v]).take(live.usePoint[u], live.usePoint[u] + 2, own);
        }
    }

    private int freeUntil(int head, int bit) {
        for (int s = head; s >= 0; s = bundles.next.data[s]) {
            int p = firstTaken(s, bit);
            if (p < stays.end[s]) return p;
        }
        throw new AssertionError("BUG: the register is free");
    }

    private int firstTaken(int s, int bit) {
        int start = stays.start[s];
        int end = stays.end[s];
        int v = stays.vreg[s];
        Occupancy occupied = of(code.bank[v]);
        int own = live.firstUse(v, start);
        for (int p = start; readsFixed[v];) {
            p = occupied.firstTaken(p, end, bit);
            while (own < live.useStart[v + 1] && (live.usePoint[own] + 2 <= p || ownFixed(own) != bit)) own++;
            boolean mine = p < end && own < live.useStart[v + 1] && live.usePoint[own] <= p;
            if (!mine) return p;
            p = live.usePoint[own] + 2;
        }
        return occupied.firstTaken(start, end, bit);
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
            text.append(" v").append(stays.vreg[s]).append('[').append(stays.start[s]).append(", ")
                    .append(stays.end[s]).append(") taken ")
                    .append(Integer.toHexString(of(bank(s)).taken(stays.start[s], stays.start[s] + 1)));
        }
        return text.toString();
    }

    // ---- heap

    private void push(int head) {
        if (heapSize == heap.length) heap = Arrays.copyOf(heap, heapSize * 2);
        long key = key(head);
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
