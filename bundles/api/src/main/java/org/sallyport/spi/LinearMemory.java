package org.sallyport.spi;

import org.sallyport.wasm.MemoryType;

/** A linear memory in native memory. It never moves. */
public interface LinearMemory {
    MemoryType type();

    long base();

    /** Address of the definition that instances point to: {@link VmLayout#MEMORY_DEF_SIZE} bytes. */
    long definition();

    /** Current length in bytes. */
    long byteSize();

    /** Current length in pages of the type. */
    default long pages() {
        return byteSize() >>> type().pageSizeLog2();
    }

    /**
     * Replaces the image's range, which lies inside of the current length, by the image's contents.
     *
     * @return false if the operating system refuses, or the memory holds another image; then contents must be copied
     * @throws org.sallyport.LimitExceededException if the operating system has no memory
     */
    boolean load(MemoryImage image);

    /**
     * The image that was named when the memory was made will not be loaded: the memory must be zero.
     *
     * @throws org.sallyport.LimitExceededException if the operating system refuses to take it away; the memory may not
     *     be used any more
     */
    void unload();

    /**
     * Grows by {@code pages} (unsigned).
     *
     * @return the old number of pages, or -1 if the type does not allow it
     * @throws org.sallyport.LimitExceededException if the store's limits or the operating system do not allow it
     */
    long grow(long pages);
}
