package org.sallyport.codegen.x64;

import java.math.BigDecimal;
import java.math.BigInteger;
import org.sallyport.TrapCode;
import org.sallyport.wasm.Opcode;

/**
 * What the numeric instructions compute (WebAssembly 4.3), in plain Java over raw bits. Written from the
 * specification, as an oracle.
 */
final class Semantics {
    /** The instruction traps. */
    static final class TrapException extends RuntimeException {
        private static final long serialVersionUID = 1;
        final TrapCode code;

        TrapException(TrapCode code) {
            super(code.text(), null, false, false);
            this.code = code;
        }
    }

    private Semantics() {}

    private static float f(long bits) {
        return Float.intBitsToFloat((int) bits);
    }

    private static double d(long bits) {
        return Double.longBitsToDouble(bits);
    }

    private static long bits(float value) {
        return Float.floatToRawIntBits(value) & 0xFFFF_FFFFL;
    }

    private static long bits(double value) {
        return Double.doubleToRawLongBits(value);
    }

    private static long u(int value) {
        return value & 0xFFFF_FFFFL;
    }

    private static long b(boolean value) {
        return value ? 1 : 0;
    }

    private static TrapException trap(TrapCode code) {
        return new TrapException(code);
    }

    /** Result of a numeric instruction with one or two operands; 32-bit values in the low half, the rest zero. */
    static long eval(Opcode op, long a, long b) {
        String name = op.text();
        return switch (name.substring(0, 3)) {
            case "i32" -> name.contains("trunc") || name.contains("wrap") || name.contains("reinterpret")
                    ? toI32(op, a) : i32(op, (int) a, (int) b);
            case "i64" -> name.contains("trunc") || name.contains("extend_") || name.contains("reinterpret")
                    ? toI64(op, a) : i64(op, a, b);
            case "f32" -> name.contains("convert") || name.contains("demote") || name.contains("reinterpret")
                    ? toF32(op, a) : f32(op, a, b);
            default -> name.contains("convert") || name.contains("promote") || name.contains("reinterpret")
                    ? toF64(op, a) : f64(op, a, b);
        };
    }

    private static long i32(Opcode op, int a, int b) {
        return switch (op) {
            case I32_EQZ -> b(a == 0);
            case I32_EQ -> b(a == b);
            case I32_NE -> b(a != b);
            case I32_LT_S -> b(a < b);
            case I32_LT_U -> b(Integer.compareUnsigned(a, b) < 0);
            case I32_GT_S -> b(a > b);
            case I32_GT_U -> b(Integer.compareUnsigned(a, b) > 0);
            case I32_LE_S -> b(a <= b);
            case I32_LE_U -> b(Integer.compareUnsigned(a, b) <= 0);
            case I32_GE_S -> b(a >= b);
            case I32_GE_U -> b(Integer.compareUnsigned(a, b) >= 0);
            case I32_CLZ -> Integer.numberOfLeadingZeros(a);
            case I32_CTZ -> Integer.numberOfTrailingZeros(a);
            case I32_POPCNT -> Integer.bitCount(a);
            case I32_ADD -> u(a + b);
            case I32_SUB -> u(a - b);
            case I32_MUL -> u(a * b);
            case I32_DIV_S -> {
                if (b == 0) {
                    throw trap(TrapCode.INTEGER_DIVIDE_BY_ZERO);
                }
                if (a == Integer.MIN_VALUE && b == -1) {
                    throw trap(TrapCode.INTEGER_OVERFLOW);
                }
                yield u(a / b);
            }
            case I32_DIV_U, I32_REM_S, I32_REM_U -> {
                if (b == 0) {
                    throw trap(TrapCode.INTEGER_DIVIDE_BY_ZERO);
                }
                yield u(op == Opcode.I32_DIV_U ? Integer.divideUnsigned(a, b)
                        : op == Opcode.I32_REM_S ? a % b : Integer.remainderUnsigned(a, b));
            }
            case I32_AND -> u(a & b);
            case I32_OR -> u(a | b);
            case I32_XOR -> u(a ^ b);
            case I32_SHL -> u(a << b);
            case I32_SHR_S -> u(a >> b);
            case I32_SHR_U -> u(a >>> b);
            case I32_ROTL -> u(Integer.rotateLeft(a, b));
            case I32_ROTR -> u(Integer.rotateRight(a, b));
            case I32_EXTEND8_S -> u((byte) a);
            case I32_EXTEND16_S -> u((short) a);
            default -> throw new IllegalArgumentException(op.text());
        };
    }

