package org.sallyport.spi;

/**
 * A linear memory that guests of several stores access at a time. Thread-safe: growing is one step for all who look, and its
 * bytes are accessible before its length says so.
 */
public interface SharedLinearMemory extends MachineMemory, AutoCloseable {
    /** Gives everything back. No guest may be able to access it any more. Idempotent, and can be called again after an error. */
    @Override
    void close();
}
