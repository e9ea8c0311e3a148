package org.sallyport.codegen.lir;

import java.util.Arrays;
import org.sallyport.codegen.meter.Meter;
import org.sallyport.codegen.regalloc.AllocatableCode;
import org.sallyport.codegen.regalloc.Operand;
import org.sallyport.codegen.regalloc.RegisterClass;
import org.sallyport.codegen.regalloc.Registers;

/**
 * One function in machine instructions over virtual registers: packed arrays, no object per instruction. What an
 * instruction means is the ISA's business: {@link #op} and the fields {@link #aux}, {@link #imm}, {@link #disp} are
 * numbers here.
 *
 * <p><b>Making it.</b> Instruction selection goes backwards, so that a user comes before what it may swallow: blocks
 * from last to first ({@link #openBlock}), within a block <i>groups</i> from last to first ({@link #openGroup}),
 * within a group instructions in execution order ({@link #add}, then its operands: definitions, then uses).
 * {@link #seal} puts everything into execution order; from then on the functions of {@link AllocatableCode} answer.
 * {@link #reset} makes the arrays serve the next function.
 */
public final class Lir implements AllocatableCode {
    private static final int MOVE = 1;
    private static final int COMMUTATIVE = 2;

    private static final int VREG_BYTES = 10;

    private final Meter meter;
    private final Registers registers;

    private final LirCode draft;
    final LirCode code;
    private final Ints groups = new Ints();

    final LirBlocks blocks = new LirBlocks();

    private final Positions positions = new Positions();
    private final WideConstants wide;
    private final FrameFacts frame = new FrameFacts();
    /** Of all jump tables: block numbers. */
    private final Ints tableTargets = new Ints();

    private int vregs;
    private byte[] vregClass = new byte[256];
    private boolean[] constant = new boolean[256];
    private long[] bits = new long[256];

    private static final RegisterClass[] CLASSES = RegisterClass.values();

    /** @param meter counts the memory */
    public Lir(Registers registers, Meter meter) {
        this.meter = meter;
        draft = new LirCode(meter);
        code = new LirCode(meter);
        wide = new WideConstants(meter);
        this.registers = registers;
    }

    /** Forgets everything and begins a function of {@code blockCount} blocks. */
    public void reset(int blockCount) {
        draft.clear();
        code.clear();
        groups.clear();
        vregs = 0;
        blocks.reset(blockCount);
        positions.clear();
        wide.clear();
        frame.clear();
        tableTargets.clear();
    }

    // ---- making: virtual registers

    public int newVreg(RegisterClass registerClass) {
        int v = vregs++;
        if (v == vregClass.length) {
            meter.take((long) v * VREG_BYTES);
            vregClass = Arrays.copyOf(vregClass, v * 2);
            constant = Arrays.copyOf(constant, v * 2);
            bits = Arrays.copyOf(bits, v * 2);
        }
        vregClass[v] = (byte) registerClass.ordinal();
        constant[v] = false;
        return v;
    }

    /** A virtual register that can be made again at any time: it holds {@code value}, a number of {@link #wide} in vectors. */
    public int newConstant(RegisterClass registerClass, long value) {
        int v = newVreg(registerClass);
        constant[v] = true;
        bits[v] = value;
        return v;
    }

    /** The value of a {@linkplain #isRematerializable constant} register. */
    public long constantBits(int vreg) {
        return bits[vreg];
    }

    // ---- making: blocks, in ascending order, before their instructions

    /** Describes the next block; parameters and successors follow with {@link #addParam} and {@link #addSuccessor}. */
    public void describeBlock(int block, int loopDepth, boolean isCold) {
        blocks.describe(block, loopDepth, isCold);
    }

    public void addParam(int block, int vreg) {
        blocks.addParam(block, vreg);
    }

    public void addSuccessor(int block, int successor) {
        blocks.addSuccessor(block, successor);
    }

    // ---- making: instructions

