package org.sallyport;

/**
 * Compiled code that an engine keeps between runs ({@link Config#withCache}). {@link Engine#compile} looks here first;
 * a module that comes from here behaves as if it had just been compiled. Entries are found by the contents of the
 * module, the build of the compiler, the processor's features and the settings, and are authenticated before anything
 * in them is used. Thread-safe.
 */
public interface CodeCache {
    /**
     * Counts since the engine was made, but for {@code entries} and {@code bytes}.
     *
     * @param hits modules that were found
     * @param misses modules that had to be compiled, refused entries included
     * @param stored entries written
     * @param refused entries that were damaged, made with another key or for something else; they are deleted
     * @param failures times that the store could not be read or written
     * @param evicted entries deleted to make room, by this engine
     * @param entries what a directory holds now, of all its users; 0 for a store of the embedder's own
     * @param bytes their size
     */
    record Statistics(
            long hits,
            long misses,
            long stored,
            long refused,
            long failures,
            long evicted,
            long entries,
            long bytes) {}

    Statistics statistics();

    /**
     * Deletes entries of a directory, the least recently used first, until so many bytes are left; 0 clears it. Does
     * nothing to a store of the embedder's own.
     *
     * @return bytes that this freed
     * @throws CodeCacheException if the directory cannot be used any more
     */
    long prune(long maxBytes);
}
