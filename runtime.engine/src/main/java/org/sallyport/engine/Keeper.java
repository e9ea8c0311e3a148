package org.sallyport.engine;

import java.lang.System.Logger.Level;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

import org.jspecify.annotations.Nullable;
import org.sallyport.engine.stop.Watch;
import org.sallyport.engine.stop.Watchdog;
import org.sallyport.engine.threads.EngineThreads;
import org.sallyport.engine.threads.OnDemandThread;

/**
 * The {@link Watchdog}'s second: does what that must not do, and looks whether that still works.
 *
 * <p>Its own thread runs nothing that a tenant controls either. It hands that on to threads of three kinds, so that those
 * that are kept by one kind of trouble are not missed for another:
 * <ul>
 * <li>interrupters: {@link Thread#interrupt}, one for each owner of a store who is in a host function and must stop. One
 *     that is kept there (a subclass that overrides it; a channel that is closed by it) is missed by nobody as long as
 *     there are not {@value #INTERRUPTERS} of them; then the others' turn comes when one is free again.
 * <li>workers: what is the engine's own but may take long: closing stores, and looking for calls that host functions
 *     made into other stores.
 * <li>servants: foreign code that nobody waits for, as closing what was attached to stores, and the log.
 * </ul>
 */
public final class Keeper extends OnDemandThread {
    // errands
    static final int INTERRUPT = 1;
    static final int NESTED = 2;
    static final int CLOSE = 4;

    static final int INTERRUPTERS = 128;
    private static final int WORKERS = 2;
    private static final int SERVANTS = 32;

    /** Nanoseconds between two looks at a watchdog that has something to do. */
    private static final long LOOK = 100_000_000;
    /** Nanoseconds between two attempts to close what could not be closed yet, at first and at last. */
    private static final long FIRST_ATTEMPT = 1_000_000;

    private static final long LAST_ATTEMPT = 256_000_000;
    /** When there are no threads or no memory. */
    private static final long LATER = 5_000_000;

    /** Between two that are alike. */
    private static final long COMPLAINTS = TimeUnit.SECONDS.toNanos(10);

    private static final long LONGEST = TimeUnit.SECONDS.toNanos(1);
    /** A look for nested calls takes no more than about this part of a processor. */
    private static final int PART = 8;

    private static final VarHandle ERRANDS;

    static {
        try {
            ERRANDS = MethodHandles.lookup().findVarHandle(Keeper.class, "errands", Stoppable.class);
        } catch (ReflectiveOperationException e) {
            throw new AssertionError("BUG: errands", e);
        }
    }

    private final EngineImpl engine;
    private final String name;
    private volatile Watchdog watchdog;
    private final Object replacing = new Object();
    private final ThreadPoolExecutor interrupters;
    private final ThreadPoolExecutor workers;
    private final ThreadPoolExecutor servants;

    /** Stores for which something is to be done, the newest first. */
    private volatile @Nullable Stoppable errands;

    // of the thread itself
    private long attempt = FIRST_ATTEMPT;
    private long nextAttempt;
    private long stuckSince;
    private @Nullable Throwable reported;

    /** Stores that could not be closed yet. */
    private final Set<Occupancy> closing = ConcurrentHashMap.newKeySet();

    /** Whether the end of a module or of the engine is to be tried again. */
    private volatile boolean unfinished;

    private final AtomicBoolean attempting = new AtomicBoolean();
    private final AtomicBoolean seeking = new AtomicBoolean();
    private volatile long nextSeek = System.nanoTime();
    private volatile long nextComplaint = nextSeek;

    Keeper(EngineImpl engine, String name) {
        super(name + "-keeper", holder(engine));
        this.engine = engine;
        this.name = name;
        watchdog = newWatchdog();
        interrupters = pool(name + "-interrupter-", 0, INTERRUPTERS, new SynchronousQueue<>());
        workers = pool(name + "-worker-", WORKERS, WORKERS, new LinkedBlockingQueue<>());
        servants = pool(name + "-servant-", SERVANTS, SERVANTS, new LinkedBlockingQueue<>());
    }

    private Watchdog newWatchdog() {
        return new Watchdog(name + "-watchdog", engine.barrier(), holder(engine));
    }

    private static Consumer<Thread> holder(EngineImpl engine) {
        Machinery machinery = engine.machinery();
        return new Consumer<>() {
            @Override
            public void accept(Thread thread) {
                machinery.hold(thread);
            }
        };
    }

    /** Daemon threads that end after a second without work; they do not hold the engine. */
    private static ThreadPoolExecutor pool(String threadName, int core, int most, BlockingQueue<Runnable> queue) {
        AtomicInteger count = new AtomicInteger();
        ThreadPoolExecutor pool = new ThreadPoolExecutor(
                core,
                most,
                1,
                TimeUnit.SECONDS,
                queue,
                new ThreadFactory() {
                    @Override
                    public Thread newThread(Runnable work) {
                        return EngineThreads.unstarted(threadName + count.incrementAndGet(), work);
                    }
                });
        pool.allowCoreThreadTimeOut(true);
        return pool;
    }

