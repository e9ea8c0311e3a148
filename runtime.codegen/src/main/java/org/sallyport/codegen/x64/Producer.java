package org.sallyport.codegen.x64;

/**
 * What sets the flags that a conditional instruction reads: its last operands. The constant is the lower half of
 * {@code imm}. Width in {@link Fields#width}.
 */
enum Producer {
    // @formatter:off
    /** a, b any. */
    CMP_RR,
    /** a any; imm. */
    CMP_RI,
    /** a, mem. */
    CMP_RM,
    /** a, mem: memory on the left. */
    CMP_MR,
    /** mem; imm. */
    CMP_MI,
    /** a, b any. */
    TEST_RR,
    /** a any; imm. */
    TEST_RI,
    /** mem; imm. */
    TEST_MI,
    /** a, b: bit b of a. */
    BT_RR,
    /** a; imm. */
    BT_RI,
    /** a, b any; {@link Fields#DOUBLE}. */
    UCOMIS_RR,
    /** a, mem. */
    UCOMIS_RM,
    /** a, b any: whether they have a bit in common, or b one that a has not. */
    PTEST_RR;
    // @formatter:on

    private static final Producer[] ALL = values();

    /** Whether it does a load, which may trap. */
    boolean readsMemory() {
        return switch (this) {
            case CMP_RM, CMP_MR, CMP_MI, TEST_MI, UCOMIS_RM -> true;
            case CMP_RR, CMP_RI, TEST_RR, TEST_RI, BT_RR, BT_RI, UCOMIS_RR, PTEST_RR -> false;
        };
    }

    static Producer of(int ordinal) {
        return ALL[ordinal];
    }
}