    /** Goes on with another block; blocks come in descending order. */
    public void openBlock(int block) {
        blocks.firstGroup[block] = groups.size();
    }

    public void openGroup() {
        groups.add(draft.count);
    }

    /** Appends an instruction to the group. Its operands follow. */
    public void add(int op, int aux, int position) {
        LirCode c = draft;
        int i = c.count++;
        c.ensure(i + 1);
        c.op[i] = (short) op;
        c.flags[i] = 0;
        c.aux[i] = aux;
        c.disp[i] = 0;
        c.imm[i] = 0;
        c.position[i] = position;
        c.clobbers[i] = 0;
        c.operandStart[i] = c.operandCount;
        c.operandStart[i + 1] = c.operandCount;
    }

    public void setImm(long imm) {
        draft.imm[draft.count - 1] = imm;
    }

    public void setDisp(int disp) {
        draft.disp[draft.count - 1] = disp;
    }

    /** Registers that the instruction destroys besides its definitions, a mask. */
    public void setClobbers(long mask) {
        draft.clobbers[draft.count - 1] = mask;
    }

    /** The instruction just made copies its use to its definition. */
    public void markMove() {
        draft.flags[draft.count - 1] |= MOVE;
    }

    /** The first two uses of the instruction just made may be exchanged. */
    public void markCommutative() {
        draft.flags[draft.count - 1] |= COMMUTATIVE;
    }

    public void operand(long operand) {
        LirCode c = draft;
        c.ensureOperands(c.operandCount + 1);
        c.operands[c.operandCount++] = operand;
        c.operandStart[c.count] = c.operandCount;
    }

    public void def(int vreg) {
        operand(Operand.pack(vreg, Operand.DEF, Operand.REGISTER, 0, 0));
    }

    /** A definition in the register of the use that is operand {@code use} of the instruction. */
    public void defReuse(int vreg, int use) {
        operand(Operand.pack(vreg, Operand.DEF, Operand.REUSE, use, 0));
    }

    public void defFixed(int vreg, int register) {
        operand(Operand.pack(vreg, Operand.DEF, Operand.FIXED, register, 0));
    }

    /** A register that the instruction writes while it still reads its uses. */
    public void defEarly(int vreg) {
        operand(Operand.pack(vreg, Operand.DEF, Operand.REGISTER, 0, Operand.EARLY));
    }

    public void defFixedEarly(int vreg, int register) {
        operand(Operand.pack(vreg, Operand.DEF, Operand.FIXED, register, Operand.EARLY));
    }

    public void use(int vreg) {
        operand(Operand.pack(vreg, Operand.USE, Operand.REGISTER, 0, 0));
    }

    /** A use that may stay in its spill slot. */
    public void useAny(int vreg) {
        operand(Operand.pack(vreg, Operand.USE, Operand.ANY, 0, 0));
    }

    public void useLate(int vreg) {
        operand(Operand.pack(vreg, Operand.USE, Operand.REGISTER, 0, Operand.LATE));
    }

    public void useFixed(int vreg, int register) {
        operand(Operand.pack(vreg, Operand.USE, Operand.FIXED, register, 0));
    }

    /** Begins the list of branch arguments of a block; {@link #addArgument} appends. */
    public void openArguments(int block) {
        blocks.openArguments(block);
    }

    public void addArgument(int vreg) {
        blocks.addArgument(vreg);
    }

    // ---- facts besides the instructions

    /** What the {@link #position} of an instruction means. */
    public Positions positions() {
        return positions;
    }

    /** The constants that a {@link RegisterClass#VECTOR} register or an instruction names by number. */
    public WideConstants wide() {
        return wide;
    }

    public FrameFacts frame() {
        return frame;
    }

    /** Adds a block to the targets of jump tables. @return its index, for {@link #tableTarget} */
    public int addTableTarget(int block) {
        return tableTargets.add(block);
    }

