package org.sallyport.codegen.ir;

import java.util.Arrays;
import org.sallyport.TrapCode;
import org.sallyport.codegen.lir.Positions;
import org.sallyport.codegen.lir.WideConstants;
import org.sallyport.codegen.meter.Meter;
import org.sallyport.wasm.LaneShape;

/**
 * One function as an SSA control-flow graph with block parameters. Values and blocks are dense ids; everything about
 * them is in
 * arrays, no object per value.
 *
 * <p><b>Values.</b> An instruction and the value it defines have one id ({@link Type#VOID} when it defines none). It
 * has an {@link
 * Op}, up to three operands or a list of them, an immediate {@link #imm}, a second small immediate {@link #aux}, and
 * the offset in
 * the wasm binary it came from. The entry block begins with the {@link Op#ARG}s that are used. A call defines its
 * first result;
 * further ones are {@link Op#RESULT}s, all present in order directly behind it.
 *
 * <p><b>Blocks.</b> A block has parameters ({@link Op#PARAM} values, not in the instruction list), instructions in a
 * linked list,
 * the last of which is the terminator, and successors. Only {@link Op#JUMP} passes arguments; every successor of a
 * {@link
 * Op#BRANCH} or {@link Op#BR_TABLE} has that one edge as its only predecessor. So there are no critical edges, and a
 * block with
 * parameters is entered by jumps alone. (Blocks holding nothing but a jump are frequent; the back end skips them
 * where no moves
 * are needed.)
 *
 * <p><b>Order.</b> The block list ({@link #firstBlock}, {@link #nextBlock}) is the layout: entry first, every block
 * behind its
 * dominators, only loop back edges go backwards. The entry has no predecessors and no parameters.
 *
 * <p>Predecessors, dominators and loops are computed when wanted: {@link #cfg}. Passes replace values with {@link
 * #replace} and
 * leave no use of a replaced value behind ({@link #resolveAll}). Confined to one thread; {@link #reset} makes the
 * arrays serve the
 * next function.
 */
public final class Graph {
    static final int NONE = -1;

    /** What passes hold before they get their first graph: empty, and nobody writes it. */
    static final Graph NOTHING = new Graph();
    /** The same for a graph's {@link #cfg}. */
    static final Cfg NO_CFG = new Cfg();

    /** Bytes that a value takes here, and in facts that passes and instruction selection keep beside the graph. */
    private static final int VALUE_BYTES = 47 + 65;
    private static final int BLOCK_BYTES = 33 + 120;
    /** Bytes of an item of a list, and of the arguments that become of it. */
    private static final int POOL_BYTES = 4 + 12;

    /** Stands for the heap of objects where an access names its memory. Addresses are references: {@link BuildObjects}. */
    public static final int HEAP = (1 << 26) - 1;

    /** In {@link #aux} of an access to linear memory. */
    private static final int CHECKED = 1 << 4;

    /**
     * {@link #aux} of a {@link Op#CALL_INDIRECT} or {@link Op#RETURN_CALL_INDIRECT} whose callee is sure to belong to this
     * instance, and to return from it: nothing to switch.
     */
    public static final int SAME_INSTANCE = 1;

    /** {@link #aux} of a {@link Op#CHARGE} that stops a guest without fuel. */
    static final int CHECKED_CHARGE = 1;

    private static final Op[] SYMBOLIC = Arrays.stream(Op.values()).filter(Op::isSymbolic).toArray(Op[]::new);

    private final Meter meter;
    private int function;
    private Type[] parameterTypes = {};
    private Type[] resultTypes = {};

    // values
    private int size;
    private byte[] op = new byte[256];
    private byte[] type = new byte[256];
    private int[] operandA = new int[256];
    private int[] operandB = new int[256];
    private int[] operandC = new int[256];
    private int[] aux = new int[256];
    private long[] imm = new long[256];
    private int[] position = new int[256];
    private final Positions positions = new Positions();
    private final WideConstants wide;
    private int[] block = new int[256];
    private int[] next = new int[256];
    private int[] previous = new int[256];
    private int[] alias = new int[256];
    /** By operation: there may be such instructions. */
    private final boolean[] made = new boolean[Op.values().length];
    /** Values have been replaced whose uses may not be rewritten yet. */
    private boolean hasReplaced;
    private int currentPosition;
    private long sharedMemories;

