package org.sallyport.host.core;

import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.sallyport.CallContext;
import org.sallyport.Engine;
import org.sallyport.LimitExceededException;
import org.sallyport.Module;
import org.sallyport.host.Grant;
import org.sallyport.host.Plugin;
import org.sallyport.host.PluginCandidate;
import org.sallyport.host.PluginEvent;
import org.sallyport.host.PluginManifest;
import org.sallyport.host.PluginOrigin;
import org.sallyport.host.PluginState;
import org.sallyport.host.PluginUpdate;
import org.sallyport.host.UpdateRefusedException;
import org.sallyport.wasm.Printable;

/**
 * The plugin host without a framework: takes plugins and grants from whoever feeds it, tells plugins of grants, and events
 * to the log and to the feeder. Thread-safe.
 */
public final class HostCore implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger("org.sallyport.host");

    private final Engine engine;
    private final HostSettings settings;
    private final ProcessorWatch processors = new ProcessorWatch();
    private final PluginBeans beans = new PluginBeans();
    private final Consumer<PluginEvent> listener;
    private final Grants grants = new Grants();
    private final Claims claims;
    private final PluginImpl.Hosting hosting;
    /** Of guests that start; one for each, because one may take all its time. */
    private final ExecutorService threads = Executors.newThreadPerTaskExecutor(
            Thread.ofPlatform().daemon().name("sallyport-start-", 0).factory());
    private volatile boolean stopped;

    /**
     * @param announce has a plugin known while it holds its id
     * @param listener is told of events after they were logged, by the thread that causes them; must not wait
     */
    public HostCore(
            Engine engine,
            HostSettings settings,
            Function<Plugin, Surroundings.Registration> announce,
            Consumer<PluginEvent> listener) {
        this.engine = engine;
        this.settings = settings;
        this.listener = listener;
        this.claims = new Claims(announce, grants);
        this.hosting = new PluginImpl.Hosting(
                engine, processors, grants, settings, new Places(settings.instances()), threads, this::event,
                () -> inThread(claims::decide));
    }

    public HostSettings settings() {
        return settings;
    }

    // ---- grants

    public void addGrant(Grant grant) {
        grants.add(grant);
        tellPlugins();
    }

    /** What was withdrawn is out of reach first; everything that may fail or take long comes after. */
    public void removeGrant(Grant grant) {
        grants.withdraw(grant);
        for (PluginImpl plugin : claims.all()) {
            plugin.life().withdraw(grant);
        }
        try {
            grants.clear();
        } finally {
            tellPlugins();
        }
    }

    /** It says something else now. */
    public void updatedGrant(Grant grant) {
        for (PluginImpl plugin : claims.all()) {
            plugin.life().withdrawUnlessSame(grant);
        }
        tellPlugins();
    }

    /** Those in force of that kind. */
    public <G extends Grant> List<G> grants(Class<G> kind) {
        return grants.all(kind);
    }

    /**
     * All of them: a change may take a grant from one plugin to another. One with the same rights does nothing. Each in a
     * thread of its own: the one that brings the news has other grants to withdraw, and a host module that one plugin
     * waits for is nobody else's affair.
     */
    private void tellPlugins() {
        for (PluginImpl plugin : claims.all()) {
            inThread(plugin.life()::update);
        }
        inThread(claims::decide);
    }

    private static void inThread(Runnable work) {
        try {
            Thread.ofVirtual().name("sallyport-update").start(work);
        } catch (RuntimeException | Error e) { // no memory for a thread
            work.run();
        }
    }

    // ---- plugins

    /**
     * Compiles a plugin and binds what it asks for as far as host modules and grants are there. If another plugin holds the
     * id, the new one is in state {@link PluginState#CONFLICT} until that one goes.
     *
     * @param origin what the plugin's author could not choose: the feeder answers for it
     * @throws org.sallyport.SallyportException if the module does not load, validate or compile, or is too large
     * @throws IllegalStateException if the host is closed
     */
    public Plugin install(PluginManifest manifest, byte[] wasm, PluginOrigin origin, Surroundings surroundings) {
        Module module = compile(manifest, wasm);
        PluginImpl plugin = null;
        try {
            plugin = new PluginImpl(manifest, origin, module, surroundings, hosting);
            claims.add(plugin);
            if (stopped) {
                throw new IllegalStateException("the plugin host has stopped");
            }
            beans.add(plugin);
            claims.decide();
            return plugin;
        } catch (RuntimeException | Error e) {
            if (plugin != null && claims.remove(plugin)) {
                beans.remove(plugin);
                claims.hide(plugin);
            }
            module.close();
            throw e;
        }
    }

    private Module compile(PluginManifest manifest, byte[] wasm) {
        checkSize(wasm.length);
        Module module = CallContext.withTimeout(settings.compile(), () -> engine.compile(wasm, manifest.id()));
        boolean done = false;
        try {
            checkImports(module);
            done = true;
            return module;
        } finally {
            if (!done) {
                module.close();
            }
        }
    }

    /**
     * See {@link org.sallyport.host.PluginHost#update}.
     *
     * @param origin what the plugin's author could not choose: the feeder answers for it
     */
    public PluginUpdate update(Plugin plugin, PluginManifest manifest, byte[] wasm, PluginOrigin origin) {
        PluginImpl known = known(plugin);
        if (!manifest.id().equals(plugin.id())) {
            throw new IllegalArgumentException("plugin " + plugin.id() + " cannot be updated by one that calls itself "
                    + Printable.name(manifest.id()));
        }
        known.life().tell(new PluginUpdate(plugin.id(), PluginState.COMPILING, origin, "", null));
        Module module;
        try {
            module = compile(manifest, wasm);
        } catch (RuntimeException | Error e) {
            throw refused(known, origin, String.valueOf(e instanceof Error ? e : e.getMessage()), e);
        }
        return propose(known, known.edition(manifest, origin, module));
    }

    /**
     * What makes no plugin: the update is refused before it is one.
     *
     * @param why for people
     */
    public UpdateRefusedException refused(Plugin plugin, PluginOrigin origin, String why, @Nullable Throwable cause) {
        PluginUpdate update =
                new PluginUpdate(plugin.id(), PluginState.REFUSED, origin, Printable.message(why), cause);
        known(plugin).life().tell(update);
        return new UpdateRefusedException(update);
    }

    /** See {@link org.sallyport.host.PluginHost#rollback}. */
    public PluginUpdate rollback(Plugin plugin) {
        PluginImpl known = known(plugin);
        return propose(known, known.previous());
    }

    private PluginUpdate propose(PluginImpl plugin, Edition edition) {
        plugin.life().propose(edition);
        PluginUpdate update = plugin.life().isUpdatedHere()
                ? edition.proposal().now()
                : edition.proposal().await(settings.compile().plus(settings.start()).plus(settings.start()));
        if (update.state() == PluginState.REFUSED) {
            throw new UpdateRefusedException(update);
        }
        return update;
    }

    private PluginImpl known(Plugin plugin) {
        if (plugin instanceof PluginImpl known && claims.has(known)) {
            return known;
        }
        throw new IllegalArgumentException("plugin " + plugin.id() + " is not of this host, or was uninstalled");
    }

    /** Updates that are not in service, ordered by id. */
    public List<PluginCandidate> updates() {
        return claims.plugins().stream()
                .map(PluginImpl::update)
                .filter(update -> update != null && update.state() != PluginState.ACTIVE)
                .map(update -> new PluginCandidate(
                        update.plugin(), "update from " + update.origin(), update.state(), update.reason()))
                .toList();
    }

    /** Each different import has a cell and a handle of its own, and is looked at when services and grants change. */
    private void checkImports(Module module) {
        Set<List<String>> different = new HashSet<>();
        module.imports().forEach(wanted -> different.add(List.of(wanted.module(), wanted.name())));
        if (different.size() > settings.imports()) {
            throw new LimitExceededException(
                    "different imports of a plugin",
                    different.size(),
                    settings.imports(),
                    HostSettings.name("imports"));
        }
    }

    /** @throws LimitExceededException if a module of that size is refused */
    public void checkSize(long bytes) {
        if (bytes > settings.moduleBytes()) {
            throw new LimitExceededException(
                    "bytes of a plugin's module", bytes, settings.moduleBytes(), HostSettings.name("moduleBytes"));
        }
    }

    /** See {@link org.sallyport.host.PluginHost#uninstall}. */
    public void uninstall(Plugin plugin) {
        if (claims.remove(plugin) && plugin instanceof PluginImpl known) {
            beans.remove(known);
            known.life().uninstall();
            claims.hide(known);
            if (!stopped) {
                claims.decide(); // somebody may have waited for the id
            }
        }
    }

    /** See {@link org.sallyport.host.PluginHost#plugins}. */
    public List<Plugin> plugins() {
        return List.copyOf(claims.plugins());
    }

    /** See {@link org.sallyport.host.PluginHost#plugin}. */
    public Optional<Plugin> plugin(String id) {
        return claims.holder(id).map(plugin -> plugin);
    }

    /** From now on it takes no plugins. {@link #close} is to follow. */
    public void stop() {
        stopped = true;
    }

    /** Takes all plugins out. */
    @Override
    public void close() {
        stop();
        plugins().forEach(this::uninstall);
        threads.shutdown();
        processors.close();
    }

    /** Has an event logged, and the feeder told. */
    public void event(PluginEvent event) {
        String message = Printable.message(event.message());
        boolean ordinary = event instanceof PluginEvent.StateChanged changed && changed.state() != PluginState.CONFLICT
                || event instanceof PluginEvent.Granted
                || event instanceof PluginEvent.Updated updated && updated.state() == PluginState.ACTIVE;
        LOG.log(
                ordinary ? System.Logger.Level.INFO : System.Logger.Level.WARNING,
                () -> "plugin " + event.plugin() + " " + message);
        FlightAudit.record(event.plugin(), event.getClass().getSimpleName(), message);
        listener.accept(event);
    }
}
