package org.sallyport.codegen.x64;

import static org.sallyport.codegen.x64.Reg.NONE;

import java.util.Objects;
import org.sallyport.codegen.ir.Access;
import org.sallyport.codegen.ir.Graph;
import org.sallyport.codegen.ir.LaneOp;
import org.sallyport.codegen.ir.Op;
import org.sallyport.codegen.ir.Type;
import org.sallyport.codegen.lir.Lir;

/**
 * The flags part of a conditional instruction: finds what sets the flags for an i32 condition value, asks for the
 * registers, and writes its operands behind those of the instruction that reads the flags.
 */
final class Comparison {
    private final Selection s;
    private final Graph graph;
    private final Lir lir;
    private final Address address;
    private final VectorCode code;

    private Producer producer = Producer.TEST_RR;
    private int cond;
    private int width;
    private int a;
    private int b;
    private int imm;
    private boolean isDouble;
    private boolean once;

    Comparison(Selection s, Address address) {
        this.s = s;
        this.address = address;
        code = new VectorCode(s);
        graph = s.graph;
        lir = s.lir;
    }

    /**
     * Prepares for {@code condition != 0}. Registers are asked for here, so before the conditional instruction is
     * opened.
     */
    Comparison of(int condition) {
        return of(condition, s.hasOneUse(condition));
    }

    /** The same where the condition is the instruction whose turn it is: its users did not swallow it. */
    Comparison ofRoot(int comparison) {
        return of(comparison, true);
    }

    /** @param alone nothing else needs the comparison, so that it may swallow a load */
    private Comparison of(int condition, boolean alone) {
        int v = condition;
        boolean negate = false;
        once = alone;
        while (isZeroTest(v)) {
            negate ^= graph.op(v) == Op.EQ;
            v = graph.a(v);
            once &= s.hasOneUse(v);
        }
        b = NONE;
        a = NONE;
        imm = 0;
        isDouble = false;
        if (isTest(v) && canFold(v)) {
            test(v);
        } else if (graph.op(v).isCompare() && canFold(v)) {
            fold(v);
        } else {
            testBits(v, Type.I32, Cond.NE);
        }
        if (negate) {
            cond = Fields.negated(cond);
        }
        return this;
    }

    private boolean canFold(int v) {
        return s.isLocal(v);
    }

    /** {@code x == 0} or {@code x != 0} of a comparison, which only turns it around. */
    private boolean isZeroTest(int v) {
        Op op = graph.op(v);
        return (op == Op.EQ || op == Op.NE) && canFold(v) && graph.isConst(graph.b(v)) && graph.imm(graph.b(v)) == 0
                && graph.type(graph.a(v)) == Type.I32 && (graph.op(graph.a(v)).isCompare() || isTest(graph.a(v)))
                && canFold(graph.a(v));
    }

    // ---- vectors

    private boolean isTest(int v) {
        return graph.op(v) == Op.VTEST && graph.lane(v) != LaneOp.BITMASK;
    }

    /** Any lane is not 0; all are, if none equals 0. */
    private void test(int v) {
        int x = s.reg(graph.a(v));
        width = 0;
        producer = Producer.PTEST_RR;
        cond = Cond.NE.ordinal();
        if (graph.lane(v) == LaneOp.ALL_TRUE) {
            Simd equal = Objects.requireNonNull(VectorRows.direct(LaneOp.EQ, graph.shape(v)));
            code.at(graph.position(v));
            x = code.op(VectorCode.NEW, equal, x, code.zero());
            cond = Cond.E.ordinal();
        }
        a = x;
        b = x;
    }

    /** Only for a comparison in the block of the root. */
    private void fold(int v) {
        Op op = graph.op(v);
        int x = graph.a(v);
        int y = graph.b(v);
        switch (graph.type(x)) {
            case F32, F64 -> floats(op, x, y);
            case I32, I64, REF -> {
                if (graph.isConst(x) && !graph.isConst(y)) {
                    integers(op.swapped(), y, x);
                } else {
                    integers(op, x, y);
                }
            }
            case V128, VOID -> throw new AssertionError("BUG: comparison of " + graph.type(x));
        }
    }

    // ---- integers

    private static Cond cond(Op op) {
        return switch (op) {
            case EQ -> Cond.E;
            case NE -> Cond.NE;
            case LT_S -> Cond.L;
            case LT_U -> Cond.B;
            case GT_S -> Cond.G;
            case GT_U -> Cond.A;
            case LE_S -> Cond.LE;
            case LE_U -> Cond.BE;
            case GE_S -> Cond.GE;
            case GE_U -> Cond.AE;
            default -> throw new AssertionError("BUG: no integer comparison: " + op);
        };
    }

    private void integers(Op op, int x, int y) {
        Type type = graph.type(x);
        if (graph.isConst(y) && graph.imm(y) == 0) {
            switch (op) {
                case EQ, LE_U -> zero(x, type, Cond.E);
                case NE, GT_U -> zero(x, type, Cond.NE);
                case LT_S -> testBits(x, type, Cond.S);
                case GE_S -> testBits(x, type, Cond.NS);
                default -> compare(op, x, y, type);
            }
        } else {
            compare(op, x, y, type);
        }
    }

