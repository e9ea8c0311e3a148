package org.sallyport.wasi;

import java.nio.file.Path;

/**
 * A host directory that a guest finds open when it starts.
 *
 * @param host any directory, also of another {@link java.nio.file.FileSystem}; links in this path are followed
 * @param guest the name under which the guest sees it, such as {@code /data} or {@code .}; without NUL characters and
 *     unpaired surrogates
 * @param access what the guest may do in it
 */
public record Preopen(Path host, String guest, Access access) {

    /** What a guest may do below a preopened directory. */
    public enum Access {
        /** Every change is answered with {@code EROFS}. */
        READ_ONLY,
        READ_WRITE
    }

    public Preopen {
        if (guest.isEmpty()) {
            throw new IllegalArgumentException("not a directory name for a guest: \"\"");
        }
        GuestString.of("directory name for a guest", guest);
    }
}
