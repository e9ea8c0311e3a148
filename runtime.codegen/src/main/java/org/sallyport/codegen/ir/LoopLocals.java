package org.sallyport.codegen.ir;

import java.util.Arrays;
import org.sallyport.wasm.CodeReader;

/**
 * Which locals each loop of a function body assigns, found by one pass over the instructions ahead of the build. Loops are
 * numbered in the order of their {@code loop} instructions. A loop's header needs a parameter at most for these.
 */
final class LoopLocals {
    private int loops;
    private int[] start = new int[16];
    private int[] end = new int[16];
    private int[] locals = new int[64];
    private int localCount;

    /** For each open block the loop it is, or -1. */
    private int[] open = new int[32];
    /** Where the open loop's part of {@link #assigned} begins. */
    private int[] assignedStart = new int[32];
    private int[] assigned = new int[64];
    private int[] stamp = new int[16];
    private int stampNow;

    /** Scans a valid body from the reader's position to its end; the graph counts the steps. */
    void scan(CodeReader reader, int functionLocals, Graph graph) {
        loops = 0;
        localCount = 0;
        if (stamp.length < functionLocals) {
            stamp = new int[functionLocals];
            stampNow = 0;
        }
        int depth = 0;
        int loopDepth = 0;
        int assignedCount = 0;
        while (reader.hasNext()) {
            graph.step();
            switch (reader.next()) {
                case BLOCK, IF, TRY_TABLE, TRY -> {
                    open = ensure(open, depth);
                    open[depth++] = -1;
                }
                case LOOP -> {
                    open = ensure(open, depth);
                    assignedStart = ensure(assignedStart, depth);
                    assignedStart[depth] = assignedCount;
                    open[depth++] = newLoop();
                    loopDepth++;
                }
                case END, DELEGATE -> {
                    if (depth > 0 && open[--depth] >= 0) {
                        assignedCount = close(open[depth], assignedStart[depth], assignedCount);
                        loopDepth--;
                    }
                }
                case LOCAL_SET, LOCAL_TEE -> {
                    if (loopDepth > 0) {
                        assigned = ensure(assigned, assignedCount);
                        assigned[assignedCount++] = reader.index();
                    }
                }
                default -> {}
            }
        }
    }

    private int newLoop() {
        start = ensure(start, loops);
        end = ensure(end, loops);
        return loops++;
    }

    /** Makes the assignments since {@code from} distinct and records them; they stay for the loop around. */
    private int close(int loop, int from, int to) {
        int distinct = distinct(assigned, from, to, stamp, ++stampNow);
        int n = distinct - from;
        start[loop] = localCount;
        if (localCount + n > locals.length) {
            locals = Arrays.copyOf(locals, Math.max(localCount + n, locals.length * 2));
        }
        System.arraycopy(assigned, from, locals, localCount, n);
        localCount += n;
        end[loop] = localCount;
        return distinct;
    }

    /** Keeps the first of equal numbers in {@code list[from..to)}; returns the new end. */
    static int distinct(int[] list, int from, int to, int[] stamp, int now) {
        int n = from;
        for (int i = from; i < to; i++) {
            int x = list[i];
            if (stamp[x] != now) {
                stamp[x] = now;
                list[n++] = x;
            }
        }
        return n;
    }

    static int[] ensure(int[] array, int index) {
        return index < array.length ? array : Arrays.copyOf(array, Math.max(index + 1, array.length * 2));
    }

    int count(int loop) {
        return end[loop] - start[loop];
    }

    int local(int loop, int i) {
        return locals[start[loop] + i];
    }
}
