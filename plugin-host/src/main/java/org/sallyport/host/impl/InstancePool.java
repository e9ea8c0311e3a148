package org.sallyport.host.impl;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.sallyport.CallContext;
import org.sallyport.ConcurrentEntryException;
import org.sallyport.host.EntryPolicy;
import org.sallyport.host.PluginUnavailableException;

/** The live instances of a plugin and who may enter them when ({@link EntryPolicy}). Thread-safe. */
final class InstancePool {
    /** How long a call without a deadline waits for a free instance. */
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(10);

    private final String plugin;
    private final EntryPolicy policy;
    private final Semaphore permits;
    private final Supplier<GuestInstance> maker;
    private final Deque<GuestInstance> idle = new ArrayDeque<>();
    private final Set<GuestInstance> live = new HashSet<>();
    private int generation;

    InstancePool(String plugin, EntryPolicy policy, int size, Supplier<GuestInstance> maker) {
        this.plugin = plugin;
        this.policy = policy;
        this.permits = new Semaphore(policy == EntryPolicy.POOLED ? size : 1, true);
        this.maker = maker;
    }

    /** An instance on loan for one call. */
    record Lease(GuestInstance instance, int generation) {}

    /**
     * @throws ConcurrentEntryException if the policy is {@link EntryPolicy#CONFINED} and another call runs
     * @throws PluginUnavailableException if no instance becomes free in time
     */
    Lease take() {
        acquire();
        try {
            int now;
            synchronized (this) {
                now = generation;
                GuestInstance free = idle.poll();
                if (free != null) {
                    return new Lease(free, now);
                }
            }
            GuestInstance made = maker.get();
            synchronized (this) {
                live.add(made);
            }
            return new Lease(made, now);
        } catch (Throwable t) {
            permits.release();
            throw t;
        }
    }

    private void acquire() {
        if (policy == EntryPolicy.CONFINED) {
            if (!permits.tryAcquire()) {
                throw new ConcurrentEntryException("another thread", Thread.currentThread().getName());
            }
            return;
        }
        CallContext context = CallContext.current();
        long wait = context == null ? PATIENCE_NANOS : Math.min(PATIENCE_NANOS, context.remainingNanos());
        try {
            if (!permits.tryAcquire(wait, TimeUnit.NANOSECONDS)) {
                throw new PluginUnavailableException("plugin " + plugin + " is busy: no instance became free in time", List.of());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new PluginUnavailableException("plugin " + plugin + ": interrupted while waiting for an instance", List.of());
        }
    }

    /** @param reusable false after a call that did not return normally: the instance is closed */
    void give(Lease lease, boolean reusable) {
        boolean keep;
        synchronized (this) {
            keep = reusable && lease.generation() == generation;
            if (keep) {
                idle.push(lease.instance());
            } else {
                live.remove(lease.instance());
            }
        }
        permits.release();
        if (!keep) {
            lease.instance().close();
        }
    }

    /** Closes idle instances now and those on loan when they come back, or at once when {@code force}. */
    void drain(boolean force) {
        List<GuestInstance> closing;
        synchronized (this) {
            generation++;
            closing = List.copyOf(force ? live : idle);
            live.removeAll(idle);
            idle.clear();
        }
        closing.forEach(GuestInstance::close);
    }

    synchronized int size() {
        return live.size();
    }

    synchronized long memoryBytes() {
        long sum = 0;
        for (GuestInstance instance : live) {
            sum += instance.store().memoryBytes();
        }
        return sum;
    }

    /** For tests: an idle instance, or null. */
    synchronized @Nullable GuestInstance peek() {
        return idle.peek();
    }
}
