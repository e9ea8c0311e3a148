package org.sallyport.codegen.lir;

import java.util.Arrays;

/** The blocks of a {@link Lir}: where their instructions are, what they are given, where control goes from them. */
final class LirBlocks {
    int count;
    /** First group of the block, in the order of making. */
    int[] firstGroup = new int[65];
    /** First instruction, in execution order; one more than blocks. */
    int[] start = new int[65];
    int[] depth = new int[64];
    boolean[] cold = new boolean[64];

    final Ints successors = new Ints();
    int[] successorStart = new int[65];
    final Ints predecessors = new Ints();
    int[] predecessorStart = new int[65];
    private final Ints params = new Ints();
    int[] paramStart = new int[65];
    final Ints arguments = new Ints();
    int[] argumentStart = new int[64];

    void reset(int blockCount) {
        count = blockCount;
        if (start.length <= blockCount) {
            int n = Math.max(blockCount + 1, start.length * 2);
            start = new int[n];
            firstGroup = new int[n];
            depth = new int[n];
            cold = new boolean[n];
            successorStart = new int[n];
            predecessorStart = new int[n];
            paramStart = new int[n];
            argumentStart = new int[n];
        }
        successors.clear();
        predecessors.clear();
        params.clear();
        arguments.clear();
        Arrays.fill(argumentStart, 0, blockCount, -1);
    }

    // ---- making, in ascending order

    void describe(int block, int loopDepth, boolean isCold) {
        depth[block] = loopDepth;
        cold[block] = isCold;
        paramStart[block] = params.size();
        successorStart[block] = successors.size();
        paramStart[block + 1] = params.size();
        successorStart[block + 1] = successors.size();
    }

    void addParam(int block, int vreg) {
        params.add(vreg);
        paramStart[block + 1] = params.size();
    }

    void addSuccessor(int block, int successor) {
        successors.add(successor);
        successorStart[block + 1] = successors.size();
    }

    void openArguments(int block) {
        argumentStart[block] = arguments.size();
    }

    void addArgument(int vreg) {
        arguments.add(vreg);
    }

    void countPredecessors() {
        Arrays.fill(predecessorStart, 0, count + 1, 0);
        int edges = successors.size();
        for (int i = 0; i < edges; i++) {
            predecessorStart[successors.get(i)]++;
        }
        int sum = 0;
        for (int b = 0; b <= count; b++) {
            int n = predecessorStart[b];
            predecessorStart[b] = sum;
            sum += n;
        }
        predecessors.resize(edges, 0);
        for (int b = 0; b < count; b++) {
            for (int i = 0; i < successorCount(b); i++) {
                predecessors.set(predecessorStart[successor(b, i)]++, b);
            }
        }
        for (int b = count; b > 0; b--) {
            predecessorStart[b] = predecessorStart[b - 1];
        }
        predecessorStart[0] = 0;
    }

    // ---- reading

    /** The block of an instruction. */
    int of(int instruction) {
        int found = Arrays.binarySearch(start, 0, count + 1, instruction);
        return found >= 0 ? found : -found - 2;
    }

    int successorCount(int block) {
        return successorStart[block + 1] - successorStart[block];
    }

    int successor(int block, int i) {
        return successors.get(successorStart[block] + i);
    }

    int predecessorCount(int block) {
        return predecessorStart[block + 1] - predecessorStart[block];
    }

    int predecessor(int block, int i) {
        return predecessors.get(predecessorStart[block] + i);
    }

    int paramCount(int block) {
        return paramStart[block + 1] - paramStart[block];
    }

    int param(int block, int i) {
        return params.get(paramStart[block] + i);
    }

    boolean hasArguments(int block) {
        return argumentStart[block] >= 0;
    }

    /** Arguments that the block passes to its first successor. */
    int argumentCount(int block) {
        return argumentStart[block] < 0 ? 0 : paramCount(successor(block, 0));
    }

    int argument(int block, int i) {
        return arguments.get(argumentStart[block] + i);
    }
}
