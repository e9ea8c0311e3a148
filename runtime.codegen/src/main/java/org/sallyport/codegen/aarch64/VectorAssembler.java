package org.sallyport.codegen.aarch64;

/**
 * Encoder of Advanced SIMD instructions on 16 bytes (Arm ARM, C4.1.100). Lanes are logarithms of bytes, also of floats. A
 * row says where its lanes are encoded.
 */
class VectorAssembler extends FloatAssembler {
    /** How an instruction says what its lanes are. */
    private enum Lanes {
        /** Two bits. */
        SIZE,
        /** One bit: doubles. */
        FLOAT,
        /** Not at all. */
        NONE;

        int field(int log) {
            return switch (this) {
                case SIZE -> log << 22;
                case FLOAT -> log - 2 << 22;
                case NONE -> 0;
            };
        }
    }

    /** Two sources; the last rows change their destination. */
    enum Three {
        // @formatter:off
        ADD     (0x4E208400, Lanes.SIZE), SUB     (0x6E208400, Lanes.SIZE), MUL     (0x4E209C00, Lanes.SIZE),
        SQADD   (0x4E200C00, Lanes.SIZE), UQADD   (0x6E200C00, Lanes.SIZE), SQSUB   (0x4E202C00, Lanes.SIZE),
        UQSUB   (0x6E202C00, Lanes.SIZE), SMAX    (0x4E206400, Lanes.SIZE), UMAX    (0x6E206400, Lanes.SIZE),
        SMIN    (0x4E206C00, Lanes.SIZE), UMIN    (0x6E206C00, Lanes.SIZE), URHADD  (0x6E201400, Lanes.SIZE),
        CMEQ    (0x6E208C00, Lanes.SIZE), CMGT    (0x4E203400, Lanes.SIZE), CMHI    (0x6E203400, Lanes.SIZE),
        CMGE    (0x4E203C00, Lanes.SIZE), CMHS    (0x6E203C00, Lanes.SIZE), SSHL    (0x4E204400, Lanes.SIZE),
        USHL    (0x6E204400, Lanes.SIZE), SQRDMULH(0x6E20B400, Lanes.SIZE), ADDP    (0x4E20BC00, Lanes.SIZE),
        UMINP   (0x6E20AC00, Lanes.SIZE), UMAXP   (0x6E20A400, Lanes.SIZE),
        AND     (0x4E201C00, Lanes.NONE), BIC     (0x4E601C00, Lanes.NONE), ORR     (0x4EA01C00, Lanes.NONE),
        EOR     (0x6E201C00, Lanes.NONE),
        FADD    (0x4E20D400, Lanes.FLOAT), FSUB   (0x4EA0D400, Lanes.FLOAT), FMUL    (0x6E20DC00, Lanes.FLOAT),
        FDIV    (0x6E20FC00, Lanes.FLOAT), FMAX   (0x4E20F400, Lanes.FLOAT), FMIN    (0x4EA0F400, Lanes.FLOAT),
        FCMEQ   (0x4E20E400, Lanes.FLOAT), FCMGE  (0x6E20E400, Lanes.FLOAT), FCMGT   (0x6EA0E400, Lanes.FLOAT),
        ZIP1    (0x4E003800, Lanes.SIZE), ZIP2    (0x4E007800, Lanes.SIZE), UZP1    (0x4E001800, Lanes.SIZE),
        UZP2    (0x4E005800, Lanes.SIZE), TRN1    (0x4E002800, Lanes.SIZE), TRN2    (0x4E006800, Lanes.SIZE),
        TBL     (0x4E000000, Lanes.NONE),
        // of half as wide lanes, the lower or the upper ones; the lanes named are the narrow ones
        SMULL   (0x0E20C000, Lanes.SIZE), SMULL2  (0x4E20C000, Lanes.SIZE), UMULL   (0x2E20C000, Lanes.SIZE),
        UMULL2  (0x6E20C000, Lanes.SIZE),
        // the destination is a source
        BSL     (0x6E601C00, Lanes.NONE), BIT     (0x6EA01C00, Lanes.NONE), BIF     (0x6EE01C00, Lanes.NONE),
        FMLA    (0x4E20CC00, Lanes.FLOAT), FMLS   (0x4EA0CC00, Lanes.FLOAT), TBX     (0x4E001000, Lanes.NONE),
        SMLAL   (0x0E208000, Lanes.SIZE), SMLAL2  (0x4E208000, Lanes.SIZE);
        // @formatter:on

        private final int code;
        private final Lanes lanes;

        Three(int code, Lanes lanes) {
            this.code = code;
            this.lanes = lanes;
        }
    }

