package org.sallyport.codegen.regalloc;

import java.util.Arrays;

/**
 * Where each value is used and where it is live. Most values live in one block. The blocks of the others come from
 * {@link LiveBlocks}; in a function that is too large for that, every value is followed on its own from its uses back
 * to its definition through the blocks between, so irreducible loops need no special care and the work is the size of
 * the answer.
 */
final class Liveness {
    private final FlatCode code;
    private final ControlFlow flow;

    /** Uses of v, ascending: {@code useStart[v] .. useStart[v + 1]}. */
    final int[] useStart;
    /** {@code before(instruction)} of an operand, the exit of the predecessor for a branch argument. */
    final int[] usePoint;
    /** The operand, or {@code ~parameter} (the vreg of the parameter) for a branch argument. */
    final int[] useOperand;

    /** Live ranges of v, ascending, not touching: {@code from/to[liveStart[v] .. liveStart[v + 1])}. */
    final int[] liveStart;
    final IntArray from;
    final IntArray to;

    /** Values live into loop headers: {@code headerLive[headerStart[b] .. headerStart[b + 1])} for a header b. */
    final int[] headerStart;
    final int[] headerLive;

    /**
     * The value was not followed: its one range goes from its definition to the end of the code. It must not be in a
     * register where a block begins. This keeps the work for huge functions (blocks times values) in bounds.
     */
    final boolean[] isUnbounded;
    /** Blocks that may still be visited. */
    private int visits;

    private final IntArray headerPairs;
    private final int[] liveIn;
    private final int[] liveOut;
    private final IntArray stack;
    private final IntArray found;

    /** @param maxVisits pairs of a value and a block to look at before values are left {@link #isUnbounded} */
    Liveness(FlatCode code, ControlFlow flow, int maxVisits) {
        this.code = code;
        this.flow = flow;
        useStart = code.useCount;
        countUses();
        usePoint = code.arena.dirty(useStart[code.vregs]);
        useOperand = code.arena.dirty(useStart[code.vregs]);
        collectUses();
        liveStart = code.arena.dirty(code.vregs + 1);
        from = new IntArray(code.arena, code.vregs + (code.vregs >> 1));
        to = new IntArray(code.arena, from.data.length);
        isUnbounded = new boolean[code.vregs];
        headerPairs = new IntArray(code.arena, 64);
        stack = new IntArray(code.arena, 64);
        found = new IntArray(code.arena, 64);
        visits = maxVisits;
        IntArray crossing = crossing();
        LiveBlocks blocks = LiveBlocks.find(code, this, crossing, maxVisits);
        liveIn = code.arena.filled(blocks == null ? code.blocks : 0, -1);
        liveOut = code.arena.filled(blocks == null ? code.blocks : 0, -1);
        crossing.add(code.vregs);
        for (int v = 0, c = 0; v < code.vregs; v++) {
            code.arena.step();
            liveStart[v] = from.size;
            if (crossing.data[c] != v) {
                addLocal(v);
            } else {
                if (blocks != null) addRanges(v, blocks, c);
                else follow(v);
                c++;
            }
        }
        liveStart[code.vregs] = from.size;
        headerStart = code.arena.ints(code.blocks + 1);
        headerLive = code.arena.dirty(headerPairs.size / 2);
        sortHeaderPairs();
        exchangeOperands();
    }

    private void countUses() {
        for (int a = 0; a < code.argStart[code.edges]; a++) useStart[code.argument[a] + 1]++;
        for (int v = 0; v < code.vregs; v++) useStart[v + 1] += useStart[v];
    }

    private void collectUses() {
        int[] next = code.arena.copyOf(useStart, code.vregs);
        for (int b = 0; b < code.blocks; b++) {
            int end = code.blockStart[b + 1];
            for (int i = code.blockStart[b]; i < end; i++) collectOperands(next, i);
            for (int e = code.edgeStart[b]; e < code.edgeStart[b + 1]; e++) {
                int parameters = code.paramStart[code.edgeTo[e]];
                for (int a = code.argStart[e]; a < code.argStart[e + 1]; a++) {
                    add(next, code.argument[a], code.exitPoint(b), ~code.param[parameters + a - code.argStart[e]]);
                }
            }
        }
    }

    private void collectOperands(int[] next, int i) {
        int end = code.operandStart[i + 1];
        for (int k = code.operandStart[i]; k < end; k++) {
            long operand = code.operands[k];
            if (!Operand.isDef(operand)) add(next, Operand.vreg(operand), Point.before(i), k);
        }
    }

    private void add(int[] next, int v, int point, int operand) {
        int u = next[v]++;
        usePoint[u] = point;
        useOperand[u] = operand;
    }

    /** Index of the first use of v at or behind {@code point}. */
    int firstUse(int v, int point) {
        int low = useStart[v];
        int high = useStart[v + 1];
        if (low == high || usePoint[low] >= point) return low;
        while (low < high) {
            int middle = low + high >>> 1;
            if (usePoint[middle] < point) low = middle + 1;
            else high = middle;
        }
        return low;
    }

