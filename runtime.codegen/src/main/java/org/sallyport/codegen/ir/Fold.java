package org.sallyport.codegen.ir;

import org.jspecify.annotations.Nullable;
import org.sallyport.TrapCode;

/**
 * Computes pure operations on constants, exactly as WebAssembly defines them (4.3). Bits travel as in {@link Op#CONST}: i32
 * sign-extended, f32 in the low half with zeros above.
 */
final class Fold {
    private static final double TWO_63 = 0x1p63;
    private static final double TWO_64 = 0x1p64;

    private Fold() {}

    /** The trap of an operation on these operands, or null when it has a value. @param type of the operands */
    static @Nullable TrapCode trap(Op op, Type type, Type result, long a, long b) {
        return switch (op) {
            case DIV_U, REM_U, REM_S -> b == 0 ? TrapCode.INTEGER_DIVIDE_BY_ZERO : null;
            case DIV_S -> b == 0 ? TrapCode.INTEGER_DIVIDE_BY_ZERO
                    : b == -1 && a == (type == Type.I32 ? Integer.MIN_VALUE : Long.MIN_VALUE) ? TrapCode.INTEGER_OVERFLOW : null;
            case TRUNC_S -> truncTrap(real(type, a), result, true);
            case TRUNC_U -> truncTrap(real(type, a), result, false);
            default -> null;
        };
    }

    private static @Nullable TrapCode truncTrap(double d, Type result, boolean signed) {
        if (Double.isNaN(d)) {
            return TrapCode.INVALID_CONVERSION;
        }
        boolean fits;
        if (signed) {
            fits = result == Type.I32 ? d > -0x1p31 - 1 && d < 0x1p31 : d >= -TWO_63 && d < TWO_63;
        } else {
            fits = d > -1 && d < (result == Type.I32 ? 0x1p32 : TWO_64);
        }
        return fits ? null : TrapCode.INTEGER_OVERFLOW;
    }

    /** A float constant as a double; exact. */
    static double real(Type type, long bits) {
        return type == Type.F32 ? Float.intBitsToFloat((int) bits) : Double.longBitsToDouble(bits);
    }

    static boolean isNaN(Type type, long bits) {
        return type.isFloat() && Double.isNaN(real(type, bits));
    }

    /**
     * Whether {@link #compute} knows the operation and its answer is the one that the machine gives: the payload of a NaN that
     * arithmetic makes is left to the machine, and so are operations that trap.
     */
    static boolean isExact(Op op, Type type, Type result, long a, long b) {
        if (!isKnown(op) || trap(op, type, result, a, b) != null) {
            return false;
        }
        return switch (op) {
            case FABS, FNEG, FCOPYSIGN, REINTERPRET -> true;
            default -> !result.isFloat() || !isNaN(result, compute(op, type, result, a, b));
        };
    }

    private static boolean isKnown(Op op) {
        return switch (op) {
            case DIV_S, DIV_U, REM_S, REM_U, TRUNC_S, TRUNC_U -> true;
            case CONST, ARG, PARAM, VMCTX, SELECT, GUARD, REF_FUNC, TYPE_NUMBER, TAG_NUMBER -> false;
            default -> op.isPure();
        };
    }

    /** The value. @param type of the operands; @param b ignored by operations with one operand */
    static long compute(Op op, Type type, Type result, long a, long b) {
        if (type.isFloat()) {
            return type == Type.F32 ? float32(op, result, (int) a, (int) b) : float64(op, result, a, b);
        }
        return switch (op) {
            case CONVERT_S -> fromReal(result, result == Type.F32 ? (float) a : (double) a);
            case CONVERT_U -> convertUnsigned(result, type == Type.I32 ? a & 0xFFFF_FFFFL : a);
            case REINTERPRET -> type == Type.I32 ? a & 0xFFFF_FFFFL : a;
            default -> type == Type.I32 ? int32(op, (int) a, (int) b) : int64(op, a, b);
        };
    }

