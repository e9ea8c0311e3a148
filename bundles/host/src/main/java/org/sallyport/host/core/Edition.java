package org.sallyport.host.core;

import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.sallyport.ImportType;
import org.sallyport.Module;
import org.sallyport.Store;
import org.sallyport.host.Budget;
import org.sallyport.host.EntryPolicy;
import org.sallyport.host.Grant;
import org.sallyport.host.PluginManifest;
import org.sallyport.host.PluginOrigin;
import org.sallyport.host.PluginUnavailableException;

/**
 * One version of a plugin: its manifest, its module, where both come from, and its instances under the rights that it has
 * now. Other rights make another {@link Generation} of it; an update makes another edition, beside this one until it is
 * ready to take its place.
 *
 * <p>What needs no heap and no lock ({@link #withdraw} and its like) any thread may call; rights are adopted by the thread
 * that updates the plugin.
 */
final class Edition {
    /** Sessions of one plugin have at most this part of all instances: whoever opens them may be anybody. */
    private static final int SESSIONS_OF_ONE = 2;

    private static final String NOT_COUNTED = "its fuel is limited, and this engine does not count fuel: set fuel=true in the"
            + " configuration org.sallyport.engine, or Config.withFuel";

    private final PluginManifest manifest;
    private final PluginOrigin origin;
    private final Module module;
    private final Surroundings surroundings;
    private final PluginImpl.Hosting host;
    private final Meter meter;
    private final Map<String, Integer> exports;
    private final Pools pools;
    private final Proposal proposal;
    private final CountDownLatch retired = new CountDownLatch(1);

    private volatile @Nullable Generation current;
    /** Of a generation that is being made: what is withdrawn meanwhile must not be in it. */
    private volatile @Nullable Permit making;
    private volatile @Nullable Startup startup;
    private volatile @Nullable String fault;
    private volatile boolean abandoned;

    /**
     * @param meter of the plugin
     * @param exports index of each export that calls of the plugin use
     */
    Edition(
            PluginManifest manifest,
            PluginOrigin origin,
            Module module,
            Surroundings surroundings,
            PluginImpl.Hosting host,
            Meter meter,
            Map<String, Integer> exports) {
        this.manifest = manifest;
        this.origin = origin;
        this.module = module;
        this.surroundings = surroundings;
        this.host = host;
        this.meter = meter;
        this.exports = exports;
        this.pools = new Pools(pool(manifest.policy(), manifest.pool()), () -> pool(EntryPolicy.SERIALIZED, 1),
                Math.max(1, host.settings().instances() / SESSIONS_OF_ONE));
        this.proposal = new Proposal(manifest.id(), origin);
    }

    private GuestPool pool(EntryPolicy policy, int size) {
        return new GuestPool(manifest.id(), policy, size, host.settings(), host.places(), this::instantiate);
    }

    /** The same manifest and module, never used. */
    Edition again() {
        return new Edition(manifest, origin, module, surroundings, host, meter, exports);
    }

    PluginManifest manifest() {
        return manifest;
    }

    PluginOrigin origin() {
        return origin;
    }

    Module module() {
        return module;
    }

    /** Of the calls of everybody but sessions. */
    GuestPool pool() {
        return pools.shared();
    }

    Pools pools() {
        return pools;
    }

    /** What becomes of it as an update. */
    Proposal proposal() {
        return proposal;
    }

    /** Under what rights its instances are made now, or null. */
    @Nullable Generation current() {
        return current;
    }

    /** What makes it ready to be called, or null. */
    @Nullable Startup startup() {
        return startup;
    }

    /** Why the current generation cannot be started, as far as it is known without trying; or null. */
    @Nullable String fault() {
        return fault;
    }

    /**
     * Sees to it that the current generation has the rights that manifest and grants give now.
     *
     * @param anew also if they are the same as before
     * @param changed called when a binding has changed
     * @param denied called when a guest calls what is not bound
     * @return whether there is another generation now
     */
    boolean adopt(boolean anew, Runnable changed, Consumer<ImportType> denied) {
        Permit permit = new Permit();
        making = permit; // before the grants are looked at: see withdraw
        try {
            List<Grants.Granted> granted = host.grants().of(manifest.id(), origin);
            Rights rights = rights(granted);
            Generation now = current;
            if (anew || now == null || now.isCutOff() || !now.rights().equals(rights)) {
                renew(rights, granted, permit, changed, denied);
                return true;
            }
            now.restOn(granted);
            if (permit.isWithdrawn() && !host.grants().inForce(granted)) {
                now.cutOff();
            }
            return false;
        } finally {
            making = null;
        }
    }

    private Rights rights(List<Grants.Granted> granted) {
        return Rights.of(
                manifest,
                origin,
                granted.stream().map(Grants.Granted::terms).toList(),
                host.settings().narrow(host.engine().config().defaultLimits()),
                host.settings(),
                granted.isEmpty() && needsGrant() ? host.grants().absence(manifest.id(), origin) : "");
    }

