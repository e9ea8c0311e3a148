package org.sallyport.host.core;

import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.sallyport.BindException;
import org.sallyport.host.Grant;
import org.sallyport.host.PluginEvent;
import org.sallyport.host.PluginState;
import org.sallyport.host.PluginUnavailableException;
import org.sallyport.host.PluginUpdate;
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
 *
 * <p>An update is another {@link Edition}, made ready beside the present one; only then it takes its place, and calls in
 * flight end in the old one. What is refused, or waits for a grant, changes nothing.
 */
final class Lifecycle {
    private static final System.Logger LOG = System.getLogger("org.sallyport.host");
    private static final long UNINSTALL_SECONDS = 10;
    /** Most reasons in one message. */
    private static final int REASONS = 20;
    /** How long calls in flight may go on when the plugin is uninstalled, if their timeout is not shorter. */
    private static final Duration GRACE = Duration.ofSeconds(1);
    /** Likewise when an update has come. */
    private static final Duration DRAIN = Duration.ofMinutes(1);

    private final PluginImpl plugin;
    private final PluginImpl.Hosting host;
    private final Editions editions;
    private final Failures failures;
    private final Offers offers;

    private final Updates updates = new Updates(this::updateSafely);
    private final CountDownLatch gone = new CountDownLatch(1);
    private volatile boolean uninstalled;
    private volatile boolean restarted;

    private volatile PluginState state = PluginState.UNSATISFIED;
    /** Whether anybody has heard of the state. Of whoever updates. */
    private boolean told;
    private volatile @Nullable String quarantine;
    /** Who holds the id, or null if this one does. */
    private volatile @Nullable String conflict = "not decided yet";

    private volatile @Nullable PluginUpdate lastUpdate;
    /** As it was last told. Of whoever updates. */
    private List<String> grantedBy = List.of();

    Lifecycle(
            PluginImpl plugin, Surroundings surroundings, PluginImpl.Hosting host, Editions editions, Failures failures) {
        this.plugin = plugin;
        this.host = host;
        this.editions = editions;
        this.failures = failures;
        this.offers = new Offers(surroundings);
    }

    private String id() {
        return plugin.id();
    }

    /** The one whose instances calls enter. */
    Edition edition() {
        return editions.present();
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
        if (holder != null) {
            editions.forEach(Edition::cutOff);
        }
        update();
    }

    List<UnsatisfiedImport> unsatisfied(int most) {
        Generation now = current();
        return state != PluginState.UNSATISFIED || now == null ? List.of() : now.unsatisfied(most);
    }

    List<UnsatisfiedOffer> unsatisfiedOffers() {
        Generation now = current();
        return state != PluginState.UNSATISFIED || now == null ? List.of() : now.rights().offer().refused();
    }

    void restart() {
        restarted = true;
        update();
    }

    /** Under what rights calls are made now, or null. */
    @Nullable Generation current() {
        return editions.present().current();
    }

    /** What makes it ready to be called, or null. */
    @Nullable Startup startup() {
        return editions.present().startup();
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
        editions.forEach(edition -> edition.withdraw(grant));
    }

    /** Likewise under one that was edited; if it puts the same within reach as before, nobody is disturbed. */
    void withdrawUnlessSame(Grant grant) {
        editions.forEach(edition -> edition.withdrawUnlessSame(grant));
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
        Generation now = current();
        if (now != null) {
            now.cutOff();
        }
        quarantine = "its rights could not be looked at anew";
        state = uninstalled ? PluginState.UNINSTALLED : PluginState.QUARANTINED;
        try {
            offers.withdraw();
            editions.present().pools().drain();
        } catch (RuntimeException | Error next) {
            e.addSuppressed(next);
        }
        try {
            LOG.log(System.Logger.Level.ERROR, "plugin " + id() + " could not be looked at anew", e);
            quarantine = "its rights could not be looked at anew: " + e;
            host.events().accept(new PluginEvent.StateChanged(id(), state, "is " + state + " because " + quarantine));
        } catch (RuntimeException | Error next) {
            e.addSuppressed(next); // nobody is left to tell
        }
    }

