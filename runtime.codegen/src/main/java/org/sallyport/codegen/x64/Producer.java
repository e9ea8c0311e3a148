package org.sallyport.codegen.x64;

/**
 * What sets the flags that a conditional instruction reads: its last operands ({@link Form}). The constant is the lower half of
 * {@code imm}. Width in {@link Fields#width}.
 */
enum Producer {
    // @formatter:off
    CMP_RR   ("i i?"),
    CMP_RI   ("i?"),
    CMP_RM   ("i mem"),
    /** Memory on the left. */
    CMP_MR   ("i mem"),
    CMP_MI   ("mem"),
    TEST_RR  ("i i?"),
    TEST_RI  ("i?"),
    TEST_MI  ("mem"),
    /** Bit b of a. */
    BT_RR    ("i i"),
    BT_RI    ("i"),
    /** {@link Fields#DOUBLE}. */
    UCOMIS_RR("f f?"),
    UCOMIS_RM("f mem"),
    /** Whether they have a bit in common, or b one that a has not. */
    PTEST_RR ("v v?");
    // @formatter:on

    private static final Producer[] ALL = values();

    final String form;

    Producer(String form) {
        this.form = form;
    }

    /** Whether it does a load, which may trap. */
    boolean readsMemory() {
        return switch (this) {
            case CMP_RM, CMP_MR, CMP_MI, TEST_MI, UCOMIS_RM -> true;
            case CMP_RR, CMP_RI, TEST_RR, TEST_RI, BT_RR, BT_RI, UCOMIS_RR, PTEST_RR -> false;
        };
    }

    boolean comparesFloats() {
        return this == UCOMIS_RR || this == UCOMIS_RM;
    }

    /** Whether there is one of that number. */
    static boolean has(int ordinal) {
        return ordinal < ALL.length;
    }

    static Producer of(int ordinal) {
        return ALL[ordinal];
    }
}
