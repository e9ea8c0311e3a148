package org.sallyport;

import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import org.sallyport.wasm.MemoryType;

/**
 * A linear memory. Addresses are unsigned; a range that is not wholly inside throws {@link IndexOutOfBoundsException}.
 * May be used by the thread that is inside the store, or by any one thread while none is; a memory of a shared type (threads
 * proposal) by any number of threads at any time, until its store is closed. Plain accesses to it are not ordered, and those of
 * arrays not even whole; who hands data to guests on other threads uses the {@linkplain AtomicAccess atomic} ones.
 */
public non-sealed interface Memory extends Extern, AtomicAccess {
    MemoryType type();

    /** Current size in bytes. */
    long byteSize();

    /** Current size in pages. */
    long size();

    /**
     * Grows by {@code pages}.
     *
     * @return the old size in pages, or -1 if the type's maximum does not allow it
     * @throws LimitExceededException if the store's limits do not allow it
     */
    long grow(long pages);

    /** The memory as it is now, readable and writable until the store is closed; take it again after a grow. */
    MemorySegment segment();

    /**
     * What can be used in other stores of the engine, too.
     *
     * @throws IllegalStateException if the memory's type is not shared
     */
    default SharedMemory shared() {
        throw new IllegalStateException("not a shared memory: " + entityType());
    }

    byte getByte(long address);

    short getShort(long address);

    int getInt(long address);

    long getLong(long address);

    void setByte(long address, byte value);

    void setShort(long address, short value);

    void setInt(long address, int value);

    void setLong(long address, long value);

    /** Copies {@code length} bytes from {@code address} into {@code target} at {@code offset}. */
    void read(long address, byte[] target, int offset, int length);

    /** Copies {@code length} bytes of {@code source} from {@code offset} to {@code address}. */
    void write(long address, byte[] source, int offset, int length);

    default byte[] readBytes(long address, int length) {
        if (length < 0 || address < 0 || address > byteSize() - length) {
            throw new IndexOutOfBoundsException(
                    "range " + address + " + " + length + " of a memory of " + byteSize() + " bytes");
        }
        byte[] bytes = new byte[length];
        read(address, bytes, 0, length);
        return bytes;
    }

    default void writeBytes(long address, byte[] bytes) {
        write(address, bytes, 0, bytes.length);
    }

    /** Malformed UTF-8 becomes U+FFFD. */
    default String readString(long address, int length) {
        return new String(readBytes(address, length), StandardCharsets.UTF_8);
    }
}
