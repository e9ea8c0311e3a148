package org.sallyport.engine;

import org.sallyport.spi.NativeMemory;
import org.sallyport.spi.VirtualMemory;
import org.sallyport.spi.VirtualMemory.Access;

/**
 * The expensive half of an asymmetric fence (DESIGN, section 4). A call in and out of a guest pays no fence: it writes
 * a word and then reads another, and the processor may swap the two. Whoever wants to stop it writes the second word,
 * runs this barrier, and reads the first: afterwards either the call sees the request or the requester sees the call.
 *
 * <p>{@code membarrier(2)} does it; where that is not allowed, taking away access to a page that was just written does
 * it too, because the kernel must then interrupt every processor that runs this process to flush its address
 * translations.
 */
final class ProcessBarrier {
    private final VirtualMemory memory;
    private final long page;

    /** @param page address of one page that only this object uses */
    ProcessBarrier(VirtualMemory memory, long page, boolean useMembarrier) {
        this.memory = memory;
        this.page = useMembarrier && LinuxProcess.registerBarrier() ? 0 : page;
    }

    synchronized void run() {
        if (page == 0) {
            LinuxProcess.barrier();
            return;
        }
        if (!memory.protect(page, memory.pageSize(), Access.READ_WRITE)) {
            throw new AssertionError("BUG: no memory for the barrier page");
        }
        NativeMemory.putByte(page, (byte) 1);
        memory.protect(page, memory.pageSize(), Access.NONE);
    }
}
