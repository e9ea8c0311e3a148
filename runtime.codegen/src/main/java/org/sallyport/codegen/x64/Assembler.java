package org.sallyport.codegen.x64;

/**
 * x86-64 encoder: general-purpose instructions from {@link IntegerAssembler}, packed ones from {@link VectorAssembler}, here
 * those on single floats. Legacy forms are two-address ({@code dst} is the first source), VEX forms ({@code v…}) have three
 * operands. Vector registers are 0–15.
 */
final class Assembler extends VectorAssembler {
    /** Instructions {@code xmm, xmm/m}; all have a VEX form with one more source, except those marked {@code UNARY}. */
    enum Sse {
        // @formatter:off
        ADDSS   (PF3, 0x0F58),   ADDSD   (PF2, 0x0F58),
        MULSS   (PF3, 0x0F59),   MULSD   (PF2, 0x0F59),
        SUBSS   (PF3, 0x0F5C),   SUBSD   (PF2, 0x0F5C),
        MINSS   (PF3, 0x0F5D),   MINSD   (PF2, 0x0F5D),
        DIVSS   (PF3, 0x0F5E),   DIVSD   (PF2, 0x0F5E),
        MAXSS   (PF3, 0x0F5F),   MAXSD   (PF2, 0x0F5F),
        SQRTSS  (PF3, 0x0F51),   SQRTSD  (PF2, 0x0F51),
        CVTSS2SD(PF3, 0x0F5A),   CVTSD2SS(PF2, 0x0F5A),
        ANDPS   (0,   0x0F54),   ANDPD   (P66, 0x0F54),
        ANDNPS  (0,   0x0F55),   ANDNPD  (P66, 0x0F55),
        ORPS    (0,   0x0F56),   ORPD    (P66, 0x0F56),
        XORPS   (0,   0x0F57),   XORPD   (P66, 0x0F57),
        UNPCKLPS(0,   0x0F14),   UNPCKLPD(P66, 0x0F14),
        PXOR    (P66, 0x0FEF),   POR     (P66, 0x0FEB),
        PAND    (P66, 0x0FDB),   PANDN   (P66, 0x0FDF),
        PCMPEQD (P66, 0x0F76),
        // two operands in both encodings
        UCOMISS (0,   0x0F2E),   UCOMISD (P66, 0x0F2E),
        MOVAPS  (0,   0x0F28),   MOVUPS  (0,   0x0F10);
        // @formatter:on

        final int prefix;
        final int opcode;

        Sse(int prefix, int opcode) {
            this.prefix = prefix;
            this.opcode = opcode;
        }
    }

    /** The predicate of CMPSS/CMPSD. */
    static final int CMP_EQ = 0;
    static final int CMP_LT = 1;
    static final int CMP_LE = 2;
    static final int CMP_UNORDERED = 3;
    static final int CMP_NE = 4;

    private static int scalarPrefix(boolean isDouble) {
        return isDouble ? PF2 : PF3;
    }

    // ---- two operands

    void sse(Sse op, int dst, int src) {
        legacy(op.prefix, op.opcode, false, dst, src);
    }

    void sse(Sse op, int dst, Mem src) {
        legacy(op.prefix, op.opcode, false, dst, src, 0);
    }

    // ---- three operands

    void avx(Sse op, int dst, int a, int b) {
        vex(op.prefix, op.opcode, false, false, dst, a, b);
    }

    void avx(Sse op, int dst, int a, Mem b) {
        vex(op.prefix, op.opcode, false, false, dst, a, b, 0);
    }

    /** VEX form of an instruction with two operands. */
    void avx(Sse op, int dst, int src) {
        vex(op.prefix, op.opcode, false, false, dst, 0, src);
    }

    void avx(Sse op, int dst, Mem src) {
        vex(op.prefix, op.opcode, false, false, dst, 0, src, 0);
    }

    // ---- moves between memory and vector registers: the upper bits of the destination become zero

    void movs(boolean isDouble, int dst, Mem src) {
        legacy(scalarPrefix(isDouble), 0x0F10, false, dst, src, 0);
    }

    void movs(boolean isDouble, Mem dst, int src) {
        legacy(scalarPrefix(isDouble), 0x0F11, false, src, dst, 0);
    }

    void vmovs(boolean isDouble, int dst, Mem src) {
        vex(scalarPrefix(isDouble), 0x0F10, false, false, dst, 0, src, 0);
    }

    void vmovs(boolean isDouble, Mem dst, int src) {
        vex(scalarPrefix(isDouble), 0x0F11, false, false, src, 0, dst, 0);
    }

