package org.sallyport.engine;

import java.time.Duration;
import java.util.function.Supplier;

import org.jspecify.annotations.Nullable;
import org.sallyport.Memory;
import org.sallyport.StoreClosedException;

/**
 * A store's way to a shared memory that it has. Threads that are not inside the store take the memory themselves for the
 * duration of an access.
 */
public final class SharedAccess implements WaitQueue.Check {
    /** Longer ones are taken for endless. */
    private static final Duration LONGEST = Duration.ofDays(100 * 365);
    private static final Memory.Waited[] WAITED = Memory.Waited.values();

    private final SharedMemoryImpl shared;
    /** Whether the store has let go of the memory. */
    private volatile boolean ended;

    /** @param shared which the store has taken; {@link #end} before it lets go of it */
    public SharedAccess(SharedMemoryImpl shared) {
        this.shared = shared;
    }

    public SharedMemoryImpl shared() {
        return shared;
    }

    /** The store is closed: from now on nobody gets at the memory by this. */
    public void end() {
        ended = true;
        shared.waiters().checkAll();
    }

    public <T extends @Nullable Object> T within(Supplier<T> action) {
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

    /** Waits, within. @param address asked within: aligned and inside */
    public Memory.Waited waitOn(Supplier<Long> address, int bytes, long expected, Duration timeout)
            throws InterruptedException {
        long nanos = timeout.isNegative() || timeout.compareTo(LONGEST) > 0 ? -1 : timeout.toNanos();
        int how = within(
                () -> shared.waiters().await(new WaitQueue.Waiter(), address.get(), bytes, expected, nanos, this));
        if (how == WaitQueue.GIVEN_UP) {
            Thread.interrupted();
            throw new InterruptedException("while waiting on a shared memory");
        }
        return WAITED[how];
    }

    /** Called while a thread waits. */
    @Override
    public boolean givesUp() {
        checkOpen();
        return Thread.currentThread().isInterrupted();
    }

    /** Wakes, {@link #within}. @param address aligned and inside */
    public int wake(long address, int count) {
        return shared.waiters().notify(address, count);
    }
}
