package org.sallyport.engine.cache;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.SecureDirectoryStream;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributeView;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;

import org.jspecify.annotations.Nullable;
import org.sallyport.ArtefactKey;
import org.sallyport.CodeCacheException;
import org.sallyport.CodeCacheException.Problem;
import org.sallyport.CodeStore;

/**
 * Entries as files of one directory, shared by all processes of its owner. Nobody holds a lock:
 *
 * <ul>
 *   <li>An entry is written under another name and renamed, so whoever opens it gets a whole one, which stays readable
 *       when it is replaced or evicted meanwhile.
 *   <li>The time of last modification is that of last use; who writes makes room first, the least recently used goes.
 *       Two who do it at once may evict more than needed, and exceed the bound by what both are writing.
 *   <li>The key is a file like the entries, made once by hard link, and read for each operation: whoever deletes it, or
 *       the whole directory, costs compilations and nothing else.
 * </ul>
 *
 * <p>Each operation opens the directory itself, without following a link, looks at owner and permissions of what it
 * opened, and goes on relative to that, so that nobody can put another directory in its place between.
 */
public final class CacheDirectory implements CodeStore {
    private static final String KEY = "key";
    private static final String SUFFIX = ".code";
    private static final String DRAFT = ".new";
    private static final int KEY_BYTES = 32;
    /** A draft so old is left over from a process that died. */
    private static final Duration DRAFT_LIFE = Duration.ofHours(1);

