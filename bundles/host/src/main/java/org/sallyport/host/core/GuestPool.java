package org.sallyport.host.core;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.sallyport.CallContext;
import org.sallyport.ConcurrentEntryException;
import org.sallyport.GuestInterruptedException;
import org.sallyport.LimitExceededException;
import org.sallyport.Store;
import org.sallyport.host.BudgetExceededException;
import org.sallyport.host.EntryPolicy;
import org.sallyport.host.PluginUnavailableException;

/**
 * The live instances of a plugin, or of a pool without one, and who may enter them when ({@link EntryPolicy}). Thread-safe.
 *
 * <p>An instance that has been lent is lent again unless the policy is {@link EntryPolicy#FRESH}.
 *
 * <p>At most {@code size} instances are out on loan. Who finds none waits in order of arrival; whoever arrives while
 * others wait queues up behind them, and who finds too many waiting is refused. Instances are made and closed outside of
 * the lock. Making one runs guest code: it has a time of its own, and whoever closes the pool ends it.
 */
final class GuestPool {
    private static final System.Logger LOG = System.getLogger("org.sallyport.host");

    /** Makes an instance. */
    interface Maker {
        /**
         * @param generation see {@link GuestInstance#generation}
         * @param begun told of the store before guest code runs in it; throws if nobody wants the instance any more
         */
        GuestInstance make(int generation, Consumer<Store> begun);
    }

    /**
     * What is said of a pool.
     *
     * @param waiting calls that wait for an instance
     * @param patience longest time of such a wait
     * @param start longest time of making an instance
     * @param settings names the one or the other for messages: {@code waitingCalls}, {@code startMillis}
     * @param closed what is said of the owner when nothing is lent any more
     * @param refusal what a call ends with that gets no instance, of a message and perhaps a cause
     */
    record Terms(
            int waiting,
            Duration patience,
            Duration start,
            UnaryOperator<String> settings,
            String closed,
            BiFunction<String, @Nullable Throwable, RuntimeException> refusal) {
        static Terms of(HostSettings settings) {
            return new Terms(
                    settings.waitingCalls(), settings.patience(), settings.start(), HostSettings::name, "is uninstalled",
                    Terms::unavailable);
        }

        private static RuntimeException unavailable(String message, @Nullable Throwable cause) {
            return cause == null
                    ? new PluginUnavailableException(message, List.of())
                    : new PluginUnavailableException(message, cause);
        }
    }

    /** Whose instances they are, for messages: {@code plugin acme.discount}. */
    private final String owner;
    private final EntryPolicy policy;
    private final int size;
    private final Terms terms;
    private final Places places;
    private final Maker maker;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition given = lock.newCondition();
    /** The last one given back is the first one taken: its memory is warm. */
    private final Deque<GuestInstance> idle = new ArrayDeque<>();
    private final Set<GuestInstance> live = new HashSet<>();
    private final Set<Making> makings = new HashSet<>();
    private int out;
    private int waiting;
    private volatile int generation;
    private boolean closed;
    private long calls;

    /** @param size instances at most; more than the settings allow are not made */
    GuestPool(String plugin, EntryPolicy policy, int size, HostSettings settings, Places places, Maker maker) {
        this("plugin " + plugin, policy, Math.min(size, settings.pool()), Terms.of(settings), places, maker);
    }

    /**
     * @param owner whose instances they are, for messages
     * @param size instances at most
     */
    GuestPool(String owner, EntryPolicy policy, int size, Terms terms, Places places, Maker maker) {
        this.owner = owner;
        this.policy = policy;
        this.size = policy == EntryPolicy.POOLED || policy == EntryPolicy.FRESH ? size : 1;
        this.terms = terms;
        this.places = places;
        this.maker = maker;
    }

    /** A store in which an instance is being made. */
    private final class Making {
        // guarded by this
        private @Nullable Store store;
        private boolean unwanted;

        synchronized void begun(Store made) {
            refuseIfClosed(unwanted);
            store = made;
        }

