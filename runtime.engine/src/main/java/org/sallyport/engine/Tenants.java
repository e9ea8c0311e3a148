package org.sallyport.engine;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/** What an engine has made and that has not gone yet: stores, modules and shared memories. Thread-safe. */
final class Tenants {
    private final Set<StoreImpl> stores = ConcurrentHashMap.newKeySet();
    private final Set<ModuleImpl> modules = ConcurrentHashMap.newKeySet();
    private final Set<SharedMemoryImpl> sharedMemories = ConcurrentHashMap.newKeySet();
    /** How many stores other threads close attached objects for. */
    private final AtomicInteger closingElsewhere = new AtomicInteger();

    Set<StoreImpl> stores() {
        return stores;
    }

    Set<ModuleImpl> modules() {
        return modules;
    }

    Set<SharedMemoryImpl> sharedMemories() {
        return sharedMemories;
    }

    boolean areGone() {
        return stores.isEmpty() && modules.isEmpty() && sharedMemories.isEmpty();
    }

    /**
     * Closes all. Those that cannot go yet do so later.
     *
     * @param end how long to wait, on the scale of {@link System#nanoTime}
     */
    void close(long end) {
        closeStores(end);
        for (ModuleImpl module : modules) {
            module.close();
        }
        for (SharedMemoryImpl memory : sharedMemories) {
            memory.close();
        }
    }

    /** All are asked to stop before any is waited for: together they take no longer than one. */
    private void closeStores(long end) {
        List<StoreImpl> waiting = new ArrayList<>();
        for (StoreImpl store : stores) {
            if (store.execution().beginClosing()) {
                waiting.add(store);
            }
        }
        for (StoreImpl store : waiting) {
            store.execution().finishClosing(end, false);
        }
        while (closingElsewhere.get() > 0 && System.nanoTime() - end < 0) {
            LockSupport.parkNanos(this, 50_000);
        }
    }

    /** Runs the foreign code that closes what was attached to a store. @return whether that will happen */
    boolean closeAttachedElsewhere(StoreImpl store, Keeper keeper) {
        closingElsewhere.incrementAndGet();
        boolean served = keeper.serve(new Runnable() {
            @Override
            public void run() {
                try {
                    store.closeAttached();
                } finally {
                    closingElsewhere.decrementAndGet();
                }
            }
        });
        if (!served) {
            closingElsewhere.decrementAndGet();
        }
        return served;
    }

    /** Goes on with the end of modules that failed once. What fails again is left over again. */
    void finishUnmapping(Keeper keeper) {
        for (ModuleImpl module : modules) {
            boolean isDone = false;
            try {
                module.finishUnmapping();
                isDone = true;
            } finally {
                if (!isDone) {
                    keeper.finishLater();
                }
            }
        }
    }
}
