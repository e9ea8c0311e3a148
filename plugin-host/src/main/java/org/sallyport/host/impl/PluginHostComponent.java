package org.sallyport.host.impl;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.component.annotations.ReferencePolicyOption;
import org.osgi.service.event.Event;
import org.osgi.service.event.EventAdmin;
import org.osgi.service.metatype.annotations.Designate;
import org.sallyport.CallContext;
import org.sallyport.Engine;
import org.sallyport.LimitExceededException;
import org.sallyport.Module;
import org.sallyport.host.Grant;
import org.sallyport.host.Plugin;
import org.sallyport.host.PluginCandidate;
import org.sallyport.host.PluginHost;
import org.sallyport.host.PluginManifest;
import org.sallyport.host.PluginOrigin;
import org.sallyport.spi.Loader;
import org.sallyport.wasm.Printable;
import org.sallyport.wasm.WasmModule;

/** The plugin host as a component: grants come and go, plugins are told. */
@Designate(ocd = HostConfig.class)
@Component(service = PluginHost.class, immediate = true, configurationPid = HostSettings.PID)
public final class PluginHostComponent implements PluginHost, Audit {
    private static final String TOPIC = "org/sallyport/plugin/";
    private static final System.Logger LOG = System.getLogger("org.sallyport.host");

    private final Engine engine;
    private final Loader loader;
    private final Grants grants = new Grants();
    private final Claims claims;
    private final Candidates candidates = new Candidates(this);
    private final PluginExtender extender;
    private final BundleContext context;
    private volatile @Nullable GrantFiles files;
    private final HostSettings settings;
    private final Places places;
    /** Of guests that start; one for each, because one may take all its time. */
    private final ExecutorService threads = Executors.newThreadPerTaskExecutor(
            Thread.ofPlatform().daemon().name("sallyport-start-", 0).factory());
    private volatile boolean stopped;

    @Reference(
            cardinality = ReferenceCardinality.OPTIONAL,
            policy = ReferencePolicy.DYNAMIC,
            policyOption = ReferencePolicyOption.GREEDY)
    private volatile @Nullable EventAdmin events;

    @Activate
    public PluginHostComponent(
            @Reference Engine engine, @Reference Loader loader, BundleContext context, Map<String, Object> config) {
        this(engine, loader, context, HostSettings.of(config, PluginHostComponent::report));
    }

    /** With default settings, where there is no Declarative Services. */
    public PluginHostComponent(Engine engine, Loader loader, BundleContext context) {
        this(engine, loader, context, HostSettings.DEFAULT);
    }

    private PluginHostComponent(Engine engine, Loader loader, BundleContext context, HostSettings settings) {
        this.settings = settings;
        this.places = new Places(settings.instances());
        this.engine = engine;
        this.loader = loader;
        this.context = context;
        this.claims = new Claims(context, grants);
        this.extender = new PluginExtender(context, this, candidates, settings.moduleBytes());
    }

    private static void report(String fault) {
        LOG.log(System.Logger.Level.ERROR, () -> "configuration " + HostSettings.PID + ": " + fault);
    }

    /** Bundles are looked at only now, when the grants that are already there have been bound. */
    @Activate
    void start() {
        files = GrantFiles.start(context, grants, candidates, this::updatedGrant);
        extender.open();
    }

    @Deactivate
    void stop() {
        stopped = true;
        GrantFiles looking = files;
        if (looking != null) {
            looking.close();
        }
        extender.close();
        plugins().forEach(this::uninstall);
        threads.shutdown();
    }

    @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC, updated = "updatedGrant")
    void addGrant(Grant grant) {
        grants.add(grant);
        tellPlugins();
    }

    /** What was withdrawn is out of reach first; everything that may fail or take long comes after. */
    void removeGrant(Grant grant) {
        grants.withdraw(grant);
        for (PluginImpl plugin : claims.all()) {
            plugin.withdraw(grant);
        }
        try {
            grants.clear();
        } finally {
            tellPlugins();
        }
    }

    void updatedGrant(Grant grant) {
        for (PluginImpl plugin : claims.all()) {
            plugin.withdrawUnlessSame(grant);
        }
        tellPlugins();
    }

    /**
     * All of them: a change may take a grant from one plugin to another. One with the same rights does nothing. Each in a
     * thread of its own: the one that brings the news has other grants to withdraw, and a host module that one plugin
     * waits for is nobody else's affair.
     */
    private void tellPlugins() {
        for (PluginImpl plugin : claims.all()) {
            inThread(plugin::update);
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

    @Override
    public Plugin install(PluginManifest manifest, byte[] wasm, BundleContext owner) {
        checkSize(wasm.length);
        Module module = CallContext.withTimeout(settings.compile(), () -> engine.compile(wasm, manifest.id()));
        PluginImpl plugin = null;
        try {
            checkImports(module);
            PluginOrigin origin = Origins.of(owner.getBundle(), wasm);
            plugin = new PluginImpl(manifest, origin, module, engine, owner, this, grants, settings, places, threads);
            claims.add(plugin);
            if (stopped) {
                throw new IllegalStateException("the plugin host has stopped");
            }
            claims.decide();
            return plugin;
        } catch (RuntimeException | Error e) {
            if (plugin != null && claims.remove(plugin)) {
                claims.hide(plugin);
            }
            module.close();
            throw e;
        }
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
    private void checkSize(long bytes) {
        if (bytes > settings.moduleBytes()) {
            throw new LimitExceededException(
                    "bytes of a plugin's module", bytes, settings.moduleBytes(), HostSettings.name("moduleBytes"));
        }
    }

    @Override
    public byte[] bundle(byte[] wasm, @Nullable String properties, String defaultId) {
        checkSize(wasm.length);
        Limited.checkForm(wasm);
        WasmModule module = loader.load(wasm.clone(), engine.config().features(), engine.config().limits());
        return PluginBundle.of(module, properties, defaultId, Origins.digest(wasm), null);
    }

    @Override
    public void uninstall(Plugin plugin) {
        if (claims.remove(plugin) && plugin instanceof PluginImpl known) {
            known.uninstall();
            claims.hide(known);
            if (!stopped) {
                claims.decide(); // somebody may have waited for the id
            }
        }
    }

    @Override
    public List<Plugin> plugins() {
        return List.copyOf(claims.plugins());
    }

    @Override
    public List<PluginCandidate> candidates() {
        List<PluginCandidate> all = new ArrayList<>(candidates.all());
        all.addAll(UnresolvedBundles.in(context));
        all.sort(Comparator.comparing(PluginCandidate::id));
        return all;
    }

    @Override
    public Optional<Plugin> plugin(String id) {
        return claims.holder(id).map(plugin -> plugin);
    }

    @Override
    public void event(String kind, String plugin, String text, Map<String, ?> details) {
        String message = Printable.message(text);
        boolean ordinary = kind.equals("STATE") && !"CONFLICT".equals(details.get("state"));
        LOG.log(
                ordinary ? System.Logger.Level.INFO : System.Logger.Level.WARNING,
                () -> "plugin " + plugin + " " + message);
        EventAdmin admin = events;
        if (admin != null) {
            Map<String, Object> properties = new HashMap<>(details);
            properties.put(Plugin.ID, plugin);
            properties.put("message", message);
            admin.postEvent(new Event(TOPIC + kind, properties));
        }
    }
}
