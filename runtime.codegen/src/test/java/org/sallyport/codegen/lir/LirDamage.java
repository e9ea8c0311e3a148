package org.sallyport.codegen.lir;

import org.sallyport.codegen.regalloc.Operand;

/** Puts faults into sealed machine instructions, for tests of those who must find them. */
public final class LirDamage {
    private final Lir lir;

    public LirDamage(Lir lir) {
        this.lir = lir;
    }

    // ---- fields of an instruction

    public void op(int i, int to) {
        lir.code.op[i] = (short) to;
    }

    public void aux(int i, int to) {
        lir.code.aux[i] = to;
    }

    public void imm(int i, long to) {
        lir.code.imm[i] = to;
    }

    public void disp(int i, int to) {
        lir.code.disp[i] = to;
    }

    public void clobbers(int i, long to) {
        lir.code.clobbers[i] = to;
    }

    /** Marks the instruction as a move (1), as one whose operands may be exchanged (2). */
    public void flags(int i, int to) {
        lir.code.flags[i] = (byte) to;
    }

    // ---- operands

    /** Operand {@code k} of the instruction. */
    public long operand(int i, int k) {
        return lir.code.operands[lir.code.operandStart[i] + k];
    }

    public void operand(int i, int k, long to) {
        lir.code.operands[lir.code.operandStart[i] + k] = to;
    }

    public void vreg(int i, int k, int to) {
        operand(i, k, operand(i, k) & 0xFFFF_FFFFL | (long) to << 32);
    }

    public void constraint(int i, int k, int constraint, int register) {
        long old = operand(i, k);
        int kind = Operand.isDef(old) ? Operand.DEF : Operand.USE;
        operand(i, k, Operand.pack(Operand.vreg(old), kind, constraint, register, Operand.isExtended(old) ? 1 : 0));
    }

    /** Makes the operand early or late, or not. */
    public void turnTiming(int i, int k) {
        operand(i, k, operand(i, k) ^ 1 << 16);
    }

    public void turnKind(int i, int k) {
        operand(i, k, operand(i, k) ^ 1);
    }

    public void dropOperand(int i, int k) {
        LirCode code = lir.code;
        int at = code.operandStart[i] + k;
        System.arraycopy(code.operands, at + 1, code.operands, at, --code.operandCount - at);
        for (int j = i + 1; j <= code.count; j++) {
            code.operandStart[j]--;
        }
    }

    /** Appends an operand. */
    public void addOperand(int i, long operand) {
        LirCode code = lir.code;
        code.ensureOperands(code.operandCount + 1);
        int at = code.operandStart[i + 1];
        System.arraycopy(code.operands, at, code.operands, at + 1, code.operandCount++ - at);
        code.operands[at] = operand;
        for (int j = i + 1; j <= code.count; j++) {
            code.operandStart[j]++;
        }
    }

    // ---- blocks

    public void successor(int b, int s, int to) {
        lir.blocks.successors.set(lir.blocks.successorStart[b] + s, to);
    }

    public void predecessor(int b, int p, int to) {
        lir.blocks.predecessors.set(lir.blocks.predecessorStart[b] + p, to);
    }

    /** The successors as they are now become the truth for predecessors too. */
    public void recountPredecessors() {
        lir.blocks.countPredecessors();
    }

    public void argument(int b, int i, int to) {
        lir.blocks.arguments.set(lir.blocks.argumentStart[b] + i, to);
    }

    public void dropArguments(int b) {
        lir.blocks.argumentStart[b] = -1;
    }

    /** The block's first instruction becomes the last of the one before. */
    public void moveStart(int b) {
        lir.blocks.start[b]++;
    }

    /** The frame knows of no call any more. */
    public void forgetFrame() {
        lir.frame().clear();
    }
}
