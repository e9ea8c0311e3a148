package org.sallyport.wasi.preview1;

/** {@code rights} of WASI preview 1: what may be done with a descriptor. */
final class Rights {
    // @formatter:off
    static final long FD_DATASYNC             = 1L;
    static final long FD_READ                 = 1L << 1;
    static final long FD_SEEK                 = 1L << 2;
    static final long FD_FDSTAT_SET_FLAGS     = 1L << 3;
    static final long FD_SYNC                 = 1L << 4;
    static final long FD_TELL                 = 1L << 5;
    static final long FD_WRITE                = 1L << 6;
    static final long FD_ADVISE               = 1L << 7;
    static final long FD_ALLOCATE             = 1L << 8;
    static final long PATH_CREATE_DIRECTORY   = 1L << 9;
    static final long PATH_CREATE_FILE        = 1L << 10;
    static final long PATH_LINK_SOURCE        = 1L << 11;
    static final long PATH_LINK_TARGET        = 1L << 12;
    static final long PATH_OPEN               = 1L << 13;
    static final long FD_READDIR              = 1L << 14;
    static final long PATH_READLINK           = 1L << 15;
    static final long PATH_RENAME_SOURCE      = 1L << 16;
    static final long PATH_RENAME_TARGET      = 1L << 17;
    static final long PATH_FILESTAT_GET       = 1L << 18;
    static final long PATH_FILESTAT_SET_SIZE  = 1L << 19;
    static final long PATH_FILESTAT_SET_TIMES = 1L << 20;
    static final long FD_FILESTAT_GET         = 1L << 21;
    static final long FD_FILESTAT_SET_SIZE    = 1L << 22;
    static final long FD_FILESTAT_SET_TIMES   = 1L << 23;
    static final long PATH_SYMLINK            = 1L << 24;
    static final long PATH_REMOVE_DIRECTORY   = 1L << 25;
    static final long PATH_UNLINK_FILE        = 1L << 26;
    static final long POLL_FD_READWRITE       = 1L << 27;
    // @formatter:on

    /** What applies to a regular file. */
    static final long FILE = FD_DATASYNC | FD_READ | FD_SEEK | FD_FDSTAT_SET_FLAGS | FD_SYNC | FD_TELL | FD_WRITE
            | FD_ADVISE | FD_ALLOCATE | FD_FILESTAT_GET | FD_FILESTAT_SET_SIZE | FD_FILESTAT_SET_TIMES
            | POLL_FD_READWRITE;

    /** What applies to a directory. */
    static final long DIRECTORY = FD_FDSTAT_SET_FLAGS | FD_SYNC | FD_ADVISE | PATH_CREATE_DIRECTORY | PATH_CREATE_FILE
            | PATH_LINK_SOURCE | PATH_LINK_TARGET | PATH_OPEN | FD_READDIR | PATH_READLINK | PATH_RENAME_SOURCE
            | PATH_RENAME_TARGET | PATH_FILESTAT_GET | PATH_FILESTAT_SET_SIZE | PATH_FILESTAT_SET_TIMES
            | FD_FILESTAT_GET | FD_FILESTAT_SET_TIMES | PATH_SYMLINK | PATH_REMOVE_DIRECTORY | PATH_UNLINK_FILE
            | POLL_FD_READWRITE;

    /** What the descendants of a preopened directory may have. */
    static final long INHERITED = FILE | DIRECTORY;

    /** Standard input. A terminal is recognized by the absence of {@link #FD_SEEK} and {@link #FD_TELL}. */
    static final long INPUT = FD_READ | FD_FDSTAT_SET_FLAGS | FD_FILESTAT_GET | POLL_FD_READWRITE;

    /** Standard output and error. */
    static final long OUTPUT = FD_WRITE | FD_FDSTAT_SET_FLAGS | FD_FILESTAT_GET | FD_SYNC | FD_DATASYNC
            | POLL_FD_READWRITE;

    private Rights() {}

    /** Whether these rights contain the wanted ones; {@code fd_seek} implies {@code fd_tell}. */
    static boolean contain(long rights, long wanted) {
        long all = (rights & FD_SEEK) != 0 ? rights | FD_TELL : rights;
        return (all & wanted) == wanted;
    }
}