    // blocks
    private int blocks;
    private int layoutFirst;
    private int layoutLast;
    /** Blocks, successors or the layout have changed since {@link #cfg} was computed. */
    private boolean isReshaped;
    private final Cfg cfg = new Cfg();
    private int[] blockNext = new int[64];
    private int[] blockPrevious = new int[64];
    private int[] firstInstruction = new int[64];
    private int[] lastInstruction = new int[64];
    private int[] paramStart = new int[64];
    private int[] paramLength = new int[64];
    private int[] successorStart = new int[64];
    private int[] successorLength = new int[64];
    private boolean[] cold = new boolean[64];

    // lists of ids
    private int[] pool = new int[256];
    private int poolSize;

    /** An empty graph; {@link #reset} it before use. */
    public Graph() {
        this(Meter.unlimited());
    }

    /** @param meter counts the steps of those who walk over the instructions, and the memory */
    public Graph(Meter meter) {
        this.meter = meter;
        wide = new WideConstants(meter);
        reset(0, new Type[0], new Type[0]);
    }

    /** Forgets everything and begins a function. The arrays stay. */
    public void reset(int functionIndex, Type[] parameters, Type[] results) {
        function = functionIndex;
        parameterTypes = parameters;
        resultTypes = results;
        sharedMemories = 0;
        size = 0;
        blocks = 0;
        poolSize = 0;
        layoutFirst = NONE;
        layoutLast = NONE;
        isReshaped = true;
        hasReplaced = false;
        currentPosition = NONE;
        positions.clear();
        wide.clear();
        Arrays.fill(made, false);
    }

    /** What the {@link #position} of an instruction means. */
    public Positions positions() {
        return positions;
    }

    /** The constants that a {@link Type#V128} constant and {@link Op#VSHUFFLE} name by number. */
    public WideConstants wide() {
        return wide;
    }

    /** Somebody has done a little that none of the walks below counts. */
    void step() {
        meter.step();
    }

    /** Index of the function in the module's index space. */
    public int function() {
        return function;
    }

    public int parameterCount() {
        return parameterTypes.length;
    }

    public Type parameterType(int i) {
        return parameterTypes[i];
    }

    public int resultCount() {
        return resultTypes.length;
    }

    public Type resultType(int i) {
        return resultTypes[i];
    }

    // ---- making values ----

    /** Position (offset in the wasm binary) of the instructions made from now on. */
    public void setPosition(int offset) {
        meter.step();
        currentPosition = offset;
    }

    /** Makes an instruction that stands nowhere yet. Operands that do not exist are -1. */
    public int create(Op operation, Type resultType, int a, int b, int c, long immediate, int second) {
        int v = size++;
        if (v == op.length) {
            growValues();
        }
        made[operation.ordinal()] = true;
        op[v] = (byte) operation.ordinal();
        type[v] = (byte) resultType.ordinal();
        operandA[v] = a;
        operandB[v] = b;
        operandC[v] = c;
        imm[v] = immediate;
        aux[v] = second;
        position[v] = currentPosition;
        block[v] = NONE;
        alias[v] = v;
        return v;
    }

    /**
     * Makes an instruction with a list of operands, room for {@code count} of them. Set each with {@link
     * #setOperand}.
     */
    public int createList(Op operation, Type resultType, int count, long immediate, int second) {
        return create(operation, resultType, NONE, allocate(count), count, immediate, second);
    }

    /** Copies an instruction with its operands, position and marks, but not its place. Not for block parameters. */
    public int copy(int v) {
        int w = create(op(v), type(v), operandA[v], operandB[v], operandC[v], imm[v], aux[v]);
        position[w] = position[v];
        if (Op.operandCount(op[v]) < 0) {
            operandB[w] = allocate(operandC[v]);
            System.arraycopy(pool, operandB[v], pool, operandB[w], operandC[v]);
        }
        return w;
    }

    private void growValues() {
        int n = op.length * 2;
        meter.take((long) op.length * VALUE_BYTES);
        op = Arrays.copyOf(op, n);
        type = Arrays.copyOf(type, n);
        operandA = Arrays.copyOf(operandA, n);
        operandB = Arrays.copyOf(operandB, n);
        operandC = Arrays.copyOf(operandC, n);
        imm = Arrays.copyOf(imm, n);
        aux = Arrays.copyOf(aux, n);
        position = Arrays.copyOf(position, n);
        block = Arrays.copyOf(block, n);
        next = Arrays.copyOf(next, n);
        previous = Arrays.copyOf(previous, n);
        alias = Arrays.copyOf(alias, n);
    }

