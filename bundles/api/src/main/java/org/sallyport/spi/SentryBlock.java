package org.sallyport.spi;

/**
 * Byte offsets in the native memory of an engine's sentry: a thread that stays in machine code ({@link
 * GuestBorder#sentry}), where the JVM does not stop it, and ends guests at their deadlines (docs/abi.md, "The sentry").
 * First some words of the whole, then {@linkplain #RECORD_SIZE records}, one for each store whose calls have had deadlines.
 * Read and written by machine code and by the runtime core.
 *
 * <p>Times are nanoseconds of {@code CLOCK_MONOTONIC}, which {@link System#nanoTime} has, too; they are compared by the sign
 * of their difference.
 */
public final class SentryBlock {
    // @formatter:off
    /** Not 0: the sentry is to leave (int). */
    public static final int STOP        = 0;
    /** What it waits on (int): whoever sets a deadline before {@link #LOOKS} adds 1. */
    public static final int ASKS        = 4;
    /** Not 0: it waits, or is about to, and must be woken (int). */
    public static final int SLEEPS      = 8;
    /** What {@link #ASKS} was when it last looked (int); of one that has left because there was nothing to do. */
    public static final int SEEN        = 12;
    /** When it looks by itself. So far away that it covers no deadline while it looks or does not run. */
    public static final int LOOKS       = 16;
    /** Address behind the last record that it looks at. */
    public static final int END         = 24;
    /** Number of the process (int). */
    public static final int PROCESS     = 32;
    /** Number of the signal that interrupts guests (int). */
    public static final int SIGNAL      = 36;
    /** The first record; behind a cache line that callers only read. */
    public static final int RECORDS     = 128;
    /** Bytes of a record: a cache line. */
    public static final int RECORD_SIZE = 64;

    // a record
    /** Number of the thread that runs machine code of the store, as the kernel has it; 0 when none does (int). */
    public static final int THREAD      = 0;
    /** The deadline in force, or {@link #NO_DEADLINE}. Written by the thread inside the store. */
    public static final int DEADLINE    = 8;
    /** The last deadline that the sentry has found passed. While it is the one in force, a signal ends the guest. */
    public static final int EXPIRED     = 16;
    /** When the sentry signals again; its own. */
    public static final int AGAIN       = 24;
    /** How long after that it does so once more; its own. */
    public static final int PAUSE       = 32;
    /**
     * When the sentry had last sent a signal; 0 while it does. A thread that runs then is interrupted at once, another does
     * not run any more before it has seen the signal.
     */
    public static final int SIGNALLED   = 40;

    /** What the sentry leaves with. */
    public static final int STOPPED     = 0;
    /** The system refuses a call that it needs. */
    public static final int REFUSED     = 1;
    /** No deadline has been in force for a while. */
    public static final int IDLE        = 2;
    // @formatter:on

    public static final long NO_DEADLINE = Long.MIN_VALUE;

    private SentryBlock() {}
}
