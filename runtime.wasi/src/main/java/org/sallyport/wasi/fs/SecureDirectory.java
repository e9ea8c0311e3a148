package org.sallyport.wasi.fs;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.SecureDirectoryStream;
import java.nio.file.attribute.BasicFileAttributeView;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A directory held open by a descriptor of the operating system ({@code openat} and its kin), so that it stays the
 * same directory whatever becomes of its path. {@link SecureDirectoryStream} has no counterpart of {@code mkdirat},
 * {@code symlinkat}, {@code linkat} and {@code readlinkat}; for these four the path is checked to lead to this
 * directory and then used, and between the two another process may exchange it: the guest alone cannot. Nor can it open
 * without waiting: what is opened is looked at before.
 */
final class SecureDirectory implements Directory {
    /** A stream has two descriptors, and so has each iteration over it. */
    private static final int COST = 4;

    private final SecureDirectoryStream<Path> stream;
    private final Path host;

    SecureDirectory(SecureDirectoryStream<Path> stream, Path host) {
        this.stream = stream;
        this.host = host;
    }

    @Override
    public boolean isExact() {
        return false;
    }

    @Override
    public int descriptors() {
        return COST;
    }

    /** @throws ErrnoException {@code NOENT} if this directory was moved or removed */
    private Path checked(String name) throws IOException {
        FileKey key = FileKey.of(basic(SELF), host);
        FileKey found = FileKey.of(Files.readAttributes(host, BasicFileAttributes.class), host);
        if (key.known() && !key.equals(found)) {
            throw Errno.NOENT.exception();
        }
        return host.resolve(name);
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
    public Directory openListable(String name) throws IOException {
        return openDirectory(name);
    }

    @Override
    public HostFile openFile(String name, OpenMode mode, Again again) throws IOException {
        needRegular(name, mode);
        Set<OpenOption> options = mode.options();
        options.add(LinkOption.NOFOLLOW_LINKS);
        return ChannelFile.open(() -> stream.newByteChannel(path(name), options), again, () -> attributes(name));
    }

    private void needRegular(String name, OpenMode mode) throws IOException {
        try {
            attributes(name).needRegular();
        } catch (NoSuchFileException e) {
            if (!mode.create()) {
                throw e;
            }
        }
    }

    @Override
    public Listing list() {
        return new StreamListing(this, () -> stream.newDirectoryStream(path(SELF), LinkOption.NOFOLLOW_LINKS));
    }

    @Override
    public byte[] readLink(String name) throws IOException {
        return Files.readSymbolicLink(checked(name)).toString().getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public void createDirectory(String name) throws IOException {
        Files.createDirectory(checked(name));
    }

    @Override
    public void createLink(String name, byte[] text) throws IOException {
        Files.createSymbolicLink(checked(name), path(new String(text, StandardCharsets.UTF_8)));
    }

    @Override
    public void link(String name, Directory to, String newName) throws IOException {
        if (!(to instanceof SecureDirectory target)) {
            throw Errno.XDEV.exception();
        }
        Files.createLink(target.checked(newName), checked(name));
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
    public void setTimes(String name, @Nullable SetTime access, @Nullable SetTime modified) throws IOException {
        attributes(name).needOpenable();
        view(name).setTimes(SetTime.fileTime(modified), SetTime.fileTime(access), null);
    }

    private Path path(String name) {
        return host.getFileSystem().getPath(name);
    }

    @Override
    public void close() throws IOException {
        stream.close();
    }
}