    /** Targets of all jump tables. */
    public int tableTargetCount() {
        return tableTargets.size();
    }

    public int tableTarget(int i) {
        return tableTargets.get(i);
    }

    // ---- sealing

    /** Everything is there: puts it into execution order and numbers it. */
    public void seal() {
        code.ensure(draft.count);
        code.ensureOperands(draft.operandCount);
        int end = groups.size();
        groups.add(draft.count);
        // blocks were made from last to first, so block b's groups end where those of b - 1 begin
        for (int b = 0; b < blocks.count; b++) {
            blocks.start[b] = code.count;
            for (int g = end; g-- > blocks.firstGroup[b]; ) {
                code.copy(draft, groups.get(g), groups.get(g + 1));
            }
            end = blocks.firstGroup[b];
        }
        blocks.start[blocks.count] = code.count;
        blocks.countPredecessors();
    }

    // ---- reading

    public int op(int instruction) {
        return code.op[instruction];
    }

    public int aux(int instruction) {
        return code.aux[instruction];
    }

    public long imm(int instruction) {
        return code.imm[instruction];
    }

    public int disp(int instruction) {
        return code.disp[instruction];
    }

    /** Offset in the wasm binary. */
    public int position(int instruction) {
        return code.position[instruction];
    }

    /** The block that the instruction is in. */
    public int blockOf(int instruction) {
        return blocks.of(instruction);
    }

    public int operandCount(int instruction) {
        return code.operandStart[instruction + 1] - code.operandStart[instruction];
    }

    /** Whether the block has a list of arguments for its successor. */
    boolean hasArguments(int block) {
        return blocks.hasArguments(block);
    }

    public int argumentCount(int block) {
        return blocks.argumentCount(block);
    }

    @Override
    public int blockCount() {
        return blocks.count;
    }

    @Override
    public int blockStart(int block) {
        return blocks.start[block];
    }

    @Override
    public int blockEnd(int block) {
        return blocks.start[block + 1];
    }

    @Override
    public int successorCount(int block) {
        return blocks.successorCount(block);
    }

    @Override
    public int successor(int block, int i) {
        return blocks.successor(block, i);
    }

    @Override
    public int predecessorCount(int block) {
        return blocks.predecessorCount(block);
    }

    @Override
    public int predecessor(int block, int i) {
        return blocks.predecessor(block, i);
    }

    @Override
    public int loopDepth(int block) {
        return blocks.depth[block];
    }

    @Override
    public boolean isCold(int block) {
        return blocks.cold[block];
    }

    @Override
    public int paramCount(int block) {
        return blocks.paramCount(block);
    }

    @Override
    public int param(int block, int i) {
        return blocks.param(block, i);
    }

    @Override
    public int branchArg(int block, int successor, int i) {
        return blocks.argument(block, i);
    }

    @Override
    public int instructionCount() {
        return code.count;
    }

    @Override
    public int operandStart(int instruction) {
        return code.operandStart[instruction];
    }

    @Override
    public long operand(int k) {
        return code.operands[k];
    }

    @Override
    public long clobbers(int instruction) {
        return code.clobbers[instruction];
    }

    @Override
    public boolean isMove(int instruction) {
        return (code.flags[instruction] & MOVE) != 0;
    }

    @Override
    public boolean isCommutative(int instruction) {
        return (code.flags[instruction] & COMMUTATIVE) != 0;
    }

    @Override
    public int vregCount() {
        return vregs;
    }

    @Override
    public RegisterClass registerClass(int vreg) {
        return CLASSES[vregClass[vreg]];
    }

    @Override
    public boolean isRematerializable(int vreg) {
        return constant[vreg];
    }

    @Override
    public long allocatable() {
        return registers.allocatable();
    }

    @Override
    public int scratch(RegisterClass registerClass) {
        return registerClass == RegisterClass.INT ? registers.scratchInt() : registers.scratchVector();
    }
}
