package org.sallyport.wasi.fs;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Iterator;
import org.jspecify.annotations.Nullable;

/**
 * Entries as Java gives them; a cookie is a number of entries. Keeps the host's iteration open between calls, so that
 * reading on in order costs nothing and takes no memory however large the directory is; any other cookie starts again
 * from the beginning.
 */
final class StreamListing implements Listing {
    /** Opens a new iteration over the directory. */
    interface Source {
        DirectoryStream<Path> open() throws IOException;
    }

    private final Directory directory;
    private final Source source;
    private @Nullable DirectoryStream<Path> stream;
    private @Nullable Iterator<Path> names;
    private @Nullable Entry pending;
    private long position;

    StreamListing(Directory directory, Source source) {
        this.directory = directory;
        this.source = source;
    }

    @Override
    public @Nullable Entry entry(long cookie) throws IOException {
        if (cookie < 0) {
            throw Errno.INVAL.exception();
        }
        Entry last = pending;
        if (last != null && last.next() == cookie + 1) {
            return last;
        }
        if (cookie != position || names == null) {
            rewind();
            while (position < cookie) {
                Waiting.check();
                if (advance() == null) {
                    return null;
                }
            }
        }
        String name = advance();
        pending = name == null ? null : describe(name);
        return pending;
    }

    private void rewind() throws IOException {
        close();
        DirectoryStream<Path> opened = source.open();
        stream = opened;
        names = opened.iterator();
    }

    private @Nullable String advance() throws IOException {
        Iterator<Path> left = names;
        if (position < 2) {
            return position++ == 0 ? "." : "..";
        }
        try {
            if (left == null || !left.hasNext()) {
                return null;
            }
            position++;
            return String.valueOf(left.next().getFileName());
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
    }

    private Entry describe(String name) throws IOException {
        byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
        if (name.equals("..")) {
            return new Entry(position, 0, FileType.DIRECTORY, bytes);
        }
        try {
            FileStat found = directory.attributes(name);
            return new Entry(position, found.key().ino(), found.type(), bytes);
        } catch (NoSuchFileException e) {
            return new Entry(position, 0, FileType.UNKNOWN, bytes); // removed in between
        }
    }

    @Override
    public void pause() {
        // going on without the open iteration would begin again each time
    }

    @Override
    public void close() throws IOException {
        DirectoryStream<Path> open = stream;
        stream = null;
        names = null;
        pending = null;
        position = 0;
        if (open != null) {
            open.close();
        }
    }
}
