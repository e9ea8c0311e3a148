package org.sallyport.codegen.ir;

import org.sallyport.wasm.LaneShape;

/**
 * Computes operations on constant vectors, exactly as WebAssembly defines them (4.3): those on integer lanes and on bits, and
 * what only looks at floats. Arithmetic on floats is left to the machine, and so is what relaxed instructions choose. The
 * result is in {@link #low} and {@link #high} until the next one is computed.
 */
final class FoldVector {
    long low;
    long high;

    // ---- lanes

    /** Lane {@code i} of {@code bytes} bytes. */
    static long lane(long low, long high, int bytes, int i, boolean signed) {
        int at = i * bytes;
        long half = at < 8 ? low : high;
        if (bytes == 8) {
            return half;
        }
        int unused = 64 - 8 * bytes;
        long top = half << unused - 8 * (at & 7);
        return signed ? top >> unused : top >>> unused;
    }

    private void put(int bytes, int i, long value) {
        int at = i * bytes;
        long bits = bytes == 8 ? value : value & (1L << 8 * bytes) - 1;
        if (at < 8) {
            low |= bits << 8 * at;
        } else {
            high |= bits << 8 * (at - 8);
        }
    }

    private boolean give(long l, long h) {
        low = l;
        high = h;
        return true;
    }

    /** All lanes are that scalar's lowest bits. */
    void splat(LaneShape shape, long scalar) {
        give(0, 0);
        for (int i = 0; i < shape.lanes(); i++) {
            put(shape.laneBytes(), i, scalar);
        }
    }

    void replace(LaneShape shape, long l, long h, int lane, long scalar) {
        give(0, 0);
        for (int i = 0; i < shape.lanes(); i++) {
            put(shape.laneBytes(), i, i == lane ? scalar : lane(l, h, shape.laneBytes(), i, false));
        }
    }

    /** Bytes of two vectors by their numbers. */
    void shuffle(long[] a, long[] b, long lanesLow, long lanesHigh) {
        give(0, 0);
        for (int i = 0; i < 16; i++) {
            int from = (int) lane(lanesLow, lanesHigh, 1, i, false);
            long[] v = from < 16 ? a : b;
            put(1, i, lane(v[0], v[1], 1, from & 15, false));
        }
    }

    // ---- one operand

    /** @return whether the result is known */
    boolean unary(LaneOp op, int aux, long a, long h) {
        if (op == LaneOp.NOT) {
            return give(~a, ~h);
        }
        if (!LaneOp.hasShape(aux)) {
            return false;
        }
        LaneShape shape = LaneOp.shape(aux);
        int bytes = shape.laneBytes();
        give(0, 0);
        for (int i = 0; i < shape.lanes(); i++) {
            long x = lane(a, h, bytes, i, true);
            int narrow = bytes / 2;
            int upper = i + shape.lanes();
            switch (op) {
                case ABS -> put(bytes, i, shape.isFloat() ? x & ~sign(bytes) : Math.abs(x));
                case NEG -> put(bytes, i, shape.isFloat() ? x ^ sign(bytes) : -x);
                case POPCNT -> put(bytes, i, Long.bitCount(x & 0xFF));
                case EXTEND_LOW_S -> put(bytes, i, lane(a, h, narrow, i, true));
                case EXTEND_LOW_U -> put(bytes, i, lane(a, h, narrow, i, false));
                case EXTEND_HIGH_S -> put(bytes, i, lane(a, h, narrow, upper, true));
                case EXTEND_HIGH_U -> put(bytes, i, lane(a, h, narrow, upper, false));
                case EXTADD_S -> put(bytes, i, lane(a, h, narrow, 2 * i, true) + lane(a, h, narrow, 2 * i + 1, true));
                case EXTADD_U -> put(bytes, i, lane(a, h, narrow, 2 * i, false) + lane(a, h, narrow, 2 * i + 1, false));
                default -> {
                    return false;
                }
            }
        }
        return true;
    }