    int useBlock(int use) {
        return code.blockOf[Point.instructionBefore(usePoint[use])];
    }

    private int useEnd(int use) {
        int k = useOperand[use];
        return k < 0 ? usePoint[use] : code.useEnd(k, Point.instruction(usePoint[use]));
    }

    /** Finds the live ranges of v. */
    private void follow(int v) {
        int home = code.defBlock[v];
        int last = useStart[v + 1];
        found.size = 0;
        if (visits < 0) {
            isUnbounded[v] = true;
            from.add(code.defPoint[v]);
            to.add(code.exitPoint(code.blocks - 1));
            return;
        }
        for (int u = useStart[v]; u < last; u = behindBlock(u, last, useBlock(u))) {
            code.arena.step();
            int b = useBlock(u);
            if (b != home) reach(v, b);
            while (!stack.isEmpty()) spread(v, home, stack.removeLast());
        }
        visits -= found.size;
        sortFound();
        int u = addRange(v, home, useStart[v], code.defPoint[v], liveOut[home] == v);
        for (int x = 0; x < found.size; x++) {
            int b = found.data[x];
            u = addRange(v, b, u, code.entryPoint(b), liveOut[b] == v);
        }
    }

    /** Adds the ranges of v, which is number {@code c} of the values in several blocks. */
    private void addRanges(int v, LiveBlocks blocks, int c) {
        int home = code.defBlock[v];
        int u = addRange(v, home, useStart[v], code.defPoint[v], blocks.livesOut(c, home));
        int end = blocks.start[c + 1];
        for (int x = blocks.start[c]; x < end; x++) {
            int b = blocks.list[x];
            u = addRange(v, b, u, code.entryPoint(b), blocks.livesOut(c, b));
        }
    }

    /** Whether v lives in one block only, or nowhere. */
    private boolean isLocal(int v) {
        int first = useStart[v];
        int last = useStart[v + 1];
        if (first == last) return true;
        int home = code.defBlock[v];
        if (code.defPoint[v] < 0) throw new AssertionError("BUG: v" + v + " is used but not defined");
        return usePoint[first] > code.entryPoint(home) && usePoint[last - 1] <= code.exitPoint(home);
    }

    private void addLocal(int v) {
        if (code.defPoint[v] < 0) return;
        from.add(code.defPoint[v]);
        to.add(lastEnd(useStart[v], useStart[v + 1], definitionEnd(v)));
    }

    /** The values that live in several blocks, ascending. */
    private IntArray crossing() {
        var values = new IntArray(code.arena, 64);
        for (int v = 0; v < code.vregs; v++) {
            code.arena.step();
            if (!isLocal(v)) values.add(v);
        }
        return values;
    }

    /** The first of the uses from {@code u} to {@code last} that is not in the block. */
    int behindBlock(int u, int last, int block) {
        int exit = code.exitPoint(block);
        while (u < last && usePoint[u] <= exit) u++;
        return u;
    }

    /** Where the last of the uses from {@code first} to {@code last}, all in one block, ends; {@code end} if none. */
    private int lastEnd(int first, int last, int end) {
        int result = end;
        for (int u = last - 1; u >= first && usePoint[u] == usePoint[last - 1]; u--) result = Math.max(result, useEnd(u));
        return result;
    }

    private void sortFound() {
        int[] a = found.data;
        int n = found.size;
        if (n > 32) {
            Arrays.sort(a, 0, n);
            return;
        }
        for (int x = 1; x < n; x++) {
            int b = a[x];
            int y = x;
            for (; y > 0 && a[y - 1] > b; y--) a[y] = a[y - 1];
            a[y] = b;
        }
    }

    /** Notes that v is live into the block. */
    void noteHeader(int v, int b) {
        if (flow.isHeader[b]) {
            headerPairs.add(b);
            headerPairs.add(v);
        }
    }

    private void reach(int v, int b) {
        code.arena.step();
        if (liveIn[b] == v) return;
        liveIn[b] = v;
        stack.add(b);
        found.add(b);
        noteHeader(v, b);
    }

    private void spread(int v, int home, int b) {
        for (int x = code.inStart[b]; x < code.inStart[b + 1]; x++) {
            int p = code.inFrom[x];
            liveOut[p] = v;
            if (p != home) reach(v, p);
        }
    }

    private int addRange(int v, int block, int use, int start, boolean livesOut) {
        if (block < code.defBlock[v]) {
            throw new AssertionError("BUG: v" + v + " does not dominate its use in block " + block);
        }
        int next = behindBlock(use, useStart[v + 1], block);
        int end = livesOut
                ? code.exitPoint(block)
                : lastEnd(use, next, block == code.defBlock[v] ? definitionEnd(v) : start);
        if (from.size > liveStart[v] && to.data[to.size - 1] == start) {
            to.data[to.size - 1] = end;
        } else {
            from.add(start);
            to.add(end);
        }
        return next;
    }

