package org.sallyport.codegen.aarch64;

/**
 * Encoder of the general-purpose instructions (Arm ARM, C6). Methods are the manual's mnemonics, or name a table of rows; the
 * destination comes first, {@code wide} means 64 bits.
 */
class IntegerAssembler extends CodeBuffer {
    /** Arithmetic and logic on two registers, the second shifted (C4.1.95); and on an immediate, where there is one. */
    enum Alu {
        // @formatter:off
        ADD (0x0B000000, 0x11000000),
        ADDS(0x2B000000, 0x31000000),
        SUB (0x4B000000, 0x51000000),
        SUBS(0x6B000000, 0x71000000),
        AND (0x0A000000, 0x12000000),
        BIC (0x0A200000, 0),
        ORR (0x2A000000, 0x32000000),
        ORN (0x2A200000, 0),
        EOR (0x4A000000, 0x52000000),
        EON (0x4A200000, 0),
        ANDS(0x6A000000, 0x72000000);
        // @formatter:on

        private final int registers;
        private final int immediate;

        Alu(int registers, int immediate) {
            this.registers = registers;
            this.immediate = immediate;
        }

        /** Whether immediates are 12 bits; else they are masks. */
        boolean isArithmetic() {
            return ordinal() <= SUBS.ordinal();
        }

        /** Whether the instruction takes the immediate. */
        boolean takes(boolean wide, long imm) {
            return isArithmetic() ? Immediates.isArithmetic(imm) : immediate != 0 && Immediates.bitmask(wide, imm) >= 0;
        }
    }

    /** How an operand is shifted, in encoding order; arithmetic knows no rotation. */
    enum Shift {
        LSL, LSR, ASR, ROR
    }

    /** Two registers, no shift (C4.1.93). */
    enum Two {
        // @formatter:off
        UDIV(0x1AC00800), SDIV(0x1AC00C00), LSLV(0x1AC02000), LSRV(0x1AC02400), ASRV(0x1AC02800), RORV(0x1AC02C00);
        // @formatter:on

        private final int code;

        Two(int code) {
            this.code = code;
        }
    }

    /** One register (C4.1.94). */
    enum One {
        RBIT(0x5AC00000), REV16(0x5AC00400), CLZ(0x5AC01000), CLS(0x5AC01400);

        private final int code;

        One(int code) {
            this.code = code;
        }
    }

    /** Three sources (C4.1.99): {@code a ± n * m}; the long ones multiply 32 bits to 64. */
    enum Multiply {
        // @formatter:off
        MADD(0x1B000000), MSUB(0x1B008000), SMADDL(0x9B200000), UMADDL(0x9BA00000), SMULH(0x9B400000), UMULH(0x9BC00000);
        // @formatter:on

        private final int code;

        Multiply(int code) {
            this.code = code;
        }
    }

    enum Bitfield {
        SBFM(0x13000000), BFM(0x33000000), UBFM(0x53000000);

        private final int code;

        Bitfield(int code) {
            this.code = code;
        }
    }

    enum Select {
        CSEL(0x1A800000), CSINC(0x1A800400), CSINV(0x5A800000), CSNEG(0x5A800400);

        private final int code;

        Select(int code) {
            this.code = code;
        }
    }

    static int sf(boolean wide) {
        return wide ? 1 << 31 : 0;
    }

    // ---- arithmetic and logic

    final void alu(Alu op, boolean wide, int dst, int n, int m) {
        alu(op, wide, dst, n, m, Shift.LSL, 0);
    }

    final void alu(Alu op, boolean wide, int dst, int n, int m, Shift shift, int amount) {
        word(op.registers | sf(wide) | shift.ordinal() << 22 | m << 16 | amount << 10 | n << 5 | dst);
    }

    /** The immediate must be one that the operation {@linkplain Alu#takes takes}; a negative one turns ADD and SUB around. */
    final void aluImm(Alu op, boolean wide, int dst, int n, long imm) {
        if (!op.isArithmetic()) {
            word(op.immediate | sf(wide) | Immediates.bitmask(wide, imm) << 10 | n << 5 | dst);
            return;
        }
        boolean turns = !Immediates.fits12(imm);
        long value = turns ? -imm : imm;
        int shifted = (value & ~0xFFFL) == 0 ? 0 : 1;
        int field = (int) (shifted == 0 ? value : value >> 12);
        word((turns ? op.immediate ^ 1 << 30 : op.immediate) | sf(wide) | shifted << 22 | field << 10 | n << 5 | dst);
    }

    /** {@code dst = n ± extend(m) << amount}; n and dst may be the stack pointer. */
    final void aluExtended(Alu op, boolean wide, int dst, int n, int m, Extend extend, int amount) {
        word(op.registers | 0x200000 | sf(wide) | m << 16 | extend.ordinal() << 13 | amount << 10 | n << 5 | dst);
    }

    /** In encoding order. */
    enum Extend {
        UXTB, UXTH, UXTW, UXTX, SXTB, SXTH, SXTW, SXTX
    }

    /** {@code dst = n + imm}, any immediate; {@link Abi#TEMP} is destroyed by large ones. Takes the stack pointer. */
    final void addAny(int dst, int n, long imm) {
        if (imm == 0) {
            if (dst != n) {
                aluImm(Alu.ADD, true, dst, n, 0);
            }
        } else if (Immediates.isArithmetic(imm)) {
            aluImm(Alu.ADD, true, dst, n, imm);
        } else if (Math.abs(imm) < 1 << 24) {
            long amount = Math.abs(imm);
            Alu op = imm < 0 ? Alu.SUB : Alu.ADD;
            aluImm(op, true, dst, n, amount & 0xFFF000);
            aluImm(op, true, dst, dst, amount & 0xFFF);
        } else {
            movImm(Abi.TEMP, imm);
            aluExtended(Alu.ADD, true, dst, n, Abi.TEMP, Extend.UXTX, 0);
        }
    }

