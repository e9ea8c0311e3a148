package org.sallyport.codegen.x64;

import static org.sallyport.codegen.x64.VectorCode.NEW;

import org.sallyport.codegen.ir.Graph;
import org.sallyport.codegen.ir.Type;
import org.sallyport.codegen.lir.WideConstants;
import org.sallyport.codegen.x64.VectorAssembler.Shift128;

/**
 * Selects instructions for shuffles, one where some instruction does just that. A pattern is a byte number for each byte of the
 * result: 0 to 15 of the first operand, 16 to 31 of the second, {@link #ZERO} for 0. What matches nothing is looked up by PSHUFB,
 * whose own patterns are constants.
 */
final class LowerShuffle {
    private static final int ZERO = -1;
    private static final int BYTES = 16;

    private static final Simd[] UNPACK_LOW = {Simd.PUNPCKLBW, Simd.PUNPCKLWD, Simd.PUNPCKLDQ, Simd.PUNPCKLQDQ};
    private static final Simd[] UNPACK_HIGH = {Simd.PUNPCKHBW, Simd.PUNPCKHWD, Simd.PUNPCKHDQ, Simd.PUNPCKHQDQ};

    private final Selection s;
    private final Graph graph;
    private final WideConstants constants;
    private final VectorCode code;
    private final int[] p = new int[BYTES];

    LowerShuffle(Selection s, VectorCode code) {
        this.s = s;
        this.code = code;
        graph = s.graph;
        constants = s.lir.wide();
    }

    // ---- what is asked

    void lower(int v) {
        int a = graph.a(v);
        int b = graph.b(v);
        boolean zeroA = isZero(a);
        boolean zeroB = isZero(b);
        boolean ofA = false;
        boolean ofB = false;
        for (int i = 0; i < BYTES; i++) {
            int from = constants.at((int) graph.imm(v), i);
            if (a == b) {
                from &= BYTES - 1;
            }
            p[i] = (from < BYTES ? zeroA : zeroB) ? ZERO : from;
            ofA |= p[i] >= 0 && p[i] < BYTES;
            ofB |= p[i] >= BYTES;
        }
        if (!ofB) {
            one(s.result(v), ofA ? s.reg(a) : NEW);
        } else if (!ofA) {
            rename();
            one(s.result(v), s.reg(b));
        } else {
            int x = s.reg(a);
            int y = s.reg(b);
            two(s.result(v), x, y);
        }
    }

    private boolean isZero(int v) {
        return graph.isConst(v) && graph.type(v) == Type.V128 && graph.imm(v) == WideConstants.ZERO;
    }

    /** The operands exchanged. */
    private void rename() {
        for (int i = 0; i < BYTES; i++) {
            p[i] = p[i] < 0 ? ZERO : p[i] ^ BYTES;
        }
    }

    /** Numbers from 16 on give 0; PSHUFB wants their uppermost bit for that, and gets it by a saturating sum. */
    void swizzle(int v) {
        int b = graph.b(v);
        if (graph.isConst(b)) {
            for (int i = 0; i < BYTES; i++) {
                int from = constants.at((int) graph.imm(b), i);
                p[i] = from < BYTES ? from : ZERO;
            }
            one(s.result(v), s.reg(graph.a(v)));
            return;
        }
        int a = s.reg(graph.a(v));
        int numbers = s.reg(b);
        code.op(s.result(v), Simd.PSHUFB, a, code.with(NEW, Simd.PADDUSB, numbers, 0x7070_7070_7070_7070L));
    }

    // ---- patterns

    /** Lane i of the pattern, for lanes of {@code bytes}, or -2 where it is not made of a whole one. */
    private int lane(int i, int bytes) {
        int first = p[i * bytes];
        boolean whole = first == ZERO || first % bytes == 0;
        for (int k = 1; k < bytes; k++) {
            whole &= p[i * bytes + k] == (first == ZERO ? ZERO : first + k);
        }
        return !whole ? -2 : first == ZERO ? ZERO : first / bytes;
    }

    private boolean isMadeOf(int bytes) {
        for (int i = 0; i < BYTES / bytes; i++) {
            if (lane(i, bytes) < 0) {
                return false;
            }
        }
        return true;
    }

    /** The pattern begins with byte {@code from} and goes on up to the end of {@code size} bytes, where it begins anew. */
    private boolean isRotation(int from, int size) {
        for (int i = 0; i < BYTES; i++) {
            if (p[i] != (from + i) % size) {
                return false;
            }
        }
        return true;
    }

