package org.sallyport.wasi.fs;

import java.io.IOException;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributeView;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A directory that is only a path, for platforms and file systems that cannot hold directories open (Windows,
 * archives). Before each use it is checked that the path still leads to the directory it led to at first, without
 * links. Between check and use another process may exchange it: the guest alone cannot.
 */
final class PlainDirectory implements Directory {
    private final Path host;
    private final FileKey key;

    PlainDirectory(Path host) throws IOException {
        this.host = host;
        key = FileKey.of(read(host), host);
    }

    private static BasicFileAttributes read(Path path) throws IOException {
        return Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
    }

    private Path checked(String name) throws IOException {
        if (!host.toRealPath().equals(host) || !FileKey.of(read(host), host).equals(key)) {
            throw Errno.NOENT.exception();
        }
        return name.equals(SELF) ? host : host.resolve(name);
    }

    @Override
    public FileStat attributes(String name) throws IOException {
        Path path = checked(name);
        return FileStat.of(read(path), path);
    }

    @Override
    public FileStat stat(String name) throws IOException {
        return attributes(name).completedFrom(host.resolve(name));
    }

    @Override
    public Directory openDirectory(String name) throws IOException {
        Path path = checked(name);
        if (!read(path).isDirectory()) {
            throw Errno.NOTDIR.exception();
        }
        return new PlainDirectory(path);
    }

    @Override
    public SeekableByteChannel openFile(String name, Set<? extends OpenOption> options) throws IOException {
        Set<OpenOption> all = new HashSet<>(options);
        all.add(LinkOption.NOFOLLOW_LINKS);
        return Files.newByteChannel(checked(name), all);
    }

    @Override
    public DirectoryStream<Path> list() throws IOException {
        return Files.newDirectoryStream(checked(SELF));
    }

    @Override
    public String readLink(String name) throws IOException {
        return Files.readSymbolicLink(checked(name)).toString().replace(host.getFileSystem().getSeparator(), "/");
    }

    @Override
    public void createDirectory(String name) throws IOException {
        Files.createDirectory(checked(name));
    }

    @Override
    public void createLink(String name, String text) throws IOException {
        Files.createSymbolicLink(checked(name), host.getFileSystem().getPath(text));
    }

    @Override
    public void link(String name, Directory to, String newName) throws IOException {
        Files.createLink(plain(to).checked(newName), checked(name));
    }

    @Override
    public void rename(String name, Directory to, String newName) throws IOException {
        Files.move(checked(name), plain(to).checked(newName), StandardCopyOption.REPLACE_EXISTING);
    }

    private static PlainDirectory plain(Directory directory) throws ErrnoException {
        if (directory instanceof PlainDirectory plain) {
            return plain;
        }
        throw Errno.XDEV.exception();
    }

    @Override
    public void deleteFile(String name) throws IOException {
        Files.delete(checked(name));
    }

    @Override
    public void deleteDirectory(String name) throws IOException {
        Files.delete(checked(name));
    }

    @Override
    public void setTimes(String name, @Nullable FileTime access, @Nullable FileTime modified) throws IOException {
        Files.getFileAttributeView(checked(name), BasicFileAttributeView.class, LinkOption.NOFOLLOW_LINKS)
                .setTimes(modified, access, null);
    }

    @Override
    public Path host() {
        return host;
    }

    @Override
    public void close() {
        // holds nothing open
    }
}