    /** The one of now. */
    Watchdog watchdog() {
        return watchdog;
    }

    // ---- for callers

    /**
     * The call in the store has a deadline, and the watchdog does not look early enough.
     *
     * @throws OutOfMemoryError if it cannot be watched
     */
    void watch(Stoppable store, long deadline) {
        engine.barrier().prepareStops(); // here, so that no call begins for which the watchdog could not make what it needs
        Watchdog dog;
        do {
            dog = watchdog;
            dog.ask(place(store, dog), deadline);
            ensureBoth(); // last: a thread that is about to end looks for work then
        } while (dog != watchdog);
    }

    /** Tries to stop the store's call until it has stopped. */
    void pursue(Stoppable store) {
        watch(store, System.nanoTime());
    }

    /** Closes the store as soon as that can be done. */
    public void closeLater(Stoppable store) {
        hand(store, CLOSE);
        ensure();
    }

    private static Watch place(Stoppable store, Watchdog dog) {
        Watch known = store.watch(dog);
        return known != null ? known : store.setWatch(new Watch(store, dog));
    }

    /** Callers look after both threads, whoever of them should have looked after the other. */
    private void ensureBoth() {
        if (watchdog.isDead()) {
            replace("has died");
        }
        watchdog.ensure();
        ensure();
    }

    /**
     * Leaves an errand for a store to this thread; does not block and allocates nothing. Whoever is not the watchdog
     * makes sure afterwards that this thread runs.
     */
    void hand(Stoppable store, int bits) {
        if (store.addErrands(bits)) {
            Stoppable first;
            do {
                first = errands;
                store.nextErrand = first;
            } while (!ERRANDS.compareAndSet(this, first, store));
            wake();
        }
    }

    /**
     * Runs foreign code that nobody must wait for, in the order in which it comes if it does not block.
     *
     * @return whether it will run: not in an engine that is closed, or without memory
     */
    boolean serve(Runnable work) {
        try {
            servants.execute(work);
            return true;
        } catch (RejectedExecutionException | OutOfMemoryError e) {
            return false;
        }
    }

    /** No call is left that could need it. */
    void endWatching() {
        watchdog.stop();
    }

    /**
     * Something of the end of a module or the engine failed; it is tried again. Allocates nothing unless this thread must
     * be started.
     */
    void finishLater() {
        unfinished = true;
        wake();
        ensure();
    }

    /** Nothing is left that could need it. */
    void close() {
        unfinished = false;
        watchdog.stop();
        stop();
        interrupters.shutdown();
        workers.shutdown();
        servants.shutdown();
    }

    // ---- the thread

    @Override
    public boolean hasWork() {
        return errands != null || unfinished || !closing.isEmpty() || watchdog.hasWork() || watchdog.isRunning();
    }

    @Override
    public long round() {
        long now = System.nanoTime();
        lookAfterWatchdog(now);
        long again = now + (watchdog.isRunning() ? LOOK : LONGEST);
        if (!takeErrands()) {
            again = now + LATER;
        }
        if (unfinished || !closing.isEmpty()) {
            again = Math.min(again, attemptToClose(now));
        }
        return errands == null ? again - System.nanoTime() : 0;
    }

    private void lookAfterWatchdog(long now) {
        Watchdog dog = watchdog;
        if (dog.isDead()) {
            replace("has died");
        } else if (!dog.isStuck()) {
            stuckSince = 0;
        } else if (stuckSince == 0) {
            stuckSince = now;
        } else if (now - stuckSince > LOOK) { // else the whole process may have stood still
            stuckSince = 0;
            replace("is stuck");
        }
        Throwable failure = dog.takeFailure();
        if (failure != null && failure != reported) {
            reported = failure;
            log("the watchdog of an engine met an error and goes on", failure);
        }
    }

    /** Whoever is watched by the old one goes over to a new one; calls that begin meanwhile find the new one. */
    private void replace(String why) {
        Watchdog old = watchdog;
        Watchdog fresh = newWatchdog();
        fresh.ensure(); // who cannot start replaces nobody
        List<Watch> places = new ArrayList<>();
        for (StoreImpl each : engine.stores()) {
            Stoppable store = each.execution();
            places.add(new Watch(store, fresh));
        }
        synchronized (replacing) {
            if (watchdog != old) {
                fresh.stop();
                return;
            }
            watchdog = fresh;
        }
        old.stop();
        for (Watch place : places) {
            ((Stoppable) place.store).setWatch(place);
        }
        handOver(fresh);
        log("the watchdog of an engine " + why + " and was replaced; deadlines may have passed late", old.takeFailure());
    }

