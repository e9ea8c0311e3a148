package org.sallyport;

import org.jspecify.annotations.Nullable;

/** Compilation ended early: a limit of the compiler, or it was cancelled. Nothing of it is left. */
public final class CompilationException extends SallyportException {
    private static final long serialVersionUID = 1;

    /** Why it ended. */
    public enum Reason {
        /** The compiler cannot handle the module; trying again does not help. */
        UNSUPPORTED("the compiler cannot handle the module"),
        /** The time of {@link CompileLimits} or of the caller's {@link CallContext} is over. */
        DEADLINE("compilation took longer than allowed (set by CompileLimits.time, or the CallContext's timeout)"),
        /** The thread that called was interrupted; it stays so. */
        INTERRUPTED("compilation was interrupted"),
        /** The engine was closed. */
        CLOSED("compilation ended because the engine was closed");

        private final String text;

        Reason(String text) {
            this.text = text;
        }
    }

    private final Reason reason;

    public CompilationException(Reason reason) {
        super(reason.text, null);
        this.reason = reason;
    }

    /** {@link Reason#UNSUPPORTED}. */
    public CompilationException(String message, @Nullable Throwable cause) {
        super(message, cause);
        reason = Reason.UNSUPPORTED;
    }

    public Reason reason() {
        return reason;
    }
}
