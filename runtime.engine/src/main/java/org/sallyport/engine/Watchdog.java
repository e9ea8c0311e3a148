package org.sallyport.engine;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;

import org.jspecify.annotations.Nullable;

/**
 * The one thread of an engine that watches deadlines, repeats interruptions until they are answered, and closes stores
 * whose last call took too long. Started when first needed.
 *
 * <p>A call with a deadline costs no queue operation: it writes the deadline to its store, and wakes this thread only
 * if that would sleep too long. A wake-up looks at every store that ever had a deadline.
 */
final class Watchdog implements AutoCloseable {
    private static final long AGAIN = 1_000_000;
    /** The longest sleep; about 292 years is what a long can hold of it. */
    private static final long FOREVER = Long.MAX_VALUE / 2;

    private final String name;
    private final Set<Occupancy> watched = ConcurrentHashMap.newKeySet();
    private final Set<Occupancy> pursued = ConcurrentHashMap.newKeySet();
    private final Set<Occupancy> closing = ConcurrentHashMap.newKeySet();
    /** When the thread will look again; far away while it looks. */
    private volatile long next;
    private volatile @Nullable Thread thread;
    private volatile boolean closed;

    Watchdog(String name) {
        this.name = name;
        next = System.nanoTime() + FOREVER;
    }

    /** The store's call has a deadline now. */
    void watch(Occupancy store, long deadline) {
        if (watched.add(store) && store.isClosed()) {
            watched.remove(store);
        }
        if (thread == null || deadline - next < 0) {
            wake();
        }
    }

    /** Tries to stop the store's call until it has stopped. */
    void pursue(Occupancy store) {
        pursued.add(store);
        wake();
    }

    /** Closes the store as soon as nobody is inside. */
    void closeLater(Occupancy store) {
        closing.add(store);
        wake();
    }

    void forget(Occupancy store) {
        watched.remove(store);
        pursued.remove(store);
    }

    private void wake() {
        Thread running = thread;
        if (running == null) {
            running = start();
        }
        LockSupport.unpark(running);
    }

    private synchronized Thread start() {
        Thread running = thread;
        if (running == null) {
            running = Thread.ofPlatform().daemon().name(name).unstarted(this::run);
            thread = running;
            running.start();
        }
        return running;
    }

    private void run() {
        while (!closed) {
            long now = System.nanoTime();
            next = now + FOREVER;
            long wakeUp = now + FOREVER;
            for (Occupancy store : watched) {
                long deadline = store.checkDeadline(now, now + FOREVER);
                wakeUp = deadline - wakeUp < 0 ? deadline : wakeUp;
            }
            pursued.removeIf(store -> !store.pursue());
            closing.removeIf(Occupancy::tryClose);
            if (!pursued.isEmpty() || !closing.isEmpty()) {
                wakeUp = wakeUp - now > AGAIN ? now + AGAIN : wakeUp;
            }
            next = wakeUp;
            LockSupport.parkNanos(this, Math.max(1, wakeUp - System.nanoTime()));
        }
    }

    @Override
    public void close() {
        closed = true;
        Thread running = thread;
        if (running != null) {
            LockSupport.unpark(running);
        }
    }
}
