package org.sallyport.wasi.fs;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A directory held open by one descriptor, and all that is done in it goes by that descriptor ({@code openat} and its
 * kin): it stays the same directory whatever becomes of its path. Directories on the way are opened with {@code O_PATH},
 * for which the right to go through them is enough.
 *
 * <p>A file is opened in two steps: first with {@code O_PATH}, which acts on nothing, then, if that is a regular file,
 * the very same one through {@code /proc/self/fd}. So whatever others put in its place meanwhile, no pipe and no device
 * is ever opened, and nothing waits.
 */
final class LinuxDirectory implements Directory {
    /** Tries to open or else to make a file that others remove and make. */
    private static final int TRIES = 100;

    private final LinuxDescriptor descriptor;
    private final boolean listable;

    private LinuxDirectory(LinuxDescriptor descriptor, boolean listable) {
        this.descriptor = descriptor;
        this.listable = listable;
    }

    /** @param host of the default file system; links are followed */
    static LinuxDirectory open(Path host) throws IOException {
        byte[] name = bytes(host);
        try {
            return new LinuxDirectory(
                    LinuxDescriptor.open(Linux.AT_FDCWD, name, Linux.O_RDONLY | Linux.O_DIRECTORY), true);
        } catch (ErrnoException e) {
            if (e.errno() != Errno.ACCES) {
                throw e;
            }
            return new LinuxDirectory(
                    LinuxDescriptor.open(Linux.AT_FDCWD, name, Linux.O_PATH | Linux.O_DIRECTORY), false);
        }
    }

    /** The path's bytes in whatever encoding Java was given them: a URI shows them as they are. */
    private static byte[] bytes(Path host) {
        String escaped = host.toAbsolutePath().toUri().getRawPath();
        byte[] bytes = new byte[escaped.length()];
        int n = 0;
        for (int i = 0; i < escaped.length(); i++) {
            if (escaped.charAt(i) == '%') {
                bytes[n++] = (byte) Integer.parseInt(escaped, i + 1, i + 3, 16);
                i += 2;
            } else {
                bytes[n++] = (byte) escaped.charAt(i);
            }
        }
        return Arrays.copyOf(bytes, n);
    }

    private static byte[] bytes(String name) {
        return name.getBytes(StandardCharsets.UTF_8);
    }

    private int fd() {
        return descriptor.fd();
    }

    @Override
    public boolean isExact() {
        return true;
    }

    @Override
    public int descriptors() {
        return 1;
    }

    @Override
    public FileStat attributes(String name) throws IOException {
        return stat(name);
    }

    @Override
    public FileStat stat(String name) throws IOException {
        if (name.equals(SELF)) {
            return descriptor.stat();
        }
        try {
            return Linux.stat(fd(), bytes(name), Linux.AT_SYMLINK_NOFOLLOW);
        } catch (ErrnoException e) {
            throw e.errno() == Errno.NOENT ? new NoSuchFileException(null) : e;
        }
    }

    @Override
    public Directory openDirectory(String name) throws IOException {
        return open(name, Linux.O_PATH, false);
    }

    @Override
    public Directory openListable(String name) throws IOException {
        return open(name, Linux.O_RDONLY, true);
    }

    private Directory open(String name, int flags, boolean forListing) throws IOException {
        int all = flags | Linux.O_DIRECTORY | Linux.O_NOFOLLOW;
        return new LinuxDirectory(LinuxDescriptor.open(fd(), bytes(name), all), forListing);
    }

    @Override
    public HostFile openFile(String name, OpenMode mode, Again again) throws IOException {
        if (!mode.create()) {
            return new LinuxFile(openExisting(name, mode));
        }
        for (int i = 0; i < TRIES; i++) {
            try {
                return new LinuxFile(create(name, mode));
            } catch (ErrnoException e) {
                if (e.errno() != Errno.EXIST || mode.exclusive()) {
                    throw e;
                }
            }
            try {
                return new LinuxFile(openExisting(name, mode));
            } catch (ErrnoException e) {
                if (e.errno() != Errno.NOENT) {
                    throw e;
                }
            }
            Waiting.check();
        }
        throw Errno.AGAIN.exception();
    }

    private LinuxDescriptor create(String name, OpenMode mode) throws ErrnoException {
        int flags = mode.linuxFlags() | Linux.O_CREAT | Linux.O_EXCL | Linux.O_NOFOLLOW | Linux.O_NONBLOCK;
        return LinuxDescriptor.open(fd(), bytes(name), flags);
    }

    private LinuxDescriptor openExisting(String name, OpenMode mode) throws ErrnoException {
        try (LinuxDescriptor found = LinuxDescriptor.open(fd(), bytes(name), Linux.O_PATH | Linux.O_NOFOLLOW)) {
            found.stat().needRegular();
            int truncate = mode.truncate() ? Linux.O_TRUNC : 0;
            return found.reopen(mode.linuxFlags() | truncate | Linux.O_NONBLOCK);
        }
    }

    @Override
    public Listing list() throws IOException {
        if (!listable) {
            throw Errno.ACCES.exception();
        }
        return new LinuxListing(descriptor);
    }

    @Override
    public byte[] readLink(String name) throws IOException {
        return Linux.readLink(fd(), bytes(name));
    }

    @Override
    public void createDirectory(String name) throws IOException {
        Linux.makeDirectory(fd(), bytes(name));
    }

    @Override
    public void createLink(String name, byte[] text) throws IOException {
        Linux.symlink(text, fd(), bytes(name));
    }

    @Override
    public void link(String name, Directory to, String newName) throws IOException {
        Linux.link(fd(), bytes(name), linux(to).fd(), bytes(newName));
    }

    @Override
    public void rename(String name, Directory to, String newName) throws IOException {
        Linux.rename(fd(), bytes(name), linux(to).fd(), bytes(newName));
    }

    private static LinuxDirectory linux(Directory directory) throws ErrnoException {
        if (directory instanceof LinuxDirectory linux) {
            return linux;
        }
        throw Errno.XDEV.exception();
    }

    @Override
    public void deleteFile(String name) throws IOException {
        Linux.unlink(fd(), bytes(name), 0);
    }

    @Override
    public void deleteDirectory(String name) throws IOException {
        Linux.unlink(fd(), bytes(name), Linux.AT_REMOVEDIR);
    }

    @Override
    public void setTimes(String name, @Nullable SetTime access, @Nullable SetTime modified) throws IOException {
        Linux.setTimes(fd(), bytes(name), access, modified);
    }

    @Override
    public void close() {
        descriptor.close();
    }
}
