package org.sallyport.host.core;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.WeakHashMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.sallyport.BindException;
import org.sallyport.Engine;
import org.sallyport.Module;
import org.sallyport.host.Latency;
import org.sallyport.host.Plugin;
import org.sallyport.host.PluginEvent;
import org.sallyport.host.PluginManifest;
import org.sallyport.host.PluginOrigin;
import org.sallyport.host.PluginSession;
import org.sallyport.host.PluginState;
import org.sallyport.host.PluginUpdate;
import org.sallyport.host.UnsatisfiedImport;
import org.sallyport.host.UnsatisfiedOffer;
import org.sallyport.wasm.Printable;

/**
 * A plugin as applications see it, and its parts: its {@link Lifecycle}, its instances, the way of its calls, and what is
 * counted.
 */
final class PluginImpl implements Plugin {
    /**
     * What all plugins of a host have in common.
     *
     * @param claims has it looked at anew who holds which id
     */
    record Hosting(
            Engine engine,
            ProcessorWatch processors,
            Grants grants,
            HostSettings settings,
            Places places,
            Executor threads,
            Consumer<PluginEvent> events,
            Runnable claims) {}

    private final String id;
    private final Hosting host;
    private final Surroundings surroundings;
    private final Failures failures;
    private final Meter meter;
    private final Editions editions;
    private final Lifecycle life;
    private final PluginGate gate;
    private final Map<String, Integer> exports = new ConcurrentHashMap<>();
    /** The objects that somebody may call it by, and their interfaces. Guarded by itself. */
    private final Map<Object, Class<?>> callable = new WeakHashMap<>();

    private final SessionContracts sessionContracts;

    PluginImpl(PluginManifest manifest, PluginOrigin origin, Module module, Surroundings surroundings, Hosting host) {
        this.id = manifest.id();
        this.host = host;
        this.sessionContracts = new SessionContracts("session of plugin " + id);
        this.surroundings = surroundings;
        this.failures = new Failures(id, host.events());
        this.meter = new Meter(id, host.events(), this::memoryBytes, System::nanoTime);
        this.editions = new Editions(edition(manifest, origin, module), host.threads());
        this.life = new Lifecycle(this, surroundings, host, editions, failures);
        this.gate = new PluginGate(life, failures, meter, host, Edition::pool);
    }

    /** Of this plugin, from now on its own: it closes the module. */
    Edition edition(PluginManifest manifest, PluginOrigin origin, Module module) {
        return new Edition(manifest, origin, module, surroundings, host, meter, exports);
    }

    /** The edition before the present one, to be used again. */
    Edition previous() {
        Edition last = editions.previous();
        if (last == null) {
            throw new IllegalStateException("plugin " + id + " was not updated since it was installed: nothing to roll back to");
        }
        return last.again();
    }

    @Override
    public String id() {
        return id;
    }

    @Override
    public PluginManifest manifest() {
        return editions.present().manifest();
    }

    @Override
    public PluginOrigin origin() {
        return editions.present().origin();
    }

    @Override
    public PluginState state() {
        return life.state();
    }

    @Override
    public Module module() {
        return editions.present().module();
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
                editions.calls(),
                failures.traps(),
                failures.stops(),
                failures.denials(),
                editions.instances(),
                editions.memoryBytes());
    }

    private long memoryBytes() {
        return editions.memoryBytes();
    }

    @Override
    public Usage usage() {
        return meter.usage();
    }

    @Override
    public Latency latency() {
        return meter.latency();
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
    public @Nullable PluginUpdate update() {
        return life.lastUpdate();
    }

    @Override
    public boolean hasPrevious() {
        return editions.previous() != null;
    }

    @Override
    public <T> T as(Class<T> contract) {
        return implement(contract, editions.present());
    }

    /**
     * Calls go to whatever edition is present. One that does not fit the interface will not be as long as anybody has such an
     * object.
     *
     * @param edition whose exports must fit, or what the adapter behind the interface asks for
     */
    <T> T implement(Class<T> contract, Edition edition) {
        synchronized (callable) {
            T made = Adapters.adapt(contract, as(edition));
            if (made == null) {
                made = new Rehearsal(host.engine(), edition.module()).implement(contract, this::index, gate, "plugin " + id);
            }
            callable.put(made, contract);
            return made;
        }
    }

    /** This plugin as it will be when the edition is the present one. */
    private Plugin as(Edition edition) {
        return edition == editions.present() ? this : Adapters.withEdition(this, edition);
    }

    /**
     * @param swap what makes it present
     * @return why it does not fit the interfaces that the plugin is called by; null: it does, and the swap was made
     */
    @Nullable BindException swapIfItFits(Edition edition, Runnable swap) {
        synchronized (callable) {
            for (Class<?> contract : Set.copyOf(callable.values())) {
                try {
                    if (Adapters.adapt(contract, as(edition)) == null) {
                        PluginExports.of(contract, edition.module(), this::index);
                    }
                } catch (BindException e) {
                    return e;
                }
            }
            swap.run();
            return null;
        }
    }

    @Override
    public <R, X extends Throwable> R use(Use<R, X> use) throws X {
        return gate.use(use);
    }

    @Override
    public PluginSession openSession() {
        return new SessionImpl(this, pools -> new PluginGate(life, failures, meter, host, pools));
    }

    /** As {@link #as}, for a session. */
    <T> T implement(Class<T> contract, SessionImpl session) {
        synchronized (callable) {
            T made = Adapters.adapt(contract, session);
            if (made == null) {
                made = sessionContracts.implement(
                        contract, session.gate(), new Rehearsal(host.engine(), editions.present().module()), this::index);
            }
            callable.put(made, contract);
            return made;
        }
    }

    private int index(String export) {
        Integer known = exports.get(export);
        synchronized (exports) {
            return known != null ? known : exports.computeIfAbsent(export, _ -> exports.size());
        }
    }
}
