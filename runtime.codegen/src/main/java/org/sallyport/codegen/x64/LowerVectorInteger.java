package org.sallyport.codegen.x64;

import static org.sallyport.codegen.x64.VectorCode.NEW;

import org.sallyport.codegen.ir.Graph;
import org.sallyport.codegen.ir.LaneOp;
import org.sallyport.codegen.ir.Op;
import org.sallyport.codegen.x64.IntegerAssembler.Alu;
import org.sallyport.codegen.x64.VectorAssembler.Shift128;
import org.sallyport.wasm.LaneShape;

/** Selects instructions for operations on integer lanes that take more than one. */
final class LowerVectorInteger {
    private static final long BYTES = 0x0101_0101_0101_0101L;
    private static final long WORDS = 0x0001_0001_0001_0001L;
    private static final long NIBBLES = 0x0F0F_0F0F_0F0F_0F0FL;
    /** Bits that are 1 in the numbers 0 to 15, one byte each. */
    private static final long COUNTS_LOW = 0x0302_0201_0201_0100L;
    private static final long COUNTS_HIGH = 0x0403_0302_0302_0201L;
    private static final long WORD_SIGNS = 0x8000_8000_8000_8000L;

    private final Selection s;
    private final Graph graph;
    private final VectorCode code;

    LowerVectorInteger(Selection s, VectorCode code) {
        this.s = s;
        this.code = code;
        graph = s.graph;
    }

    // ---- one operand

    void unary(int v, LaneOp op, LaneShape shape, int a) {
        int to = s.result(v);
        switch (op) {
            case NEG -> code.op(to, subtraction(shape), code.zero(), a);
            case ABS -> { // i64x2
                int sign = signs64(a);
                code.op(to, Simd.PSUBQ, code.commutative(NEW, Simd.PXOR, a, sign), sign);
            }
            case POPCNT -> popcnt(to, a);
            case EXTEND_HIGH_S -> code.un(to, extension(LaneOp.EXTEND_LOW_S, shape), code.un(NEW, Simd.PSHUFD, a, 0xEE));
            case EXTEND_HIGH_U -> code.op(to, highHalves(shape), a, code.zero());
            case EXTADD_S -> pairSums(to, shape, a);
            case EXTADD_U -> unsignedPairSums(to, shape, a);
            default -> throw new AssertionError("BUG: no instruction for " + op + " of " + shape);
        }
    }

    private static Simd subtraction(LaneShape shape) {
        return row(LaneOp.SUB, shape);
    }

    private static Simd extension(LaneOp op, LaneShape shape) {
        return row(op, shape);
    }

    private static Simd row(LaneOp op, LaneShape shape) {
        Simd row = VectorRows.direct(op, shape);
        if (row == null) {
            throw new AssertionError("BUG: no instruction for " + op + " of " + shape);
        }
        return row;
    }

    /** Interleaves the upper halves, whose lanes are half as wide as those of the result. */
    private static Simd highHalves(LaneShape result) {
        return switch (result) {
            case I16X8 -> Simd.PUNPCKHBW;
            case I32X4 -> Simd.PUNPCKHWD;
            case I64X2 -> Simd.PUNPCKHDQ;
            case I8X16, F32X4, F64X2 -> throw new AssertionError("BUG: halves of bytes or floats");
        };
    }

    /** All ones in lanes of 64 bits that are negative, else 0. */
    private int signs64(int a) {
        return code.un(NEW, Simd.PSHUFD, code.shift(NEW, Shift128.PSRAD, a, 31), 0xF5);
    }

    /** A table of the bits in four, looked up for both halves of each byte. */
    private void popcnt(int to, int a) {
        int low = code.with(NEW, Simd.PAND, a, NIBBLES);
        int high = code.with(NEW, Simd.PAND, code.shift(NEW, Shift128.PSRLW, a, 4), NIBBLES);
        int table = code.constant(COUNTS_LOW, COUNTS_HIGH);
        int lowCounts = code.op(NEW, Simd.PSHUFB, table, low);
        int highCounts = code.op(NEW, Simd.PSHUFB, table, high);
        code.commutative(to, Simd.PADDB, lowCounts, highCounts);
    }

    /** PMADDUBSW takes its first operand as unsigned, the second as signed. */
    private void pairSums(int to, LaneShape shape, int a) {
        if (shape == LaneShape.I16X8) {
            code.op(to, Simd.PMADDUBSW, code.constant(BYTES, BYTES), a);
        } else {
            code.with(to, Simd.PMADDWD, a, WORDS);
        }
    }

