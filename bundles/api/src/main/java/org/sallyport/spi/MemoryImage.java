package org.sallyport.spi;

/**
 * Initial contents of a part of linear memories. Memories that {@linkplain MachineMemory#load load} it share its pages
 * until they write to them. Immutable, thread-safe. Closing it does not touch memories that have loaded it.
 */
public interface MemoryImage extends AutoCloseable {
    /** Where in the memory it begins, in bytes; whole pages of the system. */
    long offset();

    /** Its length in bytes; whole pages of the system. */
    long size();

    /**
     * Idempotent.
     *
     * @throws VirtualMachineError if there is no heap or stack for it; a second call goes on
     */
    @Override
    void close();
}
