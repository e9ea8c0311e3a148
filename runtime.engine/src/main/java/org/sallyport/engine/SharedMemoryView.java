package org.sallyport.engine;

import java.time.Duration;
import java.util.function.Supplier;

import org.jspecify.annotations.Nullable;
import org.sallyport.SharedMemory;
import org.sallyport.StoreClosedException;
import org.sallyport.spi.NativeMemory;

/**
 * A shared memory as one of a store that has it. Threads that are not inside the store take the memory themselves for the
 * duration of an access.
 */
final class SharedMemoryView extends NativeMemoryImpl {
    /** Longer ones are taken for endless. */
    private static final Duration LONGEST = Duration.ofDays(100 * 365);
    private static final Waited[] WAITED = Waited.values();

    private final SharedMemoryImpl shared;
    /** Whether the store has let go of the memory. */
    private volatile boolean ended;

    /** @param shared which the store has taken; {@link #end} before it lets go of it */
    SharedMemoryView(NativeExecution execution, SharedMemoryImpl shared) {
        super(execution, shared.linear());
        this.shared = shared;
    }

    /** The store is closed: from now on nobody gets at the memory by this. */
    void end() {
        ended = true;
        shared.waiters().checkAll();
    }

    @Override
    public SharedMemory shared() {
        return shared;
    }

    @Override
    WaitQueue waiters() {
        return shared.waiters();
    }

    @Override
    <T extends @Nullable Object> T within(Supplier<T> action) {
        shared.take();
        try {
            checkOpen();
            return action.get();
        } finally {
            shared.letGo();
        }
    }

    private void checkOpen() {
        if (ended) {
            throw new StoreClosedException("the store is closed");
        }
    }

    @Override
    void checkpoint() {
        if (execution.isInside()) {
            execution.checkpoint();
        }
    }

    // ---- atomic access

    /** Native. */
    private long aligned(long address, int bytes) {
        return base + offset(address, bytes);
    }

    private long offset(long address, int bytes) {
        if ((address & bytes - 1) != 0) {
            throw new IllegalArgumentException("address " + Long.toUnsignedString(address) + " is no multiple of " + bytes);
        }
        return at(address, bytes);
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
        return waitOn(address, Integer.BYTES, expected, timeout);
    }

    @Override
    public Waited waitOnLong(long address, long expected, Duration timeout) throws InterruptedException {
        return waitOn(address, Long.BYTES, expected, timeout);
    }

    private Waited waitOn(long address, int bytes, long expected, Duration timeout) throws InterruptedException {
        long nanos = timeout.isNegative() || timeout.compareTo(LONGEST) > 0 ? -1 : timeout.toNanos();
        int how = within(() -> shared.waiters()
                .await(new WaitQueue.Waiter(), offset(address, bytes), bytes, expected, nanos, this::givesUp));
        if (how == WaitQueue.GIVEN_UP) {
            Thread.interrupted();
            throw new InterruptedException("while waiting on a shared memory");
        }
        return WAITED[how];
    }

    private boolean givesUp() {
        checkOpen();
        return Thread.currentThread().isInterrupted();
    }

    @Override
    public int notify(long address, int count) {
        return within(() -> shared.waiters().notify(offset(address, Integer.BYTES), count));
    }
}
