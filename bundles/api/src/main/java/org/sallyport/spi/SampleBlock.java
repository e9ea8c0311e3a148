package org.sallyport.spi;

/**
 * Byte offsets in the native memory that a store's sampled guest writes: where its machine code was when the signal of a profiler
 * came, and from where that was called. Written by the signal handler ({@link GuestBorder#signalHandler}) on the guest's
 * thread, read by the profiler, on another one. The memory is the engine's and stays as long as that, as the handler may run
 * when nobody expects it to.
 */
public final class SampleBlock {
    // @formatter:off
    /** Counts up twice for each sample; odd while one is written. */
    public static final int SEQUENCE  = 0;
    /** Where the guest stack ends; written by the runtime before the store context points here. */
    public static final int STACK_END = 8;
    /** The program counter. */
    public static final int PC        = 16;
    /** The two words at the stack pointer: the return address is there where a function has not made its frame yet. */
    public static final int TOP       = 24;
    /** Bytes of {@link #RETURNS} that are of this sample. */
    public static final int LENGTH    = 40;
    /** Return addresses by the chain of frame pointers, the youngest first. */
    public static final int RETURNS   = 48;
    public static final int SIZE      = 2048;
    // @formatter:on

    private SampleBlock() {}
}
