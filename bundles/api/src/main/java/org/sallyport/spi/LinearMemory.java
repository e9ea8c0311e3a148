package org.sallyport.spi;

import org.sallyport.wasm.MemoryType;

/** A linear memory, of whatever it is made. Used by one thread at a time. */
public interface LinearMemory {
    MemoryType type();

    /** Current length in bytes. */
    long byteSize();

    /** Current length in pages of the type. */
    default long pages() {
        return byteSize() >>> type().pageSizeLog2();
    }

    /** Writes bytes to a range that is wholly inside. */
    void write(long at, byte[] source, int from, int length);

    /**
     * Grows by {@code pages} (unsigned).
     *
     * @return the old number of pages, or -1 if the type does not allow it
     * @throws org.sallyport.LimitExceededException if the store's limits or the operating system do not allow it
     */
    long grow(long pages);
}
