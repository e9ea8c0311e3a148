package org.sallyport.wasi.fs;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SecureDirectoryStream;
import org.jspecify.annotations.Nullable;

/**
 * An open directory of the host. Every name given to it is one component, never {@code ..} and never a path, and no
 * method follows a symbolic link: that is {@link PathWalk}'s work. Failures are {@link IOException}s that
 * {@link Errno#of(IOException)} understands. Used by one thread at a time.
 */
public interface Directory extends Closeable {
    /** The name of the directory itself. */
    String SELF = ".";

    /** System property: {@code true} goes the portable way also where there is a better one. */
    String PORTABLE = "sallyport.wasi.portable";

    /**
     * Opens a host directory, links followed: the host's own choice. On Linux what the result reaches stays inside
     * even while others rename and link ({@link LinuxDirectory}). Elsewhere Java's own means are used: they hold
     * directories open where the platform can (Unix), but for some operations names are checked and then used.
     */
    static Directory open(Path host) throws IOException {
        if (Linux.AVAILABLE && host.getFileSystem() == FileSystems.getDefault() && !Boolean.getBoolean(PORTABLE)) {
            return LinuxDirectory.open(host);
        }
        return openPortably(host);
    }

    /** As {@link #open}, with Java's own means. */
    static Directory openPortably(Path host) throws IOException {
        Path real = host.toRealPath();
        DirectoryStream<Path> stream = Files.newDirectoryStream(real);
        if (stream instanceof SecureDirectoryStream<Path> secure) {
            return new SecureDirectory(secure, real);
        }
        stream.close();
        return new PlainDirectory(real);
    }

    /** How a file is found again where the system cannot be asked about an open one. */
    interface Again {
        /** The place that once led to it; the directory may have other content by now. */
        Place find() throws IOException;
    }

    /**
     * Whether it answers as POSIX has it to whatever is made, removed or renamed, names with a slash at the end and
     * {@code .} included; if not, the caller looks first.
     */
    boolean isExact();

    /**
     * Descriptors of the operating system that an open directory takes, those of a {@link #list} of it included;
     * a file takes one.
     */
    int descriptors();

    /** Type and key, cheaply. @param name may be {@link #SELF} */
    FileStat attributes(String name) throws IOException;

    /** Everything there is to know. @param name may be {@link #SELF} */
    FileStat stat(String name) throws IOException;

    /** Opens a directory to go through it. @param name may be {@link #SELF} for a second handle of this directory */
    Directory openDirectory(String name) throws IOException;

    /** As {@link #openDirectory}, and its entries can be listed. */
    Directory openListable(String name) throws IOException;

    /**
     * Opens what must be a regular file: nothing else is opened, even if it takes the file's place meanwhile, unless
     * the platform has no way to prevent that. Never waits for another process.
     */
    HostFile openFile(String name, OpenMode mode, Again again) throws IOException;

    /** @throws ErrnoException {@code ACCES} if it was not opened to be listed */
    Listing list() throws IOException;

    /** The text of a symbolic link, as it is. */
    byte[] readLink(String name) throws IOException;

    void createDirectory(String name) throws IOException;

    /** @param text UTF-8 */
    void createLink(String name, byte[] text) throws IOException;

    /** Makes {@code newName} in {@code to} another name of the file {@code name}. */
    void link(String name, Directory to, String newName) throws IOException;

    void rename(String name, Directory to, String newName) throws IOException;

    void deleteFile(String name) throws IOException;

    void deleteDirectory(String name) throws IOException;

    /** Sets the times that are given, a link's own if it is one. @param name may be {@link #SELF} */
    void setTimes(String name, @Nullable SetTime access, @Nullable SetTime modified) throws IOException;
}
