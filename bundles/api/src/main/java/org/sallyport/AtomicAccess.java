package org.sallyport;

import java.time.Duration;

/**
 * Atomic access to a linear memory, in one order with the atomic instructions of guests (threads proposal, sequentially
 * consistent). Addresses must be multiples of the access's size; others throw {@link IllegalArgumentException}.
 */
public interface AtomicAccess {
    /** How waiting ended. */
    enum Waited {
        /** Somebody notified. */
        NOTIFIED,
        /** The memory did not hold what was expected. */
        NOT_EQUAL,
        TIMED_OUT
    }

    int getInt(long address);

    long getLong(long address);

    void setInt(long address, int value);

    void setLong(long address, long value);

    default int getIntVolatile(long address) {
        return getInt(aligned(address, Integer.BYTES));
    }

    default long getLongVolatile(long address) {
        return getLong(aligned(address, Long.BYTES));
    }

    default void setIntVolatile(long address, int value) {
        setInt(aligned(address, Integer.BYTES), value);
    }

    default void setLongVolatile(long address, long value) {
        setLong(aligned(address, Long.BYTES), value);
    }

    /** @return what was there */
    default int getAndAddInt(long address, int delta) {
        int before = getIntVolatile(address);
        setInt(address, before + delta);
        return before;
    }

    /** @return what was there */
    default long getAndAddLong(long address, long delta) {
        long before = getLongVolatile(address);
        setLong(address, before + delta);
        return before;
    }

    /** @return what was there: {@code expected} if the value was set */
    default int compareAndExchangeInt(long address, int expected, int value) {
        int before = getIntVolatile(address);
        if (before == expected) {
            setInt(address, value);
        }
        return before;
    }

    /** @return what was there: {@code expected} if the value was set */
    default long compareAndExchangeLong(long address, long expected, long value) {
        long before = getLongVolatile(address);
        if (before == expected) {
            setLong(address, value);
        }
        return before;
    }

    /**
     * Waits until a guest or somebody else notifies at the address, if the memory holds what is expected there: as {@code
     * memory.atomic.wait32}. A host function that waits for its guest is interrupted when the guest must stop.
     *
     * @param timeout negative: without end
     * @throws InterruptedException if the thread is interrupted
     * @throws IllegalStateException if the memory's type is not shared
     * @throws StoreClosedException if the store is closed before or meanwhile
     */
    default Waited waitOnInt(long address, int expected, Duration timeout) throws InterruptedException {
        throw new IllegalStateException("only threads that share a memory can wait on it");
    }

    /** As {@link #waitOnInt}, for {@code memory.atomic.wait64}. */
    default Waited waitOnLong(long address, long expected, Duration timeout) throws InterruptedException {
        throw new IllegalStateException("only threads that share a memory can wait on it");
    }

    /**
     * Wakes who waits at the address, longest first, as {@code memory.atomic.notify}.
     *
     * @param count how many at most, unsigned
     * @return how many
     */
    default int notify(long address, int count) {
        getIntVolatile(address);
        return 0;
    }

    private static long aligned(long address, int bytes) {
        if ((address & bytes - 1) != 0) {
            throw new IllegalArgumentException("address " + Long.toUnsignedString(address) + " is no multiple of " + bytes);
        }
        return address;
    }
}