    /** A definition occupies its register until the instruction's end, even if nobody reads it. */
    private int definitionEnd(int v) {
        int p = code.defPoint[v];
        return code.isParam(v) ? p : Math.max(p, Point.after(Point.instructionBefore(p)));
    }

    private void sortHeaderPairs() {
        for (int x = 0; x < headerPairs.size; x += 2) headerStart[headerPairs.data[x] + 1]++;
        for (int b = 0; b < code.blocks; b++) headerStart[b + 1] += headerStart[b];
        int[] next = code.arena.copyOf(headerStart, code.blocks);
        for (int x = 0; x < headerPairs.size; x += 2) {
            headerLive[next[headerPairs.data[x]]++] = headerPairs.data[x + 1];
        }
    }

    /** Whether v is live at a point; for occasional questions. */
    boolean isLiveAt(int v, int point) {
        int x = Arrays.binarySearch(from.data, liveStart[v], liveStart[v + 1], point);
        if (x < 0) x = -x - 2;
        return x >= liveStart[v] && point < to.data[x];
    }

    int rangeCount(int v) {
        return liveStart[v + 1] - liveStart[v];
    }

    /** Whether the live ranges of two values have a point in common. */
    boolean overlap(int a, int b) {
        int x = liveStart[a];
        int y = liveStart[b];
        while (x < liveStart[a + 1] && y < liveStart[b + 1]) {
            if (to.data[x] <= from.data[y]) x++;
            else if (to.data[y] <= from.data[x]) y++;
            else return true;
        }
        return false;
    }

    /**
     * Lets each commutative instruction overwrite the operand that is better overwritten: one that dies rather than one
     * that lives on, and else the one that becomes the same loop variable as the result.
     */
    private void exchangeOperands() {
        for (int i = 0; i < code.instructions; i++) {
            code.arena.step();
            if (code.isCommutative(i)) exchangeOperands(i);
        }
    }

    private void exchangeOperands(int i) {
        for (int def = code.operandStart[i]; def < code.operandStart[i + 1]; def++) {
            if (!code.isDef(def) || code.constraint(def) != Operand.REUSE) continue;
            int reused = code.operandStart[i] + code.register(def);
            int other = reused + 1;
            int v = code.vreg(reused);
            int w = code.vreg(other);
            if (v != w && prefers(i, w, v, code.vreg(def))) exchange(i, def, reused, other);
        }
    }

    private boolean prefers(int i, int w, int v, int result) {
        boolean wLives = isLiveBehind(w, i);
        boolean vLives = isLiveBehind(v, i);
        if (wLives != vLives) return vLives;
        if (code.rematerializable[v] != code.rematerializable[w]) return code.rematerializable[v];
        return isPassedTo(result, w) && !isPassedTo(result, v);
    }

    private boolean isLiveBehind(int v, int i) {
        return isLiveAt(v, Point.after(i)) || code.isTerminator(i) && isLiveAt(v, Point.after(i) - 1);
    }

    /** Whether some edge passes {@code v} for the parameter {@code parameter}. */
    private boolean isPassedTo(int v, int parameter) {
        if (!code.isParam(parameter)) return false;
        for (int u = useStart[v]; u < useStart[v + 1]; u++) {
            if (useOperand[u] == ~parameter) return true;
        }
        return false;
    }

    /** Exchanges the use that the definition {@code def} overwrites with the next. */
    void exchange(int i, int def, int reused, int other) {
        long a = code.operands[reused];
        long b = code.operands[other];
        code.operands[reused] = a & 0xFFFF_FFFFL | b & 0xFFFF_FFFF_0000_0000L;
        code.operands[other] = b & 0xFFFF_FFFFL | a & 0xFFFF_FFFF_0000_0000L;
        renameUse(Operand.vreg(a), i, reused, other);
        renameUse(Operand.vreg(b), i, other, reused);
        for (int k = code.operandStart[i]; k < code.operandStart[i + 1]; k++) {
            if (code.tie[k] == def) code.tie[k] = -1;
        }
        code.tie(i, def);
        // ends depend on the role: the overwritten operand is read earlier
        moveEnd(Operand.vreg(a), i);
        moveEnd(Operand.vreg(b), i);
    }

    private void renameUse(int v, int i, int old, int now) {
        int u = Arrays.binarySearch(usePoint, useStart[v], useStart[v + 1], Point.before(i));
        while (u > useStart[v] && usePoint[u - 1] == Point.before(i)) u--;
        while (useOperand[u] != old) u++;
        useOperand[u] = now;
    }

    private void moveEnd(int v, int i) {
        if (isLiveBehind(v, i)) return;
        int end = 0;
        for (int k = code.operandStart[i]; k < code.operandStart[i + 1]; k++) {
            if (!code.isDef(k) && code.vreg(k) == v) end = Math.max(end, code.useEnd(k, i));
        }
        int x = Arrays.binarySearch(from.data, liveStart[v], liveStart[v + 1], Point.before(i));
        if (x < 0) x = -x - 2;
        to.data[x] = end;
    }
}