    /** Has the fresh watchdog look at every store. Stores that came while it took over need places; there must be memory. */
    private void handOver(Watchdog fresh) {
        while (true) {
            try {
                for (StoreImpl each : engine.stores()) {
                    Stoppable store = each.execution();
                    place(store, fresh);
                }
                engine.barrier().run();
                for (StoreImpl each : engine.stores()) {
                    Stoppable store = each.execution();
                    fresh.ask(place(store, fresh), System.nanoTime());
                }
                fresh.ensure();
                return;
            } catch (OutOfMemoryError e) {
                if (fresh != watchdog || isStopped()) {
                    return; // whoever took its place has done the same
                }
                LockSupport.parkNanos(LATER);
            }
        }
    }

    /** @return whether all could be handed on */
    private boolean takeErrands() {
        boolean done = true;
        Stoppable store = (Stoppable) ERRANDS.getAndSet(this, (Stoppable) null);
        while (store != null) {
            Stoppable following = store.nextErrand;
            store.nextErrand = null;
            int bits = store.takeErrands();
            try {
                run(store, bits);
            } catch (RejectedExecutionException | OutOfMemoryError e) { // no threads, or no memory
                done = false;
                if (!isStopped()) {
                    hand(store, bits);
                }
            }
            store = following;
        }
        return done;
    }

    private void run(Stoppable store, int bits) {
        if ((bits & CLOSE) != 0 && closing.add((Occupancy) store)) {
            attempt = FIRST_ATTEMPT;
            nextAttempt = System.nanoTime();
        }
        if ((bits & NESTED) != 0) {
            seek();
        }
        if ((bits & INTERRUPT) != 0) {
            interrupters.execute(new Runnable() {
                @Override
                public void run() {
                    interrupt(store);
                }
            });
        }
    }

    private void interrupt(Stoppable store) {
        try {
            store.interruptOwner();
        } catch (Throwable t) {
            long now = System.nanoTime();
            if (now - nextComplaint >= 0) { // or a tenant fills the log
                nextComplaint = now + COMPLAINTS;
                log("interrupting a thread in a host function failed; its call must stop", t);
            }
        }
    }

    // ---- calls that host functions made into other stores

    /** One look does for all stores that want one. */
    private void seek() {
        if (System.nanoTime() - nextSeek >= 0 && seeking.compareAndSet(false, true)) {
            try {
                workers.execute(new Runnable() {
                    @Override
                    public void run() {
                        seekNested();
                    }
                });
            } catch (Throwable t) {
                seeking.set(false);
                throw t;
            }
        }
    }

    private void seekNested() {
        long start = System.nanoTime();
        try {
            List<Stoppable> waiting = new ArrayList<>();
            for (StoreImpl each : engine.stores()) {
                Stoppable store = each.execution();
                if (store.waitingHost() != null) {
                    waiting.add(store);
                }
            }
            if (!waiting.isEmpty()) {
                for (StoreImpl each : engine.stores()) {
                    Stoppable store = each.execution();
                    stopNested(store, waiting);
                }
            }
        } catch (Throwable t) {
            failed(t);
        } finally {
            long end = System.nanoTime();
            nextSeek = end + PART * (end - start);
            seeking.set(false);
        }
    }

    private static void stopNested(Stoppable store, List<Stoppable> waiting) {
        Thread inside = store.inside();
        if (inside == null) {
            return;
        }
        for (Stoppable outer : waiting) {
            if (outer != store && outer.waitingHost() == inside) {
                store.interruptInside(inside, outer);
            }
        }
    }

    // ---- closing

    /** @return when to look again */
    private long attemptToClose(long now) {
        if (now - nextAttempt < 0) {
            return nextAttempt;
        }
        if (attempting.compareAndSet(false, true)) {
            try {
                workers.execute(new Runnable() {
                    @Override
                    public void run() {
                        closeThem();
                    }
                });
            } catch (Throwable t) {
                attempting.set(false);
                throw t;
            }
        }
        nextAttempt = now + attempt;
        attempt = Math.min(2 * attempt, LAST_ATTEMPT);
        return nextAttempt;
    }

    private void closeThem() {
        try {
            for (Occupancy store : closing) {
                if (isClosed(store)) {
                    closing.remove(store);
                }
            }
            if (unfinished) {
                unfinished = false;
                engine.finishLeftOver();
            }
        } catch (Throwable t) {
            failed(t);
        } finally {
            attempting.set(false);
        }
    }

    /** One attempt; the next one may do what this one could not. */
    private static boolean isClosed(Occupancy store) {
        try {
            return store.tryClose(false);
        } catch (Throwable t) {
            return false;
        }
    }

    // ---- telling

    /** Nobody waits for it. */
    void log(String what, @Nullable Throwable why) {
        serve(new Runnable() {
            @Override
            public void run() {
                try {
                    System.getLogger(Watchdog.class.getName()).log(Level.WARNING, what, why);
                } catch (Throwable t) {
                    // nobody is left to tell
                }
            }
        });
    }
}