    private static long sign(int bytes) {
        return 1L << 8 * bytes - 1;
    }

    // ---- two operands

    /** @return whether the result is known */
    boolean binary(LaneOp op, int aux, long[] a, long[] b) {
        switch (op) {
            case AND -> {
                return give(a[0] & b[0], a[1] & b[1]);
            }
            case OR -> {
                return give(a[0] | b[0], a[1] | b[1]);
            }
            case XOR -> {
                return give(a[0] ^ b[0], a[1] ^ b[1]);
            }
            case ANDNOT -> {
                return give(a[0] & ~b[0], a[1] & ~b[1]);
            }
            default -> {
                LaneShape shape = LaneOp.hasShape(aux) ? LaneOp.shape(aux) : null;
                return shape != null && (shape.isFloat() ? floats(op, shape, a, b) : integers(op, shape, a, b));
            }
        }
    }

    private boolean integers(LaneOp op, LaneShape shape, long[] a, long[] b) {
        int bytes = shape.laneBytes();
        give(0, 0);
        for (int i = 0; i < shape.lanes(); i++) {
            long x = lane(a[0], a[1], bytes, i, true);
            long y = lane(b[0], b[1], bytes, i, true);
            switch (op) {
                case ADD -> put(bytes, i, x + y);
                case SUB -> put(bytes, i, x - y);
                case MUL -> put(bytes, i, x * y);
                case MIN_S -> put(bytes, i, Math.min(x, y));
                case MAX_S -> put(bytes, i, Math.max(x, y));
                case ADD_SAT_S -> put(bytes, i, saturated(x + y, bytes, true));
                case SUB_SAT_S -> put(bytes, i, saturated(x - y, bytes, true));
                case EQ -> put(bytes, i, x == y ? -1 : 0);
                case NE -> put(bytes, i, x != y ? -1 : 0);
                case LT_S -> put(bytes, i, x < y ? -1 : 0);
                case GT_S -> put(bytes, i, x > y ? -1 : 0);
                case LE_S -> put(bytes, i, x <= y ? -1 : 0);
                case GE_S -> put(bytes, i, x >= y ? -1 : 0);
                case SWIZZLE -> put(1, i, (y & 0xFF) < 16 ? lane(a[0], a[1], 1, (int) y, false) : 0);
                case NARROW_S, NARROW_U -> {
                    long[] from = i < shape.lanes() / 2 ? a : b;
                    long wide = lane(from[0], from[1], 2 * bytes, i % (shape.lanes() / 2), true);
                    put(bytes, i, saturated(wide, bytes, op == LaneOp.NARROW_S));
                }
                default -> {
                    if (!unsigned(op, bytes, i, x, y) && !products(op, shape, i, a, b)) {
                        return false;
                    }
                }
            }
        }
        return true;
    }

    /** Lanes have at most 4 bytes: there are no such operations on wider ones. */
    private boolean unsigned(LaneOp op, int bytes, int i, long x, long y) {
        long mask = (1L << 8 * bytes) - 1;
        long ux = x & mask;
        long uy = y & mask;
        switch (op) {
            case MIN_U -> put(bytes, i, Math.min(ux, uy));
            case MAX_U -> put(bytes, i, Math.max(ux, uy));
            case ADD_SAT_U -> put(bytes, i, saturated(ux + uy, bytes, false));
            case SUB_SAT_U -> put(bytes, i, saturated(ux - uy, bytes, false));
            case AVGR_U -> put(bytes, i, ux + uy + 1 >> 1);
            case LT_U -> put(bytes, i, ux < uy ? -1 : 0);
            case GT_U -> put(bytes, i, ux > uy ? -1 : 0);
            case LE_U -> put(bytes, i, ux <= uy ? -1 : 0);
            case GE_U -> put(bytes, i, ux >= uy ? -1 : 0);
            default -> {
                return false;
            }
        }
        return true;
    }