    /** One source. Narrowing ones name the narrow lanes and write the lower or, with 2, the upper half. */
    enum Two {
        // @formatter:off
        ABS     (0x4E20B800, Lanes.SIZE), NEG     (0x6E20B800, Lanes.SIZE), CNT     (0x4E205800, Lanes.SIZE),
        NOT     (0x6E205800, Lanes.NONE), SADDLP  (0x4E202800, Lanes.SIZE), UADDLP  (0x6E202800, Lanes.SIZE),
        SQXTN   (0x0E214800, Lanes.SIZE), SQXTN2  (0x4E214800, Lanes.SIZE), UQXTN   (0x2E214800, Lanes.SIZE),
        UQXTN2  (0x6E214800, Lanes.SIZE), SQXTUN  (0x2E212800, Lanes.SIZE), SQXTUN2 (0x6E212800, Lanes.SIZE),
        XTN     (0x0E212800, Lanes.SIZE), CMLT0   (0x4E20A800, Lanes.SIZE), CMEQ0   (0x4E209800, Lanes.SIZE),
        REV64   (0x4E200800, Lanes.SIZE), REV32   (0x6E200800, Lanes.SIZE),
        FABS    (0x4EA0F800, Lanes.FLOAT), FNEG   (0x6EA0F800, Lanes.FLOAT), FSQRT   (0x6EA1F800, Lanes.FLOAT),
        FRINTN  (0x4E218800, Lanes.FLOAT), FRINTM (0x4E219800, Lanes.FLOAT), FRINTP  (0x4EA18800, Lanes.FLOAT),
        FRINTZ  (0x4EA19800, Lanes.FLOAT), FCVTZS (0x4EA1B800, Lanes.FLOAT), FCVTZU  (0x6EA1B800, Lanes.FLOAT),
        SCVTF   (0x4E21D800, Lanes.FLOAT), UCVTF  (0x6E21D800, Lanes.FLOAT),
        /** Lower two singles to doubles; and back, the upper ones zero. */
        FCVTL   (0x0E617800, Lanes.NONE), FCVTN   (0x0E616800, Lanes.NONE),
        // across all lanes, to the lowest
        ADDV    (0x4E31B800, Lanes.SIZE), UMAXV   (0x6E30A800, Lanes.SIZE), UMINV   (0x6E31A800, Lanes.SIZE);
        // @formatter:on

        private final int code;
        private final Lanes lanes;

        Two(int code, Lanes lanes) {
            this.code = code;
            this.lanes = lanes;
        }
    }

    /** Shifts by an immediate. Widening ones name the narrow lanes. */
    enum ShiftImm {
        // @formatter:off
        SSHR  (0x4F000400, false), USHR  (0x6F000400, false), SHL   (0x4F005400, true),
        SSHLL (0x0F00A400, true),  SSHLL2(0x4F00A400, true),  USHLL (0x2F00A400, true), USHLL2(0x6F00A400, true);
        // @formatter:on

        private final int code;
        private final boolean left;

        ShiftImm(int code, boolean left) {
            this.code = code;
            this.left = left;
        }
    }

    final void three(Three op, int lanes, int dst, int n, int m) {
        word(op.code | op.lanes.field(lanes) | m << 16 | n << 5 | dst);
    }

    final void two(Two op, int lanes, int dst, int n) {
        word(op.code | op.lanes.field(lanes) | n << 5 | dst);
    }

    /** CNT and ADDV of the lower 8 bytes. */
    final void countBits(int dst, int n) {
        word(0x0E205800 | n << 5 | dst);
        word(0x0E31B800 | dst << 5 | dst);
    }

    final void shiftImm(ShiftImm op, int lanes, int dst, int n, int amount) {
        int bits = 8 << lanes;
        word(op.code | (op.left ? bits + amount : 2 * bits - amount) << 16 | n << 5 | dst);
    }

    /** Bytes of n and m as one row of 32, from byte {@code at} on. */
    final void ext(int dst, int n, int m, int at) {
        word(0x6E000000 | m << 16 | at << 11 | n << 5 | dst);
    }

    final void movVector(int dst, int n) {
        three(Three.ORR, 0, dst, n, n);
    }

    /** Zero, or all ones. */
    final void movi(int dst, boolean ones) {
        word((ones ? 0x6F07E7E0 : 0x6F00E400) | dst);
    }

    /** The sign bit of each lane of 4 bytes; doubles have it shifted there ({@link #moviSign}). */
    final void moviSign(boolean isDouble, int dst) {
        if (isDouble) { // -0.0 is no immediate: 0 negated
            movi(dst, false);
            two(Two.FNEG, 3, dst, dst);
        } else {
            word(0x4F046400 | dst);
        }
    }

    // ---- lanes

    private static int lane(int lanes, int index) {
        return (2 * index + 1) << lanes << 16;
    }

    final void dupLane(int lanes, int dst, int n, int index) {
        word(0x4E000400 | lane(lanes, index) | n << 5 | dst);
    }

    final void dup(int lanes, int dst, int n) {
        word(0x4E000C00 | lane(lanes, 0) | n << 5 | dst);
    }

    /** From a general register. */
    final void ins(int lanes, int dst, int index, int n) {
        word(0x4E001C00 | lane(lanes, index) | n << 5 | dst);
    }

    final void insLane(int lanes, int dst, int index, int n, int from) {
        word(0x6E000400 | lane(lanes, index) | from << lanes << 11 | n << 5 | dst);
    }

    /** Zero-extended. */
    final void umov(int lanes, int dst, int n, int index) {
        word((lanes == 3 ? 0x4E003C00 : 0x0E003C00) | lane(lanes, index) | n << 5 | dst);
    }

    /** Sign-extended to 32 bits. */
    final void smov(int lanes, int dst, int n, int index) {
        word(0x0E002C00 | lane(lanes, index) | n << 5 | dst);
    }
}
