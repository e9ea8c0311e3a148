package org.sallyport.codegen.x64;

/** Packed instructions, in legacy and VEX encoding (SDM vol. 2). */
abstract class VectorAssembler extends BitAssembler {
    /** Shifts by a constant: group 12, 13, 14 (SDM vol. 2, A.4); the last two move whole bytes. */
    enum Shift128 {
        // @formatter:off
        PSLLW(0x0F71, 6), PSLLD(0x0F72, 6), PSLLQ(0x0F73, 6),
        PSRLW(0x0F71, 2), PSRLD(0x0F72, 2), PSRLQ(0x0F73, 2),
        PSRAW(0x0F71, 4), PSRAD(0x0F72, 4),
        PSLLDQ(0x0F73, 7), PSRLDQ(0x0F73, 3);
        // @formatter:on

        private static final Shift128[] ALL = values();

        final int opcode;
        final int digit;

        Shift128(int opcode, int digit) {
            this.opcode = opcode;
            this.digit = digit;
        }

        static Shift128 of(int ordinal) {
            return ALL[ordinal];
        }
    }

    /** A lane between a vector and a general register or memory; the vector is in ModRM.reg. */
    enum Lane {
        // @formatter:off
        B(0x0F3A14, 0x0F3A20, false), W(0x0F3A15, 0x0FC4, false), D(0x0F3A16, 0x0F3A22, false), Q(0x0F3A16, 0x0F3A22, true);
        // @formatter:on

        private static final Lane[] ALL = values();

        /** PEXTRB, PEXTRW, PEXTRD, PEXTRQ. */
        final int extract;
        /** PINSRB, PINSRW, PINSRD, PINSRQ. */
        final int insert;
        final boolean wide;

        Lane(int extract, int insert, boolean wide) {
            this.extract = extract;
            this.insert = insert;
            this.wide = wide;
        }

        static Lane of(int ordinal) {
            return ALL[ordinal];
        }
    }

    /** The signs of all lanes as bits: PMOVMSKB, MOVMSKPS, MOVMSKPD. */
    enum Mask {
        B(P66, 0x0FD7), PS(0, 0x0F50), PD(P66, 0x0F50);

        private static final Mask[] ALL = values();

        final int prefix;
        final int opcode;

        Mask(int prefix, int opcode) {
            this.prefix = prefix;
            this.opcode = opcode;
        }

        static Mask of(int ordinal) {
            return ALL[ordinal];
        }
    }

    /** What is stored of a vector register. */
    enum Stored {
        // @formatter:off
        MOVUPS(0, 0x0F11), MOVAPS(0, 0x0F29), MOVSS(PF3, 0x0F11), MOVLPS(0, 0x0F13), MOVHPS(0, 0x0F17);
        // @formatter:on

        private static final Stored[] ALL = values();

        final int prefix;
        final int opcode;

        Stored(int prefix, int opcode) {
            this.prefix = prefix;
            this.opcode = opcode;
        }

        static Stored of(int ordinal) {
            return ALL[ordinal];
        }
    }

    // ---- legacy: the destination is the first source

    /** @param imm for rows that have one */
    final void simd(Simd op, int dst, int src, int imm) {
        legacy(op.prefix, op.opcode, false, dst, src);
        imm(op, imm);
    }

    final void simd(Simd op, int dst, Mem src, int imm) {
        legacy(op.prefix, op.opcode, false, dst, src, op.hasImm() ? 1 : 0);
        imm(op, imm);
    }

    // ---- VEX: for rows with one source, {@code a} is 0

    final void vsimd(Simd op, int dst, int a, int src, int imm) {
        vex(op.prefix, op.opcode, op.isWide(), false, dst, a, src);
        imm(op, imm);
    }

    final void vsimd(Simd op, int dst, int a, Mem src, int imm) {
        vex(op.prefix, op.opcode, op.isWide(), false, dst, a, src, op.hasImm() ? 1 : 0);
        imm(op, imm);
    }

    private void imm(Simd op, int imm) {
        if (op.hasImm()) {
            u8(imm);
        }
    }

    /** {@code dst = mask's sign ? b : a} by bytes, floats or doubles. */
    final void vblend(Simd op, int dst, int a, int b, int mask) {
        int opcode = switch (op) {
            case PBLENDVB -> 0x0F3A4C;
            case BLENDVPS -> 0x0F3A4A;
            case BLENDVPD -> 0x0F3A4B;
            default -> throw new AssertionError("BUG: " + op + " has no mask");
        };
        vex(P66, opcode, false, false, dst, a, b);
        u8(mask << 4);
    }

    // ---- shifts by a constant

    final void shift(Shift128 op, int dst, int count) {
        legacy(P66, op.opcode, false, op.digit, dst);
        u8(count);
    }

    final void vshift(Shift128 op, int dst, int src, int count) {
        vex(P66, op.opcode, false, false, op.digit, dst, src);
        u8(count);
    }

    // ---- lanes

    final void extract(Lane op, int dst, int src, int lane) {
        legacy(P66, op.extract, op.wide, src, dst);
        u8(lane);
    }

    final void extract(Lane op, Mem dst, int src, int lane) {
        legacy(P66, op.extract, op.wide, src, dst, 1);
        u8(lane);
    }

    final void vextract(Lane op, int dst, int src, int lane) {
        vex(P66, op.extract, op.wide, false, src, 0, dst);
        u8(lane);
    }

    final void vextract(Lane op, Mem dst, int src, int lane) {
        vex(P66, op.extract, op.wide, false, src, 0, dst, 1);
        u8(lane);
    }

    final void insert(Lane op, int dst, int src, int lane) {
        legacy(P66, op.insert, op.wide, dst, src);
        u8(lane);
    }

    final void insert(Lane op, int dst, Mem src, int lane) {
        legacy(P66, op.insert, op.wide, dst, src, 1);
        u8(lane);
    }

    final void vinsert(Lane op, int dst, int a, int src, int lane) {
        vex(P66, op.insert, op.wide, false, dst, a, src);
        u8(lane);
    }

    final void vinsert(Lane op, int dst, int a, Mem src, int lane) {
        vex(P66, op.insert, op.wide, false, dst, a, src, 1);
        u8(lane);
    }

    final void mask(Mask op, int dst, int src) {
        legacy(op.prefix, op.opcode, false, dst, src);
    }

    final void vmask(Mask op, int dst, int src) {
        vex(op.prefix, op.opcode, false, false, dst, 0, src);
    }

    // ---- stores

    final void store(Stored op, Mem dst, int src) {
        legacy(op.prefix, op.opcode, false, src, dst, 0);
    }

    final void vstore(Stored op, Mem dst, int src) {
        vex(op.prefix, op.opcode, false, false, src, 0, dst, 0);
    }
}
