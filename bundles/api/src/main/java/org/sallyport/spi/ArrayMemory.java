package org.sallyport.spi;

/** A linear memory as code of an {@link ObjectBackEnd} sees it. */
public final class ArrayMemory {
    /** All of it, little-endian; another array after it grew. Only the runtime sets it. */
    public byte[] bytes;

    public ArrayMemory(byte[] bytes) {
        this.bytes = bytes;
    }
}