    private void updateOnce() {
        if (uninstalled) {
            dispose();
        } else if (conflict != null) {
            standBack();
            takeNextAtOnce(this::standBack);
        } else {
            serve(editions.present());
            advance();
        }
    }

    /** Sees to it that the edition has the rights that are due, and is in service if it can be. */
    private void serve(Edition edition) {
        boolean anew = restarted;
        restarted = false;
        if (edition.adopt(anew, this::update, failures::denied)) {
            failures.forgive();
            quarantine = edition.fault();
            tellRights(edition);
        }
        Generation now = edition.current();
        if (now == null || now.isCutOff()) {
            return; // the update that follows a withdrawal is on its way
        }
        if (quarantine != null) {
            become(PluginState.QUARANTINED);
        } else if (!now.isSatisfied()) {
            become(PluginState.UNSATISFIED);
        } else {
            boolean active = makeReady(edition, now) || state == PluginState.ACTIVE;
            boolean failed = quarantine != null;
            become(failed ? PluginState.QUARANTINED : active ? PluginState.ACTIVE : PluginState.STARTING);
            offers.adjust(id(), now.rights().offer());
        }
    }

    /** For audits: what it may from now on, and who says so. */
    private void tellRights(Edition edition) {
        Generation now = edition.current();
        List<String> grants = now == null ? List.of() : now.sources();
        if (now == null || grants.isEmpty() && grantedBy.isEmpty()) {
            return; // nothing was granted, and nothing is
        }
        String message = grants.isEmpty()
                ? "is granted nothing any more by " + named(grantedBy)
                : "is granted " + now.rights().describe() + " by " + named(grants);
        grantedBy = grants;
        host.events().accept(new PluginEvent.Granted(id(), grants, message));
    }

    private static String named(List<String> grants) {
        return (grants.size() == 1 ? "grant " : "grants ") + String.join(", ", grants);
    }

    /** Has no rights as long as another one holds the id. */
    private void standBack() {
        become(PluginState.CONFLICT);
        quarantine = null;
        editions.present().layDown();
    }

    /** Whether the generation is ready to be called; if not, a thread is at it or it is quarantined. */
    private boolean makeReady(Edition edition, Generation now) {
        boolean ready = edition.makeReady(now, 1, names -> implement(names, edition), this::update);
        Startup last = edition.startup();
        if (last != null && last.problem() != null) {
            quarantine = last.problem();
        }
        return ready;
    }

    private Map<String, Object> implement(Collection<String> names, Edition edition) {
        return offers.implement(names, contract -> plugin.implement(contract, edition));
    }

    // ---- an edition that is to take the place of the present one

    @Nullable PluginUpdate lastUpdate() {
        return lastUpdate;
    }

    /** What is known of an update before it is an edition. */
    void tell(PluginUpdate update) {
        lastUpdate = update;
        tellOf(update);
    }

    /** Has the edition take the present one's place as soon as it can. */
    void propose(Edition next) {
        lastUpdate = next.proposal().now();
        Edition other = editions.propose(next);
        if (other != null) {
            other.proposal().become(PluginState.REFUSED, "another update came before it was ready", null);
            other.proposal().settle();
            editions.discard(other);
        }
        update();
    }

    /** Whatever becomes of it, the present one is none the worse for it. */
    private void advance() {
        Edition next = editions.next();
        if (next == null) {
            return;
        }
        try {
            if (state == PluginState.UNSATISFIED) {
                takeNextAtOnce(() -> serve(editions.present()));
            } else {
                advance(next);
            }
        } catch (RuntimeException | Error e) {
            refuse(next, "it could not be prepared: " + e, e);
        }
    }

