package org.sallyport.codegen.regalloc;

/**
 * What the allocator sees of one function in machine instructions; it knows nothing else of the ISA.
 *
 * <p>The code is SSA with block parameters: a virtual register has one definition (an operand or a block parameter),
 * which dominates its uses. Blocks are numbered in layout order (reverse post order: a block stands behind its
 * dominators); block 0 is the entry and has no predecessors and no parameters. Every block has at least one
 * instruction. Instructions are numbered densely in layout order. The last instruction of a block is its terminator;
 * branch arguments are read at the terminator's end.
 *
 * <p>Moves on an edge need a place to stand, hence two rules. A block with several successors passes no arguments to
 * one with several predecessors (such a critical edge without arguments is legal but dear: everything that lives into
 * the successor goes through memory; split it). And the terminator of a block whose only successor has several
 * predecessors has no operands.
 *
 * <p>Registers and sets of them are numbers as {@link Registers} says.
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

    /**
     * Operands of instruction {@code i} are {@code operand(k)} for {@code operandStart(i) <= k < operandStart(i +
     * 1)}.
     */
    int operandStart(int instruction);

    /** See {@link Operand}. */
    long operand(int k);

    /**
     * Registers destroyed by the instruction besides its definitions (a call: all allocatable ones less its fixed
     * results).
     */
    long clobbers(int instruction);

    /**
     * Whether the use operand that the instruction's {@link Operand#REUSE} definition shares its register with and
     * the operand numbered next may change roles, as in an addition. Where it helps, the allocator then answers with
     * the places of the exchanged operands; the instruction is emitted from these as always. Both are uses of one
     * class, constrained {@link Operand#REGISTER} or {@link Operand#ANY} and not late.
     */
    default boolean isCommutative(int instruction) {
        return false;
    }

    /**
     * Whether the instruction is a plain copy of its only use to its only definition; the allocator tries to make
     * both equal.
     */
    boolean isMove(int instruction);

    int vregCount();

    RegisterClass registerClass(int vreg);

    /**
     * Whether the value can be made again out of nothing (a constant), so that it is never stored: a move from
     * {@link Allocation#REMATERIALIZE}. (A constant with an {@link Operand#SLOT} use is treated as any other value.)
     */
    boolean isRematerializable(int vreg);

    /** Registers that may be allocated. */
    long allocatable();

    /** The register of that kind that is never allocated, for cycles of moves and slot-to-slot moves. */
    int scratch(RegisterClass registerClass);
}
