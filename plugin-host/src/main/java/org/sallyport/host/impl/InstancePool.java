package org.sallyport.host.impl;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.IntFunction;
import org.sallyport.CallContext;
import org.sallyport.ConcurrentEntryException;
import org.sallyport.host.EntryPolicy;
import org.sallyport.host.PluginUnavailableException;

/**
 * The live instances of a plugin and who may enter them when ({@link EntryPolicy}). Thread-safe.
 *
 * <p>An instance that has been lent is lent again unless the policy is {@link EntryPolicy#FRESH}.
 *
 * <p>At most {@code size} instances are out on loan. Who finds none waits in order of arrival; whoever arrives while
 * others wait queues up behind them. Instances are made and closed outside of the lock.
 */
final class InstancePool {
    /** How long a call without a deadline waits for a free instance. */
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(10);

    private final String plugin;
    private final EntryPolicy policy;
    private final int size;
    private final IntFunction<GuestInstance> maker;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition given = lock.newCondition();
    /** The last one given back is the first one taken: its memory is warm. */
    private final Deque<GuestInstance> idle = new ArrayDeque<>();
    private final Set<GuestInstance> live = new HashSet<>();
    private int out;
    private int waiting;
    private volatile int generation;
    private boolean closed;
    private long calls;

    /** @param maker makes an instance of a generation */
    InstancePool(String plugin, EntryPolicy policy, int size, IntFunction<GuestInstance> maker) {
        this.plugin = plugin;
        this.policy = policy;
        this.size = policy == EntryPolicy.POOLED || policy == EntryPolicy.FRESH ? size : 1;
        this.maker = maker;
    }

    /**
     * An instance on loan for one call, to be {@linkplain #give given back}.
     *
     * @throws ConcurrentEntryException if the policy is {@link EntryPolicy#CONFINED} and another call runs
     * @throws PluginUnavailableException if no instance becomes free in time, or never could
     */
    GuestInstance take() {
        lock.lock();
        try {
            if (closed || out >= size || waiting > 0) {
                await();
            }
            out++;
            GuestInstance free = idle.poll();
            if (free != null) {
                free.user = Thread.currentThread();
                return free;
            }
        } finally {
            lock.unlock();
        }
        return make();
    }

    private GuestInstance make() {
        GuestInstance made = null;
        try {
            made = maker.apply(generation);
        } finally {
            boolean good = false;
            lock.lock();
            try {
                good = made != null && !closed;
                if (good) {
                    live.add(made);
                    made.user = Thread.currentThread();
                } else {
                    out--;
                    given.signal();
                }
            } finally {
                lock.unlock();
            }
            if (made != null && !good) {
                made.close();
            }
        }
        refuseIfClosed(made.user == null);
        return made;
    }

    /** With the lock. Returns when an instance may be taken. */
    private void await() {
        refuseIfClosed(closed);
        if (policy == EntryPolicy.CONFINED) {
            Thread user = live.stream().map(g -> g.user).filter(t -> t != null).findAny().orElse(null);
            throw new ConcurrentEntryException(user == null ? "?" : user.getName(), Thread.currentThread().getName());
        }
        refuseIfNested();
        CallContext context = CallContext.current();
        long left = context == null ? PATIENCE_NANOS : Math.min(PATIENCE_NANOS, context.remainingNanos());
        int room = size;
        waiting++;
        try {
            do {
                if (left <= 0) {
                    throw unavailable("is busy: no instance became free in time");
                }
                left = given.awaitNanos(left);
                refuseIfClosed(closed);
            } while (out >= size);
            room--; // this thread takes one
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw unavailable("was not called: interrupted while waiting for an instance");
        } finally {
            waiting--;
            if (out < room) {
                given.signal(); // the signal that woke this thread may not be the only one that was due
            }
        }
    }

    /** A thread that waits for what only itself can give back would wait in vain. */
    private void refuseIfNested() {
        for (GuestInstance instance : live) {
            if (instance.user == Thread.currentThread()) {
                throw unavailable("was called again from inside of its own call, and has no further instance (policy "
                        + policy + ", pool " + size + ")");
            }
        }
    }

    private void refuseIfClosed(boolean refuse) {
        if (refuse) {
            throw unavailable("is uninstalled");
        }
    }

    private PluginUnavailableException unavailable(String why) {
        return new PluginUnavailableException("plugin " + plugin + " " + why, List.of());
    }

    /** @param reusable false after a call that did not return normally: the instance is closed */
    void give(GuestInstance instance, boolean reusable) {
        boolean keep;
        lock.lock();
        try {
            calls++;
            out--;
            instance.user = null;
            keep = reusable && policy != EntryPolicy.FRESH && instance.generation == generation && !closed;
            if (keep) {
                idle.push(instance);
            } else if (!closed) {
                live.remove(instance);
            }
            if (closed) {
                given.signalAll();
            } else if (waiting > 0) {
                given.signal();
            }
        } finally {
            lock.unlock();
        }
        if (!keep) {
            instance.close();
        }
    }

    /** Closes idle instances now and those on loan when they come back. */
    void drain() {
        List<GuestInstance> closing;
        lock.lock();
        try {
            generation++;
            closing = List.copyOf(idle);
            idle.clear();
            closing.forEach(live::remove);
        } finally {
            lock.unlock();
        }
        closing.forEach(GuestInstance::close);
    }

    /**
     * Lends nothing any more, waits for calls in flight and then ends those that are left. Calls of the current thread
     * are not waited for.
     */
    void close(long graceNanos) {
        List<GuestInstance> closing = new ArrayList<>();
        lock.lock();
        try {
            closed = true;
            given.signalAll();
            long own = live.stream().filter(g -> g.user == Thread.currentThread()).count();
            long left = graceNanos;
            while (out > own && left > 0) {
                left = given.awaitNanos(left);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            closing.addAll(live); // also those given back meanwhile: closing twice is harmless, too late is not
            live.clear();
            idle.clear();
            lock.unlock();
        }
        closing.forEach(GuestInstance::close);
    }

    /** Finished calls, failed ones included. */
    long calls() {
        lock.lock();
        try {
            return calls;
        } finally {
            lock.unlock();
        }
    }

    int size() {
        lock.lock();
        try {
            return live.size();
        } finally {
            lock.unlock();
        }
    }

    long memoryBytes() {
        lock.lock();
        try {
            return live.stream().mapToLong(instance -> instance.store().memoryBytes()).sum();
        } finally {
            lock.unlock();
        }
    }

    /** Threads that wait for an instance. */
    int waiting() {
        lock.lock();
        try {
            return waiting;
        } finally {
            lock.unlock();
        }
    }
}
