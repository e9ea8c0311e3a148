package org.sallyport.codegen.x64;

/**
 * General-purpose instructions. Methods are Intel mnemonics, or the family's name where one table row selects the
 * operation; the destination comes first. {@link Width} is the operand size.
 */
abstract class IntegerAssembler extends Encoding {
    /** Group 1 (SDM vol. 2, A.4): one digit selects the operation in every operand form. */
    enum Alu {
        ADD, OR, ADC, SBB, AND, SUB, XOR, CMP;

        boolean isCommutative() {
            return this != SBB && this != SUB && this != CMP;
        }
    }

    /** Group 3. */
    enum Unary {
        NOT(2), NEG(3), MUL(4), IMUL(5), DIV(6), IDIV(7);

        final int digit;

        Unary(int digit) {
            this.digit = digit;
        }
    }

    // ---- arithmetic

    final void alu(Alu op, Width w, int dst, int src) {
        sized(w, op.ordinal() << 3, src, dst);
    }

    final void alu(Alu op, Width w, int dst, Mem src) {
        sized(w, op.ordinal() << 3 | 2, dst, src, 0, true);
    }

    final void alu(Alu op, Width w, Mem dst, int src) {
        sized(w, op.ordinal() << 3, src, dst, 0, true);
    }

    final void aluImm(Alu op, Width w, int dst, int imm) {
        if (w != Width.BYTE && fitsByte(imm)) {
            legacy(p16(w), 0x83, w == Width.QWORD, op.ordinal(), dst);
            u8(imm);
        } else if (dst == Reg.RAX) {
            if (w == Width.WORD) {
                u8(P66);
            }
            opcodePlus(op.ordinal() << 3 | (w == Width.BYTE ? 4 : 5), w == Width.QWORD, 0);
            imm(w, imm);
        } else {
            sizedDigit(w, 0x80, op.ordinal(), dst);
            imm(w, imm);
        }
    }

    final void aluImm(Alu op, Width w, Mem dst, int imm) {
        if (w != Width.BYTE && fitsByte(imm)) {
            legacy(p16(w), 0x83, w == Width.QWORD, op.ordinal(), dst, 1);
            u8(imm);
        } else {
            sized(w, 0x80, op.ordinal(), dst, immBytes(w), false);
            imm(w, imm);
        }
    }

    final void test(Width w, int a, int b) {
        sized(w, 0x84, b, a);
    }

    final void test(Width w, Mem a, int b) {
        sized(w, 0x84, b, a, 0, true);
    }

    final void testImm(Width w, int a, int imm) {
        if (a == Reg.RAX) {
            if (w == Width.WORD) {
                u8(P66);
            }
            opcodePlus(w == Width.BYTE ? 0xA8 : 0xA9, w == Width.QWORD, 0);
        } else {
            sizedDigit(w, 0xF6, 0, a);
        }
        imm(w, imm);
    }

    final void testImm(Width w, Mem a, int imm) {
        sized(w, 0xF6, 0, a, immBytes(w), false);
        imm(w, imm);
    }

    final void unary(Unary op, Width w, int rm) {
        sizedDigit(w, 0xF6, op.digit, rm);
    }

    final void unary(Unary op, Width w, Mem rm) {
        sized(w, 0xF6, op.digit, rm, 0, false);
    }

    /** Group 4 and 5. */
    final void inc(Width w, int rm) {
        sizedDigit(w, 0xFE, 0, rm);
    }

    final void dec(Width w, int rm) {
        sizedDigit(w, 0xFE, 1, rm);
    }

    final void imul(Width w, int dst, int src) {
        legacy(p16(w), 0x0FAF, w == Width.QWORD, dst, src);
    }

    final void imul(Width w, int dst, Mem src) {
        legacy(p16(w), 0x0FAF, w == Width.QWORD, dst, src, 0);
    }

    final void imulImm(Width w, int dst, int src, int imm) {
        legacy(p16(w), fitsByte(imm) ? 0x6B : 0x69, w == Width.QWORD, dst, src);
        imm(fitsByte(imm) ? Width.BYTE : w, imm);
    }

