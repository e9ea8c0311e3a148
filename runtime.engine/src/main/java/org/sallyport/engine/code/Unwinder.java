package org.sallyport.engine.code;

import org.jspecify.annotations.Nullable;
import org.sallyport.GuestException;
import org.sallyport.spi.Builtin;
import org.sallyport.spi.NativeMemory;
import org.sallyport.spi.SideTables.Handlers;
import org.sallyport.spi.StoreContext;
import org.sallyport.spi.StoreMemory;

/**
 * Finds who catches an exception: walks the frames of one activation of the guest ({@link Backtrace}) and asks the side
 * tables of the code that each returns to. The frames passed are just left; the guest goes on in the handler's frame as if
 * the call there had come to another place.
 */
public final class Unwinder {
    /** Frames between two looks at the deadline. */
    private static final int BETWEEN_CHECKS = 1024;

    private final CodeSpace code;
    private final Runnable check;
    private final long context;
    private final long low;
    private final long high;

    /**
     * @param memory of the store whose guests throw
     * @param check called every now and then while frames are walked; what it throws ends that
     */
    public Unwinder(CodeSpace code, StoreMemory memory, Runnable check) {
        this.code = code;
        this.check = check;
        context = memory.context();
        low = memory.stackEnd();
        high = memory.stackTop();
    }

    /**
     * Has the guest that is suspended go on in the innermost handler.
     *
     * @param framePointer where the activation left the guest
     * @return false if it has none
     */
    public boolean unwind(long framePointer) {
        CodeSpace.@Nullable Mapping known = null;
        long frame = framePointer;
        for (int steps = 1; isFrame(frame); steps++) {
            long caller = NativeMemory.getLong(frame);
            if (caller <= frame) {
                return false; // 0: the entry trampoline
            }
            if (steps % BETWEEN_CHECKS == 0) {
                check.run();
            }
            long pc = NativeMemory.getLong(frame + 8);
            if (known == null || !known.contains(pc)) {
                known = code.moduleAt(pc);
            }
            if (known != null) {
                Handlers handlers = known.code().tables().handlers();
                int at = handlers.find((int) (pc - known.base()));
                if (at >= 0) {
                    goOn(caller, caller - handlers.frames()[at], known.base() + handlers.landings()[at]);
                    return true;
                }
            }
            frame = caller;
        }
        return false;
    }

    private boolean isFrame(long address) {
        return address >= low && address <= high - 16 && (address & 7) == 0;
    }

    /** The frames below are dead: two words for the stub that takes the frame pointer on are put there. */
    private void goOn(long framePointer, long stackPointer, long landing) {
        NativeMemory.putLong(stackPointer - 16, framePointer);
        NativeMemory.putLong(stackPointer - 8, landing);
        long stub = NativeMemory.getLong(context + StoreContext.BUILTINS + 8 * Builtin.HANDLE.ordinal());
        NativeMemory.putLong(context + StoreContext.GUEST_SP, stackPointer - 16);
        NativeMemory.putLong(context + StoreContext.RESUME_PC, stub);
        NativeMemory.putLong(context + StoreContext.VMCTX, NativeMemory.getLong(framePointer + code.savedContext()));
    }

    /** Adds the return addresses of an activation to a trace. @return how many there are now */
    public int trace(long framePointer, long[] trace, int from) {
        int count = from;
        long frame = framePointer;
        while (count < GuestException.MAX_FRAMES && isFrame(frame)) {
            long caller = NativeMemory.getLong(frame);
            if (caller <= frame) {
                break;
            }
            trace[count++] = NativeMemory.getLong(frame + 8);
            frame = caller;
        }
        return count;
    }
}