    private void zero(int x, Type type, Cond wanted) {
        if (once && s.isSinkableLoad(x) && smallLoad(x, 0, wanted)) {
            return;
        }
        testBits(x, type, wanted);
    }

    private int reg(int v, Type type) {
        return s.lowReg(v, type.bytes() * 8);
    }

    /** Flags of x and itself, or of the operands when x is an AND. */
    private void testBits(int value, Type type, Cond wanted) {
        int x = s.low(value, type.bytes() * 8);
        cond = wanted.ordinal();
        width = Fields.width(type);
        boolean equality = wanted == Cond.E || wanted == Cond.NE;
        if (equality && graph.op(x) == Op.AND && s.isPrivate(x)) {
            testAnd(x, type, wanted);
            return;
        }
        producer = Producer.CMP_RI;
        a = s.reg(x);
    }

    /** @param type what is tested: it may be the lower half of the AND */
    private void testAnd(int and, Type type, Cond wanted) {
        int x = graph.a(and);
        int y = graph.b(and);
        boolean isHalf = graph.type(and) != type;
        if (!isHalf && (bitTest(x, y, type, wanted) || bitTest(y, x, type, wanted))) {
            return;
        }
        if (!graph.isConst(y)) {
            producer = Producer.TEST_RR;
            a = reg(x, type);
            b = reg(y, type);
            return;
        }
        long mask = isHalf ? s.constantBits(y) & 0xFFFF_FFFFL : s.constantBits(y);
        if (type == Type.I64 && Long.bitCount(mask) == 1 && mask != (int) mask) {
            bit(reg(x, type), Long.numberOfTrailingZeros(mask), wanted);
        } else if (mask == (mask & 0x7FFF_FFFFL) || type == Type.I32) {
            testMask(x, mask);
        } else if (mask == (int) mask) {
            producer = Producer.TEST_RI;
            a = reg(x, type);
            imm = (int) mask;
        } else {
            producer = Producer.TEST_RR;
            a = reg(x, type);
            b = s.reg(y);
        }
    }

    /** 32 bits are enough for such a mask; one byte where it fits. */
    private void testMask(int x, long mask) {
        producer = Producer.TEST_RI;
        width = mask <= 0x7F ? Fields.width(Width.BYTE) : Fields.DWORD;
        imm = (int) mask;
        if (once && s.isSinkableLoad(x) && fitsTest(graph.access(x), mask)) {
            width = Fields.width(width(graph.access(x)));
            producer = Producer.TEST_MI;
            address.swallow(x);
        } else {
            a = s.lowReg(x, 32);
        }
    }

    /** A test of memory reads as many bytes as the load does. */
    private static boolean fitsTest(Access access, long mask) {
        return switch (access) {
            case U8 -> mask <= 0xFF;
            case U32 -> true;
            default -> false; // a 16-bit immediate stalls the decoder
        };
    }

    /** {@code x >> n & 1} and {@code 1 << n & x}. */
    private boolean bitTest(int x, int one, Type type, Cond wanted) {
        if (graph.isConst(one) && graph.imm(one) == 1 && graph.op(x) == Op.SHR_U && s.isPrivate(x)) {
            int shifted = graph.a(x);
            int count = graph.b(x);
            if (graph.isConst(count)) {
                bit(reg(shifted, type), (int) graph.imm(count) & type.bytes() * 8 - 1, wanted);
            } else {
                bit(reg(shifted, type), s.lowReg(count, type == Type.I64 ? 6 : 5), type, wanted);
            }
            return true;
        }
        if (graph.op(one) == Op.SHL && s.isPrivate(one)
                && graph.isConst(graph.a(one)) && graph.imm(graph.a(one)) == 1) {
            bit(reg(x, type), s.lowReg(graph.b(one), type == Type.I64 ? 6 : 5), type, wanted);
            return true;
        }
        return false;
    }

    /** BT sets the carry to the bit, and takes a register's number modulo the width. */
    private void bit(int register, int count, Type type, Cond wanted) {
        producer = Producer.BT_RR;
        width = Fields.width(type);
        cond = (wanted == Cond.NE ? Cond.B : Cond.AE).ordinal();
        a = register;
        b = count;
    }

    private void bit(int register, int number, Cond wanted) {
        producer = Producer.BT_RI;
        width = Fields.wide(number > 31);
        cond = (wanted == Cond.NE ? Cond.B : Cond.AE).ordinal();
        a = register;
        imm = number;
    }

    private void compare(Op op, int x, int y, Type type) {
        cond = cond(op).ordinal();
        width = Fields.width(type);
        if (s.isImm(y)) {
            imm = (int) graph.imm(y);
            if (once && s.isSinkableLoad(x) && smallLoad(x, imm, cond(op))) {
                return;
            }
            producer = Producer.CMP_RI;
            a = lowByte(op, x) ? s.lowReg(graph.a(x), 8) : reg(x, type);
        } else if (once && isFull(y, type)) {
            producer = Producer.CMP_RM;
            a = reg(x, type);
            address.swallow(y);
        } else if (once && isFull(x, type)) {
            producer = Producer.CMP_MR;
            a = reg(y, type);
            address.swallow(x);
        } else {
            producer = Producer.CMP_RR;
            a = reg(x, type);
            b = reg(y, type);
        }
    }

