package org.sallyport.codegen.ir;

/**
 * One algebraic rule. {@link #apply} looks at {@code v} (its first operands are {@code x} and {@code y}) and answers what it is
 * worth: another value, {@code v} itself when it was changed in place, or {@link Rewriter#NO}. What a rule makes is looked
 * at again, so every rule must lead to something simpler: fewer operations, cheaper ones, or constants further out.
 */
record Rule(String name, Body body) {

    @FunctionalInterface
    interface Body {
        int apply(Rewriter r, int v, int x, int y);
    }

    int apply(Rewriter r, int v, int x, int y) {
        return body.apply(r, v, x, y);
    }
}
