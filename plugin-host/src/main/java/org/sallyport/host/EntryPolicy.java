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
     * calls.
     */
    POOLED
}
