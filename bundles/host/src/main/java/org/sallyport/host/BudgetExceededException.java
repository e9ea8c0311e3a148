package org.sallyport.host;

import org.jspecify.annotations.Nullable;

/**
 * A plugin would use more than its {@link Budget} allows, which is enforced: the call, or the host call of a guest, is refused,
 * and a call that takes too much processor time is ended.
 */
public final class BudgetExceededException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final String plugin;
    private final String budget;
    private final long used;
    private final long allowed;

    /**
     * @param budget key of the grant: {@code budget.memory}
     * @param used in the budget's unit, with what is refused
     */
    public BudgetExceededException(String plugin, String budget, long used, long allowed, @Nullable Throwable cause) {
        super(message(plugin, budget, used, allowed), cause);
        this.plugin = plugin;
        this.budget = budget;
        this.used = used;
        this.allowed = allowed;
    }

    private static String message(String plugin, String budget, long used, long allowed) {
        return "plugin " + plugin + " is over its budget: " + used + " of " + allowed + " allowed by " + budget
                + " in its grants";
    }

    public String plugin() {
        return plugin;
    }

    /** The grant's key that sets the limit. */
    public String budget() {
        return budget;
    }

    public long used() {
        return used;
    }

    public long allowed() {
        return allowed;
    }
}
