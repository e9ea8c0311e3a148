package org.sallyport.engine;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.Iterator;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

import org.jspecify.annotations.Nullable;
import org.sallyport.Engine;
import org.sallyport.StoreLimits;
import org.sallyport.engine.code.CodeReservation;
import org.sallyport.engine.process.LinuxProcess;
import org.sallyport.engine.stop.Sentry;
import org.sallyport.spi.InstanceAllocator;
import org.sallyport.spi.LastWill;
import org.sallyport.spi.MemoryBudget;
import org.sallyport.spi.MemoryImage;
import org.sallyport.spi.ResourceAccount;
import org.sallyport.spi.SharedLinearMemory;
import org.sallyport.spi.StoreMemory;
import org.sallyport.wasm.MemoryType;

/**
 * What an engine holds that the garbage collector does not know, apart from the engine, so that it can be given back
 * when nobody closed the engine and it has become unreachable.
 *
 * <p>Nothing that is reachable from here leads to the engine or to its stores and modules. So they are unreachable when
 * all of them are: each of them leads to the engine, every call into a guest has its store on the Java stack, and what
 * is handed out of a store (functions, handles, segments of memory) leads to the store. Then nothing runs in what is
 * given back. The threads of an engine hold it only while they work for it.
 *
 * <p>What embedders attached to stores is theirs; it is not closed.
 */
final class EngineHoldings implements Runnable {
    /** Those of engines that are not closed. So they are there as long as this class loader is, and no longer. */
    private static final Set<EngineHoldings> OPEN = ConcurrentHashMap.newKeySet();

    private final String engine;
    private final InstanceAllocator allocator;
    private final ResourceAccount account;
    private final Set<StoreMemory> stores = ConcurrentHashMap.newKeySet();
    private final Set<SharedLinearMemory> shared = ConcurrentHashMap.newKeySet();
    private final Set<MemoryImage> images = ConcurrentHashMap.newKeySet();
    private final Set<Thread> threads = ConcurrentHashMap.newKeySet();
    private final BoundClasses boundClasses = new BoundClasses();
    private final CodeReservation code;
    private volatile @Nullable Sentry sentry;
    private volatile @Nullable SampleArea sampleArea;

    EngineHoldings(String engine, InstanceAllocator allocator, ResourceAccount account, CodeReservation code) {
        this.account = account;
        this.engine = engine;
        this.allocator = allocator;
        this.code = code;
    }

    /**
     * From now on everything is given back when the engine is unreachable: by {@link #run}, or as data if the class
     * loader is unreachable, too.
     */
    BooleanSupplier watch(EngineImpl owner) {
        LastWill will = new LastWill(LinuxProcess.syscall())
                .withHeir(this)
                .withWarning(warning("", "it or its class loader"))
                .withCharges(account, code.mappings());
        allocator.virtualMemory().bequeath();
        OPEN.add(this);
        boolean isWatched = false;
        try {
            BooleanSupplier revocation = will.of(owner);
            isWatched = true;
            return revocation;
        } finally {
            if (!isWatched) {
                OPEN.remove(this);
            }
        }
    }

    /** The engine is closed and has given everything back. */
    void end(BooleanSupplier revocation) {
        boundClasses.close();
        OPEN.remove(this);
        revocation.getAsBoolean();
    }

    StoreMemory open(StoreLimits limits, boolean explicitBoundsChecks, ResourceAccount owner) {
        StoreMemory memory = allocator.open(limits, explicitBoundsChecks, owner);
        boolean isKnown = false;
        try {
            isKnown = stores.add(memory);
        } finally {
            if (!isKnown) { // no heap
                memory.close();
            }
        }
        return memory;
    }

    /** Can be called again after an error. */
    void close(StoreMemory memory) {
        memory.close();
        stores.remove(memory);
    }

    SharedLinearMemory open(
            MemoryType type, boolean explicitBoundsChecks, ResourceAccount owner, MemoryBudget budget) {
        SharedLinearMemory memory = allocator.newSharedMemory(type, explicitBoundsChecks, owner, budget);
        boolean isKnown = false;
        try {
            isKnown = shared.add(memory);
        } finally {
            if (!isKnown) { // no heap
                memory.close();
            }
        }
        return memory;
    }

    /** Can be called again after an error. */
    void close(SharedLinearMemory memory) {
        memory.close();
        shared.remove(memory);
    }

    void add(MemoryImage image) {
        images.add(image);
    }

    /** Can be called again after an error. */
    void close(MemoryImage image) {
        image.close();
        images.remove(image);
    }

    BoundClasses boundClasses() {
        return boundClasses;
    }

    /** It has memory and a thread of its own. */
    void setSentry(@Nullable Sentry made) {
        sentry = made;
    }

    /** It has memory of its own. */
    void setSampleArea(SampleArea made) {
        sampleArea = made;
    }

    /** A thread that ends when it is awake and the engine is no more. */
    void add(Thread thread) {
        Iterator<Thread> all = threads.iterator();
        while (all.hasNext()) {
            if (all.next().getState() == Thread.State.TERMINATED) {
                all.remove();
            }
        }
        threads.add(thread);
    }

    /** The heir's part: the engine is unreachable, this class loader is not. */
    @Override
    public void run() {
        if (!OPEN.remove(this)) {
            return;
        }
        int open = stores.size();
        Sentry last = sentry;
        if (last != null) {
            attempt(last);
        }
        SampleArea area = sampleArea;
        if (area != null) {
            attempt(area);
        }
        for (Thread thread : threads) {
            LockSupport.unpark(thread);
        }
        for (StoreMemory memory : stores) {
            attempt(memory);
        }
        for (SharedLinearMemory memory : shared) {
            attempt(memory);
        }
        for (MemoryImage image : images) {
            attempt(image);
        }
        attempt(boundClasses);
        try {
            code.giveBack(allocator.virtualMemory());
        } catch (Throwable t) {
            failed(t);
        }
        try {
            allocator.trim();
        } catch (Throwable t) {
            failed(t);
        }
        attempt(account);
        log(warning(", with " + open + " stores open", "it"), null);
    }

    /** Without lambdas, as all of this: linked for the first time with a full heap, they would fail for good. */
    private void attempt(AutoCloseable part) {
        try {
            part.close();
        } catch (Throwable t) { // the other parts go all the same
            failed(t);
        }
    }

    private void failed(Throwable t) {
        log("giving back what engine " + engine + " held failed", t);
    }

    private String warning(String with, String whom) {
        return "engine " + engine + " was never closed" + with + ", and nobody can reach " + whom
                + " any more; its memory is given back now. Close engines: until the garbage collector notices, they keep"
                + " their memory, and what is attached to their stores is never closed";
    }

    private static void log(String message, @Nullable Throwable thrown) {
        Logger log = System.getLogger(Engine.class.getName());
        if (thrown == null) {
            log.log(Level.WARNING, message);
        } else {
            log.log(Level.WARNING, message, thrown);
        }
    }
}
