package org.sallyport.codegen.ir;

import java.util.Arrays;
import org.sallyport.codegen.lir.Positions;
import org.sallyport.codegen.lir.WideConstants;
import org.sallyport.codegen.meter.Meter;

/**
 * The values of a {@link Graph}: for each id an operation, its type, operands and immediates, and by which other value it
 * has been replaced. Where instructions stand is the business of {@link Blocks}.
 */
public abstract sealed class Values permits Blocks {
    static final int NONE = -1;

    /** Bytes that a value takes in a graph, and in facts that passes and instruction selection keep beside it. */
    private static final int VALUE_BYTES = 47 + 65;

    final Meter meter;
    /** Operands of instructions that have a list of them, and all else that is a list of ids. */
    final IdLists lists;

    /** Room for so many values is doubled when it is full; for more it grows by half. */
    private static final int FEW = 1 << 18;

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
    private int[] alias = new int[256];
    /** By operation: there may be such instructions. */
    private final boolean[] made = new boolean[Op.values().length];
    /** Values have been replaced whose uses may not be rewritten yet. */
    private boolean hasReplaced;
    private int currentPosition;

    Values(Meter meter) {
        this.meter = meter;
        lists = new IdLists(meter);
        wide = new WideConstants(meter);
    }

    /** Forgets all values. */
    void clearValues() {
        size = 0;
        lists.clear();
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

    // ---- making

    /** Position (offset in the wasm binary) of the instructions made from now on. */
    public void setPosition(int offset) {
        meter.step();
        currentPosition = offset;
    }

    /** Makes an instruction that stands nowhere yet. Operands that do not exist are -1. */
    public int create(Op operation, Type resultType, int a, int b, int c, long immediate, int second) {
        int v = size++;
        if (v == op.length) {
            growValues(v < FEW ? 2 * v : v + v / 2);
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
        alias[v] = v;
        return v;
    }

    /**
     * Makes an instruction with a list of operands, room for {@code count} of them. Set each with {@link
     * #setOperand}.
     */
    public int createList(Op operation, Type resultType, int count, long immediate, int second) {
        return create(operation, resultType, NONE, lists.allocate(count), count, immediate, second);
    }

    /** Copies an instruction with its operands, position and marks, but not its place. Not for block parameters. */
    public int copy(int v) {
        int w = create(op(v), type(v), operandA[v], operandB[v], operandC[v], imm[v], aux[v]);
        position[w] = position[v];
        if (Op.operandCount(op[v]) < 0) {
            operandB[w] = lists.allocate(operandC[v]);
            lists.copy(operandB[v], operandB[w], operandC[v]);
        }
        return w;
    }

    /** Makes room for so many values, if there is not: what grows by steps is copied each time. */
    void reserveValues(int n) {
        if (n > op.length) {
            growValues(n);
        }
    }

    /** Makes room for {@code n} values. */
    void growValues(int n) {
        meter.take((long) (n - op.length) * VALUE_BYTES);
        op = Arrays.copyOf(op, n);
        type = Arrays.copyOf(type, n);
        operandA = Arrays.copyOf(operandA, n);
        operandB = Arrays.copyOf(operandB, n);
        operandC = Arrays.copyOf(operandC, n);
        imm = Arrays.copyOf(imm, n);
        aux = Arrays.copyOf(aux, n);
        position = Arrays.copyOf(position, n);
        alias = Arrays.copyOf(alias, n);
    }

    // ---- reading and changing

    /** All ids are smaller. Removed instructions keep their ids; {@link Graph#blockOf} is then -1. */
    public int size() {
        return size;
    }

    /** Whether there has ever been such an instruction: if not, nobody need look for one. */
    public boolean hasMade(Op operation) {
        return made[operation.ordinal()];
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
            return lists.get(operandB[v] + i);
        }
        return i == 0 ? operandA[v] : i == 1 ? operandB[v] : operandC[v];
    }

    public void setOperand(int v, int i, int to) {
        if (Op.operandCount(op[v]) < 0) {
            lists.set(operandB[v] + i, to);
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
            int to = lists.allocate(count);
            lists.copy(operandB[v], to, old);
            operandB[v] = to;
        }
        operandC[v] = count;
    }

    /** Puts an operand into the list of an instruction, before number {@code at}. */
    void insertOperand(int v, int at, int operand) {
        int n = operandC[v];
        resizeList(v, n + 1);
        lists.copy(operandB[v] + at, operandB[v] + at + 1, n - at);
        lists.set(operandB[v] + at, operand);
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

    void setAux(int v, int to) {
        aux[v] = to;
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

    // ---- replacing

    /**
     * From now on {@code v} means {@code by}. The uses are rewritten by {@link Graph#resolveAll} or by whoever visits
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
                lists.set(i, resolve(lists.get(i)));
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

    /** Whether there may be uses of replaced values. */
    boolean hasReplaced() {
        return hasReplaced;
    }

    /**
     * Says that {@link Graph#resolveAll} is not needed: a walk in the order of the layout that replaces values by earlier
     * ones, and rewrites the operands of all it comes to, has met every use behind its definition.
     */
    void allResolved() {
        hasReplaced = false;
    }
}
