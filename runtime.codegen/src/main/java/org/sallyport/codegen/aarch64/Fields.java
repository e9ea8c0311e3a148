package org.sallyport.codegen.aarch64;

import org.sallyport.codegen.aarch64.IntegerAssembler.Shift;
import org.sallyport.codegen.ir.Type;

/** The small fields of a machine instruction, packed into an {@code int}: marks, sub-operation, comparison, memory operand. */
final class Fields {
    // @formatter:off
    /** 64 bits. */
    static final int WIDE      = 1;
    static final int SIGNED    = 1 << 1;
    static final int DOUBLE    = 1 << 2;
    private static final int SUB_AT      = 3;
    private static final int COND_AT     = 10;
    private static final int PRODUCER_AT = 14;
    private static final int BASE_AT     = 17;
    static final int INDEX     = 1 << 20;
    private static final int SHIFT_AT    = 21;
    /** The memory access may run into a guard page: a side table entry is due. */
    static final int FAULTS    = 1 << 24;
    /** What {@link #FAULTS} tells is a null reference, not an access out of bounds. */
    static final int NULLS     = 1 << 25;
    static final int REMAINDER = 1 << 26;
    /** Division: the divisor is neither 0 nor, if signed, -1. Conversion to integer: saturating. */
    static final int UNCHECKED = 1 << 27;
    static final int SATURATE  = 1 << 27;
    // @formatter:on

    /** What the memory operand's base is. */
    enum Base {
        /** There is no memory operand. */
        NONE,
        /** A virtual register. */
        VREG,
        /** Base of memory 0. */
        MEMORY0,
        /** The instance context. */
        VMCTX,
        /** This function's outgoing area. */
        OUTGOING,
        /** The caller's outgoing area. */
        INCOMING;

        private static final Base[] ALL = values();
    }

    /** How a condition comes about: what is compared. */
    enum Producer {
        /** Two registers. */
        CMP_RR,
        /** A register with the immediate. */
        CMP_RI,
        /** Bits of two registers. */
        TST_RR,
        /** Bits of a register and of the immediate. */
        TST_RI,
        FCMP_RR,
        /** A float with zero. */
        FCMP_Z;

        private static final Producer[] ALL = values();

        boolean isFloat() {
            return this == FCMP_RR || this == FCMP_Z;
        }

        int registers() {
            return this == CMP_RR || this == TST_RR || this == FCMP_RR ? 2 : 1;
        }
    }

    private Fields() {}

    static boolean is(int aux, int mark) {
        return (aux & mark) != 0;
    }

    static boolean isWide(Type type) {
        return switch (type) {
            case I32 -> false;
            case I64, REF -> true;
            case F32, F64, V128, VOID -> throw new AssertionError("BUG: " + type + " in a general register");
        };
    }

    /** The width of a value in a general register. */
    static int width(Type type) {
        return isWide(type) ? WIDE : 0;
    }

    /** The mark of a float. */
    static int precision(Type type) {
        return switch (type) {
            case F32 -> 0;
            case F64 -> DOUBLE;
            case I32, I64, REF, V128, VOID -> throw new AssertionError("BUG: " + type + " is no float");
        };
    }

    static int sub(Enum<?> row) {
        return row.ordinal() << SUB_AT;
    }

    static int subNumber(int number) {
        return number << SUB_AT;
    }

    static int sub(int aux) {
        return aux >> SUB_AT & 0x7F;
    }

    /** Logarithm of a lane's bytes, in a condition's place. */
    static int lanes(int log) {
        return log << COND_AT;
    }

    static int lanesOf(int aux) {
        return aux >> COND_AT & 3;
    }

    static int compare(Producer producer, Cond cond) {
        return producer.ordinal() << PRODUCER_AT | cond.ordinal() << COND_AT;
    }

    static Cond cond(int aux) {
        return Cond.of(aux >> COND_AT & 15);
    }

    static Producer producer(int aux) {
        return Producer.ALL[aux >> PRODUCER_AT & 7];
    }

    static int memory(Base base, boolean index, int shift) {
        return base.ordinal() << BASE_AT | (index ? INDEX : 0) | shift << SHIFT_AT;
    }

    static Base base(int aux) {
        return Base.ALL[aux >> BASE_AT & 7];
    }

    /** By how much the index is shifted. */
    static int indexShift(int aux) {
        return aux >> SHIFT_AT & 7;
    }

    /** How many registers the memory operand has. */
    static int registers(int aux) {
        return (base(aux) == Base.VREG ? 1 : 0) + (is(aux, INDEX) ? 1 : 0);
    }

    /** The immediate that says how the second source is shifted. */
    static long shifted(Shift shift, int amount) {
        return shift.ordinal() << 6 | amount;
    }
}
