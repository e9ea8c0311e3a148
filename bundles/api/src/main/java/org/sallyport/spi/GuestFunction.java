package org.sallyport.spi;

/**
 * A function to code of an {@link ObjectBackEnd}: a guest's, of whichever instance of the store, or the host's.
 *
 * <p>Values travel in two {@code long}s each, the second of which only vectors use: i32 and f32 in the low 32 bits, whatever
 * the others hold; i64 and f64 as they are; references as numbers that the store gave ({@link ObjectParts}), or that objects were
 * {@linkplain PassedObjects passed} as.
 */
@FunctionalInterface
public interface GuestFunction {
    /**
     * Calls it, in the thread that is inside the store.
     *
     * @param slots arguments, and room for the results, which take their place from the start
     * @throws org.sallyport.SallyportException if the call ends otherwise. Code lets everything pass that it did not make
     *     itself. A {@link StackOverflowError} becomes a trap further out
     */
    void call(long[] slots);
}
