package org.sallyport.wasi.preview1;

import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.sallyport.wasi.fs.Errno;
import org.sallyport.wasi.fs.ErrnoException;
import org.sallyport.wasi.fs.FileStat;
import org.sallyport.wasi.fs.FileType;
import org.sallyport.wasi.fs.GuestPath;
import org.sallyport.wasi.fs.PathWalk;
import org.sallyport.wasi.fs.Place;
import org.sallyport.wasi.fs.SetTime;

/**
 * The functions that take a path, but for {@code path_open}. Each resolves the path below the descriptor's directory,
 * so that what is then done is done to one name in one open directory.
 */
final class PathCalls {
    private PathCalls() {}

    private static GuestPath path(GuestMemory memory, int address, int length) throws ErrnoException {
        return GuestPath.parse(memory.path(address, length));
    }

    /** The place of a name that is to be made, removed or changed. */
    private static Place changing(OpenDirectory directory, GuestPath path) throws IOException {
        if (path.dotLast()) {
            throw Errno.INVAL.exception();
        }
        return PathWalk.resolve(directory.directory(), path, false);
    }

    /** Whether the system is asked at once: not if it would change what must not be changed. */
    private static boolean isExact(OpenDirectory directory) {
        return directory.mount().writable() && directory.directory().isExact();
    }

    private static boolean follows(int lookup, GuestPath path) throws ErrnoException {
        if ((lookup & ~Flags.LOOKUP_FOLLOW) != 0) {
            throw Errno.INVAL.exception();
        }
        return lookup != 0 || path.directory();
    }

    static void filestatGet(Process process, GuestMemory memory, int fd, int lookup, int path, int length, int result)
            throws IOException {
        GuestPath name = path(memory, path, length);
        OpenDirectory directory = process.directory(fd, Rights.PATH_FILESTAT_GET);
        try (Place place = PathWalk.resolve(directory.directory(), name, follows(lookup, name))) {
            FdCalls.putFilestat(memory, result, place.stat());
        }
    }

    static void filestatSetTimes(
            Process process,
            GuestMemory memory,
            int fd,
            int lookup,
            int path,
            int length,
            long atim,
            long mtim,
            int flags)
            throws IOException {
        GuestPath name = path(memory, path, length);
        OpenDirectory directory = process.directory(fd, Rights.PATH_FILESTAT_SET_TIMES);
        SetTime access = FdCalls.time(process, atim, flags, Flags.ATIM, Flags.ATIM_NOW);
        SetTime modified = FdCalls.time(process, mtim, flags, Flags.MTIM, Flags.MTIM_NOW);
        directory.mount().needWritable();
        try (Place place = PathWalk.resolve(directory.directory(), name, follows(lookup, name))) {
            place.require();
            place.directory().setTimes(place.name(), access, modified);
        }
    }

    static void readlink(
            Process process, GuestMemory memory, int fd, int path, int length, int buffer, int bufferLength, int result)
            throws IOException {
        GuestPath name = path(memory, path, length);
        OpenDirectory directory = process.directory(fd, Rights.PATH_READLINK);
        memory.check(result, 4);
        memory.check(buffer, Integer.toUnsignedLong(bufferLength));
        try (Place place = PathWalk.resolve(directory.directory(), name, follows(0, name))) {
            if (place.require().type() != FileType.SYMBOLIC_LINK) {
                throw Errno.INVAL.exception();
            }
            byte[] text = place.directory().readLink(place.name());
            checkLinkText(directory, place, text);
            int n = Integer.compareUnsigned(bufferLength, text.length) < 0 ? bufferLength : text.length;
            memory.write(buffer, text, 0, n);
            memory.setInt(result, n);
        }
    }

    /**
     * The text of a link is passed as it is, unless it tells of the host: an absolute path, which no guest can have
     * made, or in a directory that no guest can have made links in, a path that leads above it.
     *
     * @throws ErrnoException {@code NOTCAPABLE}
     */
    private static void checkLinkText(OpenDirectory base, Place place, byte[] text) throws ErrnoException {
        if (text.length > 0 && text[0] == '/') {
            throw Errno.NOTCAPABLE.exception();
        }
        int depth = base.names().size() + place.names().size();
        if (!base.mount().writable() && GuestPath.leadsAbove(text, depth)) {
            throw Errno.NOTCAPABLE.exception();
        }
    }

    static void createDirectory(Process process, GuestMemory memory, int fd, int path, int length) throws IOException {
        GuestPath name = path(memory, path, length);
        OpenDirectory directory = process.directory(fd, Rights.PATH_CREATE_DIRECTORY);
        if (isExact(directory)) {
            try (Place place = PathWalk.parent(directory.directory(), name)) {
                place.directory().createDirectory(place.name());
            }
            return;
        }
        try (Place place = PathWalk.resolve(directory.directory(), name, false)) {
            if (place.find() != null) {
                throw Errno.EXIST.exception();
            }
            directory.mount().needWritable();
            place.directory().createDirectory(place.name());
        }
    }

    static void removeDirectory(Process process, GuestMemory memory, int fd, int path, int length) throws IOException {
        GuestPath name = path(memory, path, length);
        OpenDirectory directory = process.directory(fd, Rights.PATH_REMOVE_DIRECTORY);
        if (isExact(directory)) {
            try (Place place = PathWalk.parent(directory.directory(), name)) {
                place.directory().deleteDirectory(place.name());
            }
            return;
        }
        try (Place place = changing(directory, name)) {
            if (place.require().type() != FileType.DIRECTORY) {
                throw Errno.NOTDIR.exception();
            }
            directory.mount().needWritable();
            place.directory().deleteDirectory(place.name());
        }
    }

