package org.sallyport.codegen.aarch64;

/** Encoder of loads and stores (Arm ARM, C4.1.94 to C4.1.98), ordered and atomic ones too. Sizes are logarithms of bytes. */
class MemoryAssembler extends IntegerAssembler {
    /** What is moved, by how many bytes and how extended. */
    enum Moved {
        // @formatter:off
        //      size opc V
        STRB   (0, 0, 0), STRH  (1, 0, 0), STRW  (2, 0, 0), STRX  (3, 0, 0),
        LDRB   (0, 1, 0), LDRH  (1, 1, 0), LDRW  (2, 1, 0), LDRX  (3, 1, 0),
        LDRSBX (0, 2, 0), LDRSHX(1, 2, 0), LDRSWX(2, 2, 0),
        LDRSBW (0, 3, 0), LDRSHW(1, 3, 0),
        STR_B  (0, 0, 1), STR_H (1, 0, 1), STR_S (2, 0, 1), STR_D (3, 0, 1), STR_Q(0, 2, 1),
        LDR_B  (0, 1, 1), LDR_H (1, 1, 1), LDR_S (2, 1, 1), LDR_D (3, 1, 1), LDR_Q(0, 3, 1);
        // @formatter:on

        private final int bits;
        /** Logarithm of the bytes. */
        final int log;

        Moved(int size, int opc, int vector) {
            bits = size << 30 | vector << 26 | opc << 22;
            log = vector == 1 && opc >= 2 ? 4 : size;
        }
    }

    /** Load and operate in one (FEAT_LSE), acquiring and releasing. */
    enum Atomic {
        // @formatter:off
        LDADDAL(0x38E00000), LDCLRAL(0x38E01000), LDEORAL(0x38E02000), LDSETAL(0x38E03000), SWPAL(0x38E08000);
        // @formatter:on

        private final int code;

        Atomic(int code) {
            this.code = code;
        }
    }

    /** Whether {@link #moved} has a form for the displacement. */
    static boolean reaches(Moved op, long disp) {
        return disp >= 0 && (disp & (1L << op.log) - 1) == 0 && disp >> op.log < 4096 || disp >= -256 && disp < 256;
    }

    /** At {@code base + disp}, a displacement that it {@linkplain #reaches}. */
    final void moved(Moved op, int register, int base, long disp) {
        boolean isScaled = disp >= 0 && (disp & (1L << op.log) - 1) == 0 && disp >> op.log < 4096;
        int field = (int) (isScaled ? 0x01000000 | disp >> op.log << 10 : (disp & 0x1FF) << 12);
        word(0x38000000 | op.bits | field | base << 5 | register);
    }

    /** At {@code base + (index << shift)}; the shift is 0 or the logarithm of the size. */
    final void movedIndexed(Moved op, int register, int base, int index, int shift) {
        movedIndexed(op, register, base, index, shift, Extend.UXTX);
    }

    final void movedIndexed(Moved op, int register, int base, int index, int shift, Extend extend) {
        int scaled = shift == 0 ? 0 : 1 << 12;
        word(0x38200800 | op.bits | index << 16 | extend.ordinal() << 13 | scaled | base << 5 | register);
    }

    final void ldr(int register, int base, int disp) {
        moved(Moved.LDRX, register, base, disp);
    }

    final void str(int register, int base, int disp) {
        moved(Moved.STRX, register, base, disp);
    }

    final void ldrw(int register, int base, int disp) {
        moved(Moved.LDRW, register, base, disp);
    }

    final void strw(int register, int base, int disp) {
        moved(Moved.STRW, register, base, disp);
    }

    // ---- pairs

    private static int pair(int first, int second, int base, int disp) {
        return (disp >> 3 & 0x7F) << 15 | second << 10 | base << 5 | first;
    }

    final void ldp(int first, int second, int base, int disp) {
        word(0xA9400000 | pair(first, second, base, disp));
    }

    final void stp(int first, int second, int base, int disp) {
        word(0xA9000000 | pair(first, second, base, disp));
    }

    /** The base is changed by {@code disp} first. */
    final void stpPre(int first, int second, int base, int disp) {
        word(0xA9800000 | pair(first, second, base, disp));
    }

    /** The base is changed by {@code disp} behind. */
    final void ldpPost(int first, int second, int base, int disp) {
        word(0xA8C00000 | pair(first, second, base, disp));
    }

    /** Two vector registers, the lower 8 bytes of each. */
    final void ldpDouble(int first, int second, int base, int disp) {
        word(0x6D400000 | pair(first, second, base, disp));
    }

    final void stpDouble(int first, int second, int base, int disp) {
        word(0x6D000000 | pair(first, second, base, disp));
    }

    /** Two whole vector registers; the displacement is a multiple of 16. */
    final void ldpVector(int first, int second, int base, int disp) {
        word(0xAD400000 | pair(first, second, base, disp >> 1));
    }

    final void stpVector(int first, int second, int base, int disp) {
        word(0xAD000000 | pair(first, second, base, disp >> 1));
    }

    // ---- ordered and exclusive

    final void ldar(int log, int register, int base) {
        word(0x08DFFC00 | log << 30 | base << 5 | register);
    }

    final void stlr(int log, int register, int base) {
        word(0x089FFC00 | log << 30 | base << 5 | register);
    }

    final void ldaxr(int log, int register, int base) {
        word(0x085FFC00 | log << 30 | base << 5 | register);
    }

    /** @param status 0 if it has stored */
    final void stlxr(int log, int status, int register, int base) {
        word(0x0800FC00 | log << 30 | status << 16 | base << 5 | register);
    }

    final void atomic(Atomic op, int log, int value, int result, int base) {
        word(op.code | log << 30 | value << 16 | base << 5 | result);
    }

    /** @param expected becomes what was there */
    final void casal(int log, int expected, int value, int base) {
        word(0x08E0FC00 | log << 30 | expected << 16 | base << 5 | value);
    }
}
