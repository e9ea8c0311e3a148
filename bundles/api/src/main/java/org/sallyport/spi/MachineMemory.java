package org.sallyport.spi;

/** A linear memory as machine code reaches it: in native memory, from which it never moves. */
public interface MachineMemory extends LinearMemory {
    long base();

    /** Address of the definition that instances point to: {@link VmLayout#MEMORY_DEF_SIZE} bytes. */
    long definition();

    @Override
    default void write(long at, byte[] source, int from, int length) {
        NativeMemory.write(base() + at, source, from, length);
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
}
