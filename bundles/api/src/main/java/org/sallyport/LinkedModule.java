package org.sallyport;

/** A module whose imports are bound and checked, ready to be instantiated often. Immutable, thread-safe. */
public interface LinkedModule {
    Module module();

    /**
     * Makes an instance: memories, tables and globals, element and data segments, then the start function.
     *
     * @throws TrapException if a segment does not fit or the start function traps
     * @throws LimitExceededException if the store's limits do not allow it
     * @throws ConcurrentEntryException if another thread is inside the store
     */
    Instance instantiate(Store store);
}
