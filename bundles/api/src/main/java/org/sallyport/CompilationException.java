package org.sallyport;

import org.jspecify.annotations.Nullable;

/** Compilation ended early: a limit of the compiler, or it was cancelled. */
public final class CompilationException extends SallyportException {
    private static final long serialVersionUID = 1;

    public CompilationException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