    /** MOVUPS to memory. */
    void movups(Mem dst, int src) {
        legacy(0, 0x0F11, false, src, dst, 0);
    }

    /** MOVUPS of 16 or, with AVX, 32 bytes. */
    void vmovups(boolean l256, int dst, Mem src) {
        vex(0, 0x0F10, false, l256, dst, 0, src, 0);
    }

    void vmovups(boolean l256, Mem dst, int src) {
        vex(0, 0x0F11, false, l256, src, 0, dst, 0);
    }

    /** Doubles the lower half of a 32-byte register: VINSERTF128 with position 1. */
    void vdouble(int dst, int src) {
        vex(P66, 0x0F3A18, false, true, dst, dst, src);
        u8(1);
    }

    void vzeroupper() {
        u8(0xC5);
        u8(0xF8);
        u8(0x77);
    }

    // ---- moves between general and vector registers

    /** MOVD or MOVQ {@code xmm, r}. */
    void movToXmm(Width w, int dst, int src) {
        legacy(P66, 0x0F6E, w == Width.QWORD, dst, src);
    }

    void vmovToXmm(Width w, int dst, int src) {
        vex(P66, 0x0F6E, w == Width.QWORD, false, dst, 0, src);
    }

    /** MOVD or MOVQ {@code r, xmm}. */
    void movFromXmm(Width w, int dst, int src) {
        legacy(P66, 0x0F7E, w == Width.QWORD, src, dst);
    }

    void vmovFromXmm(Width w, int dst, int src) {
        vex(P66, 0x0F7E, w == Width.QWORD, false, src, 0, dst);
    }

    // ---- conversions

    /** CVTSI2SS/SD; keeps the upper bits of {@code dst} and so depends on it. */
    void cvtFromInt(boolean isDouble, Width w, int dst, int src) {
        legacy(scalarPrefix(isDouble), 0x0F2A, w == Width.QWORD, dst, src);
    }

    void cvtFromInt(boolean isDouble, Width w, int dst, Mem src) {
        legacy(scalarPrefix(isDouble), 0x0F2A, w == Width.QWORD, dst, src, 0);
    }

    void vcvtFromInt(boolean isDouble, Width w, int dst, int upper, int src) {
        vex(scalarPrefix(isDouble), 0x0F2A, w == Width.QWORD, false, dst, upper, src);
    }

    void vcvtFromInt(boolean isDouble, Width w, int dst, int upper, Mem src) {
        vex(scalarPrefix(isDouble), 0x0F2A, w == Width.QWORD, false, dst, upper, src, 0);
    }

    /** CVTTSS/SD2SI: truncates; {@code 0x80…0} when it does not fit or is no number. */
    void cvtToInt(boolean isDouble, Width w, int dst, int src) {
        legacy(scalarPrefix(isDouble), 0x0F2C, w == Width.QWORD, dst, src);
    }

    void vcvtToInt(boolean isDouble, Width w, int dst, int src) {
        vex(scalarPrefix(isDouble), 0x0F2C, w == Width.QWORD, false, dst, 0, src);
    }

    // ---- immediates

    /** ROUNDSS/SD with mode 0 nearest even, 1 down, 2 up, 3 to zero; bit 3 keeps precision exceptions quiet. */
    void round(boolean isDouble, int dst, int src, int mode) {
        legacy(P66, isDouble ? 0x0F3A0B : 0x0F3A0A, false, dst, src);
        u8(mode | 8);
    }

    void vround(boolean isDouble, int dst, int a, int src, int mode) {
        vex(P66, isDouble ? 0x0F3A0B : 0x0F3A0A, false, false, dst, a, src);
        u8(mode | 8);
    }

    /** CMPSS/SD: all ones where the predicate holds. */
    void cmp(boolean isDouble, int dst, int src, int predicate) {
        legacy(scalarPrefix(isDouble), 0x0FC2, false, dst, src);
        u8(predicate);
    }

    void vcmp(boolean isDouble, int dst, int a, int b, int predicate) {
        vex(scalarPrefix(isDouble), 0x0FC2, false, false, dst, a, b);
        u8(predicate);
    }

    void vcmp(boolean isDouble, int dst, int a, Mem b, int predicate) {
        vex(scalarPrefix(isDouble), 0x0FC2, false, false, dst, a, b, 1);
        u8(predicate);
    }

    /** {@code dst = mask's sign ? b : a}, per 64-bit or 32-bit lane. */
    void vblendv(boolean isDouble, int dst, int a, int b, int mask) {
        vex(P66, isDouble ? 0x0F3A4B : 0x0F3A4A, false, false, dst, a, b);
        u8(mask << 4);
    }
}