    /** Room for {@code count} ints in the pool. */
    private int allocate(int count) {
        int at = poolSize;
        poolSize += count;
        if (poolSize > pool.length) {
            int n = Math.max(poolSize, pool.length * 2);
            meter.take((long) (n - pool.length) * POOL_BYTES);
            pool = Arrays.copyOf(pool, n);
        }
        return at;
    }

    // ---- values ----

    /** All ids are smaller. Removed instructions keep their ids; {@link #blockOf} is then -1. */
    public int size() {
        return size;
    }

    /** Whether there has ever been such an instruction: if not, nobody need look for one. */
    public boolean hasMade(Op operation) {
        return made[operation.ordinal()];
    }

    /** Whether there has ever been an instruction that names what belongs to an instance. */
    boolean hasSymbolic() {
        for (Op operation : SYMBOLIC) {
            if (made[operation.ordinal()]) {
                return true;
            }
        }
        return false;
    }

    public Op op(int v) {
        return Op.of(op[v]);
    }

    public Type type(int v) {
        return Type.of(type[v]);
    }

    /** First operand; meaningless for lists. */
    public int a(int v) {
        return operandA[v];
    }

    public int b(int v) {
        return operandB[v];
    }

    public int c(int v) {
        return operandC[v];
    }

    public void setA(int v, int to) {
        operandA[v] = to;
    }

    public void setB(int v, int to) {
        operandB[v] = to;
    }

    public void setC(int v, int to) {
        operandC[v] = to;
    }

    public int operandCount(int v) {
        int n = Op.operandCount(op[v]);
        return n >= 0 ? n : operandC[v];
    }

    public int operand(int v, int i) {
        if (Op.operandCount(op[v]) < 0) {
            return pool[operandB[v] + i];
        }
        return i == 0 ? operandA[v] : i == 1 ? operandB[v] : operandC[v];
    }

    public void setOperand(int v, int i, int to) {
        if (Op.operandCount(op[v]) < 0) {
            pool[operandB[v] + i] = to;
        } else if (i == 0) {
            operandA[v] = to;
        } else if (i == 1) {
            operandB[v] = to;
        } else {
            operandC[v] = to;
        }
    }

    /** Gives a list instruction another number of operands; the first ones stay, new ones are unset. */
    void resizeList(int v, int count) {
        int old = operandC[v];
        if (count > old) {
            int to = allocate(count);
            System.arraycopy(pool, operandB[v], pool, to, old);
            operandB[v] = to;
        }
        operandC[v] = count;
    }

    /** Puts an operand into the list of an instruction, before number {@code at}. */
    void insertOperand(int v, int at, int operand) {
        int n = operandC[v];
        resizeList(v, n + 1);
        System.arraycopy(pool, operandB[v] + at, pool, operandB[v] + at + 1, n - at);
        pool[operandB[v] + at] = operand;
    }

    public long imm(int v) {
        return imm[v];
    }

    public void setImm(int v, long to) {
        imm[v] = to;
    }

    /** Second immediate: see {@link Op}. */
    public int aux(int v) {
        return aux[v];
    }

    public boolean isConst(int v) {
        return op[v] == (byte) Op.CONST.ordinal();
    }

    /** Offset in the wasm binary, or -1. */
    public int position(int v) {
        return position[v];
    }

    void setPosition(int v, int offset) {
        position[v] = offset;
    }

    /** Of {@link Op#LOAD}, {@link Op#STORE}, {@link Op#VMLOAD}, {@link Op#VMSTORE}. */
    public Access access(int v) {
        return Access.of(aux[v] & 15);
    }

    /**
     * Of {@link Op#LOAD}, {@link Op#STORE}: whether the address was compared with the memory's length before, so that
     * the access cannot trap. Otherwise it is an i32 and relies on the guard pages.
     */
    public boolean isChecked(int v) {
        return (aux[v] & CHECKED) != 0;
    }

    /** Whether the access may fault: one of linear memory that is not checked, or one that may find a null reference. */
    public boolean isGuarded(int v) {
        return !isChecked(v) || memory(v) == HEAP;
    }

    /** What an operation on vectors does in each lane. */
    public LaneOp lane(int v) {
        return LaneOp.of(aux[v]);
    }

    /** The lanes of an operation on vectors; for those that have any. */
    public LaneShape shape(int v) {
        return LaneOp.shape(aux[v]);
    }

    /** The type that a lane of the operation has outside of a vector. */
    Type laneType(int v) {
        return Translation.type(shape(v).scalar());
    }