    /** One without imports and services runs without a grant, and must not start anew when one for others is edited. */
    private boolean needsGrant() {
        return !module.imports().isEmpty() || !manifest.services().isEmpty();
    }

    /** New bindings are open before the old ones close: what both rights allow stays bound throughout. */
    private void renew(
            Rights rights,
            List<Grants.Granted> granted,
            Permit permit,
            Runnable changed,
            Consumer<ImportType> denied) {
        Generation before = current;
        try {
            Generation next = Generation.of(
                    rights,
                    granted,
                    permit,
                    meter,
                    new Generation.Parts(manifest, module, host.engine(), surroundings),
                    changed,
                    wanted -> {
                        if (!abandoned) {
                            denied.accept(wanted);
                        }
                    });
            current = next;
            fault = rights.fuel() >= 0 && !host.engine().config().compile().fuel() ? NOT_COUNTED : next.fault();
        } finally {
            try {
                pools.drain();
            } finally {
                if (before != null) {
                    before.close();
                }
            }
        }
    }

    /**
     * Has the current generation made ready to be called, in a thread of its own, if that was not begun yet.
     *
     * @param instances that there are then, if there is place for them
     * @param done called when it is done, well or not
     * @return whether it is ready; if not, a thread is at it, or {@link Startup#problem} says what is wrong
     */
    boolean makeReady(Generation now, int instances, Startup.Implementer services, Runnable done) {
        Startup last = startup;
        if (last == null || !last.isFor(now)) {
            Startup next = new Startup(now, instances);
            startup = next;
            host.threads().execute(() -> {
                next.run(module, services, pool(), host.settings());
                done.run();
            });
            return false;
        }
        return now.isReady();
    }

    private GuestInstance instantiate(int number, Consumer<Store> begun) {
        Generation now = current;
        if (now == null || !now.isLinked()) {
            throw new PluginUnavailableException(
                    "plugin " + manifest.id() + " is not linked",
                    now == null ? List.of() : now.unsatisfied(Integer.MAX_VALUE));
        }
        Budget budget = now.rights().budget();
        long memory = meter.instance(budget, pools.size() + pools.making());
        if (!budget.isOnTime()) {
            return now.instantiate(host.engine(), host.settings(), number, memory, exports, begun);
        }
        Making making = new Making(budget);
        try {
            return now.instantiate(host.engine(), host.settings(), number, memory, exports, store -> {
                begun.accept(store);
                making.begin(store);
            });
        } finally {
            making.end();
        }
    }

    /** What a start function uses is the plugin's as what a call uses is. */
    private final class Making {
        private final Budget budget;
        private ProcessorWatch.@Nullable Call watched;

        Making(Budget budget) {
            this.budget = budget;
        }

        void begin(Store store) {
            watched = host.processors().begin(
                    store,
                    budget.enforced() ? meter.timeOfCall(budget) : Long.MAX_VALUE,
                    nanos -> meter.charge(budget, nanos));
        }

        void end() {
            if (watched != null) {
                host.processors().end(watched);
                meter.end(budget, watched.used());
            }
        }
    }

    // ---- what is withdrawn

    /** Lets no guest go on under a grant that is withdrawn. Needs neither heap nor a lock; an update is to follow. */
    void withdraw(Grant grant) {
        cutOffMaking(); // whether or not the grant is in it: the update that follows makes another
        Generation now = current;
        if (now != null) {
            now.withdraw(grant);
        }
    }

    /** Likewise under one that was edited; if it puts the same within reach as before, nobody is disturbed. */
    void withdrawUnlessSame(Grant grant) {
        cutOffMaking();
        Generation now = current;
        if (now != null) {
            now.withdrawUnlessSame(grant);
        }
    }

    /** Whatever it was granted, no guest reaches the host any more. */
    void cutOff() {
        cutOffMaking();
        Generation now = current;
        if (now != null) {
            now.cutOff();
        }
    }

    /**
     * Nobody wants it any more. Its guests are cut off, and what they are refused then is no denial: no right of the plugin was
     * withdrawn, and nothing that the guest does is to be told of.
     */
    void abandon() {
        abandoned = true;
        cutOff();
    }

    private void cutOffMaking() {
        Permit next = making;
        if (next != null) {
            next.withdraw();
        }
    }

    // ---- the end

    /** Has no rights and no instances any more, until it adopts some. */
    void layDown() {
        Generation last = current;
        current = null;
        pools.drain();
        if (last != null) {
            last.close();
        }
    }

    /** Lends nothing any more; calls in flight may go on for that time. Returns when all is given back, but the module. */
    void retire(long graceNanos) {
        try {
            pools.end(pool -> pool.retire(graceNanos));
        } finally {
            close();
        }
    }

    /** Likewise, ending what starts at once. */
    void end(long graceNanos) {
        try {
            pools.end(pool -> pool.close(graceNanos));
        } finally {
            close();
        }
    }

    private void close() {
        Generation last = current;
        if (last != null) {
            last.close();
        }
        retired.countDown();
    }

    /** Returns when it has {@linkplain #retire retired}. */
    void awaitRetired() {
        try {
            retired.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
