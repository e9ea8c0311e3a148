package org.sallyport.host.core;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.sallyport.Module;
import org.sallyport.host.Grant;
import org.sallyport.host.PluginEvent;
import org.sallyport.host.PluginManifest;
import org.sallyport.host.PluginState;
import org.sallyport.host.PluginUnavailableException;
import org.sallyport.host.UnsatisfiedImport;
import org.sallyport.host.UnsatisfiedOffer;
import org.sallyport.wasm.Printable;

/**
 * The life of a plugin: its state, and what is due when something around it has changed.
 *
 * <p>Whatever changes around it (a grant, a service) only asks for an {@link #update}; one thread at a time does the
 * updating, others leave their request with it and go on. So no lock is held while services are registered or looked
 * up, and events that registrations cause are handled in order. An update looks at everything anew and does what is
 * due.
 *
 * <p>Other rights make a new {@link Generation}: fresh bindings, linked anew. The bindings of the old one are emptied,
 * so that calls still running under old rights are refused at their next host call.
 */
final class Lifecycle {
    private static final System.Logger LOG = System.getLogger("org.sallyport.host");
    private static final long UNINSTALL_SECONDS = 10;
    /** Most reasons in one message. */
    private static final int REASONS = 20;
    private static final String NOT_COUNTED = "its fuel is limited, and this engine does not count fuel: set fuel=true in the"
            + " configuration org.sallyport.engine, or Config.withFuel";
    /** How long calls in flight may go on when the plugin is uninstalled, if their timeout is not shorter. */
    private static final Duration GRACE = Duration.ofSeconds(1);

    private final PluginImpl plugin;
    private final PluginManifest manifest;
    private final Module module;
    private final Surroundings surroundings;
    private final PluginImpl.Hosting host;
    private final GuestPool pool;
    private final Failures failures;
    private final Offers offers;

    private final Updates updates = new Updates(this::updateSafely);
    private final CountDownLatch gone = new CountDownLatch(1);
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

    Lifecycle(PluginImpl plugin, Surroundings surroundings, PluginImpl.Hosting host, GuestPool pool, Failures failures) {
        this.plugin = plugin;
        this.manifest = plugin.manifest();
        this.module = plugin.module();
        this.surroundings = surroundings;
        this.host = host;
        this.pool = pool;
        this.failures = failures;
        this.offers = new Offers(surroundings, plugin::as);
    }

    private String id() {
        return manifest.id();
    }

    PluginState state() {
        return state;
    }

    @Nullable String conflict() {
        return conflict;
    }

    @Nullable String quarantine() {
        return quarantine;
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

    List<UnsatisfiedImport> unsatisfied(int most) {
        Generation now = current;
        return state != PluginState.UNSATISFIED || now == null ? List.of() : now.unsatisfied(most);
    }

    List<UnsatisfiedOffer> unsatisfiedOffers() {
        Generation now = current;
        return state != PluginState.UNSATISFIED || now == null ? List.of() : now.rights().offer().refused();
    }

    void restart() {
        restarted = true;
        update();
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
            host.events().accept(new PluginEvent.StateChanged(id(), state, "is " + state + " because " + quarantine));
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
        List<Grants.Granted> granted = host.grants().of(id(), plugin.origin());
        Rights rights = Rights.of(
                manifest,
                plugin.origin(),
                granted.stream().map(Grants.Granted::terms).toList(),
                host.settings().narrow(host.engine().config().defaultLimits()),
                host.settings(),
                granted.isEmpty() && needsGrant() ? host.grants().absence(id(), plugin.origin()) : "");
        Generation now = current;
        if (now == null || restarted || now.isCutOff() || !now.rights().equals(rights)) {
            restarted = false;
            failures.forgive();
            renew(rights, granted, permit);
            return;
        }
        now.restOn(granted);
        if (permit.isWithdrawn() && !host.grants().inForce(granted)) {
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
            host.threads().execute(() -> {
                next.run(module, offers, pool, host.settings());
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
                    new Generation.Parts(manifest, module, host.engine(), surroundings),
                    this::update,
                    failures::denied);
            current = next;
            quarantine = rights.fuel() >= 0 && !host.engine().config().compile().fuel() ? NOT_COUNTED : next.fault();
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
        host.events().accept(new PluginEvent.StateChanged(id(), next, "is " + next + reasons()));
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
        String why = state == PluginState.CONFLICT ? conflict : quarantine;
        return why == null ? text.toString() : text + " because " + Printable.message(why);
    }

    private Map<String, Object> services() {
        Startup done = startup;
        return done == null ? Map.of() : done.services();
    }
}
