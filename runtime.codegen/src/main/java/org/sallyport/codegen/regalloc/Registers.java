package org.sallyport.codegen.regalloc;

/**
 * The registers of a machine as {@link AllocatableCode} numbers them: general ones from 0, vector ones from {@link
 * #VECTORS}, up to 32 of each. Sets of registers are bit masks over these numbers.
 *
 * @param allocatable those that may be allocated
 * @param scratchInt general register for moves, never allocated
 * @param scratchVector vector register for moves, never allocated
 */
public record Registers(long allocatable, int scratchInt, int scratchVector) {
    /** Number of the first vector register. */
    public static final int VECTORS = 32;
    /** All registers have lower numbers. */
    public static final int END = 64;

    /** The register as a set. */
    public static long bit(int register) {
        return 1L << register;
    }

    public static boolean isVector(int register) {
        return register >= VECTORS && register < END;
    }
}
