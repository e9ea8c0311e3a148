package org.sallyport.spi;

import org.jspecify.annotations.Nullable;

/**
 * Address space of this process: reserved, committed, protected and given back in whole pages. Every reservation is
 * counted, so that tests can show that nothing is left, and charged to the process ({@link ResourceAccount}).
 * Thread-safe.
 *
 * <p>The operating system may refuse anything that changes its list of mappings, giving back too. No method leaves a
 * request half done: what is refused is told, and what the state is then.
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
     * @param mappings into how many mappings of the kernel the reservation may be split at most: a change of access in
     *     the middle of it makes two of one
     * @throws org.sallyport.LimitExceededException if the operating system refuses, or the process may not have so much
     */
    long reserve(long bytes, int mappings);

    /** A reservation that is not split, or whose owner charges what it splits. */
    default long reserve(long bytes) {
        return reserve(bytes, 1);
    }

    /**
     * Changes what may be done with pages of a reservation. Pages that become readable for the first time are zero.
     * What was written to pages before they become executable is what is executed there, also where processors do not
     * keep their caches of instructions coherent.
     *
     * @return false if the operating system has no memory for it; then nothing has changed
     */
    boolean protect(long address, long bytes, Access access);

    /**
     * Puts a whole reservation, with what its pages hold and what may be done with them, in place of as many pages of
     * another, in one step: threads that run or read there meet the pages of before or the new ones and nothing else.
     * The reservation that was moved is no more.
     *
     * @param access what may be done with the pages that are moved
     * @return false if the operating system refuses; then nothing has changed
     */
    boolean moveOver(long from, long bytes, long to, Access access);

    /**
     * Gives the memory of pages back; they stay accessible as they are and read zero.
     *
     * @return false if the operating system refuses; then they may hold what they held
     */
    boolean discard(long address, long bytes);

    /**
     * Gives the memory of pages back and makes them inaccessible; they stay reserved.
     *
     * @return false if the operating system refuses; then they are as accessible as before, and may hold what they held
     */
    boolean decommit(long address, long bytes);

    /**
     * Gives a whole reservation back. Nobody may use it any more, whatever the operating system says: what it refuses to
     * take now is emptied, stays counted, and is offered again whenever something else is reserved or released. Needs no Java
     * heap.
     *
     * @throws VirtualMachineError if there is no stack for it; then nothing has happened, and it can be called again
     */
    void release(long address, long bytes);

    /** A whole reservation is not left to anybody ({@link #bequeath}): it stays until the process ends. */
    void keepForEver(long address);

    /**
     * Everything that is reserved and every file that is open now or later is given back when nobody can reach this object
     * any more. So whoever uses addresses must lead to it. Idempotent.
     */
    void bequeath();

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
     * @return false if the operating system refuses; then the pages are readable and writable, and hold what they held or
     *     zeros
     * @throws org.sallyport.LimitExceededException if they cannot be made accessible again
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

    /** The account of the process, to which reservations are charged; that of an engine is below it. */
    ResourceAccount account();

    /**
     * The page of facts that all copies of Sallyport in this process share. Where the operating system does not allow
     * that, only the callers of this class loader share it.
     */
    ProcessPage processPage();
}
