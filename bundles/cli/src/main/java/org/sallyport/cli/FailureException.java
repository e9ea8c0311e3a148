package org.sallyport.cli;

import org.jspecify.annotations.Nullable;

/** Something outside of the command line is at fault; the message says it all, and is made printable. */
final class FailureException extends RuntimeException {
    private static final long serialVersionUID = 1;

    FailureException(String message, @Nullable Throwable cause) {
        super(HostText.message(message), cause);
    }

    FailureException(String message) {
        this(message, null);
    }
}