    /** Words are made signed first, which takes 0x8000 from each of a pair. */
    private void unsignedPairSums(int to, LaneShape shape, int a) {
        if (shape == LaneShape.I16X8) {
            code.with(to, Simd.PMADDUBSW, a, BYTES);
        } else {
            int signed = code.with(NEW, Simd.PXOR, a, WORD_SIGNS);
            int sums = code.with(NEW, Simd.PMADDWD, signed, WORDS);
            code.with(to, Simd.PADDD, sums, 0x0001_0000_0001_0000L);
        }
    }

    // ---- two operands

    void binary(int v, LaneOp op, LaneShape shape, int a, int b) {
        int to = s.result(v);
        switch (op) {
            case NE -> not(to, code.commutative(NEW, row(LaneOp.EQ, shape), a, b));
            case GT_S -> greater64(to, a, b);
            case LT_S -> greater64(to, b, a);
            case GE_S -> notLess(to, shape, LaneOp.MAX_S, a, b);
            case LE_S -> notLess(to, shape, LaneOp.MIN_S, a, b);
            case GE_U -> notLess(to, shape, LaneOp.MAX_U, a, b);
            case LE_U -> notLess(to, shape, LaneOp.MIN_U, a, b);
            case GT_U -> not(to, notLess(NEW, shape, LaneOp.MIN_U, a, b));
            case LT_U -> not(to, notLess(NEW, shape, LaneOp.MAX_U, a, b));
            case MUL -> multiply64(to, a, b);
            case EXTMUL_LOW_S, EXTMUL_LOW_U, EXTMUL_HIGH_S, EXTMUL_HIGH_U -> wideProducts(to, op, shape, a, b);
            case Q15MULR_SAT -> { // only the product of the two least numbers is too large, and is 0x8000
                int product = code.commutative(NEW, Simd.PMULHRSW, a, b);
                int overflow = code.with(NEW, Simd.PCMPEQW, product, WORD_SIGNS);
                code.commutative(to, Simd.PXOR, product, overflow);
            }
            case RELAXED_DOT -> code.op(to, Simd.PMADDUBSW, b, a);
            default -> throw new AssertionError("BUG: no instruction for " + op + " of " + shape);
        }
    }

    /** Four products of bytes in each lane; b has seven bits, so that it is the unsigned operand. */
    void dotAdd(int v, int a, int b, int c) {
        int pairs = code.op(NEW, Simd.PMADDUBSW, b, a);
        int sums = code.with(NEW, Simd.PMADDWD, pairs, WORDS);
        code.commutative(s.result(v), Simd.PADDD, sums, c);
    }

    private int not(int to, int a) {
        return code.commutative(to, Simd.PXOR, a, code.ones());
    }

    /** a is the greater, or the lesser, of both. */
    private int notLess(int to, LaneShape shape, LaneOp choice, int a, int b) {
        if (shape == LaneShape.I64X2) {
            boolean less = choice == LaneOp.MAX_S;
            return not(to, less ? greater64(NEW, b, a) : greater64(NEW, a, b));
        }
        return code.commutative(to, row(LaneOp.EQ, shape), a, code.commutative(NEW, row(choice, shape), a, b));
    }

    /**
     * PCMPGTQ is of SSE4.2, which AVX implies. Without it: the upper halves decide, or, where they are equal, the borrow of
     * {@code b - a}, which is in the sign of its upper half.
     */
    private int greater64(int to, int a, int b) {
        if (s.cpu.avx()) {
            return code.op(to, Simd.PCMPGTQ, a, b);
        }
        int equal = code.commutative(NEW, Simd.PCMPEQD, a, b);
        int borrow = code.op(NEW, Simd.PAND, code.op(NEW, Simd.PSUBQ, b, a), equal);
        int greater = code.op(NEW, Simd.PCMPGTD, a, b);
        int either = code.commutative(NEW, Simd.POR, borrow, greater);
        return code.un(to, Simd.PSHUFD, code.shift(NEW, Shift128.PSRAD, either, 31), 0xF5);
    }

    /** Products of 32 bits: both mixed ones go to the upper half, where their own upper halves are lost. */
    private void multiply64(int to, int a, int b) {
        int highA = code.shift(NEW, Shift128.PSRLQ, a, 32);
        int highB = code.shift(NEW, Shift128.PSRLQ, b, 32);
        int mixed1 = code.commutative(NEW, Simd.PMULUDQ, highA, b);
        int mixed2 = code.commutative(NEW, Simd.PMULUDQ, highB, a);
        int mixed = code.commutative(NEW, Simd.PADDQ, mixed1, mixed2);
        int high = code.shift(NEW, Shift128.PSLLQ, mixed, 32);
        int low = code.commutative(NEW, Simd.PMULUDQ, a, b);
        code.commutative(to, Simd.PADDQ, low, high);
    }

