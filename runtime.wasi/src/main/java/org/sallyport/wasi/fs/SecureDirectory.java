package org.sallyport.wasi.fs;

import java.io.IOException;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.SecureDirectoryStream;
import java.nio.file.attribute.BasicFileAttributeView;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A directory held open by a descriptor of the operating system ({@code openat} and its kin), so that it stays the
 * same directory whatever becomes of its path. {@link SecureDirectoryStream} has no counterpart of {@code mkdirat},
 * {@code symlinkat}, {@code linkat} and {@code readlinkat}; for these four {@link PinnedPath} gives a path that leads
 * to the very directory.
 */
final class SecureDirectory implements Directory {
    private final SecureDirectoryStream<Path> stream;
    private final Path host;

    SecureDirectory(SecureDirectoryStream<Path> stream, Path host) {
        this.stream = stream;
        this.host = host;
    }

    @Override
    public FileStat attributes(String name) throws IOException {
        return FileStat.of(basic(name), host.resolve(name));
    }

    @Override
    public FileStat stat(String name) throws IOException {
        Path path = name.equals(SELF) ? host : host.resolve(name);
        return FileStat.of(basic(name), path).completedFrom(path);
    }

    private BasicFileAttributes basic(String name) throws IOException {
        return view(name).readAttributes();
    }

    private BasicFileAttributeView view(String name) {
        return name.equals(SELF)
                ? stream.getFileAttributeView(BasicFileAttributeView.class)
                : stream.getFileAttributeView(path(name), BasicFileAttributeView.class, LinkOption.NOFOLLOW_LINKS);
    }

    @Override
    public Directory openDirectory(String name) throws IOException {
        Path path = name.equals(SELF) ? host : host.resolve(name);
        return new SecureDirectory(stream.newDirectoryStream(path(name), LinkOption.NOFOLLOW_LINKS), path);
    }

    @Override
    public SeekableByteChannel openFile(String name, Set<? extends OpenOption> options) throws IOException {
        Set<OpenOption> all = new HashSet<>(options);
        all.add(LinkOption.NOFOLLOW_LINKS);
        return stream.newByteChannel(path(name), all);
    }

    @Override
    public DirectoryStream<Path> list() throws IOException {
        return stream.newDirectoryStream(path(SELF), LinkOption.NOFOLLOW_LINKS);
    }

    @Override
    public String readLink(String name) throws IOException {
        try (PinnedPath pinned = PinnedPath.of(this)) {
            return Files.readSymbolicLink(pinned.path().resolve(name)).toString();
        }
    }

    @Override
    public void createDirectory(String name) throws IOException {
        try (PinnedPath pinned = PinnedPath.of(this)) {
            Files.createDirectory(pinned.path().resolve(name));
        }
    }

    @Override
    public void createLink(String name, String text) throws IOException {
        try (PinnedPath pinned = PinnedPath.of(this)) {
            Files.createSymbolicLink(pinned.path().resolve(name), path(text));
        }
    }

    @Override
    public void link(String name, Directory to, String newName) throws IOException {
        try (PinnedPath source = PinnedPath.of(this);
                PinnedPath target = PinnedPath.of(to)) {
            Files.createLink(target.path().resolve(newName), source.path().resolve(name));
        }
    }

    @Override
    public void rename(String name, Directory to, String newName) throws IOException {
        if (!(to instanceof SecureDirectory target)) {
            throw Errno.XDEV.exception();
        }
        stream.move(path(name), target.stream, path(newName));
    }

    @Override
    public void deleteFile(String name) throws IOException {
        stream.deleteFile(path(name));
    }

    @Override
    public void deleteDirectory(String name) throws IOException {
        stream.deleteDirectory(path(name));
    }

    @Override
    public void setTimes(String name, @Nullable FileTime access, @Nullable FileTime modified) throws IOException {
        view(name).setTimes(modified, access, null);
    }

    @Override
    public Path host() {
        return host;
    }

    private Path path(String name) {
        return host.getFileSystem().getPath(name);
    }

    @Override
    public void close() throws IOException {
        stream.close();
    }
}
