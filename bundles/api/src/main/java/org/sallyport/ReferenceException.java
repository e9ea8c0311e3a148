package org.sallyport;

import org.jspecify.annotations.Nullable;

/** A reference to an object of a store's heap was used where it stands for nothing. */
public final class ReferenceException extends IllegalArgumentException {
    private static final long serialVersionUID = 1;

    /** What is wrong with the reference. */
    public enum Reason {
        /** It is of another store. */
        OTHER_STORE,
        /** The {@link ReferenceScope} that it was made in is closed. */
        SCOPE_CLOSED
    }

    private final Reason reason;

    public ReferenceException(Reason reason, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.reason = reason;
    }

    public Reason reason() {
        return reason;
    }
}