    private boolean isSame() {
        return isRotation(0, 2 * BYTES);
    }

    /** Lanes of x and y in turn, from byte {@code start} of each; either may be {@link #ZERO}. */
    private boolean isInterleaved(int bytes, int start, int x, int y) {
        for (int i = 0; i < BYTES; i++) {
            int operand = i / bytes % 2 == 0 ? x : y;
            int wanted = operand < 0 ? ZERO : operand + start + i / (2 * bytes) * bytes + i % bytes;
            if (p[i] != wanted) {
                return false;
            }
        }
        return true;
    }

    // ---- one operand

    private void one(int to, int a) {
        if (a == NEW) {
            code.op(to, Simd.PXOR, zero(), zero());
        } else if (isSame()) {
            code.copy(to, a);
        } else if (isMadeOf(4)) {
            code.un(to, Simd.PSHUFD, a, selection(4, 0));
        } else if (!moved(to, a) && !words(to, a) && !unpackedOne(to, a)) {
            lookUp(to, a, 0);
        }
    }

    private int zero() {
        return code.zero();
    }

    /** Two bits for each of four lanes, from lane {@code first} of the pattern on. */
    private int selection(int bytes, int first) {
        int imm = 0;
        for (int i = 0; i < 4; i++) {
            imm |= (lane(first + i, bytes) & 3) << 2 * i;
        }
        return imm;
    }

    /** All bytes by the same distance, around or with zeros behind them. */
    private boolean moved(int to, int a) {
        for (int n = 1; n < BYTES; n++) {
            if (isRotation(n, BYTES)) {
                code.op(to, Simd.PALIGNR, a, a, n);
                return true;
            }
            if (isMovedDown(n)) {
                code.shift(to, Shift128.PSRLDQ, a, n);
                return true;
            }
            if (isMovedUp(n)) {
                code.shift(to, Shift128.PSLLDQ, a, n);
                return true;
            }
        }
        return false;
    }

    private boolean isMovedDown(int n) {
        for (int i = 0; i < BYTES; i++) {
            if (p[i] != (i + n < BYTES ? i + n : ZERO)) {
                return false;
            }
        }
        return true;
    }

    private boolean isMovedUp(int n) {
        for (int i = 0; i < BYTES; i++) {
            if (p[i] != (i >= n ? i - n : ZERO)) {
                return false;
            }
        }
        return true;
    }

    /** Words within one half, the other as it is; one word or byte everywhere. */
    private boolean words(int to, int a) {
        if (s.cpu.avx2() && isEverywhere(1, 0)) {
            code.un(to, Simd.VPBROADCASTB, a);
            return true;
        }
        if (!isMadeOf(2)) {
            return false;
        }
        boolean lowSame = true;
        boolean highSame = true;
        boolean lowWithin = true;
        boolean highWithin = true;
        for (int i = 0; i < 4; i++) {
            lowSame &= lane(i, 2) == i;
            highSame &= lane(i + 4, 2) == i + 4;
            lowWithin &= lane(i, 2) < 4;
            highWithin &= lane(i + 4, 2) >= 4;
        }
        if (highSame && lowWithin) {
            code.un(to, Simd.PSHUFLW, a, selection(2, 0));
        } else if (lowSame && highWithin) {
            code.un(to, Simd.PSHUFHW, a, selection(2, 4));
        } else if (isEverywhere(2, lane(0, 2)) && lane(0, 2) < 4) {
            int word = lane(0, 2);
            code.un(to, Simd.PSHUFD, code.un(NEW, Simd.PSHUFLW, a, word * 0x55), 0);
        } else {
            return false;
        }
        return true;
    }

    private boolean isEverywhere(int bytes, int lane) {
        for (int i = 0; i < BYTES / bytes; i++) {
            if (lane(i, bytes) != lane) {
                return false;
            }
        }
        return true;
    }

