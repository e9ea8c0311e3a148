package org.sallyport;

import java.nio.file.Path;
import java.util.Objects;

/**
 * Where an engine keeps compiled code between runs. Immutable and comparable.
 *
 * @see Config#withCache
 */
public sealed interface CacheConfig {
    /** What a directory holds at most if nothing else is said: 512 MiB. */
    long DEFAULT_MAX_BYTES = 512L << 20;

    /**
     * A directory that only its owner can write to, with the secret key of its entries in it. Any number of engines and
     * processes of one user may share it.
     *
     * @param path made when it is missing; its parent's protection is the caller's business
     * @param maxBytes size of all entries together; the least recently used go first
     */
    record Directory(Path path, long maxBytes) implements CacheConfig {
        public Directory {
            Objects.requireNonNull(path, "path");
            if (maxBytes <= 0) {
                throw new IllegalArgumentException("maxBytes: " + maxBytes);
            }
        }

        public Directory withMaxBytes(long maxBytes) {
            return new Directory(path, maxBytes);
        }
    }

    /**
     * A store of the embedder's own.
     *
     * @param key authenticates the entries; whoever knows it can make the engine run any machine code
     */
    record Custom(CodeStore store, ArtefactKey key) implements CacheConfig {
        public Custom {
            Objects.requireNonNull(store, "store");
            Objects.requireNonNull(key, "key");
        }
    }

    /** A directory of at most {@value #DEFAULT_MAX_BYTES} bytes. */
    static Directory directory(Path path) {
        return new Directory(path, DEFAULT_MAX_BYTES);
    }

    static Custom store(CodeStore store, ArtefactKey key) {
        return new Custom(store, key);
    }
}
