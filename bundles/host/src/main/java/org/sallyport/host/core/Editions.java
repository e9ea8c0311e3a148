package org.sallyport.host.core;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;
import org.sallyport.Module;

/**
 * The editions of one plugin: the present one, the one that is to take its place, the one that had it before, and those whose
 * last calls are under way. Thread-safe; only the thread that updates the plugin has them change places.
 */
final class Editions {
    private final Executor threads;
    private volatile Edition present;
    private volatile @Nullable Edition next;
    private volatile @Nullable Edition previous;
    /** Never changed, but replaced. */
    private volatile Edition[] leaving = {};
    /** Calls of editions that have left. Guarded by this. */
    private long calls;

    Editions(Edition first, Executor threads) {
        this.present = first;
        this.threads = threads;
    }

    /** The one in service, or that would be. */
    Edition present() {
        return present;
    }

    /** The one that is to take its place, or null. */
    @Nullable Edition next() {
        return next;
    }

    /** The one whose place it took, or null. */
    @Nullable Edition previous() {
        return previous;
    }

    /** @return the one that is not to take the place any more, or null */
    synchronized @Nullable Edition propose(Edition edition) {
        Edition other = next;
        next = edition;
        return other;
    }

    /** Not any more, if that is the one. */
    synchronized boolean drop(Edition edition) {
        if (next != edition) {
            return false;
        }
        next = null;
        return true;
    }

    /**
     * The next one takes the present one's place, which is the previous one then.
     *
     * @param graceNanos how long calls in flight may go on in the one that leaves
     */
    void swap(Edition edition, long graceNanos) {
        Edition old = present;
        Edition forgotten = previous;
        synchronized (this) {
            Edition[] more = Arrays.copyOf(leaving, leaving.length + 1);
            more[leaving.length] = old;
            leaving = more; // in this order: see forEach
            previous = old;
            present = edition;
            if (next == edition) {
                next = null;
            }
        }
        threads.execute(() -> {
            try {
                old.retire(graceNanos);
            } finally {
                left(old);
            }
        });
        if (forgotten != null) {
            threads.execute(() -> forget(forgotten));
        }
    }

    private synchronized void left(Edition old) {
        calls += old.pools().calls();
        leaving = Arrays.stream(leaving).filter(edition -> edition != old).toArray(Edition[]::new);
    }

    private void forget(Edition edition) {
        edition.awaitRetired();
        closeUnlessUsed(edition.module());
    }

    /** One that never served: what starts in it reaches the host no more from now on, and ends. */
    void discard(Edition edition) {
        edition.abandon();
        threads.execute(() -> {
            edition.end(0);
            closeUnlessUsed(edition.module());
        });
    }

    /** Editions may have a module in common: rolling back makes a new one of what was there before. */
    private void closeUnlessUsed(Module module) {
        boolean used;
        synchronized (this) {
            used = uses(present, module) || uses(next, module) || uses(previous, module);
        }
        if (!used) {
            module.close();
        }
    }

    private static boolean uses(@Nullable Edition edition, Module module) {
        return edition != null && edition.module() == module;
    }

    /**
     * For whoever has neither heap nor a lock: all whose guests may be running. In this order none is missed that changes its
     * place meanwhile.
     */
    void forEach(Consumer<Edition> action) {
        Edition coming = next;
        if (coming != null) {
            action.accept(coming);
        }
        action.accept(present);
        for (Edition edition : leaving) {
            action.accept(edition);
        }
    }

    /** Ends all of them and gives their modules back. */
    void end(long graceNanos) {
        List<Edition> all = new ArrayList<>();
        forEach(all::add);
        try {
            all.forEach(edition -> edition.end(graceNanos));
        } finally {
            List<Module> modules = new ArrayList<>(all.stream().map(Edition::module).toList());
            Edition last = previous;
            if (last != null) {
                modules.add(last.module());
            }
            modules.stream().distinct().forEach(Module::close);
        }
    }

    /** Of calls in all of them. */
    synchronized long calls() {
        return calls + sum(edition -> edition.pools().calls());
    }

    /** Live instances. */
    int instances() {
        return (int) sum(edition -> edition.pools().size());
    }

    long memoryBytes() {
        return sum(edition -> edition.pools().memoryBytes());
    }

    private long sum(ToLongFunction<Edition> figure) {
        List<Edition> all = new ArrayList<>();
        forEach(all::add);
        return all.stream().mapToLong(figure).sum();
    }
}
