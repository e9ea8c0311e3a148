package org.sallyport.spi;

import org.sallyport.wasm.FuncType;

/**
 * Layout of the blocks in which arguments and results cross between Java and guests, in bytes (docs/abi.md). The one
 * definition that trampolines and the runtime core read. A block has a slot for each argument, and for each result the
 * slot of the same number: an i32 zero-extended, an f32 in the low four bytes, a reference as it is in registers.
 *
 * <p>In the block of a call into a guest a word of its own, the code address, comes first, and the slots begin behind it
 * ({@link #FIRST_SLOT}). In the block of a call out of the guest, a host function's or builtin's, they begin at once.
 */
public final class CallBlock {
    public static final int SLOT = 16;
    /** Where the slots begin in the block of a call into a guest. */
    public static final int FIRST_SLOT = 8;
    /** Of blocks, whose addresses are multiples of it. */
    public static final int ALIGNMENT = 16;

    private CallBlock() {}

    /** Number of slots. */
    public static int slots(FuncType type) {
        return Math.max(type.params().size(), type.results().size());
    }

    /** Bytes of the block of a call into a guest, a multiple of {@link #ALIGNMENT}. */
    public static int bytes(FuncType type) {
        return FIRST_SLOT + SLOT * slots(type) + ALIGNMENT - 1 & -ALIGNMENT;
    }

    /** Address of slot {@code i}, where the first one is at {@code slots}. */
    public static long slot(long slots, int i) {
        return slots + (long) SLOT * i;
    }

    /** Address of slot {@code i} in the block of a call into a guest. */
    public static long slotIn(long block, int i) {
        return slot(block + FIRST_SLOT, i);
    }
}
