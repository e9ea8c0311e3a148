package org.sallyport.codegen.x64;

import org.sallyport.codegen.ir.Type;

/**
 * The small fields of a machine instruction, packed into an {@code int}: operand width, condition, comparison,
 * sub-operation, form of the memory operand, marks.
 */
final class Fields {
    // @formatter:off
    private static final int COND_AT     = 2;
    private static final int PRODUCER_AT = 7;
    private static final int SUB_AT      = 11;
    private static final int BASE_AT     = 18;
    private static final int SCALE_AT    = 22;

    /** Operand width: {@code width.ordinal()}. */
    static final int DWORD = Width.DWORD.ordinal();
    static final int QWORD = Width.QWORD.ordinal();

    static final int INDEX     = 1 << 21;
    /** The memory access may run into a guard page: a side table entry is due. */
    static final int FAULTS    = 1 << 24;
    static final int SIGNED    = 1 << 25;
    static final int DOUBLE    = 1 << 26;
    /** Division: remainder. CMOV: 64 bits. Minimum: maximum instead. */
    static final int REMAINDER = 1 << 27;
    static final int WIDE      = 1 << 27;
    static final int MAX       = 1 << 27;
    /** Division: the divisor is neither 0 nor, if signed, -1. Conversion to integer: saturating. */
    static final int UNCHECKED = 1 << 28;
    static final int SATURATE  = 1 << 28;
    /** What {@link #FAULTS} tells is a null reference, not an access out of bounds. */
    static final int NULLS     = 1 << 29;
    // @formatter:on

    // bits that belong together
    static final int WIDTH_BITS = 3;
    static final int COMPARISON_BITS = 31 << COND_AT | 15 << PRODUCER_AT;
    static final int SUB_BITS = 0x7F << SUB_AT;
    static final int ROW_BITS = 0x1FF << COND_AT;
    static final int MEMORY_BITS = 7 << BASE_AT | INDEX | 3 << SCALE_AT | FAULTS | NULLS;

    /** Conditions behind {@link Cond}: equal and ordered, and its negation, as UCOMISD leaves them. */
    static final int FEQ = 16;
    static final int FNE = 17;

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
        INCOMING,
        /** 8 bytes in the constant pool: {@code imm}; for vector instructions 16, {@code disp}. */
        POOL,
        /** No base, only an index. */
        ABSENT;

        private static final Base[] ALL = values();
    }

    private Fields() {}

    static int width(Width width) {
        return width.ordinal();
    }

    /** The width of a value in a general register. */
    static int width(Type type) {
        return Width.of(type).ordinal();
    }

    /** The mark of a float. */
    static int precision(Type type) {
        return switch (type) {
            case F32 -> 0;
            case F64 -> DOUBLE;
            case I32, I64, REF, V128, VOID -> throw new AssertionError("BUG: " + type + " is no float");
        };
    }

    static int wide(boolean is64) {
        return is64 ? QWORD : DWORD;
    }

    static Width width(int aux) {
        return WIDTHS[aux & 3];
    }

    private static final Width[] WIDTHS = Width.values();

    static boolean is(int aux, int mark) {
        return (aux & mark) != 0;
    }

    static int sub(Enum<?> row) {
        return row.ordinal() << SUB_AT;
    }

    static int sub(int aux) {
        return aux >> SUB_AT & 0x7F;
    }

    /** The row of a vector instruction's table, in place of a condition, which those have none of. */
    static int row(Enum<?> row) {
        return row.ordinal() << COND_AT;
    }

    static int row(int aux) {
        return aux >> COND_AT & 0x1FF;
    }

    static int compare(Producer producer, int cond) {
        return producer.ordinal() << PRODUCER_AT | cond << COND_AT;
    }

    /** A {@link Cond#ordinal()}, {@link #FEQ} or {@link #FNE}. */
    static int cond(int aux) {
        return aux >> COND_AT & 31;
    }

    static int withCond(int aux, int cond) {
        return aux & ~(31 << COND_AT) | cond << COND_AT;
    }

    static Producer producer(int aux) {
        return Producer.of(producerNumber(aux));
    }

    static int producerNumber(int aux) {
        return aux >> PRODUCER_AT & 15;
    }

    static int memory(Base base, boolean index, int scale) {
        return base.ordinal() << BASE_AT | (index ? INDEX : 0) | scale << SCALE_AT;
    }

    static Base base(int aux) {
        return Base.ALL[aux >> BASE_AT & 7];
    }

    /** How many registers the memory operand has. */
    static int registers(int aux) {
        return (base(aux) == Base.VREG ? 1 : 0) + (is(aux, INDEX) ? 1 : 0);
    }

    static int scale(int aux) {
        return aux >> SCALE_AT & 3;
    }

    /** The condition, or {@link #FEQ}, {@link #FNE}, that holds when {@code cond} does not. */
    static int negated(int cond) {
        return cond ^ 1;
    }
}