    /**
     * Whether x is only the lowest byte of a value, and compared with a byte: then the others need not be cleared first. The
     * order is that of unsigned bytes.
     */
    private boolean lowByte(Op op, int x) {
        boolean isByte = graph.op(x) == Op.AND && s.isPrivate(x) && graph.isConst(graph.b(x)) && graph.imm(graph.b(x)) == 0xFF
                && imm >= 0 && imm <= 0xFF;
        if (isByte) {
            width = Fields.width(Width.BYTE);
            cond = unsigned(cond(op)).ordinal();
            imm = (byte) imm;
        }
        return isByte;
    }

    private boolean isFull(int v, Type type) {
        return s.isSinkableLoad(v) && graph.type(v) == type && graph.access(v) == Access.full(type);
    }

    /**
     * Compares memory with a constant at the width of the load. A zero-extended value is not negative, so that signed
     * and unsigned order agree on it, and the constant must be of the narrow width too.
     */
    private boolean smallLoad(int load, int constant, Cond wanted) {
        Access access = graph.access(load);
        Width narrow = width(access);
        boolean extends32 = narrow.bytes() >= 4 && narrow != Width.of(graph.type(load));
        if (access == Access.U16 || access == Access.S16 || extends32) {
            return false;
        }
        if (access == Access.U8) {
            if (constant < 0 || constant > 0xFF) {
                return false;
            }
            cond = unsigned(wanted).ordinal();
        } else if (access == Access.S8) {
            if (constant != (byte) constant || isUnsigned(wanted)) {
                return false;
            }
            cond = wanted.ordinal();
        } else {
            cond = wanted.ordinal();
        }
        producer = Producer.CMP_MI;
        width = Fields.width(narrow);
        imm = constant;
        address.swallow(load);
        return true;
    }

    private static Width width(Access access) {
        return switch (access) {
            case U8, S8 -> Width.BYTE;
            case U16, S16 -> Width.WORD;
            case U32, S32 -> Width.DWORD;
            case W64 -> Width.QWORD;
            case W128 -> throw new AssertionError("BUG: integer of 16 bytes");
        };
    }

    private static Cond unsigned(Cond cond) {
        return switch (cond) {
            case L -> Cond.B;
            case GE -> Cond.AE;
            case LE -> Cond.BE;
            case G -> Cond.A;
            default -> cond;
        };
    }

    private static boolean isUnsigned(Cond cond) {
        return cond == Cond.B || cond == Cond.AE || cond == Cond.BE || cond == Cond.A;
    }

    // ---- floats

    /**
     * UCOMISD sets carry for less and unordered, zero for equal and unordered, parity for unordered (SDM vol. 2). So
     * order is asked with "above", which NaN does not satisfy, the operands exchanged where necessary.
     */
    private void floats(Op op, int x, int y) {
        boolean swap = op == Op.FLT || op == Op.FLE;
        int left = swap ? y : x;
        int right = swap ? x : y;
        cond = switch (op) {
            case FEQ -> Fields.FEQ;
            case FNE -> Fields.FNE;
            case FLT, FGT -> Cond.A.ordinal();
            case FLE, FGE -> Cond.AE.ordinal();
            default -> throw new AssertionError("BUG: no float comparison: " + op);
        };
        isDouble = graph.type(x) == Type.F64;
        width = 0;
        a = s.reg(left);
        if (once && isFull(right, graph.type(x))) {
            producer = Producer.UCOMIS_RM;
            address.swallow(right);
        } else {
            producer = Producer.UCOMIS_RR;
            b = s.reg(right);
        }
    }

    // ---- writing

    int cond() {
        return cond;
    }

    void negate() {
        cond = Fields.negated(cond);
    }

    /** Bits for {@link Fields}. */
    int aux() {
        int memory = hasMemory() ? address.aux() : 0;
        return width | Fields.compare(producer, cond) | (isDouble ? Fields.DOUBLE : 0) | memory;
    }

    private boolean hasMemory() {
        return switch (producer) {
            case CMP_RM, CMP_MR, CMP_MI, TEST_MI, UCOMIS_RM -> true;
            default -> false;
        };
    }

    int position(int otherwise) {
        return hasMemory() ? address.position() : otherwise;
    }

    /** Writes the operands; {@code high} goes to the upper half of the immediate. */
    void write(int high) {
        lir.setImm((long) high << 32 | imm & 0xFFFF_FFFFL);
        if (a != NONE) {
            if (producer == Producer.CMP_RI || producer == Producer.TEST_RI) {
                lir.useAny(a);
            } else {
                lir.use(a);
            }
        }
        if (b != NONE) {
            if (producer == Producer.BT_RR) {
                lir.use(b);
            } else {
                lir.useAny(b);
            }
        }
        if (hasMemory()) {
            address.write();
        }
    }
}
