package org.sallyport.codegen.regalloc;

import java.util.Arrays;

/** The code to allocate, copied once into flat arrays, because every phase reads it again. */
final class FlatCode {
    static final int INT_BANK = 0;
    static final int VECTOR_BANK = 1;

    /** Traits of an instruction: a plain copy; see {@link AllocatableCode#isCommutative}. */
    static final int MOVE = 1;
    static final int COMMUTATIVE = 2;
    /** It has a {@link Operand#FIXED} operand; a use that is read from a result's register; a {@link Operand#SLOT} use. */
    static final int FIXED = 4;
    static final int TIED = 8;
    static final int SLOT = 16;
    /** It has a definition. */
    static final int DEFINES = 32;

    final AllocatableCode code;
    /** Of arrays that do not come from the arena, here and in the phases, and of the result. */
    private static final int INSTRUCTION_BYTES = 1 + 32;
    private static final int OPERAND_BYTES = 8 + 4;
    private static final int VREG_BYTES = 3 + 24;

    final Arena arena;
    final int blocks;
    final int edges;
    final int operandCount;
    final int instructions;
    final int vregs;

    /** First instruction of each block, with the instruction count behind the last. */
    final int[] blockStart;
    final int[] blockOf;
    final boolean[] cold;

    /** Edges are numbered by predecessor; {@code edgeStart[b]} is the first that leaves block b. */
    final int[] edgeStart;
    final int[] edgeTo;
    final int[] edgeFrom;
    /** Edges by successor: {@code inEdge[inStart[b] .. inStart[b + 1])}, and the blocks they come from. */
    final int[] inStart;
    final int[] inEdge;
    final int[] inFrom;
    /** Arguments of edge e: {@code argument[argStart[e] + i]} is passed for parameter i. */
    final int[] argStart;
    final int[] argument;
    final int[] paramStart;
    final int[] param;
    /** The block has predecessors from which no edge can carry moves. */
    final boolean[] hasCriticalEntry;
    /** The block has one predecessor (perhaps through several edges). */
    final boolean[] hasSinglePredecessor;

    final int[] operandStart;
    final long[] operands;
    /** By bank. */
    final int[][] clobbers;
    /** What is special about each instruction: {@link #MOVE} and so on. */
    final byte[] traits;
    /** For a use operand: the REUSE definition operand in whose register it is read, or -1. */
    final int[] tie;

    final byte[] bank;
    final boolean[] wide;
    final boolean[] rematerializable;
    final int[] defBlock;
    /** Definition operand of the vreg; -1 - i for the i-th parameter of its block. */
    final int[] defOperand;
    /** Point from which on the value exists. */
    final int[] defPoint;
    /** Operands that use v: {@code useCount[v + 1]}; {@link Liveness} makes its index of this. */
    final int[] useCount;
    /** By bank, a set as {@link #bit} says. */
    final int[] allocatable;
    /** The scratch register of each bank. */
    final int[] scratch;

    FlatCode(AllocatableCode code, Arena arena) {
        this.arena = arena;
        this.code = code;
        blocks = code.blockCount();
        instructions = code.instructionCount();
        vregs = code.vregCount();
        allocatable = new int[] {ofBank(INT_BANK, code.allocatable()), ofBank(VECTOR_BANK, code.allocatable())};
        scratch = new int[] {code.scratch(RegisterClass.INT), code.scratch(RegisterClass.FLOAT)};
        blockStart = arena.ints(blocks + 1);
        blockOf = arena.dirty(instructions);
        cold = new boolean[blocks];
        copyBlocks();

        edgeStart = arena.ints(blocks + 1);
        for (int b = 0; b < blocks; b++) edgeStart[b + 1] = edgeStart[b] + code.successorCount(b);
        edges = edgeStart[blocks];
        edgeTo = arena.dirty(edges);
        edgeFrom = arena.dirty(edges);
        inStart = arena.ints(blocks + 1);
        inEdge = arena.dirty(edges);
        inFrom = arena.dirty(edges);
        copyEdges();

        paramStart = arena.ints(blocks + 1);
        for (int b = 0; b < blocks; b++) paramStart[b + 1] = paramStart[b] + code.paramCount(b);
        param = arena.dirty(paramStart[blocks]);
        argStart = arena.ints(edges + 1);
        for (int e = 0; e < edges; e++) argStart[e + 1] = argStart[e] + code.paramCount(edgeTo[e]);
        argument = arena.dirty(argStart[edges]);
        copyParameters();

        hasSinglePredecessor = new boolean[blocks];
        hasCriticalEntry = new boolean[blocks];
        findCriticalEdges();

        bank = new byte[vregs];
        wide = new boolean[vregs];
        rematerializable = new boolean[vregs];
        copyRegisters();

        operandStart = arena.dirty(instructions + 1);
        clobbers = new int[][] {arena.dirty(instructions), arena.dirty(instructions)};
        arena.charge((long) instructions * INSTRUCTION_BYTES + (long) vregs * VREG_BYTES);
        traits = new byte[instructions];
        long usable = code.allocatable();
        for (int i = 0; i < instructions; i++) {
            operandStart[i] = code.operandStart(i);
            long clobbered = code.clobbers(i) & usable;
            clobbers[INT_BANK][i] = ofBank(INT_BANK, clobbered);
            clobbers[VECTOR_BANK][i] = ofBank(VECTOR_BANK, clobbered);
            traits[i] = (byte) ((code.isMove(i) ? MOVE : 0) | (code.isCommutative(i) ? COMMUTATIVE : 0));
        }
        operandStart[instructions] = code.operandStart(instructions);
        operandCount = operandStart[instructions];
        arena.charge((long) operandCount * OPERAND_BYTES);
        operands = new long[operandCount];
        tie = arena.filled(operandCount, -1);
        defBlock = arena.ints(vregs);
        defOperand = arena.ints(vregs);
        defPoint = arena.filled(vregs, -1);
        useCount = arena.ints(vregs + 1);
        copyOperands();
        defineParameters();
    }

