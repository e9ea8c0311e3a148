package org.sallyport.codegen.regalloc;

import java.util.ArrayList;
import java.util.List;

/**
 * Code to allocate, written by hand or at random: blocks in layout order, each a list of instructions and successors.
 */
final class TestCode implements AllocatableCode {
    static final int RAX = 0;
    static final int RCX = 1;
    static final int RDX = 2;
    static final int RBX = 3;
    static final int RSI = 6;
    static final int RDI = 7;
    static final int R8 = 8;
    static final int R9 = 9;
    static final int XMM0 = Registers.VECTORS;
    /** The allocatable registers of docs/abi.md. */
    static final long ALL = 0b0011_0111_1100_1111 | 0x7FFFL << Registers.VECTORS;
    static final long ALL_INT = ALL & 0xFFFF_FFFFL;

    private static final class Instruction {
        long[] operands = {};
        long clobbers;
        boolean move;
        boolean commutative;
    }

    private static final class Block {
        int depth;
        boolean cold;
        final List<Integer> params = new ArrayList<>();
        final List<Instruction> instructions = new ArrayList<>();
        final List<Integer> successors = new ArrayList<>();
        final List<int[]> arguments = new ArrayList<>();
        int start;
    }

    private final List<Block> blocks = new ArrayList<>();
    private final List<RegisterClass> classes = new ArrayList<>();
    private final List<Boolean> constants = new ArrayList<>();
    private long allocatable = ALL;
    private int[][] predecessors = {};
    private Instruction[] flat = {};
    private int[] operandStart = {};
    private long[] operands = {};

    // ---- operands

    static long use(int v) {
        return Operand.pack(v, Operand.USE, Operand.REGISTER, 0, 0);
    }

    static long late(int v) {
        return Operand.pack(v, Operand.USE, Operand.REGISTER, 0, Operand.LATE);
    }

    static long any(int v) {
        return Operand.pack(v, Operand.USE, Operand.ANY, 0, 0);
    }

    static long anyLate(int v) {
        return Operand.pack(v, Operand.USE, Operand.ANY, 0, Operand.LATE);
    }

    static long in(int v, int register) {
        return Operand.pack(v, Operand.USE, Operand.FIXED, register, 0);
    }

    static long slot(int v) {
        return Operand.pack(v, Operand.USE, Operand.SLOT, 0, 0);
    }

    static long def(int v) {
        return Operand.pack(v, Operand.DEF, Operand.REGISTER, 0, 0);
    }

    static long defIn(int v, int register) {
        return Operand.pack(v, Operand.DEF, Operand.FIXED, register, 0);
    }

    static long reuse(int v, int operand) {
        return Operand.pack(v, Operand.DEF, Operand.REUSE, operand, 0);
    }

    static long temp(int v) {
        return Operand.pack(v, Operand.DEF, Operand.REGISTER, 0, Operand.EARLY);
    }

    // ---- building

    TestCode allocatable(long registers) {
        allocatable = registers;
        return this;
    }

    int value(RegisterClass c) {
        classes.add(c);
        constants.add(false);
        return classes.size() - 1;
    }

    int value() {
        return value(RegisterClass.INT);
    }

    int[] values(int n) {
        int[] result = new int[n];
        for (int x = 0; x < n; x++) result[x] = value();
        return result;
    }

    int constant(RegisterClass c) {
        classes.add(c);
        constants.add(true);
        return classes.size() - 1;
    }

    /** Begins the next block. */
    TestCode block(int depth, int... params) {
        var b = new Block();
        b.depth = depth;
        for (int p : params) b.params.add(p);
        blocks.add(b);
        return this;
    }

    TestCode cold() {
        blocks.getLast().cold = true;
        return this;
    }

    TestCode op(long... of) {
        var i = new Instruction();
        i.operands = of;
        blocks.getLast().instructions.add(i);
        return this;
    }

    TestCode commutative() {
        blocks.getLast().instructions.getLast().commutative = true;
        return this;
    }

    TestCode destroys(long registers) {
        blocks.getLast().instructions.getLast().clobbers = registers;
        return this;
    }

