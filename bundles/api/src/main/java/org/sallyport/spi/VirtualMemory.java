package org.sallyport.spi;

import org.jspecify.annotations.Nullable;

/**
 * Address space of this process: reserved, committed, protected and given back in whole pages. Every reservation is
 * counted, so that tests can show that nothing is left. Thread-safe.
 *
 * <p>Addresses and sizes are bytes and multiples of {@link #pageSize}; anything else is an {@link AssertionError},
 * because only the engine calls.
 */
public interface VirtualMemory {
    /** What may be done with a page. There is no value for writable and executable at once. */
    enum Access {
        NONE,
        READ,
        READ_WRITE,
        READ_EXECUTE
    }

    /**
     * What is held now.
     *
     * @param reservations number of reservations that have not been released
     * @param bytes their size together
     */
    record Usage(int reservations, long bytes) {}

    int pageSize();

    /** {@code bytes} rounded up to whole pages. */
    default long pages(long bytes) {
        return (bytes + pageSize() - 1) & -(long) pageSize();
    }

    /**
     * Address space without memory behind it; touching it faults.
     *
     * @throws org.sallyport.LimitExceededException if the operating system refuses
     */
    long reserve(long bytes);

    /**
     * Changes what may be done with pages of a reservation. Pages that become readable for the first time are zero.
     *
     * @return false if the operating system has no memory for it; then nothing has changed
     */
    boolean protect(long address, long bytes, Access access);

    /** Gives the memory of pages back; they stay accessible as they are and read zero. */
    void discard(long address, long bytes);

    /** Gives the memory of pages back and makes them inaccessible; they stay reserved. */
    void decommit(long address, long bytes);

    /** Gives a whole reservation back. */
    void release(long address, long bytes);

    /**
     * A file that exists in memory only.
     *
     * @return its descriptor, or -1 if the operating system refuses
     */
    int newFile(byte[] content);

    /**
     * Puts private, writable copies of a file's first pages in place of pages of a reservation; each is copied when it
     * is first written.
     *
     * @return false if the operating system refuses; then nothing has changed
     */
    boolean mapFile(int file, long address, long bytes);

    /**
     * Reads from such a file.
     *
     * @return false if not all could be read
     */
    boolean readFile(int file, long offset, long address, long bytes);

    /** What was mapped stays. */
    void closeFile(int file);

    /**
     * What the operating system tells of the pages of this process, for {@link #writtenPages}.
     *
     * @return a descriptor to be {@linkplain #closeFile closed}, or -1 if it tells nothing
     */
    int openPageFlags();

    /**
     * Pages that have perhaps been written since they were made accessible, mapped or discarded; no other has.
     *
     * @param pageFlags from {@link #openPageFlags}
     * @param most as many are interesting
     * @return their numbers, ascending, counted from {@code address}; null if they are more or cannot be told
     */
    int @Nullable [] writtenPages(int pageFlags, long address, long bytes, int most);

    Usage usage();

    /**
     * The page of facts that all copies of Sallyport in this process share. Where the operating system does not allow
     * that, only the callers of this class loader share it.
     */
    ProcessPage processPage();
}
