package org.sallyport.codegen.pipeline;

import java.util.Arrays;
import org.sallyport.codegen.ir.Access;
import org.sallyport.codegen.ir.Cfg;
import org.sallyport.codegen.ir.Graph;
import org.sallyport.codegen.ir.Op;
import org.sallyport.codegen.ir.Type;
import org.sallyport.codegen.lir.Lir;
import org.sallyport.codegen.regalloc.RegisterClass;

/**
 * What all parts of instruction selection share on every machine: the graph, the instructions made so far, and which values are
 * wanted
 * in registers.
 *
 * <p>Selection goes through the function backwards. A value gets a virtual register when a user asks for one ({@link
 * #reg}); when its own turn comes and nobody asked, it is skipped: it is dead, or its users swallowed it.
 *
 * <p>What may be swallowed: a pure value by any user in the same block. A load only by its single user in the same
 * block, and only if nothing between them writes memory, calls, or traps with another code than a load does: then
 * both have the same <i>colour</i>, the number of such instructions before them in the function. A load is never
 * widened.
 */
public abstract class SelectedValues {
    /** {@link #vregs}: nobody wants the value. */
    private static final int UNWANTED = -1;
    /** {@link #vregs}: a user does the value's work. */
    private static final int SWALLOWED = -2;

    public final Graph graph;
    public final Lir lir;
    public final ModuleCode module;
    private final Makers makers;

    /**
     * By number, the instructions with one definition and no use.
     *
     * @param integer the immediate in a general register
     * @param single the bits that are the immediate in a vector register
     * @param wide the constant of {@link Lir#wide} that the displacement names
     * @param context the instance context
     */
    public record Makers(int integer, int single, int wide, int context) {}

    private int[] vregs = new int[256];
    private int[] uses = new int[256];
    private int[] color = new int[256];
    /** Place of a block in the layout. */
    private int[] number = new int[64];
    private int rootColor;
    private int rootBlock;

    /** @param makers the machine's instructions that make what is not a value of the graph's */
    protected SelectedValues(Graph graph, Lir lir, ModuleCode module, Makers makers) {
        this.graph = graph;
        this.lir = lir;
        this.module = module;
        this.makers = makers;
    }

    /** Reads the graph and describes its blocks to {@link #lir}. */
    public void begin() {
        int n = graph.size();
        if (vregs.length < n) {
            int size = Math.max(n, vregs.length * 2);
            vregs = new int[size];
            uses = new int[size];
            color = new int[size];
        }
        Arrays.fill(vregs, 0, n, UNWANTED);
        Arrays.fill(uses, 0, n, 0);
        if (number.length < graph.blockBound()) {
            number = new int[Math.max(graph.blockBound(), number.length * 2)];
        }
        countUses();
        describeBlocks();
    }

    private void countUses() {
        int effects = 0;
        for (int b = graph.firstBlock(); b >= 0; b = graph.nextBlock(b)) {
            for (int v = graph.first(b); v >= 0; v = graph.next(v)) {
                color[v] = effects;
                Op op = graph.op(v);
                if (op.writes() || op.isCall() || op.mayTrap() && op != Op.LOAD) {
                    effects++;
                }
                int count = graph.operandCount(v);
                for (int i = 0; i < count; i++) {
                    uses[graph.operand(v, i)]++;
                }
            }
        }
    }

    private void describeBlocks() {
        int count = 0;
        for (int b = graph.firstBlock(); b >= 0; b = graph.nextBlock(b)) {
            number[b] = count++;
        }
        Cfg cfg = graph.cfg();
        lir.reset(count);
        lir.positions().copyOf(graph.positions());
        lir.wide().copyOf(graph.wide());
        for (int b = graph.firstBlock(); b >= 0; b = graph.nextBlock(b)) {
            int n = number[b];
            lir.describeBlock(n, cfg.loopDepth(b), graph.isCold(b));
            for (int i = 0; i < graph.paramCount(b); i++) {
                lir.addParam(n, want(graph.param(b, i)));
            }
            for (int i = 0; i < graph.successorCount(b); i++) {
                lir.addSuccessor(n, number[graph.successor(b, i)]);
            }
        }
    }

    /** Place of a block in the layout. */
    public int number(int block) {
        return number[block];
    }

    /** The instruction whose turn it is; what it swallows is judged from its place. */
    public void setRoot(int v) {
        rootColor = color[v];
        rootBlock = graph.blockOf(v);
    }

    public boolean isWanted(int v) {
        return vregs[v] >= 0;
    }

    public boolean isSwallowed(int v) {
        return vregs[v] == SWALLOWED;
    }

    public void swallow(int v) {
        assert vregs[v] == UNWANTED : "BUG: a wanted value is swallowed";
        vregs[v] = SWALLOWED;
    }

    public boolean hasOneUse(int v) {
        return uses[v] == 1;
    }

    /** Whether the value is made in the block of the root, so that a pure one may be made again at the root. */
    public boolean isLocal(int v) {
        return graph.blockOf(v) == rootBlock;
    }

    /** A pure value with one use, in the root's block. */
    public boolean isPrivate(int v) {
        return uses[v] == 1 && graph.blockOf(v) == rootBlock && vregs[v] == UNWANTED;
    }

    /** A load with the one use that the caller is about to make, which may be done there as well. */
    public boolean isSinkableLoad(int v) {
        Op op = graph.op(v);
        return (op == Op.LOAD || op == Op.VMLOAD) && isPrivate(v) && color[v] == rootColor;
    }

    /** A load of the whole of an integer as wide as {@code user}'s type, that the user may swallow. */
    public boolean isSinkableFull(int v, int user) {
        return isSinkableLoad(v) && graph.type(v) == graph.type(user) && graph.access(v) == Access.full(graph.type(v));
    }

