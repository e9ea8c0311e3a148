package org.sallyport.codegen.x64;

/** Condition codes in encoding order (SDM vol. 1, B.1); a condition and its negation differ in bit 0. */
enum Cond {
    // @formatter:off
    O, NO, B, AE, E, NE, BE, A, S, NS, P, NP, L, GE, LE, G;
    // @formatter:on

    private static final Cond[] ALL = values();

    static Cond of(int code) {
        return ALL[code];
    }

    Cond negated() {
        return ALL[ordinal() ^ 1];
    }

    /** The condition that holds for {@code (b, a)} when this one holds for {@code (a, b)}; signs and parity stay. */
    Cond swapped() {
        return switch (this) {
            case B -> A;
            case A -> B;
            case AE -> BE;
            case BE -> AE;
            case L -> G;
            case G -> L;
            case LE -> GE;
            case GE -> LE;
            case O, NO, E, NE, S, NS, P, NP -> this;
        };
    }
}
