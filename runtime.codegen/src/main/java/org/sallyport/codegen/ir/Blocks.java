package org.sallyport.codegen.ir;

import java.util.Arrays;
import org.sallyport.codegen.meter.Meter;

/** The blocks of a {@link Graph}: the instructions in each, their order, parameters and successors. */
public abstract sealed class Blocks extends Values permits Graph {
    private static final int BLOCK_BYTES = 33 + 120;

    // of values: where they stand
    private int[] block = new int[256];
    private int[] next = new int[256];
    private int[] previous = new int[256];

    private int blocks;
    private int layoutFirst;
    private int layoutLast;
    /** Blocks, successors or the layout have changed since {@link Graph#cfg} was computed. */
    private boolean isReshaped;
    private int[] blockNext = new int[64];
    private int[] blockPrevious = new int[64];
    private int[] firstInstruction = new int[64];
    private int[] lastInstruction = new int[64];
    private int[] paramStart = new int[64];
    private int[] paramLength = new int[64];
    private int[] successorStart = new int[64];
    private int[] successorLength = new int[64];
    private boolean[] cold = new boolean[64];

    Blocks(Meter meter) {
        super(meter);
    }

    /** Forgets all blocks. */
    void clearBlocks() {
        blocks = 0;
        layoutFirst = NONE;
        layoutLast = NONE;
        isReshaped = true;
    }

    /** Whether blocks, successors or the layout have changed since {@link #rememberShape}. */
    boolean isReshaped() {
        return isReshaped;
    }

    void rememberShape() {
        isReshaped = false;
    }

    @Override
    public int create(Op operation, Type resultType, int a, int b, int c, long immediate, int second) {
        int v = super.create(operation, resultType, a, b, c, immediate, second);
        block[v] = NONE;
        return v;
    }

    @Override
    void growValues(int n) {
        super.growValues(n);
        block = Arrays.copyOf(block, n);
        next = Arrays.copyOf(next, n);
        previous = Arrays.copyOf(previous, n);
    }

    // ---- instructions in blocks

    /** First instruction, or -1. */
    public int first(int b) {
        return firstInstruction[b];
    }

    /** Last instruction (the terminator of a finished block), or -1. */
    public int last(int b) {
        return lastInstruction[b];
    }

    /** Next instruction of the block, or -1. */
    public int next(int v) {
        meter.step();
        return next[v];
    }

    public int previous(int v) {
        meter.step();
        return previous[v];
    }

    /** The block of an instruction or parameter; -1 when it stands nowhere. */
    public int blockOf(int v) {
        return block[v];
    }

    public int append(int b, int v) {
        block[v] = b;
        next[v] = NONE;
        previous[v] = lastInstruction[b];
        if (lastInstruction[b] == NONE) {
            firstInstruction[b] = v;
        } else {
            next[lastInstruction[b]] = v;
        }
        lastInstruction[b] = v;
        return v;
    }

    public int insertBefore(int at, int v) {
        int b = block[at];
        int before = previous[at];
        block[v] = b;
        next[v] = at;
        previous[v] = before;
        previous[at] = v;
        if (before == NONE) {
            firstInstruction[b] = v;
        } else {
            next[before] = v;
        }
        return v;
    }

    /** Puts {@code v} at the start of a block. */
    int prepend(int b, int v) {
        return firstInstruction[b] == NONE ? append(b, v) : insertBefore(firstInstruction[b], v);
    }

    /** Takes the instruction out of its block. {@link #next} of it stays valid until it is placed again. */
    public void remove(int v) {
        int b = block[v];
        if (previous[v] == NONE) {
            firstInstruction[b] = next[v];
        } else {
            next[previous[v]] = next[v];
        }
        if (next[v] == NONE) {
            lastInstruction[b] = previous[v];
        } else {
            previous[next[v]] = previous[v];
        }
        block[v] = NONE;
    }

    /**
     * Moves {@code from} (with {@code from} itself) to the end of its block behind the last instruction of {@code
     * to}.
     */
    void moveTail(int from, int to) {
        int source = block[from];
        int tail = lastInstruction[source];
        lastInstruction[source] = previous[from];
        if (previous[from] == NONE) {
            firstInstruction[source] = NONE;
        } else {
            next[previous[from]] = NONE;
        }
        previous[from] = lastInstruction[to];
        if (lastInstruction[to] == NONE) {
            firstInstruction[to] = from;
        } else {
            next[lastInstruction[to]] = from;
        }
        lastInstruction[to] = tail;
        for (int v = from; v != NONE; v = next[v]) {
            block[v] = to;
        }
    }

    /**
     * Cuts the block before {@code v}: what follows, and the successors, are then those of a new block, which is not in
     * the layout yet; the old one needs a terminator.
     */
    public int cutBefore(int v) {
        int b = block[v];
        int rest = newBlock();
        moveTail(v, rest);
        successorStart[rest] = successorStart[b];
        successorLength[rest] = successorLength[b];
        successorLength[b] = 0;
        return rest;
    }

    // ---- blocks

    /** All block ids are smaller. */
    public int blockBound() {
        return blocks;
    }

