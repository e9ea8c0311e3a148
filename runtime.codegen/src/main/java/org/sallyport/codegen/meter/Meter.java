package org.sallyport.codegen.meter;

import java.util.function.BooleanSupplier;
import org.sallyport.CompilationException;
import org.sallyport.spi.CompileBudget;

/**
 * One compiling thread's view of its {@link CompileBudget}. Every loop over the instructions, values or blocks of a
 * function calls {@link #step}, and every array that grows with the function is announced with {@link #take} before it
 * is made. Arrays whose size follows that of announced ones (facts that passes keep beside the graph) are in the
 * factors with which those are announced. Confined to one thread.
 */
public final class Meter {
    /** Steps between two looks at the clock: less than a few milliseconds' work, even interpreted. */
    private static final int STEPS = 1024;

    /** A function takes more than a thread may have while others compile: it must be compiled alone. */
    public static final class TooMuch extends RuntimeException {
        private static final long serialVersionUID = 1;

        TooMuch() {
            super("more memory than while others compile", null, false, false);
        }
    }

    private CompileBudget budget;
    private final BooleanSupplier cancelled;
    private int left = STEPS;
    private long held;
    private long most;
    private long allowed;

    /** @param cancelled whether the work is not wanted any more, because it failed elsewhere */
    public Meter(CompileBudget budget, BooleanSupplier cancelled) {
        this.budget = budget;
        this.cancelled = cancelled;
        allowed = budget.smallFunction();
    }

    /** One that allows everything. */
    public static Meter unlimited() {
        return new Meter(CompileBudget.unlimited(), () -> false);
    }

    /** Goes on with another compilation. */
    public void begin(CompileBudget next) {
        budget = next;
        allowed = next.smallFunction();
    }

    /** Lets the function take what is allowed to one that is compiled alone, or not any more. */
    public void allowLarge(boolean large) {
        allowed = large ? budget.largeFunction() : budget.smallFunction();
    }

    /** A little has been done. @throws CompilationException if the compilation must end */
    public void step() {
        if (--left < 0) {
            look();
        }
    }

    private void look() {
        left = STEPS;
        budget.check();
        if (cancelled.getAsBoolean()) {
            throw new CompilationException("another function could not be compiled", null);
        }
    }

    /**
     * So many bytes are about to be allocated, and kept until they are {@linkplain #giveBack given back}.
     *
     * @throws TooMuch if that is more than allowed
     */
    public void take(long bytes) {
        held += bytes;
        most = Math.max(most, held);
        if (held > allowed) {
            throw new TooMuch();
        }
        look();
    }

    public void giveBack(long bytes) {
        held -= bytes;
    }

    /** Bytes taken and not given back. */
    public long held() {
        return held;
    }

    /** The most bytes that were held, with those that were refused. */
    public long most() {
        return most;
    }
}
