package org.sallyport.spi;

/**
 * Byte offsets in the native store context, one struct per store (docs/abi.md). Written and read by machine code and by
 * the runtime core.
 */
public final class StoreContext {
    // @formatter:off
    /** Host stack pointer to return to; written by the enter stub. */
    public static final int HOST_SP       = 0;
    /** Guest stack pointer at exit; the one to enter with. */
    public static final int GUEST_SP      = 8;
    /** Where to enter. */
    public static final int RESUME_PC     = 16;
    /** The instance context to enter with. */
    public static final int VMCTX         = 24;
    /** Host function id or builtin ordinal of the exit (int). */
    public static final int EXIT_ID       = 32;
    /** Address of the exit's argument block. */
    public static final int EXIT_ARGS     = 40;
    /** Frame pointer at exit: start of the backtrace. */
    public static final int EXIT_FP       = 48;
    /** Context that was running at exit. */
    public static final int EXIT_VMCTX    = 56;
    /** Context of the instance that called the host function. */
    public static final int CALLER_VMCTX  = 64;
    public static final int TRAP_PC       = 72;
    public static final int TRAP_ADDRESS  = 80;
    public static final int TRAP_SIGNAL   = 88;
    /** pthread_self of the thread that is inside the guest now; 0 when none is. */
    public static final int THREAD        = 96;
    /** Not 0: the guest is to be stopped. */
    public static final int INTERRUPT     = 104;
    /** Address of the exit stub. */
    public static final int EXIT_STUB     = 112;
    /** Remaining fuel (reserved). */
    public static final int FUEL          = 120;
    /** Tag of the exception that a handler is entered with: what {@link VmLayout#tag} of instances holds. */
    public static final int EXCEPTION_TAG    = 128;
    /**
     * Address of the values of that exception, {@link #EXCEPTION_VALUE} bytes each; {@code throw} puts its own there. Room
     * for those of every tag in the store.
     */
    public static final int EXCEPTION_VALUES = 136;
    public static final int EXCEPTION_VALUE  = 16;
    /** Table of builtin trampolines, 8 bytes each, by {@link Builtin#ordinal()}. */
    public static final int BUILTINS      = 144;
    /** A function reference of no type ({@link VmLayout#FUNCREF_ENTRY}), for tests that have none. */
    public static final int NO_FUNCTION   = BUILTINS + 8 * 64;
    /** What {@link VmLayout#FUNCREF_SUPERTYPES} of functions points to whose type has no supertypes and no subtypes: zeros. */
    public static final int NO_SUPERTYPES = NO_FUNCTION + VmLayout.FUNCREF_ENTRY;
    /** Address of the store's record with the sentry ({@link SentryBlock}), or of {@link #OWN_RECORD}. */
    public static final int RECORD        = NO_SUPERTYPES + ObjectLayout.ROW;
    /**
     * Where the C library keeps the number of a thread: bytes from the thread's control block ({@code fs:0}). Of some other
     * word there if that is not known.
     */
    public static final int THREAD_NUMBER = RECORD + 8;
    /** When a signal last ended a guest of the store, in nanoseconds of {@code CLOCK_MONOTONIC}; 0 at first. */
    public static final int INTERRUPTED_AT = RECORD + 16;
    /** The link register at a trap, on machines that have one. */
    public static final int TRAP_LINK     = RECORD + 24;
    /**
     * The next object goes there, an offset from the heap's base: from there to {@link #OBJECT_LIMIT} all is zero. Whoever
     * makes one writes what it begins with before the new offset, so that what lies below is objects.
     */
    public static final int OBJECT_TOP    = RECORD + 32;
    /** Where that room ends; 0 at first. */
    public static final int OBJECT_LIMIT  = RECORD + 40;
    /** Address of the bytes of {@linkplain ObjectLayout#CARD_LOG2 cards}, the first one that of the heap's base. */
    public static final int OBJECT_CARDS  = RECORD + 48;
    /** Bytes from what pthread_self gives to the thread pointer of the machine ({@link GuestBorder#threadPointer}). */
    public static final int THREAD_POINTER = RECORD + 56;
    /** Address of the store's {@link SampleBlock}; 0 while no profiler looks. */
    public static final int SAMPLES       = RECORD + 64;
    /** What {@link #RECORD} points to in a store without a record: nobody looks at it. */
    public static final int OWN_RECORD    = RECORD + 72;
    public static final int SIZE          = OWN_RECORD + SentryBlock.RECORD_SIZE;
    // @formatter:on

    private StoreContext() {}
}
