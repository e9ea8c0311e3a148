package org.sallyport.wasi.fs;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A regular file of the host, open. Transfers go in pieces of at most {@link Waiting#PIECE} bytes; what was transferred
 * before a failure is the result, and the failure comes with the next transfer. Used by one thread at a time.
 */
public interface HostFile extends Closeable {
    /** Fills the buffers as far as the file goes. @return bytes read, 0 at the end */
    long read(ByteBuffer[] targets, long position) throws IOException;

    /** @return bytes written, fewer than wanted only if the host did not take more */
    long write(ByteBuffer[] sources, long position) throws IOException;

    /**
     * Writes at the end, wherever that is at the moment of writing; after {@link #setAppend}. What is no longer than a
     * piece is not mixed with what others append.
     *
     * @return bytes written
     */
    long append(ByteBuffer[] sources) throws IOException;

    /** Where the last {@link #append} has ended. */
    long position() throws IOException;

    /** Whether {@link #append} will be used from now on. */
    void setAppend(boolean on) throws IOException;

    long size() throws IOException;

    /** Cuts it, or makes it longer with zeros. */
    void resize(long size) throws IOException;

    /** Makes sure that what was written is kept. */
    void sync(boolean metadata) throws IOException;

    FileStat stat() throws IOException;

    /** Sets the times that are given. */
    void setTimes(@Nullable SetTime access, @Nullable SetTime modified) throws IOException;
}
