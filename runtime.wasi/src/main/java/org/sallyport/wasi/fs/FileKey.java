package org.sallyport.wasi.fs;

import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import org.jspecify.annotations.Nullable;

/**
 * Which file it is: device and serial number.
 *
 * @param known whether the file system told; if not, the numbers are made up from the path
 */
public record FileKey(long dev, long ino, boolean known) {

    static FileKey of(BasicFileAttributes attributes, Path path) {
        FileKey key = parse(attributes.fileKey());
        return key != null ? key : new FileKey(0, path.hashCode() & 0xFFFF_FFFFL | 1L << 32, false);
    }

    /**
     * Java's key of Unix files has no accessors; its text is {@code (dev=fe01,ino=1234)}, the device in hexadecimal.
     */
    private static @Nullable FileKey parse(@Nullable Object key) {
        if (key == null) {
            return null;
        }
        String text = key.toString();
        int dev = text.indexOf("dev=");
        int comma = text.indexOf(',', dev + 1);
        int ino = text.indexOf("ino=", comma + 1);
        int end = text.indexOf(')', ino + 1);
        if (dev < 0 || comma < 0 || ino < 0 || end < 0) {
            return new FileKey(0, key.hashCode() & 0xFFFF_FFFFL, true);
        }
        try {
            return new FileKey(
                    Long.parseUnsignedLong(text, dev + 4, comma, 16),
                    Long.parseUnsignedLong(text, ino + 4, end, 10),
                    true);
        } catch (NumberFormatException e) {
            return new FileKey(0, key.hashCode() & 0xFFFF_FFFFL, true);
        }
    }
}
