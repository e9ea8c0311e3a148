package org.sallyport;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The instance that called a host function, as far as the host may see it: its exports and what the embedder attached
 * to its store. Usable in the function's thread while a host function that the instance called is running; otherwise
 * its methods throw {@link IllegalStateException}. Equal for all calls of one instance.
 */
public interface Caller {
    Store store();

    Optional<Extern> export(String name);

    /**
     * The exported memory called {@code memory}, else the only exported memory. @throws NoSuchExportException if there
     * is none
     */
    Memory memory();

    /** @throws NoSuchExportException if there is no such function */
    Func func(String name);

    /** What was attached to the store under {@code key}, or null. */
    default <T> @Nullable T attachment(Class<T> key) {
        return store().attachment(key);
    }
}
