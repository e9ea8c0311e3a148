package org.sallyport.codegen.ir;

import java.util.Arrays;
import org.sallyport.TrapCode;
import org.sallyport.codegen.meter.Meter;
import org.sallyport.wasm.HeapType;
import org.sallyport.wasm.LaneShape;

/**
 * One function as an SSA control-flow graph with block parameters. Values and blocks are dense ids; everything about them
 * is in arrays, no object per value. {@link Values} keeps what an id is, {@link Blocks} where it stands; here is what the
 * function is, and what its instructions mean.
 *
 * <p><b>Values.</b> An instruction and the value it defines have one id ({@link Type#VOID} when it defines none). It has an
 * {@link Op}, up to three operands or a list of them, an immediate {@link #imm}, a second small immediate {@link #aux}, and
 * the offset in the wasm binary it came from. The entry block begins with the {@link Op#ARG}s that are used. A call defines
 * its first result; further ones are {@link Op#RESULT}s, all present in order directly behind it.
 *
 * <p><b>Blocks.</b> A block has parameters ({@link Op#PARAM} values, not in the instruction list), instructions in a linked
 * list, the last of which is the terminator, and successors. Only {@link Op#JUMP} passes arguments; every successor of a
 * {@link Op#BRANCH} or {@link Op#BR_TABLE} has that one edge as its only predecessor. So there are no critical edges, and a
 * block with parameters is entered by jumps alone. (Blocks holding nothing but a jump are frequent; the back end skips them
 * where no moves are needed.)
 *
 * <p><b>Order.</b> The block list ({@link #firstBlock}, {@link #nextBlock}) is the layout: entry first, every block behind
 * its dominators, only loop back edges go backwards, and ways back from cold code once {@link Layout} has put that last. The
 * entry has no predecessors and no parameters.
 *
 * <p>Predecessors, dominators and loops are computed when wanted: {@link #cfg}. Passes replace values with {@link #replace}
 * and leave no use of a replaced value behind ({@link #resolveAll}). Confined to one thread; {@link #reset} makes the arrays
 * serve the next function.
 */
public final class Graph extends Blocks {
    private static final HeapType.Abstract[] HEAP_TYPES = HeapType.Abstract.values();
    /** What passes hold before they get their first graph: empty, and nobody writes it. */
    static final Graph NOTHING = new Graph();
    /** The same for a graph's {@link #cfg}. */
    static final Cfg NO_CFG = new Cfg();

    /**
     * Stand for the heap of objects where an access names its memory: fields of structures, elements of arrays, and of both
     * what never changes once it is written, as types and lengths do. Addresses are references: {@link BuildObjects}.
     */
    static final int FIELDS = (1 << 26) - 1;
    static final int ELEMENTS = FIELDS - 1;
    static final int CONSTANTS = FIELDS - 2;

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

    private int function;
    private Type[] parameterTypes = {};
    private Type[] resultTypes = {};
    private long sharedMemories;
    private final Cfg cfg = new Cfg();

    /** An empty graph; {@link #reset} it before use. */
    public Graph() {
        this(Meter.unlimited());
    }

    /** @param meter counts the steps of those who walk over the instructions, and the memory */
    public Graph(Meter meter) {
        super(meter);
        reset(0, new Type[0], new Type[0]);
    }

