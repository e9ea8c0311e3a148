package org.sallyport.engine;

import java.util.concurrent.locks.LockSupport;

import org.jspecify.annotations.Nullable;
import org.sallyport.engine.threads.SpinLock;

/**
 * Who waits at which address of one shared memory (threads proposal, {@code memory.atomic.wait} and {@code notify}).
 *
 * <p>Whoever wants to wait takes the lock of the address, compares, and is in the list before he gives the lock back; whoever
 * notifies has written before he takes it. So either the one sees what was written, or the other finds him in the list.
 * Locks are held for some instructions; threads park and are unparked without them. Nothing is allocated: each guest has its
 * {@link Waiter} for as long as its store lives.
 */
public final class WaitQueue {
    /** Woken by {@link #notify}. */
    static final int NOTIFIED = 0;
    static final int NOT_EQUAL = 1;
    static final int TIMED_OUT = 2;
    /** The check wanted it. */
    static final int GIVEN_UP = 3;

    private static final int BUCKETS = 32;

    /** What the memory holds, read volatile. */
    public interface Cells {
        int getInt(long address);

        long getLong(long address);
    }

    /** What is asked whenever a waiting thread wakes up. */
    public interface Check {
        /** @return whether the thread must not wait any longer */
        boolean givesUp();
    }

    /** A thread's place in a list. */
    static final class Waiter {
        private static final int IDLE = 0;
        private static final int WAITING = 1;
        /** In no list any more, and about to be woken: whoever does that still needs what is here. */
        private static final int CHOSEN = 2;
        private static final int WOKEN = 3;

        private volatile int state;
        private @Nullable Thread thread;
        private long address;
        private @Nullable Waiter previous;
        private @Nullable Waiter next;
        /** The next one to be unparked, behind the lock. */
        private @Nullable Waiter nextWoken;
    }

    /** Waiters at addresses of the same hash, longest first. */
    private static final class Bucket {
        private final SpinLock lock = new SpinLock();
        private @Nullable Waiter first;
        private @Nullable Waiter last;

        private void append(Waiter waiter) {
            Waiter before = last;
            waiter.previous = before;
            waiter.next = null;
            if (before == null) {
                first = waiter;
            } else {
                before.next = waiter;
            }
            last = waiter;
        }

        private void remove(Waiter waiter) {
            Waiter before = waiter.previous;
            Waiter behind = waiter.next;
            if (before == null) {
                first = behind;
            } else {
                before.next = behind;
            }
            if (behind == null) {
                last = before;
            } else {
                behind.previous = before;
            }
        }
    }

    private final Cells cells;
    private final Bucket[] buckets = new Bucket[BUCKETS];

    WaitQueue(Cells cells) {
        this.cells = cells;
        for (int i = 0; i < BUCKETS; i++) {
            buckets[i] = new Bucket();
        }
    }

    private Bucket bucket(long address) {
        return buckets[(int) (address >>> 2 ^ address >>> 9) & BUCKETS - 1];
    }

    /**
     * Waits unless the memory holds something else than what is expected. The calling thread sees to it that the address stays
     * accessible.
     *
     * @param address in the memory, aligned
     * @param bytes 4 or 8
     * @param nanos negative: without end
     * @return {@link #NOTIFIED}, {@link #NOT_EQUAL}, {@link #TIMED_OUT} or {@link #GIVEN_UP}
     */
    int await(Waiter waiter, long address, int bytes, long expected, long nanos, Check check) {
        Bucket bucket = bucket(address);
        long start = System.nanoTime();
        waiter.thread = Thread.currentThread();
        waiter.address = address;
        bucket.lock.take();
        try {
            long found = bytes == Integer.BYTES
                    ? cells.getInt(address)
                    : cells.getLong(address);
            if (found != expected) {
                return NOT_EQUAL;
            }
            bucket.append(waiter);
            waiter.state = Waiter.WAITING;
        } finally {
            bucket.lock.taken = 0;
        }
        try {
            int end = park(waiter, start, nanos, check);
            return waiter.state == Waiter.WAITING && leave(bucket, waiter) ? end : NOTIFIED;
        } finally {
            leave(bucket, waiter);
            for (int i = 0; waiter.state == Waiter.CHOSEN; i++) {
                SpinLock.pause(i);
            }
            waiter.state = Waiter.IDLE;
            waiter.thread = null;
        }
    }

    private int park(Waiter waiter, long start, long nanos, Check check) {
        while (waiter.state == Waiter.WAITING) {
            if (check.givesUp()) {
                return GIVEN_UP;
            }
            if (nanos < 0) {
                LockSupport.park(this);
                continue;
            }
            long left = nanos - (System.nanoTime() - start);
            if (left <= 0) {
                return TIMED_OUT;
            }
            LockSupport.parkNanos(this, left);
        }
        return NOTIFIED;
    }

    /** @return whether nobody had woken the thread before */
    private static boolean leave(Bucket bucket, Waiter waiter) {
        bucket.lock.take();
        try {
            if (waiter.state != Waiter.WAITING) {
                return false;
            }
            bucket.remove(waiter);
            waiter.state = Waiter.IDLE;
            return true;
        } finally {
            bucket.lock.taken = 0;
        }
    }

    /**
     * Wakes those who wait at the address, longest first.
     *
     * @param count how many at most, unsigned
     * @return how many
     */
    int notify(long address, int count) {
        Bucket bucket = bucket(address);
        Waiter woken = null;
        int n = 0;
        bucket.lock.take();
        try {
            Waiter waiter = bucket.first;
            while (waiter != null && n != count) {
                Waiter next = waiter.next;
                if (waiter.address == address) {
                    bucket.remove(waiter);
                    waiter.state = Waiter.CHOSEN;
                    waiter.nextWoken = woken;
                    woken = waiter;
                    n++;
                }
                waiter = next;
            }
        } finally {
            bucket.lock.taken = 0;
        }
        wake(woken);
        return n;
    }

    /** All of them, also if the JVM fails to unpark one. */
    private static void wake(@Nullable Waiter woken) {
        Waiter waiter = woken;
        Error failure = null;
        while (waiter != null) {
            Waiter next = waiter.nextWoken;
            Thread thread = waiter.thread;
            waiter.nextWoken = null;
            waiter.state = Waiter.WOKEN; // from here on it belongs to its thread again
            try {
                LockSupport.unpark(thread);
            } catch (Error e) {
                failure = e;
            }
            waiter = next;
        }
        if (failure != null) {
            throw failure;
        }
    }

    /** Makes all who wait look whether they still may. */
    void checkAll() {
        for (Bucket bucket : buckets) {
            bucket.lock.take();
            try {
                for (Waiter waiter = bucket.first; waiter != null; waiter = waiter.next) {
                    LockSupport.unpark(waiter.thread);
                }
            } finally {
                bucket.lock.taken = 0;
            }
        }
    }
}
