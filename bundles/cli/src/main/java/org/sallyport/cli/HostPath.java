package org.sallyport.cli;

import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;

/** Files that a command line names. */
final class HostPath {
    private static final Path CURRENT = Path.of("/proc/self/cwd");

    private HostPath() {}

    /**
     * The file of that name, never one with a similar name.
     *
     * @param name as {@link HostText}
     * @throws FailureException if Java cannot name it
     */
    static Path of(String name) {
        Charset encoding = HostProcess.encoding();
        Path path;
        try {
            path = Path.of(encoding == StandardCharsets.UTF_8 ? name : recoded(name, encoding));
        } catch (InvalidPathException e) {
            String reason = name.indexOf('\0') >= 0
                    ? "a name of a file has no NUL character"
                    : HostText.isUtf8(name)
                            ? "Java cannot name this file in this locale (" + encoding + "); set LC_ALL=C.UTF-8"
                            : "Java cannot name files whose names are not UTF-8; give it another name, such as a link's";
            throw new FailureException(HostText.shown(name) + ": " + reason, e);
        }
        return path.isAbsolute() || !Current.ELSEWHERE ? path : CURRENT.resolve(path);
    }

    /** The string for which Java, in its encoding, makes the bytes of the name; or the name, which it will refuse. */
    private static String recoded(String name, Charset encoding) {
        String recoded = new String(HostText.bytes(name), encoding);
        return recoded.indexOf('\uFFFD') >= 0 ? name : recoded;
    }

    /** Where we are, which Java remembers by its name. */
    private static final class Current {
        /** Whether Java believes to be elsewhere, because it cannot decode the name. */
        static final boolean ELSEWHERE = isElsewhere();

        private static boolean isElsewhere() {
            try {
                return Files.exists(CURRENT) && !Files.isSameFile(Path.of(System.getProperty("user.dir", "")), CURRENT);
            } catch (IOException | InvalidPathException e) {
                return true;
            }
        }
    }
}
