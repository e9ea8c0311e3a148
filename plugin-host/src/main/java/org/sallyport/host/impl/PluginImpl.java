package org.sallyport.host.impl;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.BundleContext;
import org.sallyport.Engine;
import org.sallyport.Module;
import org.sallyport.Store;
import org.sallyport.host.Grant;
import org.sallyport.host.Plugin;
import org.sallyport.host.PluginManifest;
import org.sallyport.host.PluginOrigin;
import org.sallyport.host.PluginState;
import org.sallyport.host.PluginUnavailableException;
import org.sallyport.host.UnsatisfiedImport;
import org.sallyport.host.UnsatisfiedOffer;
import org.sallyport.wasm.Printable;

/**
 * A plugin: its rights, its bindings, its instances and the services it offers.
 *
 * <p>Whatever changes around it (a grant, a service) only asks for an {@link #update}; one thread at a time does the
 * updating, others leave their request with it and go on. So no lock is held while services are registered or looked
 * up, and events that registrations cause are handled in order. An update looks at everything anew and does what is
 * due.
 *
 * <p>Other rights make a new {@link Generation}: fresh bindings, linked anew. The bindings of the old one are emptied,
 * so that calls still running under old rights are refused at their next host call.
 */
final class PluginImpl implements Plugin {
    private static final System.Logger LOG = System.getLogger("org.sallyport.host");
    private static final long UNINSTALL_SECONDS = 10;
    /** Most reasons in one message. */
    private static final int REASONS = 20;
    private static final String NOT_COUNTED = "its fuel is limited, and this engine does not count fuel: set fuel=true in the"
            + " configuration org.sallyport.engine";
    /** How long calls in flight may go on when the plugin is uninstalled, if their timeout is not shorter. */
    private static final Duration GRACE = Duration.ofSeconds(1);

    private final PluginManifest manifest;
    private final Module module;
    private final Engine engine;
    private final BundleContext context;
    private final Audit audit;
    private final Grants grants;
    private final PluginOrigin origin;
    private final HostSettings settings;
    private final Executor threads;
    private final Rehearsal rehearsal;
    private final InstancePool pool;
    private final Map<String, Integer> exports = new ConcurrentHashMap<>();

    private final Updates updates = new Updates(this::updateSafely);
    private final CountDownLatch gone = new CountDownLatch(1);
    private final Offers offers;
    private final Failures failures;
    private final PluginGate gate;
    private volatile boolean uninstalled;
    private volatile boolean restarted;

    private volatile PluginState state = PluginState.UNSATISFIED;
    /** Whether anybody has heard of the state. Of whoever updates. */
    private boolean told;
    private volatile @Nullable Generation current;
    /** Of a generation that is being made: what is withdrawn meanwhile must not be in it. */
    private volatile @Nullable Permit making;
    private volatile @Nullable Startup startup;
    private volatile @Nullable String quarantine;
    /** Who holds the id, or null if this one does. */
    private volatile @Nullable String conflict = "not decided yet";

    /**
     * @param grants all grants of the host
     * @param places counts the instances of all plugins
     * @param threads run guest code that no call waits for
     */
    PluginImpl(
            PluginManifest manifest,
            PluginOrigin origin,
            Module module,
            Engine engine,
            BundleContext context,
            Audit audit,
            Grants grants,
            HostSettings settings,
            Places places,
            Executor threads) {
        this.manifest = manifest;
        this.origin = origin;
        this.module = module;
        this.engine = engine;
        this.context = context;
        this.audit = audit;
        this.grants = grants;
        this.settings = settings;
        this.threads = threads;
        this.rehearsal = new Rehearsal(engine, module);
        this.offers = new Offers(context, this::as);
        this.failures = new Failures(manifest.id(), audit);
        this.pool = new InstancePool(
                manifest.id(), manifest.policy(), manifest.pool(), settings, places, this::instantiate);
        this.gate = new PluginGate(this, pool, failures, settings);
    }

    @Override
    public String id() {
        return manifest.id();
    }

    @Override
    public PluginManifest manifest() {
        return manifest;
    }

    @Override
    public PluginOrigin origin() {
        return origin;
    }

    @Override
    public PluginState state() {
        return state;
    }

    @Override
    public Module module() {
        return module;
    }

    @Override
    public @Nullable String conflict() {
        return conflict;
    }

    /** @param holder who holds the id instead, for people; null: this one does */
    void decide(@Nullable String holder) {
        conflict = holder;
        Permit next = making;
        if (holder != null && next != null) {
            next.withdraw();
        }
        Generation now = current;
        if (holder != null && now != null) {
            now.cutOff();
        }
        update();
    }

    @Override
    public @Nullable String quarantinedBecause() {
        String why = quarantine;
        return why == null ? null : Printable.message(why);
    }