    private static long i64(Opcode op, long a, long b) {
        return switch (op) {
            case I64_EQZ -> b(a == 0);
            case I64_EQ -> b(a == b);
            case I64_NE -> b(a != b);
            case I64_LT_S -> b(a < b);
            case I64_LT_U -> b(Long.compareUnsigned(a, b) < 0);
            case I64_GT_S -> b(a > b);
            case I64_GT_U -> b(Long.compareUnsigned(a, b) > 0);
            case I64_LE_S -> b(a <= b);
            case I64_LE_U -> b(Long.compareUnsigned(a, b) <= 0);
            case I64_GE_S -> b(a >= b);
            case I64_GE_U -> b(Long.compareUnsigned(a, b) >= 0);
            case I64_CLZ -> Long.numberOfLeadingZeros(a);
            case I64_CTZ -> Long.numberOfTrailingZeros(a);
            case I64_POPCNT -> Long.bitCount(a);
            case I64_ADD -> a + b;
            case I64_SUB -> a - b;
            case I64_MUL -> a * b;
            case I64_DIV_S -> {
                if (b == 0) {
                    throw trap(TrapCode.INTEGER_DIVIDE_BY_ZERO);
                }
                if (a == Long.MIN_VALUE && b == -1) {
                    throw trap(TrapCode.INTEGER_OVERFLOW);
                }
                yield a / b;
            }
            case I64_DIV_U, I64_REM_S, I64_REM_U -> {
                if (b == 0) {
                    throw trap(TrapCode.INTEGER_DIVIDE_BY_ZERO);
                }
                yield op == Opcode.I64_DIV_U ? Long.divideUnsigned(a, b)
                        : op == Opcode.I64_REM_S ? a % b : Long.remainderUnsigned(a, b);
            }
            case I64_AND -> a & b;
            case I64_OR -> a | b;
            case I64_XOR -> a ^ b;
            case I64_SHL -> a << b;
            case I64_SHR_S -> a >> b;
            case I64_SHR_U -> a >>> b;
            case I64_ROTL -> Long.rotateLeft(a, (int) b);
            case I64_ROTR -> Long.rotateRight(a, (int) b);
            case I64_EXTEND8_S -> (byte) a;
            case I64_EXTEND16_S -> (short) a;
            case I64_EXTEND32_S -> (int) a;
            default -> throw new IllegalArgumentException(op.text());
        };
    }

    private static long f32(Opcode op, long x, long y) {
        float a = f(x);
        float b = f(y);
        return switch (op) {
            case F32_EQ -> b(a == b);
            case F32_NE -> b(a != b);
            case F32_LT -> b(a < b);
            case F32_GT -> b(a > b);
            case F32_LE -> b(a <= b);
            case F32_GE -> b(a >= b);
            case F32_ABS -> x & 0x7FFF_FFFFL;
            case F32_NEG -> x ^ 0x8000_0000L;
            case F32_COPYSIGN -> x & 0x7FFF_FFFFL | y & 0x8000_0000L;
            case F32_CEIL -> bits((float) Math.ceil(a));
            case F32_FLOOR -> bits((float) Math.floor(a));
            case F32_TRUNC -> bits((float) (a < 0 || 1 / a < 0 ? Math.ceil(a) : Math.floor(a)));
            case F32_NEAREST -> bits((float) Math.rint(a));
            case F32_SQRT -> bits((float) Math.sqrt(a));
            case F32_ADD -> bits(a + b);
            case F32_SUB -> bits(a - b);
            case F32_MUL -> bits(a * b);
            case F32_DIV -> bits(a / b);
            case F32_MIN -> bits(Math.min(a, b));
            case F32_MAX -> bits(Math.max(a, b));
            default -> throw new IllegalArgumentException(op.text());
        };
    }