    private void wideProducts(int to, LaneOp op, LaneShape shape, int a, int b) {
        boolean signed = op == LaneOp.EXTMUL_LOW_S || op == LaneOp.EXTMUL_HIGH_S;
        boolean low = op == LaneOp.EXTMUL_LOW_S || op == LaneOp.EXTMUL_LOW_U;
        switch (shape) {
            case I16X8 -> code.commutative(to, Simd.PMULLW, wide(a, signed, low), wide(b, signed, low));
            case I32X4 -> {
                int lower = code.commutative(NEW, Simd.PMULLW, a, b);
                int upper = code.commutative(NEW, signed ? Simd.PMULHW : Simd.PMULHUW, a, b);
                code.op(to, low ? Simd.PUNPCKLWD : Simd.PUNPCKHWD, lower, upper);
            }
            case I8X16, F32X4, F64X2 -> throw new AssertionError("BUG: wide products of " + shape);
            case I64X2 -> { // the even lanes are multiplied
                int x = code.un(NEW, Simd.PSHUFD, a, low ? 0x50 : 0xFA);
                int y = code.un(NEW, Simd.PSHUFD, b, low ? 0x50 : 0xFA);
                code.commutative(to, signed ? Simd.PMULDQ : Simd.PMULUDQ, x, y);
            }
        }
    }

    /** Bytes of one half as words. */
    private int wide(int a, boolean signed, boolean low) {
        if (low) {
            return code.un(NEW, signed ? Simd.PMOVSXBW : Simd.PMOVZXBW, a);
        }
        if (!signed) {
            return code.op(NEW, Simd.PUNPCKHBW, a, code.zero());
        }
        return code.un(NEW, Simd.PMOVSXBW, code.un(NEW, Simd.PSHUFD, a, 0xEE));
    }

    // ---- shifts

    void shift(int v) {
        LaneOp op = graph.lane(v);
        LaneShape shape = graph.shape(v);
        int bits = 8 * shape.laneBytes();
        int b = graph.b(v);
        int a = s.reg(graph.a(v));
        if (graph.isConst(b)) {
            constantShift(s.result(v), op, shape, a, (int) graph.imm(b) & bits - 1);
            return;
        }
        int amount = s.lowReg(b, Integer.numberOfTrailingZeros(bits));
        int masked = code.alu(Alu.AND, amount, bits - 1);
        switch (shape) {
            case I8X16 -> shiftBytes(s.result(v), op, a, masked);
            case I64X2 -> {
                int count = code.fromInt(NEW, Width.DWORD, masked);
                if (op == LaneOp.SHR_S) {
                    int sign = code.op(NEW, Simd.PSRLQ, code.constant(Long.MIN_VALUE, Long.MIN_VALUE), count);
                    signed64(s.result(v), code.op(NEW, Simd.PSRLQ, a, count), sign);
                } else {
                    code.op(s.result(v), row(op, shape), a, count);
                }
            }
            case I16X8, I32X4 -> code.op(s.result(v), row(op, shape), a, code.fromInt(NEW, Width.DWORD, masked));
            case F32X4, F64X2 -> throw new AssertionError("BUG: a shift of floats");
        }
    }

    /** The sign extended from where the shift has moved it. */
    private void signed64(int to, int shifted, int sign) {
        code.op(to, Simd.PSUBQ, code.commutative(NEW, Simd.PXOR, shifted, sign), sign);
    }

    private void constantShift(int to, LaneOp op, LaneShape shape, int a, int count) {
        switch (shape) {
            case I8X16 -> constantShiftBytes(to, op, a, count);
            case I16X8 -> code.shift(to, choose(op, Shift128.PSLLW, Shift128.PSRAW, Shift128.PSRLW), a, count);
            case I32X4 -> code.shift(to, choose(op, Shift128.PSLLD, Shift128.PSRAD, Shift128.PSRLD), a, count);
            case F32X4, F64X2 -> throw new AssertionError("BUG: a shift of floats");
            case I64X2 -> {
                if (op != LaneOp.SHR_S) {
                    code.shift(to, choose(op, Shift128.PSLLQ, Shift128.PSRLQ, Shift128.PSRLQ), a, count);
                } else if (count >= 32) { // the upper halves are all that is left
                    int low = code.un(NEW, Simd.PSHUFD, code.shift(NEW, Shift128.PSRAD, a, count - 32), 0xF5);
                    int sign = code.shift(NEW, Shift128.PSRAD, a, 31);
                    code.op(to, Simd.PBLENDW, low, sign, 0xCC);
                } else {
                    int low = code.shift(NEW, Shift128.PSRLQ, a, count);
                    int high = code.shift(NEW, Shift128.PSRAD, a, count);
                    code.op(to, Simd.PBLENDW, low, high, 0xCC);
                }
            }
        }
    }