    final void imulImm(Width w, int dst, Mem src, int imm) {
        legacy(p16(w), fitsByte(imm) ? 0x6B : 0x69, w == Width.QWORD, dst, src, fitsByte(imm) ? 1 : immBytes(w));
        imm(fitsByte(imm) ? Width.BYTE : w, imm);
    }

    /** CDQ or CQO: the sign of RAX into RDX. */
    final void signIntoRdx(Width w) {
        if (w == Width.QWORD) {
            u8(0x48);
        }
        u8(0x99);
    }

    // ---- moves

    final void mov(Width w, int dst, int src) {
        sized(w, 0x88, src, dst);
    }

    /** Load of the operand size; byte and word loads leave the rest of the register (use {@link #movzx}). */
    final void mov(Width w, int dst, Mem src) {
        sized(w, 0x8A, dst, src, 0, true);
    }

    final void mov(Width w, Mem dst, int src) {
        sized(w, 0x88, src, dst, 0, true);
    }

    final void movImm(Width w, Mem dst, int imm) {
        sized(w, 0xC6, 0, dst, immBytes(w), false);
        imm(w, imm);
    }

    /** Any 64-bit constant in its shortest form; leaves the flags alone. */
    final void movImm(int dst, long imm) {
        if (imm == (imm & 0xFFFF_FFFFL)) {
            opcodePlus(0xB8, false, dst);
            i32((int) imm);
        } else if (imm == (int) imm) {
            legacy(0, 0xC7, true, 0, dst);
            i32((int) imm);
        } else {
            opcodePlus(0xB8, true, dst);
            i64(imm);
        }
    }

    /** Zero, by XOR: destroys the flags. */
    final void zero(int dst) {
        alu(Alu.XOR, Width.DWORD, dst, dst);
    }

    /** Zero-extends from {@code BYTE} or {@code WORD} to 64 bits ({@code DWORD}: a plain 32-bit move). */
    final void movzx(Width from, int dst, int src) {
        switch (from) {
            case BYTE -> legacyByte(0x0FB6, dst, src, false);
            case WORD -> legacy(0, 0x0FB7, false, dst, src);
            case DWORD, QWORD -> mov(from, dst, src);
        }
    }

    final void movzx(Width from, int dst, Mem src) {
        switch (from) {
            case BYTE -> legacy(0, 0x0FB6, false, dst, src, 0);
            case WORD -> legacy(0, 0x0FB7, false, dst, src, 0);
            case DWORD, QWORD -> mov(from, dst, src);
        }
    }

    /** Sign-extends to {@code to} ({@code DWORD} or {@code QWORD}; the former zeroes the upper half). */
    final void movsx(Width to, Width from, int dst, int src) {
        boolean wide = to == Width.QWORD;
        switch (from) {
            case BYTE -> {
                if (wide) {
                    legacy(0, 0x0FBE, true, dst, src);
                } else {
                    legacyByte(0x0FBE, dst, src, false);
                }
            }
            case WORD -> legacy(0, 0x0FBF, wide, dst, src);
            case DWORD -> legacy(0, 0x63, wide, dst, src);
            case QWORD -> mov(Width.QWORD, dst, src);
        }
    }

    final void movsx(Width to, Width from, int dst, Mem src) {
        boolean wide = to == Width.QWORD;
        switch (from) {
            case BYTE -> legacy(0, 0x0FBE, wide, dst, src, 0);
            case WORD -> legacy(0, 0x0FBF, wide, dst, src, 0);
            case DWORD -> legacy(0, 0x63, wide, dst, src, 0);
            case QWORD -> mov(Width.QWORD, dst, src);
        }
    }

    final void lea(Width w, int dst, Mem address) {
        legacy(p16(w), 0x8D, w == Width.QWORD, dst, address, 0);
    }

