package org.sallyport.codegen.aarch64;

import org.sallyport.codegen.regalloc.Registers;

/**
 * Register numbers as the ISA encodes them: general registers 0–30, vector registers 0–31. Number 31 is, by instruction, the
 * stack pointer or zero. The allocator counts vector registers from {@link Registers#VECTORS}.
 */
final class Reg {
    // @formatter:off
    static final int X0  = 0,  X1  = 1,  X2  = 2,  X3  = 3,  X4  = 4,  X5  = 5,  X6  = 6,  X7  = 7;
    static final int X8  = 8,  X9  = 9,  X10 = 10, X11 = 11, X12 = 12, X13 = 13, X14 = 14, X15 = 15;
    static final int X16 = 16, X17 = 17, X18 = 18, X19 = 19, X20 = 20, X21 = 21, X22 = 22, X23 = 23;
    static final int X24 = 24, X25 = 25, X26 = 26, X27 = 27, X28 = 28;
    /** Frame pointer and link register. */
    static final int FP  = 29, LR  = 30;
    static final int SP  = 31, ZR  = 31;
    static final int V0  = 0,  V31 = 31;

    /** Absent base or index of a memory operand. */
    static final int NONE = -1;
    // @formatter:on

    private Reg() {}

    /** The number of a vector register that the allocator calls {@code register}. */
    static int vector(int register) {
        return register - Registers.VECTORS;
    }

    /** The name of a register as the allocator counts them. */
    static String name(int register) {
        return Registers.isVector(register) ? "v" + vector(register) : "x" + register;
    }
}
