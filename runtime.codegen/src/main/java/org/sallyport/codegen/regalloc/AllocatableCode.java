package org.sallyport.codegen.regalloc;

/**
 * What the allocator sees of one function in machine instructions; it knows nothing else of the ISA. SSA with block parameters: a
 * virtual register has one definition (an operand or a block parameter), which dominates its uses. No critical edges: a block with
 * several successors passes no arguments to one with several predecessors. Blocks are numbered in layout order (reverse
 * post order: a block stands behind its dominators), block 0 is the entry, has no predecessors and no parameters. Instructions are numbered densely in that
 * order. The last instruction of a block is its terminator; branch arguments are read at the terminator's end. Registers are numbered 0–15 (general) and
 * 16–31 (vector); sets of registers are bit masks over these.
 */
public interface AllocatableCode {
    int blockCount();

    /** First instruction of the block. */
    int blockStart(int block);

    /** Behind the last instruction of the block. */
    int blockEnd(int block);

    int successorCount(int block);

    int successor(int block, int i);

    int predecessorCount(int block);

    int predecessor(int block, int i);

    /** Number of loops around the block. */
    int loopDepth(int block);

    /** The block is rarely reached (leads to a trap): moves are best placed there. */
    boolean isCold(int block);

    int paramCount(int block);

    int param(int block, int i);

    /** The virtual register passed for parameter {@code i} of the {@code successor}-th successor. */
    int branchArg(int block, int successor, int i);

    int instructionCount();

    /** Operands of instruction {@code i} are {@code operand(k)} for {@code operandStart(i) <= k < operandStart(i + 1)}. */
    int operandStart(int instruction);

    /** See {@link Operand}. */
    long operand(int k);

    /** Registers destroyed by the instruction besides its definitions (a call: all allocatable ones less its fixed results). */
    int clobbers(int instruction);

    /** Whether the instruction is a plain copy of its only use to its only definition; the allocator tries to make both equal. */
    boolean isMove(int instruction);

    int vregCount();

    RegisterClass registerClass(int vreg);

    /** Whether the value can be made again out of nothing (a constant), so that it is never stored: a {@link Allocation} move from nowhere. */
    boolean isRematerializable(int vreg);

    /** Registers that may be allocated, general ones in bits 0–15, vector ones in bits 16–31. */
    int allocatable();

    /** One register per kind that is never allocated, for cycles of moves and slot-to-slot moves: {general, vector}. */
    int scratch(RegisterClass registerClass);
}
