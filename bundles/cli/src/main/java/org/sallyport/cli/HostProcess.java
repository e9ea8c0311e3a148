package org.sallyport.cli;

import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What this process was started with, as {@link HostText}. Java decodes arguments and environment as the locale says,
 * and what the locale does not know becomes U+FFFD. Linux still has the bytes.
 */
final class HostProcess {
    private static final char REPLACEMENT = '\uFFFD';

    /** In place of {@code LC_ALL}, which the launcher sets for Java: {@code =} and the user's value, or nothing. */
    private static final String LAUNCHERS_LC_ALL = "SALLYPORT_LC_ALL";

    private HostProcess() {}

    /** The encoding of file names, arguments and environment in this JVM. */
    static Charset encoding() {
        try {
            return Charset.forName(System.getProperty("sun.jnu.encoding", "UTF-8"));
        } catch (IllegalArgumentException e) {
            return StandardCharsets.US_ASCII;
        }
    }

    /**
     * The arguments of this process's {@code main}.
     *
     * @param decoded as Java has them
     * @throws UsageException if the bytes of one that Java could not decode are not to be had
     */
    static String[] arguments(String[] decoded) {
        Charset encoding = encoding();
        if (encoding == StandardCharsets.UTF_8 && Arrays.stream(decoded).noneMatch(HostProcess::isLossy)) {
            return decoded;
        }
        List<byte[]> all = list("/proc/self/cmdline");
        List<byte[]> last = all.subList(Math.max(0, all.size() - decoded.length), all.size());
        return arguments(decoded, last, encoding);
    }

    /** @param bytes what should be the same arguments; fewer if they are not known */
    static String[] arguments(String[] decoded, List<byte[]> bytes, Charset encoding) {
        String[] texts = decoded.clone();
        for (int i = 0; i < texts.length; i++) {
            byte[] found = i < bytes.size() ? bytes.get(i) : new byte[0];
            if (bytes.size() == texts.length && new String(found, encoding).equals(decoded[i])) {
                texts[i] = HostText.decode(found);
            } else if (isLossy(decoded[i])) {
                throw new UsageException("argument " + (i + 1) + " (" + decoded[i] + ") cannot be read in this locale ("
                        + encoding + "), and there is no /proc/self/cmdline; set LC_ALL=C.UTF-8");
            }
        }
        return texts;
    }

    private static boolean isLossy(String decoded) {
        return decoded.indexOf(REPLACEMENT) >= 0;
    }

    /**
     * The value of a variable of our environment, or null.
     *
     * @throws UsageException if Java could not decode it and its bytes are not to be had
     */
    static @Nullable String variable(String name) {
        List<byte[]> all = list("/proc/self/environ");
        if (all.isEmpty()) {
            String value = System.getenv(name);
            if (value != null && isLossy(value)) {
                throw new UsageException("--env " + name + ": the value cannot be read in this locale (" + encoding() + ")");
            }
            return value;
        }
        return variable(name, all);
    }

    /** @param environment entries as {@code NAME=VALUE} */
    static @Nullable String variable(String name, List<byte[]> environment) {
        if (name.equals("LC_ALL")) {
            String users = find(LAUNCHERS_LC_ALL, environment);
            if (users != null) {
                return users.startsWith("=") ? users.substring(1) : null;
            }
        }
        return find(name, environment);
    }

    private static @Nullable String find(String name, List<byte[]> environment) {
        byte[] prefix = HostText.bytes(name + "=");
        for (byte[] entry : environment) {
            if (entry.length >= prefix.length && Arrays.equals(entry, 0, prefix.length, prefix, 0, prefix.length)) {
                return HostText.decode(Arrays.copyOfRange(entry, prefix.length, entry.length));
            }
        }
        return null;
    }

    /** Strings that each end with a NUL byte; none if there is no such file here. */
    private static List<byte[]> list(String file) {
        byte[] bytes;
        try {
            bytes = Files.readAllBytes(Path.of(file));
        } catch (IOException e) {
            return List.of();
        }
        List<byte[]> list = new ArrayList<>();
        int start = 0;
        for (int i = 0; i < bytes.length; i++) {
            if (bytes[i] == 0) {
                list.add(Arrays.copyOfRange(bytes, start, i));
                start = i + 1;
            }
        }
        return list;
    }
}