    private static final FileAttribute<?> OWNERS_FILE =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
    private static final FileAttribute<?> OWNERS_DIRECTORY =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));
    private static final Set<OpenOption> READ = Set.of(StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS);
    private static final Set<OpenOption> CREATE =
            Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);

    /** An entry in a listing. */
    private record Entry(Path name, long bytes, FileTime used) {}

    /** What a file is found to be that cannot be an entry. */
    static final class NoEntryException extends IOException {
        private static final long serialVersionUID = 1;

        NoEntryException(String what) {
            super(what);
        }
    }

    private final Path path;
    private final long maxBytes;
    private final UserPrincipal user;
    private final AtomicLong evicted = new AtomicLong();

    /**
     * Makes the directory if it is missing.
     *
     * @throws CodeCacheException if it is not safe, or cannot be made
     */
    CacheDirectory(Path path, long maxBytes) {
        this.path = path.toAbsolutePath();
        this.maxBytes = maxBytes;
        try {
            if (!Files.exists(this.path, LinkOption.NOFOLLOW_LINKS)) {
                Files.createDirectories(this.path, OWNERS_DIRECTORY);
            }
            user = user();
            key();
        } catch (IOException | UnsupportedOperationException e) {
            throw unusable(e);
        }
    }

    CodeCacheException unusable(Exception e) {
        return new CodeCacheException(
                Problem.UNUSABLE, path, "cannot be used as a code cache: " + e + "; name another directory", e);
    }

    private CodeCacheException unsafe(Path what, String why) {
        return new CodeCacheException(Problem.UNSAFE, what, why, null);
    }

    /** Of this process: whoever its entry in /proc belongs to, else by name. */
    private static UserPrincipal user() throws IOException {
        Path self = Path.of("/proc/self");
        return Files.exists(self)
                ? Files.getOwner(self)
                : Path.of("/")
                        .getFileSystem()
                        .getUserPrincipalLookupService()
                        .lookupPrincipalByName(System.getProperty("user.name"));
    }

    // ---- the directory

    /** The directory, opened and found safe. */
    private SecureDirectoryStream<Path> open() throws IOException {
        Path parent = path.getParent();
        if (parent == null) {
            throw unsafe(path, "is the root of a file system; name a directory of your own");
        }
        SecureDirectoryStream<Path> directory;
        try (DirectoryStream<Path> above = Files.newDirectoryStream(parent)) {
            directory = secure(above).newDirectoryStream(path.getFileName(), LinkOption.NOFOLLOW_LINKS);
        } catch (FileSystemException e) {
            if (Files.isSymbolicLink(path)) {
                throw unsafe(path, "is a symbolic link; name the directory itself");
            }
            throw e;
        }
        try {
            check(path, attributes(directory, null), "700", PosixFilePermission.GROUP_WRITE,
                    PosixFilePermission.OTHERS_WRITE);
            return directory;
        } catch (Throwable t) {
            directory.close();
            throw t;
        }
    }

    private static SecureDirectoryStream<Path> secure(DirectoryStream<Path> stream) {
        if (stream instanceof SecureDirectoryStream<Path> secure) {
            return secure;
        }
        throw new UnsupportedOperationException("the file system cannot open files relative to a directory");
    }

    /** @param file null for the directory itself */
    private static PosixFileAttributes attributes(SecureDirectoryStream<Path> directory, @Nullable Path file)
            throws IOException {
        PosixFileAttributeView view = file == null
                ? directory.getFileAttributeView(PosixFileAttributeView.class)
                : directory.getFileAttributeView(file, PosixFileAttributeView.class, LinkOption.NOFOLLOW_LINKS);
        if (view == null) {
            throw new UnsupportedOperationException("the file system knows no owners and permissions");
        }
        return view.readAttributes();
    }

    private void check(Path what, PosixFileAttributes attributes, String mode, PosixFilePermission... forbidden) {
        if (!attributes.owner().equals(user)) {
            throw unsafe(what, "belongs to " + attributes.owner().getName() + ", not to " + user.getName()
                    + ", who runs this; name a directory of your own");
        }
        for (PosixFilePermission permission : forbidden) {
            if (attributes.permissions().contains(permission)) {
                throw unsafe(what, "others have access to it ("
                        + PosixFilePermissions.toString(attributes.permissions())
                        + "); if you are sure that nobody used it: chmod " + mode
                        + ", else delete the directory");
            }
        }
    }

    // ---- the key

    /** The secret of this directory's entries, made when it is missing. */
    ArtefactKey key() throws IOException {
        try (SecureDirectoryStream<Path> directory = open()) {
            Path name = Path.of(KEY);
            byte[] secret = readKey(directory, name);
            if (secret == null) {
                createKey(directory, name);
                secret = readKey(directory, name);
            }
            if (secret == null) {
                throw new NoSuchFileException(path.resolve(KEY).toString());
            }
            return new ArtefactKey(secret);
        }
    }

    private byte @Nullable [] readKey(SecureDirectoryStream<Path> directory, Path name) throws IOException {
        Path file = path.resolve(name);
        try {
            PosixFileAttributes attributes = attributes(directory, name);
            if (!attributes.isRegularFile()) {
                throw unsafe(file, "is no regular file; delete it to get a new key");
            }
            check(file, attributes, "600", PosixFilePermission.GROUP_READ, PosixFilePermission.GROUP_WRITE,
                    PosixFilePermission.OTHERS_READ, PosixFilePermission.OTHERS_WRITE);
            byte[] secret = read(directory, name, KEY_BYTES + 1);
            if (secret.length != KEY_BYTES) {
                throw new CodeCacheException(
                        Problem.UNUSABLE, file, "is no key; delete it to get a new one", null);
            }
            return secret;
        } catch (NoSuchFileException e) {
            return null;
        }
    }

    /** Whole under another name, and then linked, so that of two who do it at once both get the same. */
    private void createKey(SecureDirectoryStream<Path> directory, Path name) throws IOException {
        byte[] secret = new byte[KEY_BYTES];
        new SecureRandom().nextBytes(secret);
        Path draft = draft(directory, secret);
        try {
            Files.createLink(path.resolve(name), path.resolve(draft));
        } catch (FileAlreadyExistsException e) {
            // another was first
        } finally {
            delete(directory, draft);
        }
    }

    // ---- entries

    private static Path file(String name) {
        return Path.of(name + SUFFIX);
    }

    /** @throws NoEntryException if something else has the entry's name */
    @Override
    public byte @Nullable [] read(String name) throws IOException {
        Path file = file(name);
        try (SecureDirectoryStream<Path> directory = open()) {
            BasicFileAttributeView view = basic(directory, file);
            BasicFileAttributes attributes = view.readAttributes();
            if (!attributes.isRegularFile()) {
                throw new NoEntryException("it is no regular file");
            }
            if (attributes.size() > maxBytes) {
                throw new NoEntryException("it is larger than the whole cache may be: " + attributes.size());
            }
            byte[] entry = read(directory, file, attributes.size());
            try {
                view.setTimes(FileTime.from(Instant.now()), null, null);
            } catch (IOException e) {
                // a read-only directory, or just evicted
            }
            return entry;
        } catch (NoSuchFileException e) {
            return null;
        }
    }

    private static BasicFileAttributeView basic(SecureDirectoryStream<Path> directory, Path file) {
        return directory.getFileAttributeView(file, BasicFileAttributeView.class, LinkOption.NOFOLLOW_LINKS);
    }

    private static byte[] read(SecureDirectoryStream<Path> directory, Path file, long atMost) throws IOException {
        try (SeekableByteChannel channel = directory.newByteChannel(file, READ)) {
            long size = Math.min(channel.size(), atMost);
            if (size > Integer.MAX_VALUE - 16) {
                throw new NoEntryException("it is too large: " + size);
            }
            ByteBuffer bytes = ByteBuffer.allocate((int) size);
            while (bytes.hasRemaining() && channel.read(bytes) >= 0) {
                // goes on
            }
            byte[] all = bytes.array();
            return bytes.hasRemaining() ? java.util.Arrays.copyOf(all, bytes.position()) : all;
        }
    }

    @Override
    public void write(String name, byte[] entry) throws IOException {
        if (entry.length > maxBytes) {
            return;
        }
        Path file = file(name);
        makeRoom(maxBytes - entry.length, file);
        try (SecureDirectoryStream<Path> directory = open()) {
            Path draft = draft(directory, entry);
            try {
                directory.move(draft, directory, file);
            } catch (Throwable t) {
                delete(directory, draft);
                throw t;
            }
        }
    }

    /** A file with these contents, for the owner only, under a name that nobody else uses. */
    private static Path draft(SecureDirectoryStream<Path> directory, byte[] contents) throws IOException {
        byte[] random = new byte[16];
        new SecureRandom().nextBytes(random);
        Path draft = Path.of(HexFormat.of().formatHex(random) + DRAFT);
        try {
            try (SeekableByteChannel channel = directory.newByteChannel(draft, CREATE, OWNERS_FILE)) {
                ByteBuffer bytes = ByteBuffer.wrap(contents);
                while (bytes.hasRemaining()) {
                    channel.write(bytes);
                }
            }
            basic(directory, draft).setTimes(FileTime.from(Instant.now()), null, null); // finer than the kernel's
            return draft;
        } catch (Throwable t) {
            delete(directory, draft);
            throw t;
        }
    }

    @Override
    public void remove(String name) throws IOException {
        try (SecureDirectoryStream<Path> directory = open()) {
            delete(directory, file(name));
        }
    }

    private static void delete(SecureDirectoryStream<Path> directory, Path file) throws IOException {
        try {
            directory.deleteFile(file);
        } catch (NoSuchFileException e) {
            // another was first
        }
    }

    // ---- how much there is

    /** Entries that this object evicted. */
    long evicted() {
        return evicted.get();
    }

    /** Number and bytes of the entries there are. */
    long[] usage() throws IOException {
        try (SecureDirectoryStream<Path> directory = open()) {
            List<Entry> entries = list(directory);
            return new long[] {entries.size(), entries.stream().mapToLong(Entry::bytes).sum()};
        }
    }

    /** Deletes the least recently used entries until so many bytes are left. @return bytes that this freed */
    long prune(long bytes) throws IOException {
        return makeRoom(bytes, null);
    }

    /** @param replaced entry that does not count, because it is about to be replaced */
    private long makeRoom(long bytes, @Nullable Path replaced) throws IOException {
        try (SecureDirectoryStream<Path> directory = open()) {
            List<Entry> entries = list(directory);
            entries.removeIf(e -> e.name.equals(replaced));
            long used = entries.stream().mapToLong(Entry::bytes).sum();
            if (used <= bytes) {
                return 0;
            }
            long before = used;
            entries.sort(Comparator.comparing(Entry::used).thenComparing(Entry::name));
            for (Entry entry : entries) {
                if (used <= bytes) {
                    break;
                }
                delete(directory, entry.name);
                evicted.incrementAndGet();
                used -= entry.bytes;
                CacheEvents.happened("evicted", entry.name.toString(), entry.bytes, "");
            }
            return before - used;
        }
    }

    /** The entries; deletes drafts that were left over. */
    private List<Entry> list(SecureDirectoryStream<Path> directory) throws IOException {
        List<Entry> entries = new ArrayList<>();
        Instant old = Instant.now().minus(DRAFT_LIFE);
        for (Path found : directory) {
            Path name = found.getFileName();
            boolean isDraft = name.toString().endsWith(DRAFT);
            if (!isDraft && !name.toString().endsWith(SUFFIX)) {
                continue;
            }
            try {
                BasicFileAttributes attributes = basic(directory, name).readAttributes();
                if (!attributes.isRegularFile()) {
                    continue;
                }
                if (!isDraft) {
                    entries.add(new Entry(name, attributes.size(), attributes.lastModifiedTime()));
                } else if (attributes.lastModifiedTime().toInstant().isBefore(old)) {
                    delete(directory, name);
                }
            } catch (NoSuchFileException e) {
                // another deleted it
            }
        }
        return entries;
    }

    @Override
    public String toString() {
        return path.toString();
    }
}
