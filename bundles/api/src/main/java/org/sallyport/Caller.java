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

    /**
     * Has the guest pay for what the host function does: takes fuel from the store and from the {@link CallContext}, as
     * if the guest had executed so many instructions. A host function that does not call this costs the guest its call
     * instruction.
     *
     * @throws OutOfFuelException if there is less; then all is used up. To be passed on
     * @throws IllegalArgumentException if it is negative
     * @throws IllegalStateException if the engine does not count ({@link Config#withFuel})
     */
    void consumeFuel(long fuel);

    /** What was attached to the store under {@code key}, or null. */
    default <T> @Nullable T attachment(Class<T> key) {
        return store().attachment(key);
    }
}