    private static long saturated(long value, int bytes, boolean signed) {
        long least = signed ? -1L << 8 * bytes - 1 : 0;
        long most = signed ? ~least : (1L << 8 * bytes) - 1;
        return Math.clamp(value, least, most);
    }

    private boolean products(LaneOp op, LaneShape shape, int i, long[] a, long[] b) {
        int bytes = shape.laneBytes();
        int narrow = bytes / 2;
        int upper = i + shape.lanes();
        switch (op) {
            case EXTMUL_LOW_S -> put(bytes, i, lane(a[0], a[1], narrow, i, true) * lane(b[0], b[1], narrow, i, true));
            case EXTMUL_LOW_U -> put(bytes, i, lane(a[0], a[1], narrow, i, false) * lane(b[0], b[1], narrow, i, false));
            case EXTMUL_HIGH_S -> put(bytes, i, lane(a[0], a[1], narrow, upper, true) * lane(b[0], b[1], narrow, upper, true));
            case EXTMUL_HIGH_U -> put(bytes, i, lane(a[0], a[1], narrow, upper, false) * lane(b[0], b[1], narrow, upper, false));
            case DOT -> put(bytes, i, lane(a[0], a[1], 2, 2 * i, true) * lane(b[0], b[1], 2, 2 * i, true)
                    + lane(a[0], a[1], 2, 2 * i + 1, true) * lane(b[0], b[1], 2, 2 * i + 1, true));
            case Q15MULR_SAT -> {
                long product = lane(a[0], a[1], 2, i, true) * lane(b[0], b[1], 2, i, true);
                put(bytes, i, saturated(product + 0x4000 >> 15, 2, true));
            }
            default -> {
                return false;
            }
        }
        return true;
    }

    private boolean floats(LaneOp op, LaneShape shape, long[] a, long[] b) {
        int bytes = shape.laneBytes();
        Type type = Translation.type(shape.scalar());
        give(0, 0);
        for (int i = 0; i < shape.lanes(); i++) {
            double x = Fold.real(type, lane(a[0], a[1], bytes, i, false));
            double y = Fold.real(type, lane(b[0], b[1], bytes, i, false));
            switch (op) {
                case EQ -> put(bytes, i, x == y ? -1 : 0);
                case NE -> put(bytes, i, x != y ? -1 : 0);
                case FLT -> put(bytes, i, x < y ? -1 : 0);
                case FGT -> put(bytes, i, x > y ? -1 : 0);
                case FLE -> put(bytes, i, x <= y ? -1 : 0);
                case FGE -> put(bytes, i, x >= y ? -1 : 0);
                default -> {
                    return false;
                }
            }
        }
        return true;
    }

    // ---- others

    void bitSelect(long[] a, long[] b, long[] mask) {
        give(a[0] & mask[0] | b[0] & ~mask[0], a[1] & mask[1] | b[1] & ~mask[1]);
    }

    void shift(LaneOp op, LaneShape shape, long l, long h, long count) {
        int bytes = shape.laneBytes();
        int by = (int) count & 8 * bytes - 1;
        give(0, 0);
        for (int i = 0; i < shape.lanes(); i++) {
            long x = lane(l, h, bytes, i, op == LaneOp.SHR_S);
            put(bytes, i, op == LaneOp.SHL ? x << by : op == LaneOp.SHR_S ? x >> by : x >>> by);
        }
    }

    /** The answer of a test, i32. */
    static long test(LaneOp op, int aux, long l, long h) {
        if (op == LaneOp.ANY_TRUE) {
            return (l | h) != 0 ? 1 : 0;
        }
        LaneShape shape = LaneOp.shape(aux);
        boolean all = true;
        int mask = 0;
        for (int i = 0; i < shape.lanes(); i++) {
            long x = lane(l, h, shape.laneBytes(), i, true);
            all &= x != 0;
            mask |= x < 0 ? 1 << i : 0;
        }
        return op == LaneOp.ALL_TRUE ? all ? 1 : 0 : mask;
    }
}
