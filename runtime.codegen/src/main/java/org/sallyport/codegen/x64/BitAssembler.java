package org.sallyport.codegen.x64;

/** Shifts, and instructions on single bits; conventions are those of {@link IntegerAssembler}. */
abstract class BitAssembler extends IntegerAssembler {
    /** Group 2; 2 and 3 rotate through carry and are not used, 6 is undefined. */
    enum Shift {
        ROL(0), ROR(1), SHL(4), SHR(5), SAR(7);

        final int digit;

        Shift(int digit) {
            this.digit = digit;
        }
    }

    /** BMI2 shifts by a register, without flags. */
    enum ShiftX {
        SHLX(P66), SHRX(PF2), SARX(PF3);

        final int prefix;

        ShiftX(int prefix) {
            this.prefix = prefix;
        }
    }

    /** Counting and scanning of bits. */
    enum Bits {
        // @formatter:off
        BSF   (0,   0x0FBC),
        BSR   (0,   0x0FBD),
        TZCNT (PF3, 0x0FBC),
        LZCNT (PF3, 0x0FBD),
        POPCNT(PF3, 0x0FB8);
        // @formatter:on

        final int prefix;
        final int opcode;

        Bits(int prefix, int opcode) {
            this.prefix = prefix;
            this.opcode = opcode;
        }
    }

    /** BMI1 group 17. */
    enum Blx {
        BLSR(1), BLSMSK(2), BLSI(3);

        final int digit;

        Blx(int digit) {
            this.digit = digit;
        }
    }

    /** Group 8. */
    enum BitTest {
        BT(4), BTS(5), BTR(6), BTC(7);

        final int digit;

        BitTest(int digit) {
            this.digit = digit;
        }
    }

    final void shift(Shift op, Width w, int dst, int count) {
        if (count == 1) {
            sizedDigit(w, 0xD0, op.digit, dst);
        } else {
            sizedDigit(w, 0xC0, op.digit, dst);
            u8(count);
        }
    }

    final void shift(Shift op, Width w, Mem dst, int count) {
        if (count == 1) {
            sized(w, 0xD0, op.digit, dst, 0, false);
        } else {
            sized(w, 0xC0, op.digit, dst, 1, false);
            u8(count);
        }
    }

    final void shiftCl(Shift op, Width w, int dst) {
        sizedDigit(w, 0xD2, op.digit, dst);
    }

    final void shiftX(ShiftX op, Width w, int dst, int src, int count) {
        vex(op.prefix, 0x0F38F7, w == Width.QWORD, false, dst, count, src);
    }

    final void shiftX(ShiftX op, Width w, int dst, Mem src, int count) {
        vex(op.prefix, 0x0F38F7, w == Width.QWORD, false, dst, count, src, 0);
    }

    final void rorx(Width w, int dst, int src, int count) {
        vex(PF2, 0x0F3AF0, w == Width.QWORD, false, dst, 0, src);
        u8(count);
    }

    final void rorx(Width w, int dst, Mem src, int count) {
        vex(PF2, 0x0F3AF0, w == Width.QWORD, false, dst, 0, src, 1);
        u8(count);
    }

    final void shld(Width w, int dst, int src, int count) {
        legacy(p16(w), 0x0FA4, w == Width.QWORD, src, dst);
        u8(count);
    }

    final void bits(Bits op, Width w, int dst, int src) {
        legacy(op.prefix, op.opcode, w == Width.QWORD, dst, src);
    }

    final void bits(Bits op, Width w, int dst, Mem src) {
        legacy(op.prefix, op.opcode, w == Width.QWORD, dst, src, 0);
    }

    final void bitTest(BitTest op, Width w, int dst, int bit) {
        legacy(p16(w), 0x0F83 + (op.digit << 3), w == Width.QWORD, bit, dst);
    }

    final void bitTestImm(BitTest op, Width w, int dst, int bit) {
        legacy(p16(w), 0x0FBA, w == Width.QWORD, op.digit, dst);
        u8(bit);
    }

    final void bswap(Width w, int dst) {
        opcodePlus(0x0FC8, w == Width.QWORD, dst);
    }

    /** {@code dst = ~a & b}. */
    final void andn(Width w, int dst, int a, int b) {
        vex(0, 0x0F38F2, w == Width.QWORD, false, dst, a, b);
    }

    final void andn(Width w, int dst, int a, Mem b) {
        vex(0, 0x0F38F2, w == Width.QWORD, false, dst, a, b, 0);
    }

    final void blx(Blx op, Width w, int dst, int src) {
        vex(0, 0x0F38F3, w == Width.QWORD, false, op.digit, dst, src);
    }

    final void blx(Blx op, Width w, int dst, Mem src) {
        vex(0, 0x0F38F3, w == Width.QWORD, false, op.digit, dst, src, 0);
    }

    final void bzhi(Width w, int dst, int src, int count) {
        vex(0, 0x0F38F5, w == Width.QWORD, false, dst, count, src);
    }

    /** {@code high:low = rdx * src}; no flags. */
    final void mulx(Width w, int high, int low, int src) {
        vex(PF2, 0x0F38F6, w == Width.QWORD, false, high, low, src);
    }

    final void mulx(Width w, int high, int low, Mem src) {
        vex(PF2, 0x0F38F6, w == Width.QWORD, false, high, low, src, 0);
    }
}
