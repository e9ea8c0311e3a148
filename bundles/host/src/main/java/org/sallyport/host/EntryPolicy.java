package org.sallyport.host;

/** How calls from several threads enter a plugin. */
public enum EntryPolicy {
    /** One instance; a call while another runs fails with {@link org.sallyport.ConcurrentEntryException}. */
    CONFINED,
    /**
     * One instance that keeps its state from call to call; calls wait in order, at most as long as the call timeout.
     */
    SERIALIZED,
    /**
     * Up to {@code pool} instances; each call takes any free one, so the plugin must not rely on state between
     * calls. It may find what earlier calls left, though: use {@link #FRESH} where a call must not see what another
     * one, for another user, has seen.
     */
    POOLED,
    /**
     * Up to {@code pool} calls at a time, each in an instance that no call has been in: a new store with new memories,
     * tables and globals. Nothing of it is left when the call returns. Costs an instantiation (about 20 µs, however
     * large the module's data) and {@code _initialize} for each call.
     */
    FRESH
}
