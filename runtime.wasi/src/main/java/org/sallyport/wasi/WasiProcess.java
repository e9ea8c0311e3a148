package org.sallyport.wasi;

/**
 * What the guest of one store has open. Attached to the store under this class; {@link Wasi#attachTo} makes one, or
 * the guest's first WASI call. Confined to the store's thread.
 */
public interface WasiProcess extends AutoCloseable {
    /** Descriptors in use, standard streams and preopened directories included. */
    int openDescriptors();

    /**
     * Closes all files and directories; streams of the embedder stay open. Later WASI calls find no descriptor.
     * Idempotent.
     */
    @Override
    void close();
}