        /** The guest code that makes the instance ends, or never begins. */
        void cancel() {
            Store begun;
            synchronized (this) {
                unwanted = true;
                begun = store;
            }
            if (begun != null) {
                begun.close();
            }
        }
    }

    /**
     * An instance on loan for one call, to be {@linkplain #give given back}.
     *
     * @param timeout the plugin's time of one call; nobody waits longer. Null for none
     * @throws ConcurrentEntryException if the policy is {@link EntryPolicy#CONFINED} and another call runs
     * @throws PluginUnavailableException if no instance becomes free in time, or never could, or could not be made in
     *     time
     * @throws LimitExceededException if there are too many instances of all plugins
     */
    GuestInstance take(@Nullable Duration timeout) {
        lock.lock();
        try {
            if (closed || out >= size || waiting > 0) {
                await(timeout);
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

    /**
     * Makes instances ahead, so that the next calls find them. Does nothing if they are there, or no place for them.
     *
     * @param instances that are to be there
     * <p>Where the plugin's budget is used up just now, by its calls or the edition before, none are made: the calls will see.
     *
     * @throws RuntimeException as {@link #take}, if there is none
     */
    void prepare(int instances) {
        try {
            prepareOne(1);
            prepareMore(instances);
        } catch (BudgetExceededException e) {
            LOG.log(System.Logger.Level.DEBUG, () -> owner + " has fewer than " + instances + " instances prepared", e);
        }
    }

    private void prepareMore(int instances) {
        try {
            for (int i = 2; i <= instances; i++) {
                prepareOne(i);
            }
        } catch (LimitExceededException e) { // others have the places; the calls will see
            LOG.log(System.Logger.Level.DEBUG, () -> owner + " has fewer than " + instances + " instances prepared", e);
        }
    }

    private void prepareOne(int instances) {
        lock.lock();
        try {
            refuseIfClosed(closed);
            if (out >= size || idle.size() >= instances) {
                return;
            }
            out++;
        } finally {
            lock.unlock();
        }
        GuestInstance made = make();
        boolean keep;
        lock.lock();
        try {
            keep = !closed && made.generation == generation;
            if (keep) {
                idle.push(made);
            } else {
                live.remove(made);
            }
            returned(made);
        } finally {
            lock.unlock();
        }
        if (!keep) {
            close(made);
        }
    }

    /** With a loan that was counted already. */
    private GuestInstance make() {
        Making making = new Making();
        GuestInstance made = null;
        boolean good = false;
        try {
            made = makeInTime(making);
        } finally {
            lock.lock();
            try {
                makings.remove(making);
                good = made != null && !closed;
                if (good) {
                    live.add(made);
                    made.home = this;
                    made.user = Thread.currentThread();
                } else {
                    out--;
                    given.signalAll();
                }
            } finally {
                lock.unlock();
            }
            if (made != null && !good) {
                close(made);
            }
        }
        refuseIfClosed(!good);
        return made;
    }

    private GuestInstance makeInTime(Making making) {
        lock.lock();
        try {
            refuseIfClosed(closed);
            makings.add(making);
        } finally {
            lock.unlock();
        }
        places.take();
        GuestInstance made = null;
        long end = System.nanoTime() + terms.start().toNanos();
        try {
            made = CallContext.withTimeout(terms.start(), () -> maker.make(generation, making::begun));
            return made;
        } catch (GuestInterruptedException stop) {
            if (stop.reason() == GuestInterruptedException.Reason.DEADLINE && System.nanoTime() - end >= 0) {
                throw terms.refusal().apply(
                        owner + " made no instance within " + terms.start().toMillis()
                                + " ms: its start function or _initialize did not end (set by "
                                + terms.settings().apply("startMillis") + ")",
                        stop);
            }
            throw stop;
        } finally {
            if (made == null) {
                places.giveBack();
            }
        }
    }

    private void close(GuestInstance instance) {
        try {
            instance.close();
        } finally {
            if (instance.isClosedNow()) {
                places.giveBack();
            }
        }
    }

    /** With the lock. Returns when an instance may be taken. */
    private void await(@Nullable Duration timeout) {
        refuseIfClosed(closed);
        if (policy == EntryPolicy.CONFINED) {
            Thread user = live.stream().map(g -> g.user).filter(t -> t != null).findAny().orElse(null);
            throw new ConcurrentEntryException(user == null ? "?" : user.getName(), Thread.currentThread().getName());
        }
        refuseIfNested();
        if (waiting >= terms.waiting()) {
            throw unavailable("is busy: " + waiting + " calls wait for an instance already (allowed by "
                    + terms.settings().apply("waitingCalls") + ")");
        }
        long left = patience(timeout);
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

    private long patience(@Nullable Duration timeout) {
        long nanos = terms.patience().toNanos();
        if (timeout != null) {
            nanos = Math.min(nanos, timeout.toNanos());
        }
        CallContext context = CallContext.current();
        return context == null ? nanos : Math.min(nanos, context.remainingNanos());
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
            throw unavailable(terms.closed());
        }
    }

    private RuntimeException unavailable(String why) {
        return terms.refusal().apply(owner + " " + why, null);
    }

    /** @param reusable false after a call that did not return normally: the instance is closed */
    void give(GuestInstance instance, boolean reusable) {
        boolean keep;
        lock.lock();
        try {
            calls++;
            keep = reusable && policy != EntryPolicy.FRESH && instance.generation == generation && !closed;
            if (keep) {
                idle.push(instance);
            } else if (!closed) {
                live.remove(instance);
            }
            returned(instance);
        } finally {
            lock.unlock();
        }
        if (!keep) {
            close(instance);
        }
    }

    /** With the lock: a loan ends. */
    private void returned(GuestInstance instance) {
        out--;
        instance.user = null;
        if (closed) {
            given.signalAll();
        } else if (waiting > 0) {
            given.signal();
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
        closing.forEach(this::close);
    }

    /**
     * Lends nothing any more, ends what makes instances, waits for calls in flight and then ends those that are left.
     * Calls of the current thread are not waited for, nor are host functions that do not end when they are interrupted:
     * their instances are closed when they return.
     */
    void close(long graceNanos) {
        lendNothing();
        cancelMakings();
        endAll(graceNanos);
    }

    /** Likewise, but what makes instances has the time of calls, too. */
    void retire(long graceNanos) {
        lendNothing();
        endAll(graceNanos);
        cancelMakings();
    }

    private void lendNothing() {
        lock.lock();
        try {
            closed = true;
            given.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void endAll(long graceNanos) {
        List<GuestInstance> closing = new ArrayList<>();
        List<GuestInstance> running = new ArrayList<>();
        lock.lock();
        try {
            long own = live.stream().filter(g -> g.user == Thread.currentThread()).count();
            long left = graceNanos;
            while (out > own && left > 0) {
                left = given.awaitNanos(left);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            // also those given back meanwhile: closing twice is harmless, too late is not
            for (GuestInstance instance : live) {
                boolean elsewhere = instance.user != null && instance.user != Thread.currentThread();
                (elsewhere ? running : closing).add(instance);
            }
            live.clear();
            idle.clear();
            lock.unlock();
        }
        closing.forEach(this::close);
        Closing.run(owner, running.stream().<Runnable>map(instance -> () -> close(instance)).toList());
    }

    private void cancelMakings() {
        List<Making> unwanted;
        lock.lock();
        try {
            unwanted = List.copyOf(makings);
        } finally {
            lock.unlock();
        }
        Closing.run(owner, unwanted.stream().<Runnable>map(making -> making::cancel).toList());
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

    /** Live instances. */
    int size() {
        lock.lock();
        try {
            return live.size();
        } finally {
            lock.unlock();
        }
    }

    /** Instances that are being made. */
    int making() {
        lock.lock();
        try {
            return makings.size();
        } finally {
            lock.unlock();
        }
    }

    /** How many there may be. */
    int capacity() {
        return size;
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
