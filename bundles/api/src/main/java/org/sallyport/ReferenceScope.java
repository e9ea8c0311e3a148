package org.sallyport;

/**
 * Keeps the objects of a store that Java gets references to while it is open, and lets all go at once when it is closed: the
 * cheap way to look at many. Without one, an object stays until Java's collector finds that nobody has the reference any more.
 *
 * {@snippet :
 * try (ReferenceScope scope = store.openScope()) {
 *     for (StructRef entry = (StructRef) table.get(0); entry != null; entry = (StructRef) entry.get(NEXT)) {
 *         total += entry.getLong(VALUE);
 *     }
 * }
 * }
 *
 * <p>Scopes nest: a reference belongs to the one that was opened last when it was made, by whatever thread used the store.
 */
public interface ReferenceScope extends AutoCloseable {
    Store store();

    /**
     * A reference to the same object that outlives this scope: of the scope around, or of none.
     *
     * @throws IllegalStateException if this is not the innermost open scope of the store
     * @throws ReferenceException if the reference is of another store, or its scope is closed
     */
    <R extends AnyRef> R keep(R reference);

    /**
     * Closes those that were opened in it and are still open, too. Idempotent, and allowed after the store was closed.
     *
     * @throws ConcurrentEntryException if another thread is inside the store
     */
    @Override
    void close();
}
