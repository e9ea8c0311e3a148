package org.sallyport;

/** A limit was hit. */
public final class LimitExceededException extends SallyportException {
    private static final long serialVersionUID = 1;

    private final String limit;
    private final long asked;
    private final long allowed;
    private final String property;

    /**
     * @param limit what is limited, such as {@code memory bytes}
     * @param property the setting that changes it, such as {@code StoreLimits.memoryBytes}
     */
    public LimitExceededException(String limit, long asked, long allowed, String property) {
        super(limit + " limit: asked for " + asked + ", allowed " + allowed + " (set by " + property + ")", null);
        this.limit = limit;
        this.asked = asked;
        this.allowed = allowed;
        this.property = property;
    }

    public String limit() {
        return limit;
    }

    public long asked() {
        return asked;
    }

    public long allowed() {
        return allowed;
    }

    /** The setting that changes it, such as {@code StoreLimits.memoryBytes}. */
    public String property() {
        return property;
    }
}