    final void cmov(Cond cond, Width w, int dst, int src) {
        legacy(0, 0x0F40 + cond.ordinal(), w == Width.QWORD, dst, src);
    }

    final void cmov(Cond cond, Width w, int dst, Mem src) {
        legacy(0, 0x0F40 + cond.ordinal(), w == Width.QWORD, dst, src, 0);
    }

    /** Sets the low byte to 0 or 1. */
    final void set(Cond cond, int dst) {
        legacyByte(0x0F90 + cond.ordinal(), 0, dst, false);
    }

    final void set(Cond cond, Mem dst) {
        legacy(0, 0x0F90 + cond.ordinal(), false, 0, dst, 0);
    }

    final void push(int src) {
        opcodePlus(0x50, false, src);
    }

    final void push(Mem src) {
        legacy(0, 0xFF, false, 6, src, 0);
    }

    final void pop(int dst) {
        opcodePlus(0x58, false, dst);
    }

    final void xchg(Width w, Mem a, int b) {
        sized(w, 0x86, b, a, 0, true);
    }

    final void xchg(Width w, int a, int b) {
        sized(w, 0x86, b, a);
    }

    final void lock() {
        u8(0xF0);
    }

    final void cmpxchg(Width w, Mem dst, int src) {
        sized(w, 0x0FB0, src, dst, 0, true);
    }

    final void xadd(Width w, Mem dst, int src) {
        sized(w, 0x0FC0, src, dst, 0, true);
    }

    // ---- control

    final void jmp(Mem target) {
        legacy(0, 0xFF, false, 4, target, 0);
    }

    final void jmpReg(int target) {
        legacy(0, 0xFF, false, 4, target);
    }

    final void call(Mem target) {
        legacy(0, 0xFF, false, 2, target, 0);
    }

    final void callReg(int target) {
        legacy(0, 0xFF, false, 2, target);
    }

    /**
     * {@code call rel32} to a place outside of this buffer: the label that is returned stands before the
     * displacement.
     */
    final int callOutside() {
        return outside(0xE8);
    }

    /** {@code jmp rel32}, likewise. */
    final int jmpOutside() {
        return outside(0xE9);
    }

    private int outside(int opcode) {
        u8(opcode);
        int field = here();
        i32(0);
        return field;
    }

    /** {@code call rel32} within this buffer. */
    final void call(int label) {
        u8(0xE8);
        relativeField(label, 0);
    }

    final void ret() {
        u8(0xC3);
    }

    /** {@code ret imm16}: takes so many bytes behind the return address off the stack, too. */
    final void ret(int bytes) {
        u8(0xC2);
        u8(bytes);
        u8(bytes >> 8);
    }

    /** {@code mov rsp, rbp; pop rbp}. */
    final void leave() {
        u8(0xC9);
    }

    final void ud2() {
        u8(0x0F);
        u8(0x0B);
    }

    final void int3() {
        u8(0xCC);
    }

    final void mfence() {
        u8(0x0F);
        u8(0xAE);
        u8(0xF0);
    }

    final void clc() {
        u8(0xF8);
    }

    final void stc() {
        u8(0xF9);
    }

    final void cld() {
        u8(0xFC);
    }

    final void repMovsb() {
        u8(PF3);
        u8(0xA4);
    }

    final void repStosb() {
        u8(PF3);
        u8(0xAA);
    }

    /** The kernel takes the number in RAX and arguments in RDI, RSI, RDX, R10, R8, R9; it destroys RCX and R11. */
    final void syscall() {
        u8(0x0F);
        u8(0x05);
    }

    /** {@code mov dst, fs:[base]}, 32 bits. */
    final void movFsAt(int dst, int base) {
        u8(0x64);
        legacy(0, 0x8B, false, dst, Mem.at(base, 0), 0);
    }

    /** {@code mov dst, fs:[disp]}, 64 bits. */
    final void movFs(int dst, int disp) {
        u8(0x64);
        legacy(0, 0x8B, true, dst, Mem.at(Reg.NONE, disp), 0);
    }
}
