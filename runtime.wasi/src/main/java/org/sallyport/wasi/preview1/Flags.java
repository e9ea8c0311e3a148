package org.sallyport.wasi.preview1;

/** The flag sets and small enumerations of WASI preview 1. */
final class Flags {
    // @formatter:off
    static final int FD_APPEND   = 1;
    static final int FD_DSYNC    = 1 << 1;
    static final int FD_NONBLOCK = 1 << 2;
    static final int FD_RSYNC    = 1 << 3;
    static final int FD_SYNC     = 1 << 4;
    static final int FD_ALL      = 0x1F;

    static final int O_CREAT     = 1;
    static final int O_DIRECTORY = 1 << 1;
    static final int O_EXCL      = 1 << 2;
    static final int O_TRUNC     = 1 << 3;
    static final int O_ALL       = 0xF;

    static final int LOOKUP_FOLLOW = 1;

    static final int ATIM     = 1;
    static final int ATIM_NOW = 1 << 1;
    static final int MTIM     = 1 << 2;
    static final int MTIM_NOW = 1 << 3;
    static final int TIM_ALL  = 0xF;

    static final int WHENCE_SET = 0;
    static final int WHENCE_CUR = 1;
    static final int WHENCE_END = 2;

    static final int CLOCK_REALTIME        = 0;
    static final int CLOCK_MONOTONIC       = 1;
    static final int CLOCK_PROCESS_CPUTIME = 2;
    static final int CLOCK_THREAD_CPUTIME  = 3;

    static final int EVENT_CLOCK    = 0;
    static final int EVENT_FD_READ  = 1;
    static final int EVENT_FD_WRITE = 2;
    static final int CLOCK_ABSTIME  = 1;
    static final int EVENT_HANGUP   = 1;
    // @formatter:on

    private Flags() {}
}
