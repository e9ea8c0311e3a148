package org.sallyport.host.impl;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Hashtable;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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
import org.sallyport.Engine;
import org.sallyport.host.Grant;
import org.sallyport.host.Plugin;
import org.sallyport.host.PluginCandidate;
import org.sallyport.host.PluginEvent;
import org.sallyport.host.PluginHost;
import org.sallyport.host.PluginManifest;
import org.sallyport.host.PluginOrigin;
import org.sallyport.host.PluginState;
import org.sallyport.host.PluginUpdate;
import org.sallyport.host.core.HostCore;
import org.sallyport.host.core.HostSettings;
import org.sallyport.host.core.Limited;
import org.sallyport.host.core.Surroundings;
import org.sallyport.host.osgi.BundlePluginHost;
import org.sallyport.spi.Loader;
import org.sallyport.wasm.Printable;
import org.sallyport.wasm.WasmModule;

/** The plugin host as a component: feeds {@link HostCore} with bundles, services and configurations. */
@Designate(ocd = HostConfig.class)
@Component(
        service = {PluginHost.class, BundlePluginHost.class},
        immediate = true,
        configurationPid = HostSettings.PID)
public final class PluginHostComponent implements BundlePluginHost {
    private static final String TOPIC = "org/sallyport/plugin/";
    private static final System.Logger LOG = System.getLogger("org.sallyport.host");

    private final Engine engine;
    private final Loader loader;
    private final BundleContext context;
    private final HostCore core;
    private final Candidates candidates;
    private final PluginExtender extender;
    private volatile @Nullable GrantFiles files;

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
        this.engine = engine;
        this.loader = loader;
        this.context = context;
        this.core = new HostCore(engine, settings, this::announce, this::post);
        this.candidates = new Candidates(core::event);
        this.extender = new PluginExtender(context, this, candidates, settings.moduleBytes());
    }

    private static void report(String fault) {
        LOG.log(System.Logger.Level.ERROR, () -> "configuration " + HostSettings.PID + ": " + fault);
    }

    /** Bundles are looked at only now, when the grants that are already there have been bound. */
    @Activate
    void start() {
        files = GrantFiles.start(context, core, candidates);
        extender.open();
    }

    @Deactivate
    void stop() {
        core.stop();
        GrantFiles looking = files;
        if (looking != null) {
            looking.close();
        }
        extender.close();
        core.close();
    }

    @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC, updated = "updatedGrant")
    void addGrant(Grant grant) {
        core.addGrant(grant);
    }

    void removeGrant(Grant grant) {
        core.removeGrant(grant);
    }

    void updatedGrant(Grant grant) {
        core.updatedGrant(grant);
    }

    @Override
    public Plugin install(PluginManifest manifest, byte[] wasm, BundleContext owner) {
        return core.install(
                manifest, wasm, Origins.of(owner.getBundle(), wasm), new BundleSurroundings(owner));
    }

    private Surroundings.Registration announce(Plugin plugin) {
        Hashtable<String, Object> properties = new Hashtable<>();
        properties.put(Plugin.ID, plugin.id());
        return new BundleSurroundings.Registered(context.registerService(Plugin.class, plugin, properties));
    }

    @Override
    public byte[] bundle(byte[] wasm, @Nullable String properties, String defaultId) {
        core.checkSize(wasm.length);
        Limited.checkForm(wasm);
        WasmModule module = loader.load(wasm.clone(), engine.config().features(), engine.config().limits());
        return PluginBundle.of(module, properties, defaultId, PluginOrigin.digest(wasm), null);
    }

    /** Nobody has signed it, whoever signed the plugin's bundle. */
    @Override
    public PluginUpdate update(Plugin plugin, PluginManifest manifest, byte[] wasm, String location) {
        return core.update(plugin, manifest, wasm, PluginOrigin.of(location, wasm));
    }

    @Override
    public PluginUpdate refuse(Plugin plugin, byte[] wasm, String location, String reason) {
        return core.refused(plugin, PluginOrigin.of(location, wasm), reason, null).update();
    }

    @Override
    public PluginUpdate rollback(Plugin plugin) {
        return core.rollback(plugin);
    }

    @Override
    public void uninstall(Plugin plugin) {
        core.uninstall(plugin);
    }

    @Override
    public List<Plugin> plugins() {
        return core.plugins();
    }

    @Override
    public List<PluginCandidate> candidates() {
        List<PluginCandidate> all = new ArrayList<>(candidates.all());
        all.addAll(UnresolvedBundles.in(context));
        all.addAll(core.updates());
        all.sort(Comparator.comparing(PluginCandidate::id));
        return all;
    }

    @Override
    public Optional<Plugin> plugin(String id) {
        return core.plugin(id);
    }

    private void post(PluginEvent event) {
        EventAdmin admin = events;
        if (admin == null) {
            return;
        }
        Map<String, Object> properties = new HashMap<>();
        String kind = switch (event) {
            case PluginEvent.StateChanged changed -> {
                properties.put("state", changed.state().name());
                yield "STATE";
            }
            case PluginEvent.Updated updated -> {
                properties.put("state", updated.state().name());
                properties.put("source", updated.source());
                yield "UPDATE";
            }
            case PluginEvent.Granted granted -> {
                properties.put("grants", granted.grants().toArray(String[]::new));
                yield "GRANT";
            }
            case PluginEvent.Denied denied -> {
                properties.put("import", denied.wanted().toString());
                yield "DENIED";
            }
            case PluginEvent.Trapped trapped -> {
                properties.put("code", trapped.code().name());
                yield "TRAP";
            }
            case PluginEvent.Stopped _ -> "STOPPED";
            case PluginEvent.OverBudget over -> {
                properties.put("budget", over.budget());
                yield "BUDGET";
            }
            case PluginEvent.Refused refused -> {
                properties.put("state", PluginState.REFUSED.name());
                properties.put("source", refused.source());
                yield "REFUSED";
            }
        };
        properties.put(Plugin.ID, event.plugin());
        properties.put("message", Printable.message(event.message()));
        admin.postEvent(new Event(TOPIC + kind, properties));
    }
}
