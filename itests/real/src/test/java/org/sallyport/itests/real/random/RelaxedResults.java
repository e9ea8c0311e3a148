package org.sallyport.itests.real.random;

import java.nio.ByteBuffer;
import org.sallyport.wasm.LaneShape;
import org.sallyport.wasm.Opcode;

/**
 * What relaxed vector instructions may give (WebAssembly 3.0, 4.3.5, relaxed operations): a set of results for each lane, of
 * which an implementation chooses one, the same each time.
 */
final class RelaxedResults {
    private final Opcode op;
    private final String name;
    private final LaneShape lanes;
    private final ByteBuffer a;
    private final ByteBuffer b;
    private final ByteBuffer c;

    /** Operands are little-endian; of those that the instruction does not have any will do. */
    RelaxedResults(Opcode op, ByteBuffer a, ByteBuffer b, ByteBuffer c) {
        this.op = op;
        name = op.text();
        lanes = op.lanes();
        this.a = a;
        this.b = b;
        this.c = c;
    }

    /** Whether every lane of the result is one of those that are allowed. */
    boolean allow(ByteBuffer result) {
        for (int lane = 0; lane < lanes.lanes(); lane++) {
            boolean allowed = name.contains("swizzle") ? swizzled(result, lane)
                    : name.contains("trunc") ? truncated(result.getInt(lane * 4), lane)
                    : name.contains("madd") ? multiplied(result, lane)
                    : name.contains("laneselect") ? selected(result, lane)
                    : name.contains("dot") ? dotted(result, lane)
                    : name.contains("q15") ? rounded(result.getShort(lane * 2), lane)
                    : least(result, lane);
            if (!allowed) {
                return false;
            }
        }
        return true;
    }

    private static boolean oneOf(long found, long... allowed) {
        for (long one : allowed) {
            if (one == found) {
                return true;
            }
        }
        return false;
    }

    private boolean swizzled(ByteBuffer result, int lane) {
        int index = b.get(lane) & 0xFF;
        byte found = result.get(lane);
        return index < 16 ? found == a.get(index) : found == 0 || index < 128 && found == a.get(index & 15);
    }

    private boolean truncated(int found, int lane) {
        boolean wide = name.contains("f64x2");
        if (wide && lane >= 2) {
            return found == 0;
        }
        double x = wide ? a.getDouble(lane * 8) : a.getFloat(lane * 4);
        if (name.contains("_s")) {
            return Double.isNaN(x) ? oneOf(found, 0, Integer.MIN_VALUE)
                    : x >= 0x1p31 ? oneOf(found, Integer.MAX_VALUE, Integer.MIN_VALUE) : found == (int) x;
        }
        return Double.isNaN(x) || x <= -1 ? oneOf(found, 0, -1) : x >= 0x1p32 ? found == -1 : found == (int) (long) x;
    }

    private boolean multiplied(ByteBuffer result, int lane) {
        boolean negative = name.contains("nmadd");
        if (lanes == LaneShape.F32X4) {
            float x = negative ? -a.getFloat(lane * 4) : a.getFloat(lane * 4);
            float y = b.getFloat(lane * 4);
            float z = c.getFloat(lane * 4);
            return same(result.getFloat(lane * 4), x * y + z) || same(result.getFloat(lane * 4), Math.fma(x, y, z));
        }
        double x = negative ? -a.getDouble(lane * 8) : a.getDouble(lane * 8);
        double y = b.getDouble(lane * 8);
        double z = c.getDouble(lane * 8);
        return same(result.getDouble(lane * 8), x * y + z) || same(result.getDouble(lane * 8), Math.fma(x, y, z));
    }

    private static boolean same(float found, float allowed) {
        return Float.floatToIntBits(found) == Float.floatToIntBits(allowed);
    }

    private static boolean same(double found, double allowed) {
        return Double.doubleToLongBits(found) == Double.doubleToLongBits(allowed);
    }

    private long bits(ByteBuffer of, int lane) {
        return switch (lanes.laneBytes()) {
            case 1 -> of.get(lane);
            case 2 -> of.getShort(lane * 2);
            case 4 -> of.getInt(lane * 4);
            default -> of.getLong(lane * 8);
        };
    }

    private boolean selected(ByteBuffer result, int lane) {
        long x = bits(a, lane);
        long y = bits(b, lane);
        long mask = bits(c, lane);
        return oneOf(bits(result, lane), x & mask | y & ~mask, mask < 0 ? x : y);
    }

    private boolean rounded(short found, int lane) {
        int x = a.getShort(lane * 2);
        int y = b.getShort(lane * 2);
        return x == Short.MIN_VALUE && y == Short.MIN_VALUE ? oneOf(found, Short.MIN_VALUE, Short.MAX_VALUE)
                : found == x * y + 0x4000 >> 15;
    }

    private boolean dotted(ByteBuffer result, int lane) {
        for (int choice = 0; choice < 4; choice++) {
            boolean found = lanes == LaneShape.I16X8 ? result.getShort(lane * 2) == pair(lane, choice)
                    : result.getInt(lane * 4) == pair(2 * lane, choice) + pair(2 * lane + 1, choice) + c.getInt(lane * 4);
            if (found) {
                return true;
            }
        }
        return false;
    }

    /** @param choice bit 0: whether the second operand is unsigned, bit 1: whether the sum is saturated */
    private int pair(int lane, int choice) {
        int sum = 0;
        for (int k = 2 * lane; k < 2 * lane + 2; k++) {
            sum += a.get(k) * ((choice & 1) == 0 ? b.get(k) : b.get(k) & 0xFF);
        }
        return choice < 2 ? (short) sum : Math.clamp(sum, Short.MIN_VALUE, Short.MAX_VALUE);
    }

    private boolean least(ByteBuffer result, int lane) {
        long x = bits(a, lane);
        long y = bits(b, lane);
        long found = bits(result, lane);
        boolean wide = lanes == LaneShape.F64X2;
        double left = wide ? Double.longBitsToDouble(x) : Float.intBitsToFloat((int) x);
        double right = wide ? Double.longBitsToDouble(y) : Float.intBitsToFloat((int) y);
        if (Double.isNaN(left) || Double.isNaN(right)) {
            double number = wide ? Double.longBitsToDouble(found) : Float.intBitsToFloat((int) found);
            return Double.isNaN(number) || oneOf(found, x, y);
        }
        if (left == 0 && right == 0) {
            return oneOf(found, x, y);
        }
        return found == (left < right == op.text().contains("min") ? x : y);
    }
}
