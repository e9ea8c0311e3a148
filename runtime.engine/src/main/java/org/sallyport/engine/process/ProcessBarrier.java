package org.sallyport.engine.process;

import org.sallyport.engine.stop.Watchdog;
import org.sallyport.engine.threads.SpinLock;
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
 *
 * <p>The {@link Watchdog} runs it, and threads that hold a {@link SpinLock}: it waits for nobody who could be kept from
 * going on.
 */
public final class ProcessBarrier implements Barrier {
    /** So often a method handle is called before the JDK makes a class of its own for it, which allocates. */
    private static final int WARM = 200;

    private final VirtualMemory memory;
    private final long page;
    private final SpinLock guard = new SpinLock();
    private volatile boolean useMembarrier;
    private boolean closed;

    /** @param page address of one page that only this object uses */
    public ProcessBarrier(VirtualMemory memory, long page, boolean useMembarrier) {
        this.memory = memory;
        this.page = page;
        this.useMembarrier = useMembarrier && LinuxProcess.registerBarrier();
    }

    @Override
    public void run() {
        if (!useMembarrier || !LinuxProcess.barrier()) {
            runByPage();
        }
    }

    @Override
    public void runForWatchdog() {
        if (!useMembarrier || !LinuxProcess.Threads.get().barrier()) {
            runByPage();
        }
    }

    /** Whether the system call does it, for machine code that makes it, too. */
    public boolean isByMembarrier() {
        return useMembarrier;
    }

    @Override
    public boolean isOneSided() {
        return true;
    }

    @Override
    public void prepareStops() {
        LinuxProcess.Threads.get();
    }

    @Override
    public void prepareWatchdog() {
        LinuxProcess.raisePriority();
        long me = LinuxProcess.Threads.get().self();
        for (int i = 0; i < WARM; i++) {
            LinuxProcess.Threads.get().signal(me, 0);
            runForWatchdog();
        }
    }

    private void runByPage() {
        useMembarrier = false; // a filter of system calls that came later
        guard.take();
        try {
            if (!closed) {
                flush();
            }
        } finally {
            guard.taken = 0;
        }
    }

    private void flush() {
        if (!memory.protect(page, memory.pageSize(), Access.READ_WRITE)) {
            throw new AssertionError("BUG: no memory for the barrier page");
        }
        NativeMemory.putByte(page, (byte) 1);
        memory.protect(page, memory.pageSize(), Access.NONE);
    }

    /** The page is going away, and with it the last store that needed the barrier. */
    public void close() {
        guard.take();
        closed = true;
        guard.taken = 0;
    }
}
