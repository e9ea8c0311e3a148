package org.sallyport.codegen.ir;

import org.jspecify.annotations.Nullable;

/**
 * One algebraic rule. {@link #apply} looks at {@code v} (its first operands are {@code x} and {@code y}) and answers what it is
 * worth: another value, {@code v} itself when it was changed in place, or {@link Rewriter#NO}. What a rule makes is looked
 * at again, so every rule must lead to something simpler: fewer operations, cheaper ones, or constants further out.
 */
record Rule(String name, When when, Body body) {
    private static final When ALWAYS = new When(false, null);

    @FunctionalInterface
    interface Body {
        int apply(Rewriter r, int v, int x, int y);
    }

    /**
     * What must hold for a rule to find anything; asked before the rule, because most rules find nothing most of the time.
     *
     * @param constant {@code y} is a constant
     * @param first {@code x} is an operation whose ordinal is marked; null for any
     */
    record When(boolean constant, boolean @Nullable [] first) {
        boolean holds(Op x, boolean isConstant) {
            return (isConstant || !constant) && (first == null || first[x.ordinal()]);
        }
    }

    static When always() {
        return ALWAYS;
    }

    /** The second operand is a constant, and the first one of the operations, if any are named. */
    static When constant(Op... operations) {
        return new When(true, operations.length == 0 ? null : marks(operations));
    }

    /** The first operand is one of the operations. */
    static When first(Op... operations) {
        return new When(false, marks(operations));
    }

    private static boolean[] marks(Op[] operations) {
        boolean[] marks = new boolean[Op.values().length];
        for (Op op : operations) {
            marks[op.ordinal()] = true;
        }
        return marks;
    }

    int apply(Rewriter r, int v, int x, int y) {
        return body.apply(r, v, x, y);
    }
}