    @Override
    public List<UnsatisfiedImport> unsatisfied() {
        return unsatisfied(Integer.MAX_VALUE);
    }

    private List<UnsatisfiedImport> unsatisfied(int most) {
        Generation now = current;
        return state != PluginState.UNSATISFIED || now == null ? List.of() : now.unsatisfied(most);
    }

    @Override
    public List<UnsatisfiedOffer> unsatisfiedOffers() {
        Generation now = current;
        return state != PluginState.UNSATISFIED || now == null ? List.of() : now.rights().offer().refused();
    }

    @Override
    public Counters counters() {
        return new Counters(
                pool.calls(),
                failures.traps(),
                failures.stops(),
                failures.denials(),
                pool.size(),
                pool.memoryBytes());
    }

    @Override
    public Map<String, Object> rights() {
        Generation now = current;
        return now == null ? Map.of() : now.rights().describe();
    }

    @Override
    public void restart() {
        restarted = true;
        update();
        gate.awaitStartup();
    }

    @Override
    public <T> T as(Class<T> contract) {
        return rehearsal.implement(contract, this::index, gate, "plugin " + id());
    }

    @Override
    public <R, X extends Throwable> R use(Use<R, X> use) throws X {
        return gate.use(use);
    }

    /** Under what rights calls are made now, or null. */
    @Nullable Generation current() {
        return current;
    }

    /** What makes it ready to be called, or null. */
    @Nullable Startup startup() {
        return startup;
    }

    /** Whether the current thread updates it, so that it must not wait for an update. */
    boolean isUpdatedHere() {
        return updates.isWorker();
    }

    /** Takes it out of service until its grants change, or somebody starts it anew. */
    void quarantine(String why) {
        quarantine = why;
        update();
    }

    PluginUnavailableException unavailable() {
        return new PluginUnavailableException("plugin " + id() + " is " + state + reasons(), unsatisfied(REASONS));
    }

    private int index(String export) {
        Integer known = exports.get(export);
        synchronized (exports) {
            return known != null ? known : exports.computeIfAbsent(export, _ -> exports.size());
        }
    }

