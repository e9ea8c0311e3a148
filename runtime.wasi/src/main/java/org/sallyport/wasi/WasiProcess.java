package org.sallyport.wasi;

import org.sallyport.GuestExitException;

/**
 * What the guest of one store has open. Attached to the store under this class; {@link Wasi#attachTo} makes one, or
 * the guest's first WASI call. Confined to the store's thread.
 */
public interface WasiProcess extends AutoCloseable {
    /** Descriptors in use, standard streams and preopened directories included. */
    int openDescriptors();

    /**
     * Runs the guest's main thread: a call of an instance that {@link Wasi#instantiate} made. When it ends, however, all threads
     * that it has started end. When one of these ends the program, by {@code proc_exit} or a trap, the main thread is stopped and
     * this ends as that thread did.
     *
     * @throws GuestExitException if the program has called {@code proc_exit}, on whichever thread
     * @throws org.sallyport.GuestException if it failed, or was stopped
     */
    void run(Runnable main);

    /**
     * Ends the guest's threads, and closes all files and directories; streams of the embedder stay open. Later WASI calls
     * find no descriptor. Idempotent.
     */
    @Override
    void close();
}