    static void unlinkFile(Process process, GuestMemory memory, int fd, int path, int length) throws IOException {
        GuestPath name = path(memory, path, length);
        OpenDirectory directory = process.directory(fd, Rights.PATH_UNLINK_FILE);
        if (isExact(directory)) {
            try (Place place = PathWalk.parent(directory.directory(), name)) {
                place.directory().deleteFile(place.name());
            }
            return;
        }
        try (Place place = changing(directory, name)) {
            if (place.require().type() == FileType.DIRECTORY) {
                throw Errno.ISDIR.exception();
            }
            directory.mount().needWritable();
            place.directory().deleteFile(place.name());
        }
    }

    /**
     * Links only within one mount or between two that may both be written: a second name in a writable directory would
     * open a file of a read-only one to writing.
     */
    static void link(
            Process process,
            GuestMemory memory,
            int oldFd,
            int oldLookup,
            int oldPath,
            int oldLength,
            int newFd,
            int newPath,
            int newLength)
            throws IOException {
        if (oldLookup != 0) {
            throw Errno.INVAL.exception();
        }
        GuestPath oldName = path(memory, oldPath, oldLength);
        OpenDirectory from = process.directory(oldFd, Rights.PATH_LINK_SOURCE);
        try (Place source = PathWalk.resolve(from.directory(), oldName, follows(0, oldName))) {
            FileStat found = source.require();
            GuestPath newName = path(memory, newPath, newLength);
            OpenDirectory to = process.directory(newFd, Rights.PATH_LINK_TARGET);
            from.mount().needWritable();
            to.mount().needWritable();
            if (isExact(from) && isExact(to)) {
                try (Place target = PathWalk.parent(to.directory(), newName)) {
                    source.directory().link(source.name(), target.directory(), target.name());
                }
                return;
            }
            try (Place target = PathWalk.resolve(to.directory(), newName, false)) {
                link(source, found, target);
            }
        }
    }

    private static void link(Place source, FileStat found, Place target) throws IOException {
        if (target.find() != null) {
            throw Errno.EXIST.exception();
        }
        if (target.mustBeDirectory()) {
            throw Errno.NOENT.exception();
        }
        if (found.type() == FileType.DIRECTORY) {
            throw Errno.PERM.exception();
        }
        source.directory().link(source.name(), target.directory(), target.name());
    }

    static void rename(
            Process process,
            GuestMemory memory,
            int oldFd,
            int oldPath,
            int oldLength,
            int newFd,
            int newPath,
            int newLength)
            throws IOException {
        GuestPath oldName = path(memory, oldPath, oldLength);
        OpenDirectory from = process.directory(oldFd, Rights.PATH_RENAME_SOURCE);
        if (isExact(from)) {
            try (Place source = PathWalk.parent(from.directory(), oldName)) {
                GuestPath newName = path(memory, newPath, newLength);
                OpenDirectory to = process.directory(newFd, Rights.PATH_RENAME_TARGET);
                to.mount().needWritable();
                try (Place target = PathWalk.parent(to.directory(), newName)) {
                    source.directory().rename(source.name(), target.directory(), target.name());
                }
            }
            return;
        }
        GuestPath newName = path(memory, newPath, newLength);
        OpenDirectory to = process.directory(newFd, Rights.PATH_RENAME_TARGET);
        try (Place source = changing(from, oldName);
                Place target = changing(to, newName)) {
            FileStat moved = source.require();
            from.mount().needWritable();
            to.mount().needWritable();
            FileStat replaced = target.find();
            checkRename(moved, replaced, target.mustBeDirectory());
            try {
                source.directory().rename(source.name(), target.directory(), target.name());
            } catch (ErrnoException e) {
                throw e;
            } catch (IOException e) {
                throw reasonOfRename(e, replaced).exception();
            }
        }
    }

    private static void checkRename(
            FileStat moved, @Nullable FileStat replaced, boolean wantsDirectory)
            throws ErrnoException {
        boolean directory = moved.type() == FileType.DIRECTORY;
        if (!directory && wantsDirectory) {
            throw Errno.NOTDIR.exception();
        }
        if (replaced != null && !directory && replaced.type() == FileType.DIRECTORY) {
            throw Errno.ISDIR.exception();
        }
        if (replaced != null && directory && replaced.type() != FileType.DIRECTORY) {
            throw Errno.NOTDIR.exception();
        }
    }

    /** The host's exception says little; a directory that could not be replaced is not empty. */
    private static Errno reasonOfRename(IOException e, @Nullable FileStat replaced) {
        Errno errno = Errno.of(e);
        boolean directory = replaced != null && replaced.type() == FileType.DIRECTORY;
        return directory && (errno == Errno.IO || errno == Errno.EXIST) ? Errno.NOTEMPTY : errno;
    }

    /**
     * The text may lead anywhere below some directory, but a guest may not make a link with an absolute path for
     * others to follow.
     */
    static void symlink(
            Process process, GuestMemory memory, int text, int textLength, int fd, int path, int length)
            throws IOException {
        byte[] target = memory.path(text, textLength);
        GuestPath.checkText(target);
        GuestPath name = path(memory, path, length);
        OpenDirectory directory = process.directory(fd, Rights.PATH_SYMLINK);
        if (isExact(directory)) {
            try (Place place = PathWalk.parent(directory.directory(), name)) {
                place.directory().createLink(place.name(), target);
            }
            return;
        }
        try (Place place = PathWalk.resolve(directory.directory(), name, false)) {
            if (place.find() != null) {
                throw Errno.EXIST.exception();
            }
            if (place.mustBeDirectory()) {
                throw Errno.NOENT.exception();
            }
            directory.mount().needWritable();
            place.directory().createLink(place.name(), target);
        }
    }
}
