package org.sallyport.store;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import org.jspecify.annotations.Nullable;
import org.sallyport.LimitExceededException;
import org.sallyport.spi.NativeMemory;
import org.sallyport.spi.VirtualMemory;
import org.sallyport.spi.VirtualMemory.Access;
import org.sallyport.store.LinuxMemory.Ranges;

/**
 * Guest stacks with a guard below and above. From low to high addresses: guard, {@link #RED} bytes for signal handlers
 * and trampolines, the stack that calls may use, guard. A stack that comes back is emptied before the next store gets
 * it. Thread-safe.
 */
final class StackPool implements Trim.Release<StackPool.Stack> {
    /**
     * Kept free below the limit that prologues check: the largest signal frame and the largest trampoline fit several
     * times.
     */
    static final int RED = 128 << 10;
    private static final int GUARD = 64 << 10;
    /** Bytes at the top that nearly every store uses: they are zeroed, and need not be brought back page by page. */
    private static final int HOT = 8 << 10;

    /** Into how many mappings a stack is split: guard, stack, guard. */
    static final int MAPPINGS = 3;

    /** A mapped stack. */
    record Stack(long reservation, long reserved, int usable) {
        long end() {
            return reservation + GUARD;
        }

        long limit() {
            return end() + RED;
        }

        long top() {
            return limit() + usable;
        }

        /** Bytes that are accessible. */
        long committed() {
            return (long) RED + usable;
        }
    }

    private final VirtualMemory memory;
    private final Reserving reserving;
    private final int maxFree;
    private final Map<Integer, List<Stack>> free = new HashMap<>();
    private int freeCount;

    StackPool(Reserving reserving, int maxFree) {
        this.memory = reserving.memory();
        this.reserving = reserving;
        this.maxFree = maxFree;
    }

    /** Address space of a stack. @param bytes that calls may use */
    long reserved(int bytes) {
        return committed(bytes) + 2 * GUARD;
    }

    /** Bytes of it that are accessible. */
    long committed(int bytes) {
        return RED + memory.pages(bytes);
    }

    /** @param bytes that calls may use, rounded up to pages. The caller has charged them */
    Stack take(int bytes) {
        int usable = Math.toIntExact(memory.pages(bytes));
        Stack stack = poll(usable);
        return stack != null ? stack : make(usable, reserved(bytes));
    }

    private synchronized @Nullable Stack poll(int usable) {
        List<Stack> stacks = free.get(usable);
        if (stacks == null || stacks.isEmpty()) {
            return null;
        }
        freeCount--;
        return stacks.removeLast();
    }

    private Stack make(int usable, long reserved) {
        long address = reserving.reserve(reserved, MAPPINGS);
        boolean isMade = false;
        try {
            Stack stack = new Stack(address, reserved, usable);
            isMade = memory.protect(stack.end(), stack.committed(), Access.READ_WRITE);
            if (!isMade) {
                throw new LimitExceededException("guest stack bytes", usable, 0, "the operating system: out of memory");
            }
            return stack;
        } finally {
            if (!isMade) {
                memory.release(address, reserved);
            }
        }
    }

    /** Nothing runs on the stack any more. See {@link Trim.Release#release}. */
    void giveBack(Stack stack) {
        if (!isKept(stack)) {
            release(stack);
        }
    }

    private boolean isKept(Stack stack) {
        try {
            return clean(stack) && keep(stack);
        } catch (VirtualMachineError e) {
            return false; // then the system gets it
        }
    }

    /** @return false if the operating system refuses */
    private boolean clean(Stack stack) {
        int hot = Math.min(HOT, stack.usable);
        if (!memory.discard(stack.end(), stack.committed() - hot)) {
            return false;
        }
        NativeMemory.fill(stack.top() - hot, hot, (byte) 0);
        return true;
    }

    private synchronized boolean keep(Stack stack) {
        if (freeCount >= maxFree) {
            return false;
        }
        List<Stack> stacks = free.get(stack.usable);
        if (stacks == null) {
            stacks = new ArrayList<>();
            free.put(stack.usable, stacks);
        }
        stacks.add(stack);
        freeCount++;
        return true;
    }

    void trim() {
        synchronized (this) {
            for (List<Stack> stacks : free.values()) {
                int before = stacks.size();
                try {
                    Trim.each(this, stacks, this);
                } finally {
                    freeCount -= before - stacks.size();
                }
            }
        }
    }

    @Override
    public void release(Stack stack) {
        memory.release(stack.reservation, stack.reserved);
    }

    synchronized void eachRange(Ranges ranges) {
        for (List<Stack> stacks : free.values()) {
            for (Stack stack : stacks) {
                ranges.add("free stack", stack.reservation, stack.reserved);
            }
        }
    }
}
