package org.sallyport.wasi.fs;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributeView;
import java.nio.file.attribute.BasicFileAttributes;
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

    @Override
    public boolean isExact() {
        return false;
    }

    @Override
    public int descriptors() {
        return 1; // while it is listed
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
    public Directory openListable(String name) throws IOException {
        return openDirectory(name);
    }

    @Override
    public HostFile openFile(String name, OpenMode mode, Again again) throws IOException {
        Path path = checked(name);
        if (!mode.create() || Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
            FileStat.of(read(path), path).needRegular();
        }
        Set<OpenOption> options = mode.options();
        options.add(LinkOption.NOFOLLOW_LINKS);
        return ChannelFile.open(() -> Files.newByteChannel(path, options), again, () -> attributes(name));
    }

    @Override
    public Listing list() {
        return new StreamListing(this, () -> Files.newDirectoryStream(checked(SELF)));
    }

    @Override
    public byte[] readLink(String name) throws IOException {
        String text = Files.readSymbolicLink(checked(name)).toString().replace(host.getFileSystem().getSeparator(), "/");
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public void createDirectory(String name) throws IOException {
        Files.createDirectory(checked(name));
    }

    @Override
    public void createLink(String name, byte[] text) throws IOException {
        Path target = host.getFileSystem().getPath(new String(text, StandardCharsets.UTF_8));
        Files.createSymbolicLink(checked(name), target);
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
    public void setTimes(String name, @Nullable SetTime access, @Nullable SetTime modified) throws IOException {
        Path path = checked(name);
        FileStat.of(read(path), path).needOpenable();
        Files.getFileAttributeView(path, BasicFileAttributeView.class, LinkOption.NOFOLLOW_LINKS)
                .setTimes(SetTime.fileTime(modified), SetTime.fileTime(access), null);
    }

    @Override
    public void close() {
        // holds nothing open
    }
}
