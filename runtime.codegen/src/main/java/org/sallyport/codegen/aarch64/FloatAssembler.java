package org.sallyport.codegen.aarch64;

/** Encoder of scalar float instructions (Arm ARM, C4.1.101). */
class FloatAssembler extends MemoryAssembler {
    enum Binary {
        // @formatter:off
        FMUL(0x1E200800), FDIV(0x1E201800), FADD(0x1E202800), FSUB(0x1E203800), FMAX(0x1E204800), FMIN(0x1E205800),
        FNMUL(0x1E208800);
        // @formatter:on

        private final int code;

        Binary(int code) {
            this.code = code;
        }
    }

    enum Unary {
        // @formatter:off
        FMOV(0x1E204000), FABS(0x1E20C000), FNEG(0x1E214000), FSQRT(0x1E21C000), FRINTN(0x1E244000), FRINTP(0x1E24C000),
        FRINTM(0x1E254000), FRINTZ(0x1E25C000);
        // @formatter:on

        private final int code;

        Unary(int code) {
            this.code = code;
        }
    }

    private static int type(boolean isDouble) {
        return isDouble ? 1 << 22 : 0;
    }

    final void fbinary(Binary op, boolean isDouble, int dst, int n, int m) {
        word(op.code | type(isDouble) | m << 16 | n << 5 | dst);
    }

    final void funary(Unary op, boolean isDouble, int dst, int n) {
        word(op.code | type(isDouble) | n << 5 | dst);
    }

    /** Single to double. */
    final void promote(int dst, int n) {
        word(0x1E22C000 | n << 5 | dst);
    }

    final void demote(int dst, int n) {
        word(0x1E624000 | n << 5 | dst);
    }

    final void fcmp(boolean isDouble, int n, int m) {
        word(0x1E202000 | type(isDouble) | m << 16 | n << 5);
    }

    final void fcmpZero(boolean isDouble, int n) {
        word(0x1E202008 | type(isDouble) | n << 5);
    }

    final void fcsel(boolean isDouble, int dst, int n, int m, Cond cond) {
        word(0x1E200C00 | type(isDouble) | m << 16 | cond.ordinal() << 12 | n << 5 | dst);
    }

    /** @param imm8 of {@link Immediates#floating} */
    final void fmovImm(boolean isDouble, int dst, int imm8) {
        word(0x1E201000 | type(isDouble) | imm8 << 13 | dst);
    }

    /** Bits of a general register to a vector register, whose others become zero. */
    final void fmovFromInt(boolean wide, int dst, int n) {
        word((wide ? 0x9E670000 : 0x1E270000) | n << 5 | dst);
    }

    final void fmovToInt(boolean wide, int dst, int n) {
        word((wide ? 0x9E660000 : 0x1E260000) | n << 5 | dst);
    }

    final void cvtFromInt(boolean signed, boolean wide, boolean isDouble, int dst, int n) {
        word((signed ? 0x1E220000 : 0x1E230000) | sf(wide) | type(isDouble) | n << 5 | dst);
    }

    /** Towards zero, saturating; NaN gives 0. */
    final void cvtToInt(boolean signed, boolean wide, boolean isDouble, int dst, int n) {
        word((signed ? 0x1E380000 : 0x1E390000) | sf(wide) | type(isDouble) | n << 5 | dst);
    }
}