    private static long fromReal(Type type, double d) {
        return type == Type.F32 ? bits((float) d) : Double.doubleToRawLongBits(d);
    }

    private static long bits(float f) {
        return Float.floatToRawIntBits(f) & 0xFFFF_FFFFL;
    }

    private static long convertUnsigned(Type result, long a) {
        if (a >= 0) {
            return result == Type.F32 ? bits((float) a) : Double.doubleToRawLongBits((double) a);
        }
        long half = a >>> 1 | a & 1; // the lost bit still decides the rounding
        return result == Type.F32 ? bits((float) half * 2f) : Double.doubleToRawLongBits((double) half * 2d);
    }

    private static long int32(Op op, int a, int b) {
        return switch (op) {
            case ADD -> a + b;
            case SUB -> a - b;
            case MUL -> a * b;
            case DIV_S -> a / b;
            case DIV_U -> Integer.divideUnsigned(a, b);
            case REM_S -> a % b;
            case REM_U -> Integer.remainderUnsigned(a, b);
            case AND -> a & b;
            case OR -> a | b;
            case XOR -> a ^ b;
            case SHL -> a << b;
            case SHR_S -> a >> b;
            case SHR_U -> a >>> b;
            case ROTL -> Integer.rotateLeft(a, b);
            case ROTR -> Integer.rotateRight(a, b);
            case CLZ -> Integer.numberOfLeadingZeros(a);
            case CTZ -> Integer.numberOfTrailingZeros(a);
            case POPCNT -> Integer.bitCount(a);
            case EXTEND8_S -> (byte) a;
            case EXTEND16_S -> (short) a;
            case EXTEND_S -> (long) a;
            case EXTEND_U -> a & 0xFFFF_FFFFL;
            default -> compare(op, a, b, a & 0xFFFF_FFFFL, b & 0xFFFF_FFFFL);
        };
    }

    private static long int64(Op op, long a, long b) {
        return switch (op) {
            case ADD -> a + b;
            case SUB -> a - b;
            case MUL -> a * b;
            case MULHI_S -> Math.multiplyHigh(a, b);
            case MULHI_U -> Math.unsignedMultiplyHigh(a, b);
            case DIV_S -> a / b;
            case DIV_U -> Long.divideUnsigned(a, b);
            case REM_S -> a % b;
            case REM_U -> Long.remainderUnsigned(a, b);
            case AND -> a & b;
            case OR -> a | b;
            case XOR -> a ^ b;
            case SHL -> a << b;
            case SHR_S -> a >> b;
            case SHR_U -> a >>> b;
            case ROTL -> Long.rotateLeft(a, (int) b);
            case ROTR -> Long.rotateRight(a, (int) b);
            case CLZ -> Long.numberOfLeadingZeros(a);
            case CTZ -> Long.numberOfTrailingZeros(a);
            case POPCNT -> Long.bitCount(a);
            case EXTEND8_S -> (byte) a;
            case EXTEND16_S -> (short) a;
            case WRAP -> (int) a;
            default -> compare(op, a, b, a + Long.MIN_VALUE, b + Long.MIN_VALUE);
        };
    }

    /** @param ua and ub: a and b mapped so that their signed order is the unsigned order of a and b */
    private static long compare(Op op, long a, long b, long ua, long ub) {
        boolean holds = switch (op) {
            case EQ -> a == b;
            case NE -> a != b;
            case LT_S -> a < b;
            case LT_U -> ua < ub;
            case GT_S -> a > b;
            case GT_U -> ua > ub;
            case LE_S -> a <= b;
            case LE_U -> ua <= ub;
            case GE_S -> a >= b;
            case GE_U -> ua >= ub;
            default -> throw new AssertionError("BUG: cannot compute " + op);
        };
        return holds ? 1 : 0;
    }