    private static long f64(Opcode op, long x, long y) {
        double a = d(x);
        double b = d(y);
        return switch (op) {
            case F64_EQ -> b(a == b);
            case F64_NE -> b(a != b);
            case F64_LT -> b(a < b);
            case F64_GT -> b(a > b);
            case F64_LE -> b(a <= b);
            case F64_GE -> b(a >= b);
            case F64_ABS -> x & Long.MAX_VALUE;
            case F64_NEG -> x ^ Long.MIN_VALUE;
            case F64_COPYSIGN -> x & Long.MAX_VALUE | y & Long.MIN_VALUE;
            case F64_CEIL -> bits(Math.ceil(a));
            case F64_FLOOR -> bits(Math.floor(a));
            case F64_TRUNC -> bits(a < 0 || 1 / a < 0 ? Math.ceil(a) : Math.floor(a));
            case F64_NEAREST -> bits(Math.rint(a));
            case F64_SQRT -> bits(Math.sqrt(a));
            case F64_ADD -> bits(a + b);
            case F64_SUB -> bits(a - b);
            case F64_MUL -> bits(a * b);
            case F64_DIV -> bits(a / b);
            case F64_MIN -> bits(Math.min(a, b));
            case F64_MAX -> bits(Math.max(a, b));
            default -> throw new IllegalArgumentException(op.text());
        };
    }

    // ---- conversions

    private static final BigInteger TWO_64 = BigInteger.ONE.shiftLeft(64);

    /** Truncation to an integer of {@code bits} bits. */
    private static long truncate(double value, int bits, boolean signed, boolean saturate) {
        if (Double.isNaN(value)) {
            if (saturate) {
                return 0;
            }
            throw trap(TrapCode.INVALID_CONVERSION);
        }
        BigInteger min = signed ? BigInteger.ONE.shiftLeft(bits - 1).negate() : BigInteger.ZERO;
        BigInteger max = BigInteger.ONE.shiftLeft(signed ? bits - 1 : bits).subtract(BigInteger.ONE);
        BigInteger whole = Double.isInfinite(value)
                ? (value < 0 ? TWO_64.negate() : TWO_64)
                : new BigDecimal(value).toBigInteger();
        if (whole.compareTo(min) < 0 || whole.compareTo(max) > 0) {
            if (!saturate) {
                throw trap(TrapCode.INTEGER_OVERFLOW);
            }
            whole = whole.signum() < 0 ? min : max;
        }
        long result = whole.longValue();
        return bits == 32 ? result & 0xFFFF_FFFFL : result;
    }

    private static long toI32(Opcode op, long a) {
        return switch (op) {
            case I32_WRAP_I64, I32_REINTERPRET_F32 -> a & 0xFFFF_FFFFL;
            default -> truncate(source(op, a), 32, isSigned(op), isSaturating(op));
        };
    }

    private static long toI64(Opcode op, long a) {
        return switch (op) {
            case I64_EXTEND_I32_S -> (int) a;
            case I64_EXTEND_I32_U -> a & 0xFFFF_FFFFL;
            case I64_REINTERPRET_F64 -> a;
            default -> truncate(source(op, a), 64, isSigned(op), isSaturating(op));
        };
    }

    private static double source(Opcode op, long a) {
        return op.text().contains("f32") ? f(a) : d(a);
    }

    private static boolean isSigned(Opcode op) {
        return op.text().endsWith("_s");
    }

    private static boolean isSaturating(Opcode op) {
        return op.text().contains("sat");
    }

    private static BigDecimal unsigned(long a) {
        return new BigDecimal(a < 0 ? BigInteger.valueOf(a).add(TWO_64) : BigInteger.valueOf(a));
    }

    private static long toF32(Opcode op, long a) {
        return switch (op) {
            case F32_CONVERT_I32_S -> bits((float) (int) a);
            case F32_CONVERT_I32_U -> bits((float) (a & 0xFFFF_FFFFL));
            case F32_CONVERT_I64_S -> bits((float) a);
            case F32_CONVERT_I64_U -> bits(unsigned(a).floatValue());
            case F32_DEMOTE_F64 -> bits((float) d(a));
            case F32_REINTERPRET_I32 -> a & 0xFFFF_FFFFL;
            default -> throw new IllegalArgumentException(op.text());
        };
    }

    private static long toF64(Opcode op, long a) {
        return switch (op) {
            case F64_CONVERT_I32_S -> bits((double) (int) a);
            case F64_CONVERT_I32_U -> bits((double) (a & 0xFFFF_FFFFL));
            case F64_CONVERT_I64_S -> bits((double) a);
            case F64_CONVERT_I64_U -> bits(unsigned(a).doubleValue());
            case F64_PROMOTE_F32 -> bits((double) f(a));
            case F64_REINTERPRET_I64 -> a;
            default -> throw new IllegalArgumentException(op.text());
        };
    }
}
