package org.sallyport.engine;

import java.time.Duration;
import java.util.function.Supplier;

import org.jspecify.annotations.Nullable;
import org.sallyport.SharedMemory;
import org.sallyport.spi.NativeMemory;
import org.sallyport.spi.SharedLinearMemory;

/** A shared memory of machine code as one of a store that has it. */
final class SharedMemoryView extends NativeMemoryImpl {
    private final SharedAccess access;

    /** @param shared which the store has taken; {@link #end} before it lets go of it */
    SharedMemoryView(NativeExecution execution, SharedMemoryImpl shared) {
        super(execution, (SharedLinearMemory) shared.linear());
        access = new SharedAccess(shared);
    }

    void end() {
        access.end();
    }

    @Override
    public SharedMemory shared() {
        return access.shared();
    }

    @Override
    protected WaitQueue waiters() {
        return access.shared().waiters();
    }

    @Override
    protected <T extends @Nullable Object> T within(Supplier<T> action) {
        return access.within(action);
    }

    @Override
    protected void checkpoint() {
        if (execution.isInside()) {
            execution.checkpoint();
        }
    }

    // ---- atomic access

    /** Native. */
    private long aligned(long address, int bytes) {
        return base + alignedAt(address, bytes);
    }

    @Override
    public int getIntVolatile(long address) {
        return within(() -> NativeMemory.getIntVolatile(aligned(address, Integer.BYTES)));
    }

    @Override
    public long getLongVolatile(long address) {
        return within(() -> NativeMemory.getLongVolatile(aligned(address, Long.BYTES)));
    }

    @Override
    public void setIntVolatile(long address, int value) {
        run(() -> NativeMemory.putIntVolatile(aligned(address, Integer.BYTES), value));
    }

    @Override
    public void setLongVolatile(long address, long value) {
        run(() -> NativeMemory.putLongVolatile(aligned(address, Long.BYTES), value));
    }

    @Override
    public int getAndAddInt(long address, int delta) {
        return within(() -> NativeMemory.getAndAddInt(aligned(address, Integer.BYTES), delta));
    }

    @Override
    public long getAndAddLong(long address, long delta) {
        return within(() -> NativeMemory.getAndAddLong(aligned(address, Long.BYTES), delta));
    }

    @Override
    public int compareAndExchangeInt(long address, int expected, int value) {
        return within(() -> NativeMemory.compareAndExchangeInt(aligned(address, Integer.BYTES), expected, value));
    }

    @Override
    public long compareAndExchangeLong(long address, long expected, long value) {
        return within(() -> NativeMemory.compareAndExchangeLong(aligned(address, Long.BYTES), expected, value));
    }

    @Override
    public Waited waitOnInt(long address, int expected, Duration timeout) throws InterruptedException {
        return access.waitOn(() -> alignedAt(address, Integer.BYTES), Integer.BYTES, expected, timeout);
    }

    @Override
    public Waited waitOnLong(long address, long expected, Duration timeout) throws InterruptedException {
        return access.waitOn(() -> alignedAt(address, Long.BYTES), Long.BYTES, expected, timeout);
    }

    @Override
    public int notify(long address, int count) {
        return within(() -> access.wake(alignedAt(address, Integer.BYTES), count));
    }
}
