package org.sallyport;

import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * A place for compiled code, for those who do not want {@linkplain CacheConfig#directory a directory}: a database, a
 * store shared by a cluster. It need not be trusted: the engine authenticates each entry with its own key before it
 * reads anything in it, and compiles again what it must refuse. Thread-safe. What it throws costs a compilation, never
 * more.
 */
@ConsumerType
public interface CodeStore {
    /**
     * The bytes that were last written under this name, or null if there are none (any more).
     *
     * @param name 64 hexadecimal digits
     */
    byte @Nullable [] read(String name) throws IOException;

    /**
     * Keeps an entry, whole or not at all. Entries of one name are interchangeable, so it does not matter which of two
     * writers is last. May drop this or other entries at any time.
     *
     * @param entry not changed by the engine afterwards
     */
    void write(String name, byte[] entry) throws IOException;

    /** Drops an entry that was refused; nothing happens if there is none. */
    void remove(String name) throws IOException;
}
