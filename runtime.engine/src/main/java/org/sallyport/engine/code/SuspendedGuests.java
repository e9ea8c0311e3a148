package org.sallyport.engine.code;

import java.util.Arrays;
import java.util.List;

import org.sallyport.GuestFrame;
import org.sallyport.spi.NativeMemory;
import org.sallyport.spi.StoreContext;
import org.sallyport.spi.StoreMemory;

/**
 * Where the guests of one store go on that are suspended in calls out of them. Of the innermost the store context says it; for
 * those around, one for each level of nesting, it is kept here. Used by the thread inside the store.
 */
public final class SuspendedGuests {
    /** Words of each: guest stack pointer, resume address, frame pointer, caller. */
    private static final int WORDS = 4;

    private final CodeSpace space;
    private final StoreMemory memory;
    private final long context;
    private long[] saved = new long[4 * WORDS];

    public SuspendedGuests(CodeSpace space, StoreMemory memory) {
        this.space = space;
        this.memory = memory;
        context = memory.context();
    }

    /** There is none. */
    public void clear() {
        NativeMemory.putLong(context + StoreContext.GUEST_SP, memory.stackTop());
        NativeMemory.putLong(context + StoreContext.RESUME_PC, 0);
        NativeMemory.putLong(context + StoreContext.EXIT_FP, 0);
        NativeMemory.putLong(context + StoreContext.CALLER_VMCTX, 0);
    }

    /** Keeps the innermost as that of a level from 1 on. */
    public void save(int level) {
        int at = level * WORDS;
        if (at == saved.length) {
            saved = Arrays.copyOf(saved, 2 * at);
        }
        saved[at] = NativeMemory.getLong(context + StoreContext.GUEST_SP);
        saved[at + 1] = NativeMemory.getLong(context + StoreContext.RESUME_PC);
        saved[at + 2] = NativeMemory.getLong(context + StoreContext.EXIT_FP);
        saved[at + 3] = NativeMemory.getLong(context + StoreContext.CALLER_VMCTX);
    }

    /** That of the level is the innermost again. */
    public void restore(int level) {
        int at = level * WORDS;
        NativeMemory.putLong(context + StoreContext.GUEST_SP, saved[at]);
        NativeMemory.putLong(context + StoreContext.RESUME_PC, saved[at + 1]);
        NativeMemory.putLong(context + StoreContext.EXIT_FP, saved[at + 2]);
        NativeMemory.putLong(context + StoreContext.CALLER_VMCTX, saved[at + 3]);
    }

    /**
     * Whether an instance has called the host function that runs, or one around.
     *
     * @param vmctx address of its context
     * @param level of the innermost
     */
    public boolean isCalling(long vmctx, int level) {
        if (NativeMemory.getLong(context + StoreContext.CALLER_VMCTX) == vmctx) {
            return true;
        }
        for (int i = 1; i < level; i++) {
            if (saved[i * WORDS + 3] == vmctx) {
                return true;
            }
        }
        return false;
    }

    /**
     * The frames of all.
     *
     * @param pc where the innermost is
     * @param level its level
     */
    public List<GuestFrame> frames(long pc, int level) {
        Backtrace trace = new Backtrace(space, memory.stackEnd(), memory.stackTop());
        trace.add(
                pc,
                NativeMemory.getLong(context + StoreContext.EXIT_FP),
                NativeMemory.getLong(context + StoreContext.GUEST_SP),
                NativeMemory.getLong(context + StoreContext.TRAP_LINK));
        for (int i = level - 1; i > 0 && !trace.isFull(); i--) {
            trace.add(saved[i * WORDS + 1], saved[i * WORDS + 2], saved[i * WORDS], 0);
        }
        return trace.frames();
    }

    /** Collects the return addresses of all activations. @return how many */
    public int trace(Unwinder unwinder, long[] addresses, int level) {
        int count = unwinder.trace(NativeMemory.getLong(context + StoreContext.EXIT_FP), addresses, 0);
        for (int i = level - 1; i > 0; i--) {
            count = unwinder.trace(saved[i * WORDS + 2], addresses, count);
        }
        return count;
    }
}
