package org.sallyport.wasi.fs;

import java.nio.file.attribute.BasicFileAttributes;

/** {@code filetype} of WASI preview 1; the number is the ordinal. */
public enum FileType {
    UNKNOWN,
    BLOCK_DEVICE,
    CHARACTER_DEVICE,
    DIRECTORY,
    REGULAR_FILE,
    SOCKET_DGRAM,
    SOCKET_STREAM,
    SYMBOLIC_LINK;

    static FileType of(BasicFileAttributes attributes) {
        if (attributes.isRegularFile()) {
            return REGULAR_FILE;
        }
        if (attributes.isDirectory()) {
            return DIRECTORY;
        }
        return attributes.isSymbolicLink() ? SYMBOLIC_LINK : UNKNOWN;
    }

    /** Of {@code st_mode} of a Unix system; a pipe is unknown to WASI. */
    static FileType ofMode(int mode) {
        return switch (mode >> 12 & 0xF) {
            case 2 -> CHARACTER_DEVICE;
            case 4 -> DIRECTORY;
            case 6 -> BLOCK_DEVICE;
            case 8 -> REGULAR_FILE;
            case 10 -> SYMBOLIC_LINK;
            case 12 -> SOCKET_STREAM;
            default -> UNKNOWN;
        };
    }
}
