package org.sallyport.wasi.fs;

import java.io.Closeable;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** The entries of a directory, {@code .} and {@code ..} included. Used by one thread at a time. */
public interface Listing extends Closeable {
    /**
     * One entry.
     *
     * @param next cookie of the entry behind this one
     * @param ino 0 for {@code ..}, so that nothing is told of what is above, and where it is not known
     * @param name its bytes
     */
    record Entry(long next, long ino, FileType type, byte[] name) {}

    /**
     * The entry at a cookie (0 is the first), or null behind the last. Asking again for the same one costs nothing.
     *
     * @throws ErrnoException {@code INVAL} if it cannot be a cookie
     */
    @Nullable Entry entry(long cookie) throws IOException;

    /** The call that asked for entries ends: gives up what need not be kept until the next. */
    void pause() throws IOException;
}