    /** Makes a block that is not in the layout yet. */
    public int newBlock() {
        int b = blocks++;
        if (b == blockNext.length) {
            growBlocks();
        }
        firstInstruction[b] = NONE;
        lastInstruction[b] = NONE;
        paramStart[b] = 0;
        paramLength[b] = 0;
        successorLength[b] = 0;
        cold[b] = false;
        blockNext[b] = NONE;
        blockPrevious[b] = NONE;
        isReshaped = true;
        return b;
    }

    private void growBlocks() {
        int n = blockNext.length * 2;
        meter.take((long) blockNext.length * BLOCK_BYTES);
        blockNext = Arrays.copyOf(blockNext, n);
        blockPrevious = Arrays.copyOf(blockPrevious, n);
        firstInstruction = Arrays.copyOf(firstInstruction, n);
        lastInstruction = Arrays.copyOf(lastInstruction, n);
        paramStart = Arrays.copyOf(paramStart, n);
        paramLength = Arrays.copyOf(paramLength, n);
        successorStart = Arrays.copyOf(successorStart, n);
        successorLength = Arrays.copyOf(successorLength, n);
        cold = Arrays.copyOf(cold, n);
    }

    /** First block of the layout: the entry. */
    public int firstBlock() {
        return layoutFirst;
    }

    public int lastBlock() {
        return layoutLast;
    }

    /** The block behind {@code b} in the layout, or -1. */
    public int nextBlock(int b) {
        meter.step();
        return blockNext[b];
    }

    public int previousBlock(int b) {
        return blockPrevious[b];
    }

    /** Puts a block at the end of the layout. */
    public void appendBlock(int b) {
        placeBlock(b, layoutLast);
    }

    /** Puts a block into the layout behind {@code after} (-1: at the start). */
    public void placeBlock(int b, int after) {
        isReshaped = true;
        int before = after == NONE ? layoutFirst : blockNext[after];
        blockPrevious[b] = after;
        blockNext[b] = before;
        if (after == NONE) {
            layoutFirst = b;
        } else {
            blockNext[after] = b;
        }
        if (before == NONE) {
            layoutLast = b;
        } else {
            blockPrevious[before] = b;
        }
    }

    /** Takes a block out of the layout; {@link #nextBlock} of it stays valid until it is placed again. */
    public void removeBlock(int b) {
        isReshaped = true;
        if (blockPrevious[b] == NONE) {
            layoutFirst = blockNext[b];
        } else {
            blockNext[blockPrevious[b]] = blockNext[b];
        }
        if (blockNext[b] == NONE) {
            layoutLast = blockPrevious[b];
        } else {
            blockPrevious[blockNext[b]] = blockPrevious[b];
        }
    }

    /** The block is rarely reached: it leads to a trap. */
    public boolean isCold(int b) {
        return cold[b];
    }

    public void setCold(int b, boolean rarely) {
        cold[b] = rarely;
    }

    // ---- parameters and successors

    public int paramCount(int b) {
        return paramLength[b];
    }

    /** The value of parameter {@code i}. */
    public int param(int b, int i) {
        return lists.get(paramStart[b] + i);
    }

    /** Appends a parameter; whoever jumps here must pass one more argument. */
    public int addParam(int b, Type paramType) {
        int v = create(Op.PARAM, paramType, NONE, NONE, NONE, 0, 0);
        adoptParam(b, v);
        return v;
    }

    /** Appends an existing {@link Op#PARAM} value to the parameters. */
    void adoptParam(int b, int v) {
        int n = paramLength[b];
        if ((n & n - 1) == 0) { // capacity is the next power of two
            int start = lists.allocate(n == 0 ? 1 : 2 * n);
            lists.copy(paramStart[b], start, n);
            paramStart[b] = start;
        }
        lists.set(paramStart[b] + n, v);
        paramLength[b] = n + 1;
        block[v] = b;
    }

    /** Shortens the parameters to the first {@code count}; their arguments are the caller's business. */
    void truncateParams(int b, int count) {
        for (int i = count; i < paramLength[b]; i++) {
            block[lists.get(paramStart[b] + i)] = NONE;
        }
        paramLength[b] = count;
    }

    void setParam(int b, int i, int v) {
        lists.set(paramStart[b] + i, v);
        block[v] = b;
    }

    public int successorCount(int b) {
        return successorLength[b];
    }

    public int successor(int b, int i) {
        return lists.get(successorStart[b] + i);
    }

    public void setSuccessor(int b, int i, int to) {
        lists.set(successorStart[b] + i, to);
        isReshaped = true;
    }

    /** Sets all successors, in the terminator's order. */
    public void setSuccessors(int b, int... to) {
        if (to.length > successorLength[b]) {
            successorStart[b] = lists.allocate(to.length);
        }
        isReshaped = true;
        successorLength[b] = to.length;
        lists.put(successorStart[b], to, to.length);
    }

    /** Rewrites all operands in the layout, if there is anything to rewrite. */
    void resolveAll() {
        if (!hasReplaced()) {
            return;
        }
        allResolved();
        for (int b = layoutFirst; b != NONE; b = blockNext[b]) {
            for (int v = firstInstruction[b]; v != NONE; v = next[v]) {
                meter.step();
                resolveOperands(v);
            }
        }
    }
}