    private void advance(Edition next) {
        next.adopt(false, this::update, failures::denied);
        Generation now = next.current();
        if (now == null || now.isCutOff()) {
            return; // the update that follows a withdrawal is on its way
        }
        String fault = next.fault();
        if (fault != null) {
            refuse(next, fault, null);
        } else if (!now.isSatisfied()) {
            become(next, PluginState.WAITING, "it asks for what is not there and granted:" + lacks(now), null);
        } else if (next.makeReady(now, instances(), names -> implement(names, next), this::update)) {
            take(next, () -> {});
        } else {
            Startup startup = next.startup();
            String problem = startup == null ? null : startup.problem();
            if (startup != null && problem != null) {
                refuse(next, problem, startup.cause());
            }
        }
    }

    /** As many as calls have needed yet. */
    private int instances() {
        return Math.max(1, editions.present().pool().size());
    }

    /** Nothing is lost where nothing was in service. */
    private void takeNextAtOnce(Runnable then) {
        Edition next = editions.next();
        if (next != null) {
            take(next, then);
        }
    }

    /** @param then what follows before anybody is told */
    private void take(Edition next, Runnable then) {
        Edition old = editions.present();
        BindException mismatch = plugin.swapIfItFits(next, () -> {
            failures.forgive();
            quarantine = null;
            editions.swap(next, grace(old, DRAIN));
        });
        if (mismatch != null) {
            refuse(next, "it does not fit the interfaces by which the plugin is called: " + mismatch.getMessage(), mismatch);
            return;
        }
        Generation now = next.current();
        if (state == PluginState.ACTIVE && now != null) {
            offers.replace(id(), now.rights().offer(), services());
        }
        tellRights(next);
        then.run();
        become(next, PluginState.ACTIVE, "", null);
        updates.again();
        host.claims().run(); // another origin may be confirmed, or not any more
    }

    private void refuse(Edition next, String why, @Nullable Throwable cause) {
        if (editions.drop(next)) {
            editions.discard(next);
            become(next, PluginState.REFUSED, why, cause);
        }
    }

    private void become(Edition next, PluginState state, String why, @Nullable Throwable cause) {
        try {
            if (next.proposal().become(state, why, cause)) {
                tell(next.proposal().now());
            }
        } finally {
            next.proposal().settle();
        }
    }

    private void tellOf(PluginUpdate update) {
        String from = Printable.text(update.origin().toString(), Printable.MESSAGE);
        if (update.state() == PluginState.REFUSED) {
            host.events().accept(new PluginEvent.Refused(
                    id(),
                    from,
                    "update from " + from + " is REFUSED because " + update.reason() + "; the plugin is what it was"));
        } else if (update.state() != PluginState.COMPILING) {
            String message = update.state() == PluginState.ACTIVE
                    ? "is updated from " + from
                    : "update from " + from + " is WAITING because " + update.reason() + "; the plugin is what it was";
            host.events().accept(new PluginEvent.Updated(id(), update.state(), from, message));
        }
    }

    /** How long calls in flight may go on: no longer than their own time. */
    private static long grace(Edition edition, Duration most) {
        Generation now = edition.current();
        Duration timeout = now == null ? null : now.rights().timeout();
        return (timeout == null || timeout.compareTo(most) > 0 ? most : timeout).toNanos();
    }

    // ----

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
        Generation now = current();
        if (before == PluginState.ACTIVE) {
            offers.withdraw();
            editions.present().pools().drain();
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
        } finally {
            try {
                editions.end(grace(editions.present(), GRACE));
            } finally {
                gone.countDown();
            }
        }
    }

    private String reasons() {
        Generation now = current();
        if (state == PluginState.UNSATISFIED && now != null) {
            return lacks(now);
        }
        String why = state == PluginState.CONFLICT ? conflict : quarantine;
        return why == null ? "" : " because " + Printable.message(why);
    }

    private static String lacks(Generation generation) {
        StringBuilder text = new StringBuilder();
        List<UnsatisfiedImport> imports = generation.unsatisfied(REASONS);
        imports.forEach(missing -> text.append("\n  ").append(missing));
        if (imports.size() == REASONS) {
            text.append("\n  and perhaps more");
        }
        generation.rights().offer().refused().forEach(missing -> text.append("\n  ").append(missing));
        return text.toString();
    }

    private Map<String, Object> services() {
        Startup done = startup();
        return done == null ? Map.of() : done.services();
    }
}
