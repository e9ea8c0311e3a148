package org.sallyport.store;

import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;

import org.sallyport.LimitExceededException;
import org.sallyport.spi.NativeMemory;
import org.sallyport.spi.VirtualMemory;
import org.sallyport.spi.VirtualMemory.Access;

/**
 * Guest stacks with a guard below and above. From low to high addresses: guard, {@link #RED} bytes for signal handlers
 * and trampolines, the stack that calls may use, guard. A stack that comes back is emptied before the next store gets
 * it. Thread-safe.
 */
final class StackPool {
    /**
     * Kept free below the limit that prologues check: the largest signal frame and the largest trampoline fit several
     * times.
     */
    static final int RED = 128 << 10;
    private static final int GUARD = 64 << 10;
    /** Bytes at the top that nearly every store uses: they are zeroed, and need not be brought back page by page. */
    private static final int HOT = 8 << 10;

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
    }

    private final VirtualMemory memory;
    private final int maxFree;
    private final Map<Integer, ArrayDeque<Stack>> free = new HashMap<>();
    private int freeCount;

    StackPool(VirtualMemory memory, int maxFree) {
        this.memory = memory;
        this.maxFree = maxFree;
    }

    /** @param bytes that calls may use, rounded up to pages */
    Stack take(int bytes) {
        int usable = Math.toIntExact(memory.pages(bytes));
        synchronized (this) {
            ArrayDeque<Stack> stacks = free.get(usable);
            if (stacks != null && !stacks.isEmpty()) {
                freeCount--;
                return stacks.pop();
            }
        }
        return make(usable);
    }

    private Stack make(int usable) {
        long reserved = (long) usable + RED + 2 * GUARD;
        Stack stack = new Stack(memory.reserve(reserved), reserved, usable);
        if (!memory.protect(stack.end(), (long) RED + usable, Access.READ_WRITE)) {
            memory.release(stack.reservation, reserved);
            throw new LimitExceededException("guest stack bytes", usable, 0, "the operating system: out of memory");
        }
        return stack;
    }

    /** Nothing runs on the stack any more. */
    void giveBack(Stack stack) {
        int hot = Math.min(HOT, stack.usable);
        memory.discard(stack.end(), (long) RED + stack.usable - hot);
        NativeMemory.fill(stack.top() - hot, hot, (byte) 0);
        synchronized (this) {
            if (freeCount < maxFree) {
                freeCount++;
                free.computeIfAbsent(stack.usable, _ -> new ArrayDeque<>()).push(stack);
                return;
            }
        }
        memory.release(stack.reservation, stack.reserved);
    }

    synchronized void trim() {
        free.values().forEach(stacks -> stacks.forEach(s -> memory.release(s.reservation, s.reserved)));
        free.clear();
        freeCount = 0;
    }
}