    private static Shift128 choose(LaneOp op, Shift128 shl, Shift128 sar, Shift128 shr) {
        return op == LaneOp.SHL ? shl : op == LaneOp.SHR_S ? sar : shr;
    }

    /** Shifted as words, and what came from the neighbour masked. */
    private void constantShiftBytes(int to, LaneOp op, int a, int count) {
        switch (op) {
            case SHL -> code.with(to, Simd.PAND, code.shift(NEW, Shift128.PSLLW, a, count), (0xFF << count & 0xFF) * BYTES);
            case SHR_U -> code.with(to, Simd.PAND, code.shift(NEW, Shift128.PSRLW, a, count), (0xFF >> count) * BYTES);
            default -> {
                int low = code.shift(NEW, Shift128.PSRAW, code.op(NEW, Simd.PUNPCKLBW, a, a), count + 8);
                int high = code.shift(NEW, Shift128.PSRAW, code.op(NEW, Simd.PUNPCKHBW, a, a), count + 8);
                code.op(to, Simd.PACKSSWB, low, high);
            }
        }
    }

    /** {@code x << n | x >>> bits - n} by whole bytes is a shuffle within lanes: one instruction instead of three. */
    boolean rotation(int v, int a, int b) {
        if (!isShift(a) || !isShift(b) || graph.a(a) != graph.a(b) || graph.aux(a) == graph.aux(b)) {
            return false;
        }
        LaneShape shape = graph.shape(a);
        int bytes = shape.laneBytes();
        int left = graph.lane(a) == LaneOp.SHL ? a : b;
        int right = left == a ? b : a;
        int up = count(left, bytes);
        boolean rotates = graph.lane(left) == LaneOp.SHL && graph.lane(right) == LaneOp.SHR_U && graph.shape(right) == shape
                && up % 8 == 0 && up + count(right, bytes) == 8 * bytes;
        if (!rotates) {
            return false;
        }
        long low = 0;
        for (int i = 0; i < 8; i++) {
            int from = i / bytes * bytes + (i - up / 8 & bytes - 1);
            low |= (long) from << 8 * i;
        }
        int places = s.lir.wide().number(low, low + 8 * BYTES);
        code.with(s.result(v), Simd.PSHUFB, s.reg(graph.a(a)), places);
        return true;
    }

    private boolean isShift(int v) {
        return graph.op(v) == Op.VSHIFT && s.isPrivate(v) && graph.isConst(graph.b(v));
    }

    private int count(int shift, int bytes) {
        return (int) graph.imm(graph.b(shift)) & 8 * bytes - 1;
    }

    private void shiftBytes(int to, LaneOp op, int a, int masked) {
        if (op == LaneOp.SHR_S) {
            int count = code.fromInt(NEW, Width.DWORD, code.alu(Alu.ADD, masked, 8));
            int low = code.op(NEW, Simd.PSRAW, code.op(NEW, Simd.PUNPCKLBW, a, a), count);
            int high = code.op(NEW, Simd.PSRAW, code.op(NEW, Simd.PUNPCKHBW, a, a), count);
            code.op(to, Simd.PACKSSWB, low, high);
            return;
        }
        int count = code.fromInt(NEW, Width.DWORD, masked);
        int more = code.fromInt(NEW, Width.DWORD, code.alu(Alu.ADD, masked, 8));
        int words = code.op(NEW, Simd.PSRLW, code.ones(), more); // 0xFF >> count in each word
        int bytes = code.op(NEW, Simd.PACKUSWB, words, words);
        if (op == LaneOp.SHR_U) {
            code.commutative(to, Simd.PAND, code.op(NEW, Simd.PSRLW, a, count), bytes);
        } else {
            code.op(to, Simd.PSLLW, code.commutative(NEW, Simd.PAND, a, bytes), count);
        }
    }
}