    public static RegisterClass registerClass(Type type) {
        return switch (type) {
            case I32, I64, REF -> RegisterClass.INT;
            case F32, F64 -> RegisterClass.FLOAT;
            case V128 -> RegisterClass.VECTOR;
            case VOID -> throw new AssertionError("BUG: a register for nothing");
        };
    }

    /** The virtual register of a value that is no constant. */
    private int want(int v) {
        int r = vregs[v];
        assert r != SWALLOWED : "BUG: a swallowed value is wanted";
        if (r < 0) {
            r = lir.newVreg(registerClass(graph.type(v)));
            vregs[v] = r;
        }
        return r;
    }

    /** The register that the value whose turn it is goes to; a fresh one if nobody wants it. */
    public int result(int v) {
        int r = vregs[v];
        return r >= 0 ? r : lir.newVreg(registerClass(graph.type(v)));
    }

    /**
     * The value behind zero extensions, which cost nothing: an i32 is held zero-extended. Neither do wraps of what is
     * small enough.
     */
    public int behindExtensions(int v) {
        while (graph.op(v) == Op.EXTEND_U || graph.op(v) == Op.WRAP && fits32(graph.a(v))) {
            v = graph.a(v);
        }
        return v;
    }

    private boolean fits32(int v) {
        return maximum(v) >>> 32 == 0;
    }

    /** The value in a register. Constants are made on the spot, so ask before the instruction is opened. */
    public int reg(int value) {
        int v = behindExtensions(value);
        return switch (graph.op(v)) {
            case CONST -> constant(v);
            case VMCTX -> context();
            default -> want(v);
        };
    }

    private int constant(int v) {
        int inst = switch (graph.type(v)) {
            case I32, I64, REF -> makers.integer;
            case F32, F64 -> makers.single;
            case V128 -> makers.wide;
            case VOID -> throw new AssertionError("BUG: constant of type " + graph.type(v));
        };
        if (graph.type(v) == Type.V128) {
            return wideConstant((int) graph.imm(v));
        }
        long bits = constantBits(v);
        int r = lir.newConstant(registerClass(graph.type(v)), bits);
        lir.add(inst, 0, graph.position(v));
        lir.setImm(bits);
        lir.def(r);
        return r;
    }

    /** A constant of 16 bytes, by its number, in a register with one use. */
    public int wideConstant(int constant) {
        int r = lir.newConstant(RegisterClass.VECTOR, constant);
        lir.add(makers.wide, 0, -1);
        lir.setDisp(constant);
        lir.def(r);
        return r;
    }

    /** A constant in a register. */
    public int constant(long bits) {
        int r = lir.newConstant(RegisterClass.INT, bits);
        lir.add(makers.integer, 0, -1);
        lir.setImm(bits);
        lir.def(r);
        return r;
    }

    private int context() {
        int r = lir.newVreg(RegisterClass.INT);
        lir.add(makers.context, 0, -1);
        lir.def(r);
        return r;
    }

    /** What a register holds for a constant: 32-bit ones are zero-extended. */
    public long constantBits(int v) {
        long bits = graph.imm(v);
        return switch (graph.type(v)) {
            case I32, F32 -> bits & 0xFFFF_FFFFL;
            case I64, F64, REF -> bits;
            case V128, VOID -> throw new AssertionError("BUG: constant of type " + graph.type(v));
        };
    }

    /**
     * The value in a register whose bits above the lowest {@code bits} do not matter: extensions, wraps and masks
     * that change only those are left out.
     */
    public int lowReg(int value, int bits) {
        return reg(low(value, bits));
    }

    public int low(int v, int bits) {
        while (true) {
            boolean passes = switch (graph.op(v)) {
                case WRAP, EXTEND_U, EXTEND_S -> bits <= 32;
                case EXTEND8_S -> bits <= 8;
                case EXTEND16_S -> bits <= 16;
                case AND -> graph.isConst(graph.b(v)) && coversLow(graph.imm(graph.b(v)), bits);
                default -> false;
            };
            // a value in another block may be wanted there anyway: then its operand would only live longer
            if (!passes || isWanted(v) || !isLocal(v)) {
                return v;
            }
            v = graph.a(v);
        }
    }

    private static boolean coversLow(long mask, int bits) {
        long low = bits == 64 ? -1 : (1L << bits) - 1;
        return (mask & low) == low;
    }

    /** Greatest value that an integer can have, as far as a short look shows; -1 if it may be anything. */
    public long maximum(int v) {
        return maximum(v, 4);
    }

    private long maximum(int v, int depth) {
        long all = graph.type(v) == Type.I32 ? 0xFFFF_FFFFL : -1;
        if (depth == 0) {
            return all;
        }
        return switch (graph.op(v)) {
            case CONST -> constantBits(v);
            case LOAD, VMLOAD -> switch (graph.access(v)) {
                case U8 -> 0xFF;
                case U16 -> 0xFFFF;
                case U32 -> 0xFFFF_FFFFL;
                default -> all;
            };
            case AND -> unsignedMin(maximum(graph.a(v), depth - 1), maximum(graph.b(v), depth - 1));
            case EXTEND_U -> maximum(graph.a(v), depth - 1);
            case SHR_U -> {
                int b = graph.b(v);
                int mask = graph.type(v) == Type.I32 ? 31 : 63;
                yield graph.isConst(b) ? maximum(graph.a(v), depth - 1) >>> (graph.imm(b) & mask) : all;
            }
            case CLZ, CTZ, POPCNT -> 64;
            default -> graph.op(v).isCompare() ? 1 : all;
        };
    }

    private static long unsignedMin(long a, long b) {
        return Long.compareUnsigned(a, b) < 0 ? a : b;
    }
}