    /** The registers of one bank among a set of all, see {@link #bit}. */
    static int ofBank(int bank, long registers) {
        return (int) (registers >>> bank * Registers.VECTORS);
    }

    /** A register as a set of those of its bank: phases deal with one bank at a time, in masks of 32 bits. */
    static int bit(int register) {
        return 1 << register; // modulo 32
    }

    /** The lowest of a set of registers of one bank, which is not empty. */
    static int lowest(int bank, int registers) {
        return bank * Registers.VECTORS + Integer.numberOfTrailingZeros(registers);
    }

    private void copyBlocks() {
        for (int b = 0; b < blocks; b++) {
            blockStart[b] = code.blockStart(b);
            cold[b] = code.isCold(b);
            int end = code.blockEnd(b);
            if (end <= blockStart[b]) throw new AssertionError("BUG: block " + b + " is empty");
            Arrays.fill(blockOf, blockStart[b], end, b);
        }
        blockStart[blocks] = instructions;
    }

    private void copyEdges() {
        for (int b = 0; b < blocks; b++) {
            for (int e = edgeStart[b]; e < edgeStart[b + 1]; e++) {
                edgeFrom[e] = b;
                edgeTo[e] = code.successor(b, e - edgeStart[b]);
                inStart[edgeTo[e] + 1]++;
            }
        }
        for (int b = 0; b < blocks; b++) inStart[b + 1] += inStart[b];
        int[] next = arena.copyOf(inStart, blocks);
        for (int e = 0; e < edges; e++) {
            int x = next[edgeTo[e]]++;
            inEdge[x] = e;
            inFrom[x] = edgeFrom[e];
        }
    }

    private void copyParameters() {
        for (int b = 0; b < blocks; b++) {
            for (int p = paramStart[b]; p < paramStart[b + 1]; p++) param[p] = code.param(b, p - paramStart[b]);
        }
        for (int e = 0; e < edges; e++) {
            for (int a = argStart[e]; a < argStart[e + 1]; a++) {
                argument[a] = code.branchArg(edgeFrom[e], e - edgeStart[edgeFrom[e]], a - argStart[e]);
            }
        }
    }

    private void findCriticalEdges() {
        for (int b = 0; b < blocks; b++) {
            int first = inStart[b];
            if (first == inStart[b + 1]) continue;
            boolean single = true;
            for (int x = first + 1; x < inStart[b + 1]; x++) {
                if (inFrom[x] != inFrom[first]) single = false;
            }
            hasSinglePredecessor[b] = single;
            for (int x = first; x < inStart[b + 1] && !single; x++) {
                int p = inFrom[x];
                if (edgeStart[p + 1] - edgeStart[p] > 1) hasCriticalEntry[b] = true;
            }
            if (paramCount(b) > 0 && (hasCriticalEntry[b] || single && inStart[b + 1] - first > 1)) {
                throw new AssertionError("BUG: arguments on a critical edge into block " + b);
            }
        }
    }

    private void copyRegisters() {
        for (int v = 0; v < vregs; v++) {
            RegisterClass c = code.registerClass(v);
            bank[v] = (byte) (c == RegisterClass.INT ? INT_BANK : VECTOR_BANK);
            wide[v] = c == RegisterClass.VECTOR;
            rematerializable[v] = code.isRematerializable(v);
        }
    }

    private void copyOperands() {
        for (int k = 0; k < operandCount; k++) operands[k] = code.operand(k);
        for (int i = 0; i < instructions; i++) {
            arena.step();
            for (int k = operandStart[i]; k < operandStart[i + 1]; k++) {
                if (isDef(k)) define(i, k);
                else use(i, k);
            }
        }
    }

