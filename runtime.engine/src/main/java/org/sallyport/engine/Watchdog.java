package org.sallyport.engine;

import java.lang.ref.WeakReference;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

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
    private final Consumer<Thread> holder;
    private final Set<Occupancy> watched = ConcurrentHashMap.newKeySet();
    private final Set<Occupancy> pursued = ConcurrentHashMap.newKeySet();
    private final Set<Occupancy> closing = ConcurrentHashMap.newKeySet();
    /** When the thread will look again; far away while it looks. */
    private volatile long next;
    private volatile @Nullable Thread thread;
    private volatile boolean closed;

    /** @param holder gets the thread when it is made, to wake it when this object is no more */
    Watchdog(String name, Consumer<Thread> holder) {
        this.name = name;
        this.holder = holder;
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
            running = EngineThreads.unstarted(name, new Rounds(this));
            thread = running;
            holder.accept(running);
            running.start();
        }
        return running;
    }

    /**
     * What the thread runs. It holds nothing while it sleeps: a forgotten engine can be reclaimed, and the thread then
     * ends as soon as somebody wakes it ({@link EngineHoldings}).
     */
    private record Rounds(WeakReference<Watchdog> watchdog) implements Runnable {
        Rounds(Watchdog watchdog) {
            this(new WeakReference<>(watchdog));
        }

        @Override
        public void run() {
            long wakeUp = round();
            while (wakeUp != 0) {
                LockSupport.parkNanos(this, Math.max(1, wakeUp - System.nanoTime()));
                wakeUp = round();
            }
        }

        /** Apart, so that no local variable outlives it. @return when to look again; 0: never */
        private long round() {
            Watchdog mine = watchdog.get();
            return mine == null || mine.closed ? 0 : mine.look();
        }
    }

    /** @return when to look again; not 0 */
    private long look() {
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
        wakeUp |= 1;
        next = wakeUp;
        return wakeUp;
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
