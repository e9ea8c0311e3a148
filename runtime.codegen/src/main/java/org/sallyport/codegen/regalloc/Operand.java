package org.sallyport.codegen.regalloc;

/**
 * One operand of a machine instruction, packed into a {@code long}: virtual register, kind, constraint, register or
 * index.
 *
 * <p>A use is read at the instruction's start and, when {@linkplain #LATE late}, still needed while results are
 * written (so it must not share a register with a definition). A definition is written at the end or, when
 * {@linkplain #EARLY early}, before the uses are read out (temporaries are early definitions that nobody uses).
 */
public final class Operand {
    public static final int USE = 0;
    public static final int DEF = 1;

    /** Register or spill slot: the instruction can encode either (a memory operand). */
    public static final int ANY = 0;
    /** Any register of the class. */
    public static final int REGISTER = 1;
    /** The register {@link #register}. */
    public static final int FIXED = 2;
    /**
     * (Definitions) the same register as the use operand number {@link #register} of the same instruction
     * (two-address form).
     */
    public static final int REUSE = 3;
    /**
     * (Uses) the value's spill slot, read by side tables only (stack maps) and valid throughout the instruction. Free
     * for a value that lives across a call anyway; forces a store otherwise.
     */
    public static final int SLOT = 4;

    /** A use that lives until the instruction's end. */
    public static final int LATE = 1;
    /** A definition that is written at the instruction's start. */
    public static final int EARLY = 1;

    private Operand() {}

    public static long pack(int vreg, int kind, int constraint, int register, int timing) {
        return (long) vreg << 32 | kind | constraint << 4 | register << 8 | timing << 16;
    }

    public static int vreg(long operand) {
        return (int) (operand >>> 32);
    }

    public static boolean isDef(long operand) {
        return (operand & 1) == DEF;
    }

    public static int constraint(long operand) {
        return (int) operand >>> 4 & 15;
    }

    /** The register of {@link #FIXED}; the operand number within the instruction of {@link #REUSE}. */
    public static int register(long operand) {
        return (int) operand >>> 8 & 0xFF;
    }

    /** {@link #LATE} use or {@link #EARLY} definition. */
    public static boolean isExtended(long operand) {
        return ((int) operand >>> 16 & 1) != 0;
    }
}
