package org.sallyport.engine.code;

import java.util.ArrayList;
import java.util.List;

import org.sallyport.GuestException;
import org.sallyport.GuestFrame;
import org.sallyport.spi.CompiledModule;
import org.sallyport.spi.GuestBorder;
import org.sallyport.spi.NativeMemory;

/**
 * Walks the frame pointers of a guest stack. Compiled functions keep a chain of frames ({@code [fp]} caller's frame,
 * {@code [fp+8]} return address) that ends with 0 in the entry trampoline. Trampolines and helpers have frames but no
 * place in the backtrace. A function that the compiler copied into its caller has no frame of its own, but the side
 * tables know it and the call that it replaced.
 */
public final class Backtrace {
    private final CodeSpace code;
    private final long low;
    private final long high;
    private final List<GuestFrame> frames = new ArrayList<>();

    /** @param low lowest readable address of the stack; {@code high} the end */
    public Backtrace(CodeSpace code, long low, long high) {
        this.code = code;
        this.low = low;
        this.high = high;
    }

    public List<GuestFrame> frames() {
        return frames;
    }

    /** Whether there is no place for more frames; further activations need not be looked at. */
    public boolean isFull() {
        return frames.size() >= GuestException.MAX_FRAMES;
    }

    /**
     * Adds the frames of one activation, innermost first.
     *
     * @param link the link register, where there is one and the guest has trapped
     */
    public void add(long pc, long framePointer, long stackPointer, long link) {
        long at = pc;
        long frame = framePointer;
        CodeSpace.Mapping mapping = isFull() ? null : code.moduleAt(pc);
        if (mapping != null) {
            addFrame(mapping, at, false);
            long caller = callerInPrologue(mapping, pc, stackPointer, link);
            if (caller != 0) {
                addFrame(caller);
            }
        }
        while (!isFull() && isFrame(frame)) {
            long next = NativeMemory.getLong(frame);
            if (next == 0) {
                return; // the entry trampoline
            }
            at = NativeMemory.getLong(frame + 8);
            addFrame(at);
            if (next <= frame) {
                return;
            }
            frame = next;
        }
    }

    /**
     * Adds the frames of a guest that runs, by what a signal handler noted of it.
     *
     * @param top the two words at its stack pointer
     * @return which of the frames is the function whose machine code ran: 1 behind a copy in it, else 0
     */
    public int addSample(long pc, long[] top, long[] returns) {
        CodeSpace.Mapping mapping = code.moduleAt(pc);
        if (mapping != null) {
            addFrame(mapping, pc, false);
        }
        int compiled = Math.max(0, frames.size() - 1);
        int up = mapping == null ? -1 : upInPrologue(mapping, pc);
        if (mapping != null && code.isReturn(mapping.code().code(), (int) (pc - mapping.base()))) {
            up = 0;
        }
        if (up >= 0 && up / Long.BYTES < top.length) {
            addFrame(top[up / Long.BYTES]);
        }
        addReturns(returns);
        return compiled;
    }

    /** Adds the frames that the addresses return to. */
    public void addReturns(long[] addresses) {
        for (long address : addresses) {
            addFrame(address);
        }
    }

    /** At the beginning of a function, the frame pointer is still the caller's. */
    private long callerInPrologue(CodeSpace.Mapping mapping, long pc, long stackPointer, long link) {
        int up = upInPrologue(mapping, pc);
        if (up == GuestBorder.IN_LINK_REGISTER) {
            return link;
        }
        return up >= 0 && isFrame(stackPointer + up) ? NativeMemory.getLong(stackPointer + up) : 0;
    }

    /** See {@link GuestBorder#returnAddress}; -1 outside of functions, too. */
    private int upInPrologue(CodeSpace.Mapping mapping, long pc) {
        CompiledModule compiled = mapping.code();
        int offset = (int) (pc - mapping.base());
        int function = compiled.functionAt(offset);
        int into = function < 0 ? -1 : offset - compiled.functionStart(function);
        return into < 0 ? -1 : code.returnAddress(into);
    }

    private boolean isFrame(long address) {
        return address >= low && address <= high - 16 && (address & 7) == 0;
    }

    private void addFrame(long pc) {
        CodeSpace.Mapping mapping = isFull() ? null : code.moduleAt(pc);
        if (mapping != null) {
            addFrame(mapping, pc, true);
        }
    }

    private void addFrame(CodeSpace.Mapping mapping, long pc, boolean isReturn) {
        CompiledModule compiled = mapping.code();
        int offset = (int) (pc - mapping.base());
        int position = isReturn ? compiled.callPositionAt(offset) : compiled.positionAt(offset);
        int defined = compiled.functionAt(offset);
        if (defined < 0 || defined >= compiled.functionCount()) {
            return;
        }
        CodeOwner module = mapping.module();
        int function = module.spaces().importedFuncs() + mapping.firstFunction() + defined;
        int call = compiled.inlinedAt(offset, isReturn);
        if (call >= 0) { // a copy of a small function within this one
            int source = module.spaces().functionAt(position);
            frames.add(new GuestFrame(module.name(), source, module.functionName(source), position, module.sources()));
            position = call;
            if (isFull()) {
                return;
            }
        }
        frames.add(new GuestFrame(module.name(), function, module.functionName(function), position, module.sources()));
    }
}