    private void use(int i, int k) {
        int v = vreg(k);
        useCount[v + 1]++;
        int constraint = constraint(k);
        if (constraint == Operand.FIXED) {
            traits[i] |= FIXED;
        } else if (constraint == Operand.SLOT) {
            traits[i] |= SLOT;
            rematerializable[v] = false; // a stack map reads memory, so the value must have a slot
        }
    }

    private void define(int i, int k) {
        int v = vreg(k);
        traits[i] |= DEFINES;
        if (constraint(k) == Operand.REUSE) {
            int reused = operandStart[i] + register(k);
            if (constraint(reused) == Operand.FIXED) {
                operands[k] = Operand.pack(v, Operand.DEF, Operand.FIXED, register(reused), 0);
            }
        }
        if (defPoint[v] >= 0) throw new AssertionError("BUG: v" + v + " is defined twice, again at instruction " + i);
        defBlock[v] = blockOf[i];
        defOperand[v] = k;
        defPoint[v] = switch (constraint(k)) {
            case Operand.FIXED -> isTerminator(i) ? Point.late(i) : Point.after(i);
            case Operand.REUSE -> Point.before(i);
            default -> isExtended(k) ? Point.early(i) : Point.late(i);
        };
        if (constraint(k) == Operand.REUSE) tie(i, k);
        else if (constraint(k) == Operand.FIXED) traits[i] |= FIXED;
    }

    /** Marks the uses that are read from the register of the REUSE definition {@code def}. */
    void tie(int i, int def) {
        int reused = operandStart[i] + Operand.register(operands[def]);
        traits[i] |= TIED;
        tie[reused] = def;
        int v = vreg(reused);
        for (int k = operandStart[i]; k < operandStart[i + 1]; k++) {
            boolean same = vreg(k) == v && !isDef(k) && !isExtended(k) && tie[k] < 0;
            if (same && (constraint(k) == Operand.REGISTER || constraint(k) == Operand.ANY)
                    && !isReusedByOther(i, k, def)) {
                tie[k] = def;
            }
        }
    }

    private boolean isReusedByOther(int i, int use, int def) {
        for (int k = operandStart[i]; k < operandStart[i + 1]; k++) {
            if (k != def && isDef(k) && constraint(k) == Operand.REUSE
                    && operandStart[i] + Operand.register(operands[k]) == use) {
                return true;
            }
        }
        return false;
    }

    private void defineParameters() {
        for (int b = 0; b < blocks; b++) {
            for (int p = paramStart[b]; p < paramStart[b + 1]; p++) {
                int v = param[p];
                if (defPoint[v] >= 0) throw new AssertionError("BUG: v" + v + " is defined twice, again by block " + b);
                defBlock[v] = b;
                defOperand[v] = -1 - (p - paramStart[b]);
                defPoint[v] = entryPoint(b);
            }
        }
    }

    boolean isMove(int instruction) {
        return (traits[instruction] & MOVE) != 0;
    }

    boolean isCommutative(int instruction) {
        return (traits[instruction] & COMMUTATIVE) != 0;
    }

    int vreg(int operand) {
        return Operand.vreg(operands[operand]);
    }

    int constraint(int operand) {
        return Operand.constraint(operands[operand]);
    }

    boolean isDef(int operand) {
        return Operand.isDef(operands[operand]);
    }

    boolean isExtended(int operand) {
        return Operand.isExtended(operands[operand]);
    }

    int register(int operand) {
        return Operand.register(operands[operand]);
    }

    int paramCount(int block) {
        return paramStart[block + 1] - paramStart[block];
    }

    boolean isParam(int vreg) {
        return defOperand[vreg] < 0;
    }

    /** The instruction that defines the vreg, which is not a parameter. */
    int definingInstruction(int vreg) {
        int p = defPoint[vreg];
        return constraint(defOperand[vreg]) == Operand.FIXED ? Point.instructionBefore(p) : Point.instruction(p);
    }

    boolean isTerminator(int instruction) {
        return instruction + 1 == blockStart[blockOf[instruction] + 1];
    }

    int entryPoint(int block) {
        return Point.entry(blockStart[block]);
    }

    int exitPoint(int block) {
        return Point.entry(blockStart[block + 1]);
    }

    /** Point at which a use operand no longer needs its value where it is. */
    int useEnd(int operand, int instruction) {
        if (constraint(operand) == Operand.SLOT) return Point.after(instruction);
        if (constraint(operand) == Operand.FIXED || tie[operand] >= 0) return Point.before(instruction);
        return isExtended(operand) ? Point.after(instruction) : Point.late(instruction);
    }
}
