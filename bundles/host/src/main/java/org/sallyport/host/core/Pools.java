package org.sallyport.host.core;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;
import java.util.stream.Stream;
import org.sallyport.host.PluginUnavailableException;

/** The instances of one edition: those that all calls share, and one for each session. Thread-safe. */
final class Pools {
    private final GuestPool shared;
    private final Supplier<GuestPool> maker;
    private final int mostSessions;
    /** Never in use by more than its session. */
    private final Set<GuestPool> own = new HashSet<>();
    private boolean ended;
    private long callsOfClosed;

    /**
     * @param maker makes a pool for one instance
     * @param mostSessions so many pools of sessions at a time
     */
    Pools(GuestPool shared, Supplier<GuestPool> maker, int mostSessions) {
        this.shared = shared;
        this.mostSessions = mostSessions;
        this.maker = maker;
    }

    GuestPool shared() {
        return shared;
    }

    /**
     * A pool of a session, to be {@linkplain #close closed}. One of an edition that has ended lends nothing.
     *
     * @throws PluginUnavailableException if there are as many sessions as there may be
     */
    GuestPool open() {
        GuestPool made = maker.get();
        synchronized (this) {
            if (!ended && own.size() >= mostSessions) {
                throw new PluginUnavailableException("a plugin has " + mostSessions
                        + " sessions, and no more are allowed: half of the instances of all plugins", List.of());
            }
            if (!ended) {
                own.add(made);
                return made;
            }
        }
        made.close(0);
        return made;
    }

    /** Of a session that has ended. */
    void close(GuestPool pool, long graceNanos) {
        try {
            pool.close(graceNanos);
        } finally {
            synchronized (this) {
                if (own.remove(pool)) {
                    callsOfClosed += pool.calls();
                }
            }
        }
    }

    void drain() {
        all().forEach(GuestPool::drain);
    }

    /** The last thing that is done with it: {@link GuestPool#close} or {@link GuestPool#retire} of all, the shared one first. */
    void end(Consumer<GuestPool> how) {
        List<GuestPool> sessions;
        synchronized (this) {
            ended = true;
            sessions = List.copyOf(own);
        }
        try {
            how.accept(shared);
        } finally {
            sessions.forEach(how);
        }
    }

    /** Finished calls, failed ones included. */
    synchronized long calls() {
        return callsOfClosed + sum(GuestPool::calls);
    }

    /** Live instances. */
    int size() {
        return (int) sum(GuestPool::size);
    }

    /** Instances that are being made. */
    int making() {
        return (int) sum(GuestPool::making);
    }

    long memoryBytes() {
        return sum(GuestPool::memoryBytes);
    }

    private long sum(ToLongFunction<GuestPool> figure) {
        return all().stream().mapToLong(figure).sum();
    }

    private synchronized List<GuestPool> all() {
        return Stream.concat(Stream.of(shared), own.stream()).toList();
    }
}
