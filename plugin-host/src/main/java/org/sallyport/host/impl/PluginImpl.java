package org.sallyport.host.impl;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.BundleContext;
import org.sallyport.CallContext;
import org.sallyport.Engine;
import org.sallyport.HostFunctionException;
import org.sallyport.Module;
import org.sallyport.SallyportException;
import org.sallyport.host.AccessDeniedException;
import org.sallyport.host.Grant;
import org.sallyport.host.Plugin;
import org.sallyport.host.PluginManifest;
import org.sallyport.host.PluginState;
import org.sallyport.host.PluginUnavailableException;
import org.sallyport.host.UnsatisfiedImport;

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
final class PluginImpl implements Plugin, PluginCalls.Gate {
    private static final System.Logger LOG = System.getLogger("org.sallyport.host");
    private static final long UNINSTALL_SECONDS = 10;
    /** How long calls in flight may go on when the plugin is uninstalled, if their timeout is not shorter. */
    private static final Duration GRACE = Duration.ofSeconds(1);

    private final PluginManifest manifest;
    private final Module module;
    private final Engine engine;
    private final BundleContext context;
    private final Audit audit;
    private final Supplier<List<Grant>> grants;
    private final InstancePool pool;
    private final Map<String, Integer> exports = new ConcurrentHashMap<>();

    private final Updates updates = new Updates(this::updateSafely);
    private final CountDownLatch gone = new CountDownLatch(1);
    private final Offers offers;
    private final Failures failures;
    private volatile boolean uninstalled;
    private volatile boolean restarted;

    private volatile PluginState state = PluginState.UNSATISFIED;
    private volatile @Nullable Generation current;
    private volatile @Nullable String quarantine;

    /** @param grants all grants of the host as they are now */
    PluginImpl(
            PluginManifest manifest,
            Module module,
            Engine engine,
            BundleContext context,
            Audit audit,
            Supplier<List<Grant>> grants) {
        this.manifest = manifest;
        this.module = module;
        this.engine = engine;
        this.context = context;
        this.audit = audit;
        this.grants = grants;
        this.offers = new Offers(context, this::as);
        this.failures = new Failures(manifest.id(), audit);
        this.pool = new InstancePool(manifest.id(), manifest.policy(), manifest.pool(), this::instantiate);
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
    public PluginState state() {
        return state;
    }

    @Override
    public Module module() {
        return module;
    }

    @Override
    public @Nullable String quarantinedBecause() {
        return quarantine;
    }

    @Override
    public List<UnsatisfiedImport> unsatisfied() {
        Generation now = current;
        if (state != PluginState.UNSATISFIED || now == null) {
            return List.of();
        }
        return now.unsatisfied();
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
    }

    @Override
    public <T> T as(Class<T> contract) {
        return PluginCalls.implement(contract, module, this::index, this, "plugin " + id());
    }

    @Override
    public <R, X extends Throwable> R use(Use<R, X> use) throws X {
        Duration limit = timeout();
        return limit == null ? lend(use) : CallContext.withTimeout(limit, () -> lend(use));
    }

    private <R, X extends Throwable> R lend(Use<R, X> use) throws X {
        GuestInstance guest = enter();
        R result;
        try {
            result = use.apply(guest.instance());
        } catch (Throwable failure) {
            leave(failure, guest);
            throw failure;
        }
        leave(null, guest);
        return result;
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

    private void updateSafely() {
        try {
            updateOnce();
        } catch (RuntimeException | Error e) {
            LOG.log(System.Logger.Level.ERROR, "plugin " + id() + " could not be updated", e);
            quarantine = "it could not be updated: " + e;
            offers.withdraw();
            state = uninstalled ? PluginState.UNINSTALLED : PluginState.QUARANTINED;
        }
    }

    private void updateOnce() {
        if (uninstalled) {
            dispose();
            return;
        }
        Rights rights = rightsNow();
        Generation now = current;
        if (now == null || restarted || !now.rights().equals(rights)) {
            restarted = false;
            failures.forgive();
            now = renew(rights);
        }
        if (quarantine != null) {
            become(PluginState.QUARANTINED);
        } else if (now.isBound()) {
            become(PluginState.ACTIVE);
        } else {
            become(PluginState.UNSATISFIED);
        }
    }

    private Rights rightsNow() {
        List<Grant> own = grants.get().stream().filter(grant -> grant.appliesTo(id())).toList();
        return Rights.of(manifest, own, engine.config().defaultLimits());
    }

    /** New bindings are open before the old ones close: what both rights allow stays bound throughout. */
    private Generation renew(Rights rights) {
        Generation next =
                Generation.of(rights, manifest, module, engine, context, this::update, failures::denied);
        Generation before = current;
        current = next;
        quarantine = next.fault();
        pool.drain();
        if (before != null) {
            before.close();
        }
        return next;
    }

    private void become(PluginState next) {
        PluginState before = state;
        if (before == next) {
            return;
        }
        state = next;
        if (before == PluginState.ACTIVE) {
            offers.withdraw();
            pool.drain();
        } else if (next == PluginState.ACTIVE) {
            failures.forgive();
            offer();
        }
        audit.event("STATE", id(), "is " + next + reasons(), Map.of("state", next.name()));
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
        unsatisfied().forEach(missing -> text.append("\n  ").append(missing));
        String why = quarantine;
        return why == null ? text.toString() : text + " because " + why;
    }

    private void offer() {
        String problem = offers.register(id(), manifest.services());
        if (problem != null) {
            quarantine = problem;
            updates.again(); // into quarantine
        }
    }

    @Override
    public @Nullable Duration timeout() {
        Generation now = current;
        return now == null ? null : now.rights().timeout();
    }

    @Override
    public GuestInstance enter() {
        if (state != PluginState.ACTIVE) {
            throw new PluginUnavailableException("plugin " + id() + " is " + state + reasons(), unsatisfied());
        }
        try {
            return pool.take();
        } catch (SallyportException failure) {
            count(failure);
            throw failure;
        }
    }

    @Override
    public void leave(@Nullable Throwable failure, GuestInstance instance) {
        pool.give(instance, failure == null);
        if (failure == null) {
            return;
        }
        if (failure instanceof HostFunctionException wrapper
                && wrapper.getCause() instanceof AccessDeniedException denied) {
            denied.addSuppressed(wrapper);
            throw denied;
        }
        count(failure);
    }

    private void count(Throwable failure) {
        int faults = failures.count(failure);
        if (faults != 0 && faults == manifest.maxTraps()) {
            quarantine = "it failed " + manifest.maxTraps() + " times, last: " + failure.getMessage();
            update();
        }
    }

    private GuestInstance instantiate(int number) {
        Generation now = current;
        if (now == null || !now.isLinked()) {
            throw new PluginUnavailableException("plugin " + id() + " is not linked", unsatisfied());
        }
        return now.instantiate(engine, number);
    }
}