    final void mov(boolean wide, int dst, int src) {
        alu(Alu.ORR, wide, dst, Reg.ZR, src);
    }

    /** Any constant, in as few instructions as MOVZ, MOVN, MOVK and one ORR give. */
    final void movImm(int dst, long value) {
        if (value >>> 32 == 0 && isShortNot(value)) {
            word(0x12800000 | chunkOfNot((int) ~value) | dst); // MOVN of 32 bits, the upper half is zero
        } else if (chunks(value) > 1 && chunks(~value) > 1 && isMask(value)) {
            movMask(dst, value);
        } else if (chunks(~value) < chunks(value)) {
            move(dst, value, true);
        } else {
            move(dst, value, false);
        }
    }

    private static boolean isShortNot(long value) {
        int not = (int) ~value;
        return ((not & 0xFFFF) == not || (not & 0xFFFF0000) == not) && chunks(value) > 1;
    }

    private static int chunkOfNot(int not) {
        return (not & 0xFFFF) == not ? not << 5 : 1 << 21 | not >>> 16 << 5;
    }

    private static boolean isMask(long value) {
        return Immediates.bitmask(true, value) >= 0 || value >>> 32 == 0 && Immediates.bitmask(false, value) >= 0;
    }

    private void movMask(int dst, long value) {
        aluImm(Alu.ORR, Immediates.bitmask(true, value) >= 0, dst, Reg.ZR, value);
    }

    private static int chunks(long value) {
        int count = 0;
        for (int at = 0; at < 64; at += 16) {
            count += (value >>> at & 0xFFFF) == 0 ? 0 : 1;
        }
        return count;
    }

    private void move(int dst, long value, boolean inverted) {
        long rest = inverted ? ~value : value;
        boolean first = true;
        for (int hw = 0; hw < 4; hw++) {
            int chunk = (int) (rest >>> 16 * hw & 0xFFFF);
            if (chunk != 0 || hw == 3 && first) {
                int at = chunk == 0 ? 0 : hw;
                if (first) {
                    word((inverted ? 0x92800000 : 0xD2800000) | at << 21 | chunk << 5 | dst);
                } else {
                    word(0xF2800000 | hw << 21 | (int) (value >>> 16 * hw & 0xFFFF) << 5 | dst);
                }
                first = false;
            }
        }
    }

    // ---- shifts, bitfields, products

    final void bitfield(Bitfield op, boolean wide, int dst, int n, int immr, int imms) {
        word(op.code | sf(wide) | (wide ? 1 << 22 : 0) | immr << 16 | imms << 10 | n << 5 | dst);
    }

    final void shiftImm(Shift op, boolean wide, int dst, int n, int amount) {
        int last = wide ? 63 : 31;
        switch (op) {
            case LSL -> bitfield(Bitfield.UBFM, wide, dst, n, -amount & last, last - amount);
            case LSR -> bitfield(Bitfield.UBFM, wide, dst, n, amount, last);
            case ASR -> bitfield(Bitfield.SBFM, wide, dst, n, amount, last);
            case ROR -> word(0x13800000 | sf(wide) | (wide ? 1 << 22 : 0) | n << 16 | amount << 10 | n << 5 | dst);
        }
    }

    final void two(Two op, boolean wide, int dst, int n, int m) {
        word(op.code | sf(wide) | m << 16 | n << 5 | dst);
    }

    final void one(One op, boolean wide, int dst, int n) {
        word(op.code | sf(wide) | n << 5 | dst);
    }

    final void multiply(Multiply op, boolean wide, int dst, int n, int m, int a) {
        word(op.code | sf(wide) | m << 16 | a << 10 | n << 5 | dst);
    }

    // ---- conditions

    final void select(Select op, boolean wide, int dst, int n, int m, Cond cond) {
        word(op.code | sf(wide) | m << 16 | cond.ordinal() << 12 | n << 5 | dst);
    }

    final void cset(int dst, Cond cond) {
        select(Select.CSINC, false, dst, Reg.ZR, Reg.ZR, cond.negated());
    }

    /** All bits, of 64. */
    final void csetm(int dst, Cond cond) {
        select(Select.CSINV, true, dst, Reg.ZR, Reg.ZR, cond.negated());
    }

    /** {@code cond ? flags of n - imm : nzcv}. */
    final void ccmpImm(boolean wide, int n, int imm, int nzcv, Cond cond) {
        word(0x7A400800 | sf(wide) | imm << 16 | cond.ordinal() << 12 | n << 5 | nzcv);
    }

    final void cmp(boolean wide, int n, int m) {
        alu(Alu.SUBS, wide, Reg.ZR, n, m);
    }

    final void cmpImm(boolean wide, int n, long imm) {
        aluImm(Alu.SUBS, wide, Reg.ZR, n, imm);
    }

    // ---- branches to registers, the system

    final void br(int register) {
        word(0xD61F0000 | register << 5);
    }

    final void blr(int register) {
        word(0xD63F0000 | register << 5);
    }

    final void ret() {
        word(0xD65F0000 | Reg.LR << 5);
    }

    final void udf() {
        word(0);
    }

    final void svc() {
        word(0xD4000001);
    }

    /** Full barrier for the inner shareable domain. */
    final void dmb() {
        word(0xD5033BBF);
    }

    /** The thread pointer. */
    final void mrsThread(int dst) {
        word(0xD53BD040 | dst);
    }
}
