package org.sallyport.spi;

import org.sallyport.wasm.FuncType;

/**
 * Machine code through which calls and traps cross between Java and guests (docs/abi.md), and what the runtime core has
 * to know of frames there. Position independent. Thread-safe.
 */
public interface GuestBorder {
    /** {@link #returnAddress}: in {@link StoreContext#TRAP_LINK}. */
    int IN_LINK_REGISTER = -2;

    /**
     * Where the return address is while a function has not yet made its frame.
     *
     * @param into bytes from the function's entry to the instruction that runs next
     * @return its distance from the stack pointer in bytes, {@link #IN_LINK_REGISTER}, or -1 if the frame is complete there
     */
    int returnAddress(int into);

    /**
     * Whether an instruction returns, so that the return address is at the stack pointer and the frame is gone. For samples of
     * guests that run.
     *
     * @param at offset of the instruction
     */
    default boolean isReturn(byte[] code, int at) {
        return false;
    }

    /**
     * Where a function that catches exceptions keeps the address of its instance context while it runs: an offset from its
     * frame pointer.
     */
    int savedContext();

    /** Position-independent entry trampoline for a function type (docs/abi.md). */
    byte[] entryTrampoline(FuncType type);

    /** Position-independent host trampoline. */
    byte[] hostTrampoline(FuncType type);

    /** Position-independent trampoline of a builtin. */
    byte[] builtinTrampoline(Builtin builtin);

    /** The enter stub: {@code int enter(StoreContext*)} in the C convention. */
    byte[] enterStub();

    byte[] exitStub();

    byte[] landingStub();

    /**
     * The signal handler, in the C convention {@code void handler(int, siginfo_t*, ucontext_t*)}.
     *
     * @param range address of two words: start and size in bytes of the region that holds compiled modules and
     *     trampolines. They are read at each fault, the size before the start; a size of 0 means none
     * @param landing address of the landing stub
     * @param previous address of an array of previous handler addresses by signal number, 8 bytes each; 0: none, the
     *     signal is ignored
     * @param interruptSignal number of the real-time signal that interrupts guests, and that of profilers
     */
    byte[] signalHandler(long range, long landing, long previous, int interruptSignal);

    /**
     * {@code long threadPointer(long)} in the C convention: where the machine points to what the C library knows of a
     * thread. Empty where that is what pthread_self gives.
     */
    default byte[] threadPointer() {
        return new byte[0];
    }

    /**
     * {@code int sentry(SentryBlock*)} in the C convention: ends guests at their deadlines until it is to leave, which may be
     * never ({@link SentryBlock}). Empty if the machine has none; then only threads of Java's do that.
     */
    default byte[] sentry() {
        return new byte[0];
    }

    /** Whether {@link #signalHandler} notes where a guest is in the {@link SampleBlock} of its store. */
    default boolean takesSamples() {
        return false;
    }
}