    /** Forgets everything and begins a function. The arrays stay. */
    public void reset(int functionIndex, Type[] parameters, Type[] results) {
        function = functionIndex;
        parameterTypes = parameters;
        resultTypes = results;
        sharedMemories = 0;
        clearValues();
        clearBlocks();
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

    /** Predecessors, dominators and loops as they are now; the next change of blocks makes the snapshot stale. */
    public Cfg cfg() {
        if (isReshaped()) {
            cfg.compute(this);
            rememberShape();
        }
        return cfg;
    }

    // ---- what instructions mean

    /** Whether there has ever been an instruction that names what belongs to an instance. */
    boolean hasSymbolic() {
        for (Op operation : SYMBOLIC) {
            if (hasMade(operation)) {
                return true;
            }
        }
        return false;
    }

    /** Of {@link Op#LOAD}, {@link Op#STORE}, {@link Op#VMLOAD}, {@link Op#VMSTORE}. */
    public Access access(int v) {
        return Access.of(aux(v) & 15);
    }

    /**
     * Of {@link Op#LOAD}, {@link Op#STORE}: whether the address was compared with the memory's length before, so that
     * the access cannot trap. Otherwise it is an i32 and relies on the guard pages.
     */
    public boolean isChecked(int v) {
        return (aux(v) & CHECKED) != 0;
    }

    /** Whether the access may fault: one of linear memory that is not checked, or one that may find a null reference. */
    public boolean isGuarded(int v) {
        return !isChecked(v) || isHeap(memory(v));
    }

    /** What an operation on vectors does in each lane. */
    public LaneOp lane(int v) {
        return LaneOp.of(aux(v));
    }

    /** The lanes of an operation on vectors; for those that have any. */
    public LaneShape shape(int v) {
        return LaneOp.shape(aux(v));
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
        return (sharedMemories >>> Math.min(memory(v), 63) & 1) != 0 && !isHeap(memory(v));
    }

    /** Memory index of {@link Op#LOAD}, {@link Op#STORE}. */
    public int memory(int v) {
        return aux(v) >>> 5;
    }

    /** Whether a memory that an access names is the heap of objects. */
    public static boolean isHeap(int memory) {
        return memory >= CONSTANTS;
    }

    /** {@link Alias} of {@link Op#VMLOAD}, {@link Op#VMSTORE}. */
    public int aliasClass(int v) {
        return aux(v) >>> 5;
    }

    /** The second immediate of an access to linear memory, {@linkplain #isChecked checked} or guarded. */
    public static int memoryAux(Access access, int memory, boolean isChecked) {
        return memory << 5 | (isChecked ? CHECKED : 0) | access.ordinal();
    }

    /** The second immediate of an access to the runtime's structures. */
    public static int vmAux(Access access, int alias) {
        return alias << 5 | access.ordinal();
    }

    /** The immediate of {@link Op#OBJECT}. @param index of a field or segment */
    static long objectImm(int type, int index) {
        return (long) index << 32 | type;
    }

    public ObjectOp objectOp(int v) {
        return ObjectOp.of(aux(v));
    }

    /** Index of the type of {@link Op#OBJECT}. */
    public int objectType(int v) {
        return (int) imm(v);
    }

    /** Index of its field or segment. */
    public int objectIndex(int v) {
        return (int) (imm(v) >> 32);
    }

    /** The immediate of {@link Op#REF_TEST}: the index of a type, or less than 0. */
    static long heapTypeImm(HeapType heap) {
        return switch (heap) {
            case HeapType.Concrete(int type) -> type;
            case HeapType.Abstract kind -> -1L - kind.ordinal();
        };
    }

    /** The heap type of {@link Op#REF_TEST}. */
    public HeapType heapType(int v) {
        return imm(v) >= 0 ? new HeapType.Concrete((int) imm(v)) : HEAP_TYPES[(int) (-1 - imm(v))];
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
            case DIV_U, REM_U, REM_S -> !(isConst(b(v)) && imm(b(v)) != 0);
            case DIV_S -> !(isConst(b(v)) && imm(b(v)) != 0 && imm(b(v)) != -1);
            default -> true;
        };
    }

    // ---- br_table

    /** Sets the case table of a {@link Op#BR_TABLE}: the number of the successor for each case, the default last. */
    void setTableCases(int v, int[] cases, int count) {
        int at = lists.allocate(count);
        lists.put(at, cases, count);
        setImm(v, at);
        setAux(v, count);
    }

    /** Cases of a {@link Op#BR_TABLE}, the default included. */
    public int tableCaseCount(int v) {
        return aux(v);
    }

    /** Number of the successor for the operand value {@code i}; the last one is the default. */
    public int tableCase(int v, int i) {
        return lists.get((int) imm(v) + i);
    }

    // ---- short forms

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
