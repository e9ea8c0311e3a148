package org.sallyport.host.core;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.sallyport.Engine;
import org.sallyport.Module;
import org.sallyport.Store;
import org.sallyport.host.Plugin;
import org.sallyport.host.PluginEvent;
import org.sallyport.host.PluginManifest;
import org.sallyport.host.PluginOrigin;
import org.sallyport.host.PluginState;
import org.sallyport.host.PluginUnavailableException;
import org.sallyport.host.UnsatisfiedImport;
import org.sallyport.host.UnsatisfiedOffer;
import org.sallyport.wasm.Printable;

/**
 * A plugin as applications see it, and its parts: its {@link Lifecycle}, its instances, the way of its calls, and what is
 * counted.
 */
final class PluginImpl implements Plugin {
    /** What all plugins of a host have in common. */
    record Hosting(
            Engine engine,
            Grants grants,
            HostSettings settings,
            Places places,
            Executor threads,
            Consumer<PluginEvent> events) {}

    private final PluginManifest manifest;
    private final PluginOrigin origin;
    private final Module module;
    private final Hosting host;
    private final Rehearsal rehearsal;
    private final GuestPool pool;
    private final Failures failures;
    private final Lifecycle life;
    private final PluginGate gate;
    private final Map<String, Integer> exports = new ConcurrentHashMap<>();

    PluginImpl(PluginManifest manifest, PluginOrigin origin, Module module, Surroundings surroundings, Hosting host) {
        this.manifest = manifest;
        this.origin = origin;
        this.module = module;
        this.host = host;
        this.rehearsal = new Rehearsal(host.engine(), module);
        this.failures = new Failures(manifest.id(), host.events());
        this.pool = new GuestPool(
                manifest.id(), manifest.policy(), manifest.pool(), host.settings(), host.places(), this::instantiate);
        this.life = new Lifecycle(this, surroundings, host, pool, failures);
        this.gate = new PluginGate(life, pool, failures, host.settings());
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
        return life.state();
    }

    @Override
    public Module module() {
        return module;
    }

    /** What becomes of it. */
    Lifecycle life() {
        return life;
    }

    @Override
    public @Nullable String conflict() {
        return life.conflict();
    }

    @Override
    public @Nullable String quarantinedBecause() {
        String why = life.quarantine();
        return why == null ? null : Printable.message(why);
    }

    @Override
    public List<UnsatisfiedImport> unsatisfied() {
        return life.unsatisfied(Integer.MAX_VALUE);
    }

    @Override
    public List<UnsatisfiedOffer> unsatisfiedOffers() {
        return life.unsatisfiedOffers();
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
        Generation now = life.current();
        return now == null ? Map.of() : now.rights().describe();
    }

    @Override
    public void restart() {
        life.restart();
        gate.awaitStartup();
    }

    @Override
    public <T> T as(Class<T> contract) {
        T adapted = Adapters.adapt(contract, this);
        return adapted != null ? adapted : rehearsal.implement(contract, this::index, gate, "plugin " + id());
    }

    @Override
    public <R, X extends Throwable> R use(Use<R, X> use) throws X {
        return gate.use(use);
    }

    private int index(String export) {
        Integer known = exports.get(export);
        synchronized (exports) {
            return known != null ? known : exports.computeIfAbsent(export, _ -> exports.size());
        }
    }

    private GuestInstance instantiate(int number, Consumer<Store> begun) {
        Generation now = life.current();
        if (now == null || !now.isLinked()) {
            throw new PluginUnavailableException("plugin " + id() + " is not linked", unsatisfied());
        }
        return now.instantiate(host.engine(), host.settings(), number, exports, begun);
    }
}
