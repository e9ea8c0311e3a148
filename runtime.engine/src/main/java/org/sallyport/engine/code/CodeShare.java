package org.sallyport.engine.code;

import org.sallyport.LimitExceededException;

/**
 * What one owner has of a {@link CodeSpace}: a module, a store, the space itself. Counted in bytes of whole pages. All
 * methods are called by the space, which guards them.
 */
public final class CodeShare {
    private final String owner;
    private final long limit;
    private long used;
    private int mappings;

    /**
     * @param owner for messages
     * @param limit in bytes: {@code CodeLimits.moduleBytes}
     */
    CodeShare(String owner, long limit) {
        this.owner = owner;
        this.limit = limit;
    }

    /** @throws LimitExceededException if so much more is not allowed */
    void check(long size) {
        if (used + size > limit) {
            throw new LimitExceededException("code bytes (" + owner + ")", used + size, limit, "CodeLimits.moduleBytes");
        }
    }

    void add(long size, int moreMappings) {
        used += size;
        mappings += moreMappings;
    }

    /** Mappings of the kernel that it may become. */
    int mappings() {
        return mappings;
    }

    public long used() {
        return used;
    }

    @Override
    public String toString() {
        return owner + ": " + used + " bytes of code";
    }
}