    /** Whether operands a and b may be exchanged. */
    boolean commutes(int v) {
        return op(v) == Op.VBINARY ? lane(v).commutes() : op(v).commutes();
    }

    /** Says which memories other threads may write at any time: from index 63 on, all or none. */
    void setSharedMemories(long set) {
        sharedMemories = set;
    }

    /** Whether the load {@code v} of linear memory reads what other threads may write at any time. */
    boolean isShared(int v) {
        return (sharedMemories >>> Math.min(memory(v), 63) & 1) != 0;
    }

    /** Memory index of {@link Op#LOAD}, {@link Op#STORE}. */
    public int memory(int v) {
        return aux[v] >>> 5;
    }

    /** {@link Alias} of {@link Op#VMLOAD}, {@link Op#VMSTORE}. */
    public int aliasClass(int v) {
        return aux[v] >>> 5;
    }

    /** The second immediate of an access to linear memory, {@linkplain #isChecked checked} or guarded. */
    public static int memoryAux(Access access, int memory, boolean isChecked) {
        return memory << 5 | (isChecked ? CHECKED : 0) | access.ordinal();
    }

    /** The second immediate of an access to the runtime's structures. */
    public static int vmAux(Access access, int alias) {
        return alias << 5 | access.ordinal();
    }

    /** Whether a charge stops a guest that has no fuel left. */
    public boolean isCheckedCharge(int v) {
        return op(v) == Op.CHARGE_BY || aux(v) == CHECKED_CHARGE;
    }

    /**
     * Whether this instruction can really trap: operands that are constants are taken into account. Calls are not
     * asked.
     */
    public boolean mayTrap(int v) {
        Op operation = op(v);
        if (!operation.mayTrap()) {
            return false;
        }
        return switch (operation) {
            case LOAD, STORE -> isGuarded(v);
            case ATOMIC_LOAD, ATOMIC_STORE, ATOMIC_ADD, ATOMIC_AND, ATOMIC_OR, ATOMIC_XOR, ATOMIC_XCHG, ATOMIC_CMPXCHG ->
                !isChecked(v);
            case DIV_U, REM_U, REM_S -> !(isConst(operandB[v]) && imm[operandB[v]] != 0);
            case DIV_S -> !(isConst(operandB[v]) && imm[operandB[v]] != 0 && imm[operandB[v]] != -1);
            default -> true;
        };
    }

    /** Changes an instruction in place; its place, position and id stay. For fixed operands only. */
    void become(int v, Op operation, Type resultType, int a, int b, int c, long immediate, int second) {
        made[operation.ordinal()] = true;
        op[v] = (byte) operation.ordinal();
        type[v] = (byte) resultType.ordinal();
        operandA[v] = a;
        operandB[v] = b;
        operandC[v] = c;
        imm[v] = immediate;
        aux[v] = second;
    }

    /** Another operation with as many operands; all else stays. */
    void rename(int v, Op operation) {
        made[operation.ordinal()] = true;
        op[v] = (byte) operation.ordinal();
    }

    // ---- replacing values ----

    /**
     * From now on {@code v} means {@code by}. The uses are rewritten by {@link #resolveAll} or by whoever visits
     * them.
     */
    void replace(int v, int by) {
        alias[v] = resolve(by);
        hasReplaced = true;
    }

    boolean isReplaced(int v) {
        return alias[v] != v;
    }

    /** The value that {@code v} means now. */
    int resolve(int v) {
        int root = alias[v];
        while (alias[root] != root) {
            root = alias[root];
        }
        while (alias[v] != root) {
            int up = alias[v];
            alias[v] = root;
            v = up;
        }
        return root;
    }

    /** Rewrites the operands of one instruction. */
    void resolveOperands(int v) {
        int n = Op.operandCount(op[v]);
        if (n < 0) {
            int end = operandB[v] + operandC[v];
            for (int i = operandB[v]; i < end; i++) {
                pool[i] = resolve(pool[i]);
            }
            return;
        }
        if (n > 0) {
            resolveOperand(operandA, v);
        }
        if (n > 1) {
            resolveOperand(operandB, v);
        }
        if (n > 2) {
            resolveOperand(operandC, v);
        }
    }

    private void resolveOperand(int[] operand, int v) {
        int old = operand[v];
        if (alias[old] != old) {
            operand[v] = resolve(old);
        }
    }

