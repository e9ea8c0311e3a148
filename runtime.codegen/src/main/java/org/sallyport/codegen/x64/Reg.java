package org.sallyport.codegen.x64;

import org.sallyport.codegen.regalloc.Registers;

/**
 * Register numbers as the ISA encodes them: general registers 0–15, vector registers 0–15. The allocator counts vector
 * registers from {@link Registers#VECTORS}.
 */
final class Reg {
    // @formatter:off
    static final int RAX = 0,  RCX = 1,  RDX = 2,  RBX = 3,  RSP = 4,  RBP = 5,  RSI = 6,  RDI = 7;
    static final int R8  = 8,  R9  = 9,  R10 = 10, R11 = 11, R12 = 12, R13 = 13, R14 = 14, R15 = 15;

    static final int XMM0 = 0, XMM1 = 1, XMM15 = 15;

    /** Absent base or index in a {@link Mem}. */
    static final int NONE = -1;

    private static final String[] QWORD = {
        "rax", "rcx", "rdx", "rbx", "rsp", "rbp", "rsi", "rdi", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15"};
    // @formatter:on

    private Reg() {}

    /** The number of a vector register that the allocator calls {@code register}. */
    static int vector(int register) {
        return register - Registers.VECTORS;
    }

    /** The 64-bit name of a general register. */
    static String name(int register) {
        return QWORD[register];
    }
}