    private static long float32(Op op, Type result, int x, int y) {
        float a = Float.intBitsToFloat(x);
        float b = Float.intBitsToFloat(y);
        return switch (op) {
            case FADD -> bits(a + b);
            case FSUB -> bits(a - b);
            case FMUL -> bits(a * b);
            case FDIV -> bits(a / b);
            case FMIN -> bits(Math.min(a, b));
            case FMAX -> bits(Math.max(a, b));
            case FCOPYSIGN -> (x & 0x7FFF_FFFF | y & 0x8000_0000) & 0xFFFF_FFFFL;
            case FABS -> x & 0x7FFF_FFFFL;
            case FNEG -> (x ^ 0x8000_0000) & 0xFFFF_FFFFL;
            case FSQRT -> bits((float) Math.sqrt(a));
            case FCEIL -> bits((float) Math.ceil(a));
            case FFLOOR -> bits((float) Math.floor(a));
            case FTRUNC -> bits((float) truncate(a));
            case FNEAREST -> bits((float) Math.rint(a));
            case PROMOTE -> Double.doubleToRawLongBits(a);
            case REINTERPRET -> x;
            default -> fromFloat(op, result, a, b);
        };
    }

    private static long float64(Op op, Type result, long x, long y) {
        double a = Double.longBitsToDouble(x);
        double b = Double.longBitsToDouble(y);
        return switch (op) {
            case FADD -> Double.doubleToRawLongBits(a + b);
            case FSUB -> Double.doubleToRawLongBits(a - b);
            case FMUL -> Double.doubleToRawLongBits(a * b);
            case FDIV -> Double.doubleToRawLongBits(a / b);
            case FMIN -> Double.doubleToRawLongBits(Math.min(a, b));
            case FMAX -> Double.doubleToRawLongBits(Math.max(a, b));
            case FCOPYSIGN -> x & Long.MAX_VALUE | y & Long.MIN_VALUE;
            case FABS -> x & Long.MAX_VALUE;
            case FNEG -> x ^ Long.MIN_VALUE;
            case FSQRT -> Double.doubleToRawLongBits(Math.sqrt(a));
            case FCEIL -> Double.doubleToRawLongBits(Math.ceil(a));
            case FFLOOR -> Double.doubleToRawLongBits(Math.floor(a));
            case FTRUNC -> Double.doubleToRawLongBits(truncate(a));
            case FNEAREST -> Double.doubleToRawLongBits(Math.rint(a));
            case DEMOTE -> bits((float) a);
            case REINTERPRET -> x;
            default -> fromFloat(op, result, a, b);
        };
    }

    private static double truncate(double d) {
        return d < 0 || 1 / d < 0 ? Math.ceil(d) : Math.floor(d);
    }

    /** Operations from floats to integers; f32 operands come as doubles, which loses nothing. */
    private static long fromFloat(Op op, Type result, double a, double b) {
        return switch (op) {
            case FEQ -> a == b ? 1 : 0;
            case FNE -> a != b ? 1 : 0;
            case FLT -> a < b ? 1 : 0;
            case FGT -> a > b ? 1 : 0;
            case FLE -> a <= b ? 1 : 0;
            case FGE -> a >= b ? 1 : 0;
            case TRUNC_S, TRUNC_SAT_S -> result == Type.I32 ? (int) a : (long) a;
            case TRUNC_U, TRUNC_SAT_U -> result == Type.I32 ? truncUnsigned32(a) : truncUnsigned64(a);
            default -> throw new AssertionError("BUG: cannot compute " + op);
        };
    }

    private static int truncUnsigned32(double d) {
        long n = (long) d; // saturates; NaN is 0
        return (int) (n < 0 ? 0 : Math.min(n, 0xFFFF_FFFFL));
    }

    private static long truncUnsigned64(double d) {
        if (!(d > 0)) {
            return 0;
        }
        if (d >= TWO_64) {
            return -1;
        }
        return d < TWO_63 ? (long) d : (long) (d - TWO_63) + Long.MIN_VALUE;
    }
}
