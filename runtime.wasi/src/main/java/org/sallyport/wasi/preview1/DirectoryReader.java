package org.sallyport.wasi.preview1;

import java.io.Closeable;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Iterator;
import org.jspecify.annotations.Nullable;
import org.sallyport.wasi.fs.Directory;
import org.sallyport.wasi.fs.FileStat;
import org.sallyport.wasi.fs.FileType;

/**
 * Reads a directory from a position on. Keeps the host's iteration open between calls, so that reading on in order
 * costs nothing and takes no memory however large the directory is; any other position starts again from the
 * beginning.
 */
final class DirectoryReader implements Closeable {
    /** @param next position behind this entry */
    record Entry(long next, long ino, FileType type, byte[] name) {}

    private final Directory directory;
    private @Nullable DirectoryStream<Path> stream;
    private @Nullable Iterator<Path> names;
    private @Nullable Entry pending;
    private long position;

    DirectoryReader(Directory directory) {
        this.directory = directory;
    }

    /**
     * The entry at {@code position} (0 is the first), or null behind the last. Asking again for the same one costs
     * nothing.
     */
    @Nullable Entry entry(long at) throws IOException {
        Entry last = pending;
        if (last != null && last.next() == at + 1) {
            return last;
        }
        if (at != position || names == null) {
            rewind();
            while (position < at) {
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
        DirectoryStream<Path> opened = directory.list();
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
            return new Entry(position, 0, FileType.DIRECTORY, bytes); // tells nothing of what is above
        }
        try {
            FileStat found = directory.attributes(name);
            return new Entry(position, found.key().ino(), found.type(), bytes);
        } catch (NoSuchFileException e) {
            return new Entry(position, 0, FileType.UNKNOWN, bytes); // removed in between
        }
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
