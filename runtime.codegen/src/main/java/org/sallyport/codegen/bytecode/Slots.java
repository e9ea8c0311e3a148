package org.sallyport.codegen.bytecode;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.PriorityQueue;
import org.sallyport.codegen.ir.Graph;
import org.sallyport.codegen.ir.Op;
import org.sallyport.codegen.ir.Type;

/**
 * Which variable of a method keeps which value of its graph. Two values that are alive at the same time have two; a variable
 * has values of one type only.
 */
final class Slots {
    private static final int NONE = -1;

    private final Graph graph;
    private final Plan plan;
    private final int[] slot;
    private final int[] from;
    private final int[] to;
    /** Dense numbers of values that live across blocks. */
    private final int[] number;
    private int[] crossing = new int[64];
    private int crossings;
    private BitSet[] liveIn = {};
    private int next;

    /** @param first the first variable that is free; before it are the parameters */
    Slots(Graph graph, Plan plan, int[] parameterSlots, int first) {
        this.graph = graph;
        this.plan = plan;
        next = first;
        slot = new int[graph.size()];
        from = new int[graph.size()];
        to = new int[graph.size()];
        number = new int[graph.size()];
        Arrays.fill(slot, NONE);
        Arrays.fill(number, NONE);
        Arrays.fill(from, Integer.MAX_VALUE);
        Arrays.fill(to, NONE);
        findCrossing();
        findLive();
        findIntervals();
        assign(parameterSlots);
    }

    int of(int v) {
        if (slot[v] == NONE) {
            throw new AssertionError("BUG: value " + v + " has no variable");
        }
        return slot[v];
    }

    /** The first variable behind all. */
    int end() {
        return next;
    }

    /** Values that are alive where a block begins and were defined before. */
    List<Integer> liveAt(int b) {
        List<Integer> list = new ArrayList<>();
        for (int x = liveIn[b].nextSetBit(0); x >= 0; x = liveIn[b].nextSetBit(x + 1)) {
            list.add(crossing[x]);
        }
        return list;
    }

    private void findCrossing() {
        for (int b = graph.firstBlock(); b >= 0; b = graph.nextBlock(b)) {
            for (int v = graph.first(b); v >= 0; v = graph.next(v)) {
                for (int i = graph.operandCount(v) - 1; i >= 0; i--) {
                    int x = graph.operand(v, i);
                    if (graph.blockOf(x) != b && number[x] == NONE && plan.isKept(x)) {
                        if (crossings == crossing.length) {
                            crossing = Arrays.copyOf(crossing, 2 * crossings);
                        }
                        crossing[crossings] = x;
                        number[x] = crossings++;
                    }
                }
            }
        }
    }

    private void findLive() {
        int blocks = plan.start.length;
        liveIn = new BitSet[blocks];
        int[] layout = new int[blocks];
        int n = 0;
        for (int b = graph.firstBlock(); b >= 0; b = graph.nextBlock(b)) {
            layout[n++] = b;
            liveIn[b] = new BitSet(crossings);
            for (int v = graph.first(b); v >= 0; v = graph.next(v)) {
                for (int i = graph.operandCount(v) - 1; i >= 0; i--) {
                    int x = graph.operand(v, i);
                    if (graph.blockOf(x) != b && number[x] != NONE) {
                        liveIn[b].set(number[x]);
                    }
                }
            }
        }
        boolean changed = true;
        BitSet out = new BitSet(crossings);
        while (changed) {
            changed = false;
            for (int i = n - 1; i >= 0; i--) {
                changed |= flow(layout[i], out);
            }
        }
    }

    private boolean flow(int b, BitSet out) {
        out.clear();
        for (int i = graph.successorCount(b) - 1; i >= 0; i--) {
            out.or(liveIn[graph.successor(b, i)]);
        }
        for (int x = out.nextSetBit(0); x >= 0; x = out.nextSetBit(x + 1)) {
            if (graph.blockOf(crossing[x]) == b) {
                out.clear(x);
            }
        }
        int before = liveIn[b].cardinality();
        liveIn[b].or(out);
        return liveIn[b].cardinality() != before;
    }

    private void findIntervals() {
        for (int b = graph.firstBlock(); b >= 0; b = graph.nextBlock(b)) {
            for (int i = graph.paramCount(b) - 1; i >= 0; i--) {
                include(graph.param(b, i), plan.start[b]);
            }
            for (int v = graph.first(b); v >= 0; v = graph.next(v)) {
                if (plan.isKept(v)) {
                    include(v, plan.order[v]);
                }
                int place = plan.place(v);
                for (int i = graph.operandCount(v) - 1; i >= 0; i--) {
                    include(graph.operand(v, i), place);
                }
            }
            includeAll(liveIn[b], plan.start[b]);
            for (int i = graph.successorCount(b) - 1; i >= 0; i--) {
                includeAll(liveIn[graph.successor(b, i)], plan.end[b]);
            }
        }
    }

    private void includeAll(BitSet live, int at) {
        for (int x = live.nextSetBit(0); x >= 0; x = live.nextSetBit(x + 1)) {
            include(crossing[x], at);
        }
    }

    private void include(int v, int at) {
        from[v] = Math.min(from[v], at);
        to[v] = Math.max(to[v], at);
    }

    private void assign(int[] parameterSlots) {
        int n = 0;
        int[] sorted = new int[graph.size()];
        for (int b = graph.firstBlock(); b >= 0; b = graph.nextBlock(b)) {
            for (int i = 0; i < graph.paramCount(b); i++) {
                n = collect(graph.param(b, i), sorted, n);
            }
            for (int v = graph.first(b); v >= 0; v = graph.next(v)) {
                n = graph.op(v) == Op.ARG ? n : collect(v, sorted, n);
                if (graph.op(v) == Op.ARG) {
                    slot[v] = parameterSlots[(int) graph.imm(v)];
                }
            }
        }
        int[] values = Arrays.copyOf(sorted, n);
        long[] keys = new long[n];
        for (int i = 0; i < n; i++) {
            keys[i] = (long) from[values[i]] << 32 | values[i];
        }
        Arrays.sort(keys);
        Type[] types = Type.values();
        BitSet[] free = new BitSet[types.length];
        Arrays.setAll(free, _ -> new BitSet());
        PriorityQueue<Integer> active = new PriorityQueue<>((x, y) -> Integer.compare(to[x], to[y]));
        for (long key : keys) {
            int v = (int) key;
            while (!active.isEmpty() && to[active.element()] < from[v]) {
                int ended = active.remove();
                free[graph.type(ended).ordinal()].set(slot[ended]);
            }
            BitSet pool = free[graph.type(v).ordinal()];
            int s = pool.nextSetBit(0);
            if (s < 0) {
                s = next;
                next += words(graph.type(v));
            } else {
                pool.clear(s);
            }
            slot[v] = s;
            active.add(v);
        }
    }

    /** Parameters have a variable even if nobody reads them: jumps write it. */
    private int collect(int v, int[] list, int n) {
        if (graph.op(v) == Op.PARAM || plan.isKept(v)) {
            list[n] = v;
            return n + 1;
        }
        return n;
    }

    /** How many variables of the JVM a value takes. */
    static int words(Type type) {
        return switch (type) {
            case I32, F32, REF -> 1;
            case I64, F64 -> 2;
            case V128 -> 4;
            case VOID -> 0;
        };
    }
}