    /** Returns when services are withdrawn and calls have ended, unless called from inside of such a call. */
    void uninstall() {
        uninstalled = true;
        update();
        if (!updates.isWorker()) {
            try {
                if (!gone.await(UNINSTALL_SECONDS, TimeUnit.SECONDS)) {
                    LOG.log(System.Logger.Level.WARNING, "plugin " + id() + " is still being uninstalled");
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** Has everything looked at anew, by this thread or by the one that is at it. */
    void update() {
        updates.request();
    }

    /** Lets no guest go on under a grant that is withdrawn. Needs neither heap nor a lock; an update is to follow. */
    void withdraw(Grant grant) {
        Permit next = making;
        if (next != null) {
            next.withdraw(); // whether or not the grant is in it: the update that follows makes another
        }
        Generation now = current;
        if (now != null) {
            now.withdraw(grant);
        }
    }

    /** Likewise under one that was edited; if it puts the same within reach as before, nobody is disturbed. */
    void withdrawUnlessSame(Grant grant) {
        Permit next = making;
        if (next != null) {
            next.withdraw();
        }
        Generation now = current;
        if (now != null) {
            now.withdrawUnlessSame(grant);
        }
    }

    private void updateSafely() {
        try {
            updateOnce();
        } catch (RuntimeException | Error e) {
            takeOutOfService(e);
        }
    }

    /** First what must be, then what needs memory: it may be that there is none. */
    private void takeOutOfService(Throwable e) {
        Generation now = current;
        if (now != null) {
            now.cutOff();
        }
        quarantine = "it could not be updated";
        state = uninstalled ? PluginState.UNINSTALLED : PluginState.QUARANTINED;
        try {
            offers.withdraw();
            pool.drain();
        } catch (RuntimeException | Error next) {
            e.addSuppressed(next);
        }
        try {
            LOG.log(System.Logger.Level.ERROR, "plugin " + id() + " could not be updated", e);
            quarantine = "it could not be updated: " + e;
            audit.event("STATE", id(), "is " + state + " because " + quarantine, Map.of("state", state.name()));
        } catch (RuntimeException | Error next) {
            e.addSuppressed(next); // nobody is left to tell
        }
    }

    private void updateOnce() {
        if (uninstalled) {
            dispose();
            return;
        }
        if (conflict != null) {
            standBack();
            return;
        }
        Permit permit = new Permit();
        making = permit; // before the grants are looked at: see withdraw
        try {
            adopt(permit);
        } finally {
            making = null;
        }
        Generation now = current;
        if (now == null || now.isCutOff()) {
            return; // the update that follows a withdrawal is on its way
        }
        if (quarantine != null) {
            become(PluginState.QUARANTINED);
        } else if (!now.isBound() || !now.rights().offer().refused().isEmpty()) {
            become(PluginState.UNSATISFIED);
        } else {
            boolean active = makeReady(now) || state == PluginState.ACTIVE;
            boolean failed = quarantine != null;
            become(failed ? PluginState.QUARANTINED : active ? PluginState.ACTIVE : PluginState.STARTING);
            offers.adjust(id(), now.rights().offer());
        }
    }

    /** Has no rights as long as another one holds the id. */
    private void standBack() {
        become(PluginState.CONFLICT);
        Generation last = current;
        current = null;
        quarantine = null;
        pool.drain();
        if (last != null) {
            last.close();
        }
    }

    /** Sees to it that the current generation has the rights that manifest and grants give now. */
    private void adopt(Permit permit) {
        List<Grants.Granted> granted = grants.of(id(), origin);
        Rights rights = Rights.of(
                manifest,
                origin,
                granted.stream().map(Grants.Granted::terms).toList(),
                settings.narrow(engine.config().defaultLimits()),
                settings,
                granted.isEmpty() && needsGrant() ? grants.absence(id(), origin) : "");
        Generation now = current;
        if (now == null || restarted || now.isCutOff() || !now.rights().equals(rights)) {
            restarted = false;
            failures.forgive();
            renew(rights, granted, permit);
            return;
        }
        now.restOn(granted);
        if (permit.isWithdrawn() && !grants.inForce(granted)) {
            now.cutOff();
        }
    }

    /** One without imports and services runs without a grant, and must not start anew when one for others is edited. */
    private boolean needsGrant() {
        return !module.imports().isEmpty() || !manifest.services().isEmpty();
    }

    /** Whether the generation is ready to be called; if not, a thread is at it or it is quarantined. */
    private boolean makeReady(Generation now) {
        Startup last = startup;
        if (last == null || !last.isFor(now)) {
            Startup next = new Startup(now);
            startup = next;
            threads.execute(() -> {
                next.run(module, offers, pool, settings);
                update();
            });
            return false;
        }
        String problem = last.problem();
        if (problem != null) {
            quarantine = problem;
        }
        return now.isReady();
    }

    /** New bindings are open before the old ones close: what both rights allow stays bound throughout. */
    private void renew(Rights rights, List<Grants.Granted> granted, Permit permit) {
        Generation before = current;
        try {
            Generation next = Generation.of(
                    rights,
                    granted,
                    permit,
                    new Generation.Parts(manifest, module, engine, context),
                    this::update,
                    failures::denied);
            current = next;
            quarantine = rights.fuel() >= 0 && !engine.config().compile().fuel() ? NOT_COUNTED : next.fault();
        } finally {
            try {
                pool.drain();
            } finally {
                if (before != null) {
                    before.close();
                }
            }
        }
    }

    private void become(PluginState next) {
        PluginState before = state;
        if (before == next && told) {
            return;
        }
        told = true;
        if (next == PluginState.ACTIVE) {
            failures.forgive(); // before anybody can call it, and fail
        }
        state = next;
        Generation now = current;
        if (before == PluginState.ACTIVE) {
            offers.withdraw();
            pool.drain();
        }
        audit.event("STATE", id(), "is " + next + reasons(), Map.of("state", next.name()));
        if (next == PluginState.ACTIVE && now != null) {
            offers.register(id(), now.rights().offer(), services());
        }
    }

    private void dispose() {
        if (state == PluginState.UNINSTALLED) {
            return;
        }
        try {
            become(PluginState.UNINSTALLED);
            Generation last = current;
            Duration timeout = last == null ? null : last.rights().timeout();
            pool.close((timeout == null || timeout.compareTo(GRACE) > 0 ? GRACE : timeout).toNanos());
            if (last != null) {
                last.close();
            }
        } finally {
            module.close();
            gone.countDown();
        }
    }

    private String reasons() {
        StringBuilder text = new StringBuilder();
        List<UnsatisfiedImport> imports = unsatisfied(REASONS);
        imports.forEach(missing -> text.append("\n  ").append(missing));
        if (imports.size() == REASONS) {
            text.append("\n  and perhaps more");
        }
        unsatisfiedOffers().forEach(missing -> text.append("\n  ").append(missing));
        String why = state == PluginState.CONFLICT ? conflict : quarantinedBecause();
        return why == null ? text.toString() : text + " because " + why;
    }

    private Map<String, Object> services() {
        Startup done = startup;
        return done == null ? Map.of() : done.services();
    }

    private GuestInstance instantiate(int number, Consumer<Store> begun) {
        Generation now = current;
        if (now == null || !now.isLinked()) {
            throw new PluginUnavailableException("plugin " + id() + " is not linked", unsatisfied());
        }
        return now.instantiate(engine, settings, number, exports, begun);
    }
}
