package org.sallyport;

import java.util.List;

/**
 * A guest was stopped because it had used up its fuel. No guest can catch that. Its store works on, in whatever state the
 * guest left its memories: what was running is lost, as after a trap.
 */
public final class OutOfFuelException extends GuestException {
    private static final long serialVersionUID = 1;

    /** What was used up. */
    public enum Budget {
        /** What the store had ({@link StoreLimits#fuel}, {@link Store#setFuel}). */
        STORE("the store's", "StoreLimits.fuel or Store.setFuel"),
        /** What the call had ({@link CallContext#withFuel}), together with the calls around it. */
        CALL("the call's", "CallContext.withFuel");

        private final String text;
        private final String property;

        Budget(String text, String property) {
            this.text = text;
            this.property = property;
        }
    }

    private final Budget budget;

    public OutOfFuelException(Budget budget, List<GuestFrame> frames) {
        super("the guest was stopped: " + budget.text + " fuel is used up (set by " + budget.property + ")", null, frames);
        this.budget = budget;
    }

    public Budget budget() {
        return budget;
    }
}
