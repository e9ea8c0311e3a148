package org.sallyport.wasi.fs;

import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.NonReadableChannelException;
import java.nio.channels.NonWritableChannelException;
import java.nio.file.AccessDeniedException;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.NotLinkException;
import java.nio.file.ProviderMismatchException;
import java.nio.file.ReadOnlyFileSystemException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Error numbers of WASI preview 1 ({@code errno}), in their order: the number is the ordinal. All a guest ever learns
 * of a failure.
 */
public enum Errno {
    // @formatter:off
    SUCCESS, TOO_BIG, ACCES, ADDRINUSE, ADDRNOTAVAIL, AFNOSUPPORT, AGAIN, ALREADY, BADF, BADMSG,
    BUSY, CANCELED, CHILD, CONNABORTED, CONNREFUSED, CONNRESET, DEADLK, DESTADDRREQ, DOM, DQUOT,
    EXIST, FAULT, FBIG, HOSTUNREACH, IDRM, ILSEQ, INPROGRESS, INTR, INVAL, IO,
    ISCONN, ISDIR, LOOP, MFILE, MLINK, MSGSIZE, MULTIHOP, NAMETOOLONG, NETDOWN, NETRESET,
    NETUNREACH, NFILE, NOBUFS, NODEV, NOENT, NOEXEC, NOLCK, NOLINK, NOMEM, NOMSG,
    NOPROTOOPT, NOSPC, NOSYS, NOTCONN, NOTDIR, NOTEMPTY, NOTRECOVERABLE, NOTSOCK, NOTSUP, NOTTY,
    NXIO, OVERFLOW, OWNERDEAD, PERM, PIPE, PROTO, PROTONOSUPPORT, PROTOTYPE, RANGE, ROFS,
    SPIPE, SRCH, STALE, TIMEDOUT, TXTBSY, XDEV, NOTCAPABLE;

    /** What an operating system says when the Java exception has no type of its own; a hint only. */
    private static final List<Hint> HINTS = List.of(
            new Hint("Not a directory",                     NOTDIR),
            new Hint("Is a directory",                      ISDIR),
            new Hint("Directory not empty",                 NOTEMPTY),
            new Hint("Too many levels of symbolic links",   LOOP),
            new Hint("File name too long",                  NAMETOOLONG),
            new Hint("No space left on device",             NOSPC),
            new Hint("Disk quota exceeded",                 DQUOT),
            new Hint("Read-only file system",               ROFS),
            new Hint("Invalid cross-device link",           XDEV),
            new Hint("Operation not permitted",             PERM),
            new Hint("Operation not supported",             NOTSUP),
            new Hint("Permission denied",                   ACCES),
            new Hint("Too many open files",                 NFILE),
            new Hint("Too many links",                      MLINK),
            new Hint("Device or resource busy",             BUSY),
            new Hint("File too large",                      FBIG),
            new Hint("Text file busy",                      TXTBSY),
            new Hint("Broken pipe",                         PIPE),
            new Hint("Invalid argument",                    INVAL));
    // @formatter:on

    private record Hint(String text, Errno errno) {}

    /** An exception that carries this number, without a stack trace. */
    public ErrnoException exception() {
        return new ErrnoException(this);
    }

    /** The number that stands for a failure of the host's file system or streams. */
    public static Errno of(IOException failure) {
        return switch (failure) {
            case ErrnoException e -> e.errno();
            case NoSuchFileException _ -> NOENT;
            case FileAlreadyExistsException _ -> EXIST;
            case DirectoryNotEmptyException _ -> NOTEMPTY;
            case AccessDeniedException _ -> ACCES;
            case NotDirectoryException _ -> NOTDIR;
            case NotLinkException _ -> INVAL;
            case FileSystemLoopException _ -> LOOP;
            case AtomicMoveNotSupportedException _ -> XDEV;
            case FileSystemException e -> hinted(e.getReason());
            case ClosedChannelException _ -> BADF;
            default -> hinted(failure.getMessage());
        };
    }

    /** As {@link #of(IOException)} for the unchecked failures that file systems throw; null if it is none of those. */
    public static @Nullable Errno of(RuntimeException failure) {
        return switch (failure) {
            case InvalidPathException _ -> ILSEQ;
            case ReadOnlyFileSystemException _ -> ROFS;
            case ProviderMismatchException _ -> XDEV;
            case UnsupportedOperationException _ -> NOTSUP;
            case NonReadableChannelException _, NonWritableChannelException _ -> BADF;
            case SecurityException _ -> ACCES;
            default -> null;
        };
    }

    private static Errno hinted(@Nullable String reason) {
        if (reason != null) {
            for (Hint hint : HINTS) {
                if (reason.contains(hint.text)) {
                    return hint.errno;
                }
            }
        }
        return IO;
    }
}
