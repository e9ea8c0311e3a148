package org.sallyport.wasi.fs;

import java.io.File;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Set;

/**
 * Which names a guest may use for a file. On Windows a name can mean a device ({@code NUL.txt}), a stream of another
 * file ({@code a:b}) or a path ({@code a\b}), and is silently shortened ({@code a.} is {@code a}); such names are
 * refused there.
 */
final class FileNames {
    static final int MAX_BYTES = 255;

    private static final boolean WINDOWS = File.separatorChar == '\\';
    private static final String WINDOWS_FORBIDDEN = "\\:<>\"|?*";
    private static final Set<String> WINDOWS_DEVICES = Set.of(
            "CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$", "CLOCK$", "COM0", "COM1", "COM2", "COM3", "COM4", "COM5",
            "COM6", "COM7", "COM8", "COM9", "COM\u00b9", "COM\u00b2", "COM\u00b3", "LPT0", "LPT1", "LPT2", "LPT3",
            "LPT4", "LPT5", "LPT6", "LPT7", "LPT8", "LPT9", "LPT\u00b9", "LPT\u00b2", "LPT\u00b3");

    private FileNames() {}

    /** @throws ErrnoException {@code NAMETOOLONG}, or {@code NOENT} if no file of the host can have that name */
    static void check(String name) throws ErrnoException {
        if (name.getBytes(StandardCharsets.UTF_8).length > MAX_BYTES) {
            throw Errno.NAMETOOLONG.exception();
        }
        if (WINDOWS && !name.equals(GuestPath.UP) && !isWindowsName(name)) {
            throw Errno.NOENT.exception();
        }
    }

    static boolean isWindowsName(String name) {
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            if (c < ' ' || WINDOWS_FORBIDDEN.indexOf(c) >= 0) {
                return false;
            }
        }
        char last = name.charAt(name.length() - 1);
        if (last == '.' || last == ' ') {
            return false;
        }
        int dot = name.indexOf('.');
        String stem = (dot < 0 ? name : name.substring(0, dot)).stripTrailing().toUpperCase(Locale.ROOT);
        return !WINDOWS_DEVICES.contains(stem);
    }
}
