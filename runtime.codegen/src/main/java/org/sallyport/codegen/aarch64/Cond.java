package org.sallyport.codegen.aarch64;

/** Condition codes in encoding order (Arm ARM, C1.2.4); a condition and its negation differ in bit 0. */
enum Cond {
    // @formatter:off
    EQ, NE, HS, LO, MI, PL, VS, VC, HI, LS, GE, LT, GT, LE, AL;
    // @formatter:on

    private static final Cond[] ALL = values();

    static Cond of(int code) {
        return ALL[code];
    }

    Cond negated() {
        return ALL[ordinal() ^ 1];
    }

    /** The condition that holds for integers {@code (b, a)} when this one holds for {@code (a, b)}. */
    Cond swapped() {
        return switch (this) {
            case HS -> LS;
            case LO -> HI;
            case HI -> LO;
            case LS -> HS;
            case GE -> LE;
            case LT -> GT;
            case GT -> LT;
            case LE -> GE;
            case EQ, NE, MI, PL, VS, VC, AL -> this;
        };
    }
}