    /** Makes the last instruction a call: everything but its fixed results is destroyed. */
    TestCode call() {
        var last = blocks.getLast().instructions.getLast();
        long results = 0;
        for (long o : last.operands) {
            if (Operand.isDef(o) && Operand.constraint(o) == Operand.FIXED) results |= Registers.bit(Operand.register(o));
        }
        last.clobbers = allocatable & ~results;
        return this;
    }

    TestCode clobbersAll() {
        return destroys(allocatable);
    }

    TestCode move(int to, int from) {
        op(def(to), any(from));
        blocks.getLast().instructions.getLast().move = true;
        return this;
    }

    TestCode to(int successor, int... arguments) {
        blocks.getLast().successors.add(successor);
        blocks.getLast().arguments.add(arguments);
        return this;
    }

    TestCode toFrom(int block, int successor, int... arguments) {
        blocks.get(block).successors.add(successor);
        blocks.get(block).arguments.add(arguments);
        return this;
    }

    /** A jump with its instruction. */
    TestCode jump(int successor, int... arguments) {
        return op().to(successor, arguments);
    }

    int currentBlock() {
        return blocks.size() - 1;
    }

    TestCode build() {
        var preds = new ArrayList<List<Integer>>();
        for (int b = 0; b < blocks.size(); b++) preds.add(new ArrayList<>());
        var all = new ArrayList<Instruction>();
        for (int b = 0; b < blocks.size(); b++) {
            for (int s : blocks.get(b).successors) preds.get(s).add(b);
            blocks.get(b).start = all.size();
            all.addAll(blocks.get(b).instructions);
        }
        predecessors = preds.stream().map(p -> p.stream().mapToInt(x -> x).toArray()).toArray(int[][]::new);
        flat = all.toArray(Instruction[]::new);
        operandStart = new int[flat.length + 1];
        for (int i = 0; i < flat.length; i++) operandStart[i + 1] = operandStart[i] + flat[i].operands.length;
        operands = new long[operandStart[flat.length]];
        for (int i = 0; i < flat.length; i++) {
            System.arraycopy(flat[i].operands, 0, operands, operandStart[i], flat[i].operands.length);
        }
        return this;
    }

    // ---- AllocatableCode

    @Override
    public int blockCount() {
        return blocks.size();
    }

    @Override
    public int blockStart(int block) {
        return blocks.get(block).start;
    }

    @Override
    public int blockEnd(int block) {
        return blocks.get(block).start + blocks.get(block).instructions.size();
    }

    @Override
    public int successorCount(int block) {
        return blocks.get(block).successors.size();
    }

    @Override
    public int successor(int block, int i) {
        return blocks.get(block).successors.get(i);
    }

    @Override
    public int predecessorCount(int block) {
        return predecessors[block].length;
    }

    @Override
    public int predecessor(int block, int i) {
        return predecessors[block][i];
    }

    @Override
    public int loopDepth(int block) {
        return blocks.get(block).depth;
    }

    @Override
    public boolean isCold(int block) {
        return blocks.get(block).cold;
    }

    @Override
    public int paramCount(int block) {
        return blocks.get(block).params.size();
    }

    @Override
    public int param(int block, int i) {
        return blocks.get(block).params.get(i);
    }

    @Override
    public int branchArg(int block, int successor, int i) {
        return blocks.get(block).arguments.get(successor)[i];
    }

    @Override
    public int instructionCount() {
        return flat.length;
    }

    @Override
    public int operandStart(int instruction) {
        return operandStart[instruction];
    }

    @Override
    public long operand(int k) {
        return operands[k];
    }

    @Override
    public long clobbers(int instruction) {
        return flat[instruction].clobbers;
    }

    @Override
    public boolean isCommutative(int instruction) {
        return flat[instruction].commutative;
    }

    @Override
    public boolean isMove(int instruction) {
        return flat[instruction].move;
    }

    @Override
    public int vregCount() {
        return classes.size();
    }

    @Override
    public RegisterClass registerClass(int vreg) {
        return classes.get(vreg);
    }

    @Override
    public boolean isRematerializable(int vreg) {
        return constants.get(vreg);
    }

    @Override
    public long allocatable() {
        return allocatable;
    }

    @Override
    public int scratch(RegisterClass registerClass) {
        return registerClass == RegisterClass.INT ? 11 : XMM0 + 15;
    }
}
