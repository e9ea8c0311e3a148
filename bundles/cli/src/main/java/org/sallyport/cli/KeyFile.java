package org.sallyport.cli;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.sallyport.ArtefactKey;

/**
 * The key with which this user's artefacts are authenticated: 32 random bytes in a file that only the owner can read,
 * in the user's state directory ({@code $XDG_STATE_HOME/sallyport}, else {@code ~/.local/state/sallyport}). Whoever
 * has it can make {@code run} execute any machine code, so a file that others can read or write is refused, not
 * repaired.
 */
final class KeyFile {
    private static final int BYTES = 32;
    private static final String NAME = "artefact.key";

    private final Path file;

    KeyFile(Path file) {
        this.file = file;
    }

    /** The system property {@code sallyport.state} names another state directory. */
    static KeyFile ofUser() {
        String state = System.getProperty("sallyport.state");
        return state != null
                ? new KeyFile(Path.of(state, NAME))
                : in(HostProcess::variable, System.getProperty("user.home", ""));
    }

    static KeyFile in(Function<String, @Nullable String> environment, String home) {
        Path states = UserDirectories.find(environment, "XDG_STATE_HOME", home, ".local", "state");
        if (states == null) {
            throw new FailureException("this user has no home directory for a key; set HOME or XDG_STATE_HOME");
        }
        return new KeyFile(states.resolve("sallyport").resolve(NAME));
    }

    Path path() {
        return file;
    }

    /** @throws FailureException if there is no key yet, or others have access to it */
    ArtefactKey read() throws IOException {
        try {
            checkPermissions();
            byte[] secret = Files.readAllBytes(file);
            if (secret.length != BYTES) {
                throw new FailureException(
                        file + ": is no key (" + secret.length + " bytes instead of " + BYTES
                                + "); remove it to get a new one");
            }
            return new ArtefactKey(secret);
        } catch (NoSuchFileException e) {
            throw new FailureException(file + ": there is no key, so no artefact was compiled by this user here", e);
        }
    }

    /** The key, made with the first call. */
    ArtefactKey readOrCreate() throws IOException {
        if (!Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
            create();
        }
        return read();
    }

    /** Written whole under another name and then linked, so that two processes that do this get the same key. */
    private void create() throws IOException {
        Path directory = file.toAbsolutePath().getParent();
        if (directory == null) {
            throw new FailureException(file + ": is no place for a key");
        }
        createDirectories(directory);
        byte[] secret = new byte[BYTES];
        new SecureRandom().nextBytes(secret);
        Path draft = Files.createTempFile(directory, "key", ".new"); // 0600 where permissions are POSIX
        try {
            Files.write(draft, secret);
            Files.createLink(file, draft);
        } catch (FileAlreadyExistsException e) {
            return; // another process was first
        } catch (UnsupportedOperationException e) {
            Files.copy(draft, file);
        } finally {
            Files.deleteIfExists(draft);
        }
    }

    private static void createDirectories(Path directory) throws IOException {
        if (Files.isDirectory(directory)) {
            return;
        }
        if (directory.getFileSystem().supportedFileAttributeViews().contains("posix")) {
            Files.createDirectories(
                    directory, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        } else {
            Files.createDirectories(directory);
        }
    }

    private void checkPermissions() throws IOException {
        PosixFileAttributeView view =
                Files.getFileAttributeView(file, PosixFileAttributeView.class, LinkOption.NOFOLLOW_LINKS);
        if (view == null) {
            return; // no POSIX permissions here; the home directory's protection has to do
        }
        PosixFileAttributes attributes = view.readAttributes();
        if (!attributes.isRegularFile()) {
            throw new FailureException(file + ": is not a regular file; refusing it as a key");
        }
        String permissions = PosixFilePermissions.toString(attributes.permissions());
        if (!permissions.endsWith("------")) {
            throw new FailureException(file + ": others may access this key (" + permissions
                    + "); if you are sure that nobody did: chmod 600, else remove it and compile again");
        }
        String user = System.getProperty("user.name");
        if (!attributes.owner().getName().equals(user)) {
            throw new FailureException(file + ": belongs to " + attributes.owner().getName() + ", not to " + user);
        }
    }
}