    /** Lanes doubled, or extended by zeros. */
    private boolean unpackedOne(int to, int a) {
        if (isInterleaved(1, 0, 0, ZERO)) {
            code.un(to, Simd.PMOVZXBW, a);
            return true;
        }
        if (isInterleaved(2, 0, 0, ZERO)) {
            code.un(to, Simd.PMOVZXWD, a);
            return true;
        }
        if (isInterleaved(4, 0, 0, ZERO)) {
            code.un(to, Simd.PMOVZXDQ, a);
            return true;
        }
        if (isInterleaved(8, 0, 0, ZERO)) {
            code.un(to, Simd.MOVQ, a);
            return true;
        }
        for (int log = 0; log < UNPACK_LOW.length; log++) {
            if (isInterleaved(1 << log, 0, 0, 0)) {
                code.op(to, UNPACK_LOW[log], a, a);
                return true;
            }
            if (isInterleaved(1 << log, 8, 0, 0)) {
                code.op(to, UNPACK_HIGH[log], a, a);
                return true;
            }
            if (isInterleaved(1 << log, 8, 0, ZERO)) {
                code.op(to, UNPACK_HIGH[log], a, zero());
                return true;
            }
        }
        return false;
    }

    /** PSHUFB with the bytes of the pattern that are of the operand beginning at {@code first}; all others become 0. */
    private int lookUp(int to, int a, int first) {
        long[] halves = new long[2];
        for (int i = 0; i < BYTES; i++) {
            int from = p[i] - first;
            long index = p[i] >= 0 && from >= 0 && from < BYTES ? from : 0x80;
            halves[i >> 3] |= index << 8 * (i & 7);
        }
        return code.with(to, Simd.PSHUFB, a, constants.number(halves[0], halves[1]));
    }

    // ---- two operands

    private void two(int to, int a, int b) {
        if (!blended(to, a, b) && !unpacked(to, a, b) && !rotated(to, a, b) && !lanes32(to, a, b)) {
            code.commutative(to, Simd.POR, lookUp(NEW, a, 0), lookUp(NEW, b, BYTES));
        }
    }

    /** Each word is where it was in one of them. */
    private boolean blended(int to, int a, int b) {
        int mask = 0;
        for (int i = 0; i < 8; i++) {
            int lane = lane(i, 2);
            if (lane != i && lane != i + 8) {
                return false;
            }
            mask |= lane == i ? 0 : 1 << i;
        }
        code.op(to, Simd.PBLENDW, a, b, mask);
        return true;
    }

    private boolean unpacked(int to, int a, int b) {
        for (int log = 0; log < UNPACK_LOW.length; log++) {
            int bytes = 1 << log;
            if (isInterleaved(bytes, 0, 0, BYTES)) {
                code.op(to, UNPACK_LOW[log], a, b);
            } else if (isInterleaved(bytes, 0, BYTES, 0)) {
                code.op(to, UNPACK_LOW[log], b, a);
            } else if (isInterleaved(bytes, 8, 0, BYTES)) {
                code.op(to, UNPACK_HIGH[log], a, b);
            } else if (isInterleaved(bytes, 8, BYTES, 0)) {
                code.op(to, UNPACK_HIGH[log], b, a);
            } else {
                continue;
            }
            return true;
        }
        return false;
    }

    private boolean rotated(int to, int a, int b) {
        for (int n = 1; n < BYTES; n++) {
            if (isRotation(n, 2 * BYTES)) {
                code.op(to, Simd.PALIGNR, b, a, n);
                return true;
            }
            if (isRotation(n + BYTES, 2 * BYTES)) {
                code.op(to, Simd.PALIGNR, a, b, n);
                return true;
            }
        }
        return false;
    }

    /** Lanes of 32 bits: two of each by SHUFPS, else each put in its place and then blended. */
    private boolean lanes32(int to, int a, int b) {
        if (!isMadeOf(4)) {
            return false;
        }
        boolean[] ofB = new boolean[4];
        for (int i = 0; i < 4; i++) {
            ofB[i] = lane(i, 4) >= 4;
        }
        if (ofB[0] == ofB[1] && ofB[2] == ofB[3]) {
            code.op(to, Simd.SHUFPS, ofB[0] ? b : a, ofB[2] ? b : a, selection(4, 0));
            return true;
        }
        int mask = 0;
        int ofA = 0xE4;
        int fromB = 0xE4;
        for (int i = 0; i < 4; i++) {
            int bits = lane(i, 4) & 3;
            if (ofB[i]) {
                mask |= 1 << i;
                fromB = fromB & ~(3 << 2 * i) | bits << 2 * i;
            } else {
                ofA = ofA & ~(3 << 2 * i) | bits << 2 * i;
            }
        }
        int x = ofA == 0xE4 ? a : code.un(NEW, Simd.PSHUFD, a, ofA);
        int y = fromB == 0xE4 ? b : code.un(NEW, Simd.PSHUFD, b, fromB);
        code.op(to, Simd.BLENDPS, x, y, mask);
        return true;
    }
}
