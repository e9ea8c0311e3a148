package org.sallyport;

import java.util.List;

/** A guest was stopped from outside. Its store is poisoned. */
public final class GuestInterruptedException extends GuestException {
    private static final long serialVersionUID = 1;

    /** Who stopped it. */
    public enum Reason {
        /** The deadline of the call's {@link CallContext} has passed. */
        DEADLINE,
        /** {@link Store#interrupt}. */
        INTERRUPT,
        /** {@link Thread#interrupt} on the thread inside, which stays interrupted ({@link Store#setInterruptible}). */
        THREAD,
        /** {@link Store#close}. */
        CLOSE
    }

    private final Reason reason;

    public GuestInterruptedException(Reason reason, List<GuestFrame> frames) {
        super(
                switch (reason) {
                    case DEADLINE -> "the guest was stopped: its deadline has passed";
                    case INTERRUPT -> "the guest was stopped: its store was interrupted";
                    case THREAD -> "the guest was stopped: its thread was interrupted";
                    case CLOSE -> "the guest was stopped: its store was closed";
                },
                null,
                frames);
        this.reason = reason;
    }

    public Reason reason() {
        return reason;
    }
}
