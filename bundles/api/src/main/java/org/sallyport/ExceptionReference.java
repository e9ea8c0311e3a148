package org.sallyport;

/**
 * What an {@code exnref} refers to: an exception that a guest caught and keeps. Made by guests alone; Java gets it from
 * arguments, results, globals, tables and values of other exceptions, and may give it back to the store that it is of.
 * Useless once the store is closed.
 */
public interface ExceptionReference {
    Store store();

    Tag tag();

    /**
     * The exception, to look at its values or to throw it; always the same object.
     *
     * @throws ConcurrentEntryException if another thread is inside the store
     * @throws StoreClosedException if the store is closed or poisoned
     */
    WasmException exception();
}
