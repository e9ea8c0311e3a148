package org.sallyport.wasi.fs;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * {@code filestat} of WASI preview 1.
 *
 * @param links number of hard links
 * @param size in bytes
 * @param atim last access, nanoseconds since 1970
 * @param mtim last change of the contents
 * @param ctim last change of the status
 */
public record FileStat(FileKey key, FileType type, long links, long size, long atim, long mtim, long ctim) {

    /** What something has that is no file: a type and nothing else. */
    public static FileStat of(FileType type) {
        return new FileStat(new FileKey(0, 0, false), type, 0, 0, 0, 0, 0);
    }

    static FileStat of(BasicFileAttributes a, Path path) {
        return new FileStat(
                FileKey.of(a, path),
                FileType.of(a),
                1,
                a.size(),
                nanos(a.lastAccessTime()),
                nanos(a.lastModifiedTime()),
                nanos(a.lastModifiedTime()));
    }

    /**
     * This with what only the path tells (link count, status change), if the path still leads to this very file. So a
     * path that was exchanged in between tells nothing of another file.
     */
    FileStat completedFrom(Path path) {
        if (!key.known()) {
            return this;
        }
        try {
            Map<String, Object> unix =
                    Files.readAttributes(path, "unix:dev,ino,nlink,ctime", LinkOption.NOFOLLOW_LINKS);
            if (unix.get("dev") instanceof Long dev
                    && unix.get("ino") instanceof Long ino
                    && unix.get("nlink") instanceof Integer nlink
                    && unix.get("ctime") instanceof FileTime ctime
                    && dev == key.dev()
                    && ino == key.ino()) {
                return new FileStat(key, type, nlink, size, atim, mtim, nanos(ctime));
            }
            return this;
        } catch (IOException | UnsupportedOperationException | IllegalArgumentException e) {
            return this;
        }
    }

    /** @throws ErrnoException if it is no regular file: opening a pipe or a device may wait, or act on the host */
    void needRegular() throws ErrnoException {
        switch (type) {
            case REGULAR_FILE -> { }
            case DIRECTORY -> throw Errno.ISDIR.exception();
            case SYMBOLIC_LINK -> throw Errno.LOOP.exception();
            default -> throw Errno.ACCES.exception();
        }
    }

    /** @throws ErrnoException {@code ACCES} for a pipe, a device or a socket */
    void needOpenable() throws ErrnoException {
        if (type != FileType.DIRECTORY && type != FileType.SYMBOLIC_LINK) {
            needRegular();
        }
    }

    FileStat withSize(long newSize) {
        return new FileStat(key, type, links, newSize, atim, mtim, ctim);
    }

    private static long nanos(FileTime time) {
        return time.to(TimeUnit.NANOSECONDS);
    }
}
