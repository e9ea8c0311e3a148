package org.sallyport.engine;

import static org.sallyport.TrapCode.EXPECTED_SHARED_MEMORY;
import static org.sallyport.TrapCode.MEMORY_OUT_OF_BOUNDS;
import static org.sallyport.TrapCode.UNALIGNED_ATOMIC;

import org.sallyport.TrapCode;
import org.sallyport.TrapException;
import org.sallyport.engine.events.FlightEvents;

/**
 * {@code memory.atomic.wait32}, {@code wait64} and {@code notify} of the guests of one store. Who waits parks like a host
 * function that blocks, with no native frame beneath it: a virtual thread leaves its carrier to others. What stops calls
 * interrupts it ({@link Stoppable}); another {@link Thread#interrupt} stops the call, too, as nothing else may ever end it.
 */
final class GuestWaits implements WaitQueue.Check {
    private final Execution execution;
    private final WaitQueue.Waiter waiter = new WaitQueue.Waiter();

    GuestWaits(Execution execution) {
        this.execution = execution;
    }

    int notify(MemoryImpl memory, long index, long offset, int count) {
        long address = address(memory, index, offset, Integer.BYTES);
        WaitQueue waiters = memory.waiters();
        return waiters == null ? 0 : waiters.notify(address, count);
    }

    int await(MemoryImpl memory, long index, long offset, long expected, long nanos, int bytes) {
        long address = address(memory, index, offset, bytes);
        WaitQueue waiters = memory.waiters();
        if (waiters == null) {
            throw trap(EXPECTED_SHARED_MEMORY);
        }
        boolean before = execution.hosting;
        execution.hosting = true;
        int how;
        try {
            how = waiters.await(waiter, address, bytes, expected, nanos, this);
        } finally {
            execution.hosting = before;
        }
        if (how == WaitQueue.GIVEN_UP && execution.alarm == 0) {
            execution.interruptInside(); // by whoever interrupted the thread
        }
        execution.checkpoint();
        return how;
    }

    /** Called while the thread waits. The alarm is raised before a thread is interrupted because of it. */
    @Override
    public boolean givesUp() {
        return execution.alarm != 0 || Thread.currentThread().isInterrupted();
    }

    /** The sum of index and offset, one of 65 bits, where the queue and its memory count from. */
    private long address(MemoryImpl memory, long index, long offset, int bytes) {
        long address = index + offset;
        if ((address & bytes - 1) != 0) {
            throw trap(UNALIGNED_ATOMIC);
        }
        boolean wraps = Long.compareUnsigned(address, index) < 0;
        if (wraps || Builtins.isOutside(address, bytes, memory.byteSize())) {
            throw trap(MEMORY_OUT_OF_BOUNDS);
        }
        return address;
    }

    private TrapException trap(TrapCode code) {
        return FlightEvents.ended(new TrapException(code, "", execution.backtrace()));
    }
}