    /** Rewrites all operands in the layout, if there is anything to rewrite. */
    void resolveAll() {
        if (!hasReplaced) {
            return;
        }
        hasReplaced = false;
        for (int b = layoutFirst; b != NONE; b = blockNext[b]) {
            for (int v = firstInstruction[b]; v != NONE; v = next[v]) {
                meter.step();
                resolveOperands(v);
            }
        }
    }

    /**
     * Says that {@link #resolveAll} is not needed: a walk in the order of the layout that replaces values by earlier
     * ones, and rewrites the operands of all it comes to, has met every use behind its definition.
     */
    void allResolved() {
        hasReplaced = false;
    }

    // ---- instructions in blocks ----

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
    int cutBefore(int v) {
        int b = block[v];
        int rest = newBlock();
        moveTail(v, rest);
        successorStart[rest] = successorStart[b];
        successorLength[rest] = successorLength[b];
        successorLength[b] = 0;
        return rest;
    }

    // ---- blocks ----

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

    public int paramCount(int b) {
        return paramLength[b];
    }

    /** The value of parameter {@code i}. */
    public int param(int b, int i) {
        return pool[paramStart[b] + i];
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
            int start = allocate(n == 0 ? 1 : 2 * n);
            System.arraycopy(pool, paramStart[b], pool, start, n);
            paramStart[b] = start;
        }
        pool[paramStart[b] + n] = v;
        paramLength[b] = n + 1;
        block[v] = b;
    }

    /** Shortens the parameters to the first {@code count}; their arguments are the caller's business. */
    void truncateParams(int b, int count) {
        for (int i = count; i < paramLength[b]; i++) {
            block[pool[paramStart[b] + i]] = NONE;
        }
        paramLength[b] = count;
    }

    void setParam(int b, int i, int v) {
        pool[paramStart[b] + i] = v;
        block[v] = b;
    }

    public int successorCount(int b) {
        return successorLength[b];
    }

    public int successor(int b, int i) {
        return pool[successorStart[b] + i];
    }

    public void setSuccessor(int b, int i, int to) {
        pool[successorStart[b] + i] = to;
        isReshaped = true;
    }

    /** Sets all successors, in the terminator's order. */
    public void setSuccessors(int b, int... to) {
        if (to.length > successorLength[b]) {
            successorStart[b] = allocate(to.length);
        }
        isReshaped = true;
        successorLength[b] = to.length;
        System.arraycopy(to, 0, pool, successorStart[b], to.length);
    }

    /** Predecessors, dominators and loops as they are now; the next change of blocks makes the snapshot stale. */
    public Cfg cfg() {
        if (isReshaped) {
            cfg.compute(this);
            isReshaped = false;
        }
        return cfg;
    }

    // ---- br_table ----

    /** Sets the case table of a {@link Op#BR_TABLE}: the number of the successor for each case, the default last. */
    void setTableCases(int v, int[] cases, int count) {
        int at = allocate(count);
        System.arraycopy(cases, 0, pool, at, count);
        imm[v] = at;
        aux[v] = count;
    }

    /** Cases of a {@link Op#BR_TABLE}, the default included. */
    public int tableCaseCount(int v) {
        return aux[v];
    }

    /** Number of the successor for the operand value {@code i}; the last one is the default. */
    public int tableCase(int v, int i) {
        return pool[(int) imm[v] + i];
    }

    // ---- short forms ----

    /** Appends an instruction with up to two operands. */
    public int append(int b, Op operation, Type resultType, int x, int y) {
        return append(b, create(operation, resultType, x, y, NONE, 0, 0));
    }

    /** Appends a constant. */
    public int appendConst(int b, Type constType, long bits) {
        return append(b, create(Op.CONST, constType, NONE, NONE, NONE, bits, 0));
    }

    /** Ends a block with a jump; arguments follow. */
    public int appendJump(int b, int target, int... arguments) {
        int v = createList(Op.JUMP, Type.VOID, arguments.length, 0, 0);
        for (int i = 0; i < arguments.length; i++) {
            setOperand(v, i, arguments[i]);
        }
        setSuccessors(b, target);
        return append(b, v);
    }

    public int appendBranch(int b, int condition, int yes, int no) {
        setSuccessors(b, yes, no);
        return append(b, Op.BRANCH, Type.VOID, condition, NONE);
    }

    public int appendTrap(int b, TrapCode code) {
        return append(b, create(Op.TRAP, Type.VOID, NONE, NONE, NONE, code.ordinal(), 0));
    }

    @Override
    public String toString() {
        return Printer.print(this);
    }
}
