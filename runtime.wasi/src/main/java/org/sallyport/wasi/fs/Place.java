package org.sallyport.wasi.fs;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where a path leads: a directory and a name in it that need not exist. Close it after use.
 *
 * @param directory open
 * @param name a single name, or {@link Directory#SELF}
 * @param names of the directories from where the walk began to {@code directory}
 * @param mustBeDirectory the path was written in a way that only a directory has
 * @param owned whether closing this closes the directory
 * @param seen what the walk found there, if it looked
 */
public record Place(
        Directory directory,
        String name,
        List<String> names,
        boolean mustBeDirectory,
        boolean owned,
        @Nullable FileStat seen)
        implements Closeable {

    public boolean isSelf() {
        return name.equals(Directory.SELF);
    }

    /** What is there, or null; a last symbolic link is not followed. */
    public @Nullable FileStat find() throws IOException {
        if (seen != null) {
            return seen;
        }
        try {
            return directory.attributes(name);
        } catch (NoSuchFileException e) {
            return null;
        }
    }

    /**
     * What is there.
     *
     * @throws ErrnoException {@code NOENT}, or {@code NOTDIR} if the path wants a directory and it is none
     */
    public FileStat require() throws IOException {
        FileStat found = find();
        if (found == null) {
            throw Errno.NOENT.exception();
        }
        if (mustBeDirectory && found.type() != FileType.DIRECTORY) {
            throw Errno.NOTDIR.exception();
        }
        return found;
    }

    /** As {@link #require}, with everything there is to know. */
    public FileStat stat() throws IOException {
        FileStat found = directory.stat(name);
        if (mustBeDirectory && found.type() != FileType.DIRECTORY) {
            throw Errno.NOTDIR.exception();
        }
        return found;
    }

    @Override
    public void close() throws IOException {
        if (owned) {
            directory.close();
        }
    }
}
