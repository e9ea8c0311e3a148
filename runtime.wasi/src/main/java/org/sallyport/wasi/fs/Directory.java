package org.sallyport.wasi.fs;

import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.SecureDirectoryStream;
import java.nio.file.attribute.FileTime;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * An open directory of the host. Every name given to it is one component, never {@code ..} and never a path, and no
 * method follows a symbolic link: that is {@link PathWalk}'s work. Failures are {@link IOException}s that
 * {@link Errno#of(IOException)} understands. Used by one thread at a time.
 */
public interface Directory extends Closeable {
    /** The name of the directory itself. */
    String SELF = ".";

    /**
     * Opens a host directory, links followed: the host's own choice. Where the platform can hold directories open
     * (Unix), what the result reaches stays inside even while others rename and link; elsewhere names are checked and
     * then used.
     */
    static Directory open(Path host) throws IOException {
        Path real = host.toRealPath();
        DirectoryStream<Path> stream = Files.newDirectoryStream(real);
        if (stream instanceof SecureDirectoryStream<Path> secure) {
            return new SecureDirectory(secure, real);
        }
        stream.close();
        return new PlainDirectory(real);
    }

    /** Type and key, cheaply. @param name may be {@link #SELF} */
    FileStat attributes(String name) throws IOException;

    /** Everything there is to know. @param name may be {@link #SELF} */
    FileStat stat(String name) throws IOException;

    /** @param name may be {@link #SELF} for a second handle of this directory */
    Directory openDirectory(String name) throws IOException;

    /** Opens what must be a regular file. */
    SeekableByteChannel openFile(String name, Set<? extends OpenOption> options) throws IOException;

    /** The names, without {@code .} and {@code ..}, in no order. */
    DirectoryStream<Path> list() throws IOException;

    /** The text of a symbolic link. */
    String readLink(String name) throws IOException;

    void createDirectory(String name) throws IOException;

    void createLink(String name, String text) throws IOException;

    /** Makes {@code newName} in {@code to} another name of the file {@code name}. */
    void link(String name, Directory to, String newName) throws IOException;

    void rename(String name, Directory to, String newName) throws IOException;

    void deleteFile(String name) throws IOException;

    void deleteDirectory(String name) throws IOException;

    /** Sets the times that are given. @param name may be {@link #SELF} */
    void setTimes(String name, @Nullable FileTime access, @Nullable FileTime modified) throws IOException;

    /** Where it was when it was opened, for what needs a path; say nothing of it to the guest. */
    Path host();
}
