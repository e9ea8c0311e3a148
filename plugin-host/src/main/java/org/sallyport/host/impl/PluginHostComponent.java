package org.sallyport.host.impl;

import java.util.Dictionary;
import java.util.HashMap;
import java.util.Hashtable;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceRegistration;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.component.annotations.ReferencePolicyOption;
import org.osgi.service.event.Event;
import org.osgi.service.event.EventAdmin;
import org.sallyport.Engine;
import org.sallyport.Module;
import org.sallyport.host.Grant;
import org.sallyport.host.Plugin;
import org.sallyport.host.PluginHost;
import org.sallyport.host.PluginManifest;

/** The plugin host as a component: grants come and go, plugins are told. */
@Component(service = PluginHost.class)
public final class PluginHostComponent implements PluginHost, Audit {
    private static final String TOPIC = "org/sallyport/plugin/";
    private static final System.Logger LOG = System.getLogger("org.sallyport.host");

    private final Engine engine;
    private final BundleContext context;
    private final List<Grant> grants = new CopyOnWriteArrayList<>();
    private final Map<String, Installed> plugins = new TreeMap<>();
    private final PluginExtender extender;

    @Reference(
            cardinality = ReferenceCardinality.OPTIONAL,
            policy = ReferencePolicy.DYNAMIC,
            policyOption = ReferencePolicyOption.GREEDY)
    private volatile @Nullable EventAdmin events;

    private record Installed(PluginImpl plugin, ServiceRegistration<Plugin> registration) {}

    @Activate
    public PluginHostComponent(@Reference Engine engine, BundleContext context) {
        this.engine = engine;
        this.context = context;
        this.extender = new PluginExtender(context, this);
    }

    /** Bundles are looked at only now, when the grants that are already there have been bound. */
    @Activate
    void start() {
        extender.open();
    }

    @Deactivate
    void stop() {
        extender.close();
        plugins().forEach(this::uninstall);
    }

    @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC)
    void addGrant(Grant grant) {
        grants.add(grant);
        tellGrants(grant);
    }

    void removeGrant(Grant grant) {
        grants.remove(grant);
        tellGrants(grant);
    }

    private void tellGrants(Grant changed) {
        for (PluginImpl plugin : snapshot()) {
            if (changed.appliesTo(plugin.id())) {
                plugin.grantsChanged(grants);
            }
        }
    }

    private synchronized List<PluginImpl> snapshot() {
        return plugins.values().stream().map(Installed::plugin).toList();
    }

    @Override
    public Plugin install(PluginManifest manifest, byte[] wasm, BundleContext owner) {
        Module module = engine.compile(wasm, manifest.id());
        PluginImpl plugin;
        try {
            plugin = new PluginImpl(manifest, module, engine, owner, this);
            Dictionary<String, Object> properties = new Hashtable<>();
            properties.put(Plugin.ID, manifest.id());
            synchronized (this) {
                if (plugins.containsKey(manifest.id())) {
                    throw new IllegalArgumentException("a plugin with the id " + manifest.id() + " is installed already");
                }
                plugins.put(manifest.id(), new Installed(plugin, context.registerService(Plugin.class, plugin, properties)));
            }
        } catch (Throwable t) {
            module.close();
            throw t;
        }
        plugin.grantsChanged(grants);
        return plugin;
    }

    @Override
    public void uninstall(Plugin plugin) {
        Installed installed;
        synchronized (this) {
            installed = plugins.get(plugin.id());
            if (installed == null || installed.plugin() != plugin) {
                return;
            }
            plugins.remove(plugin.id());
        }
        installed.plugin().uninstall();
        try {
            installed.registration().unregister();
        } catch (IllegalStateException e) {
            // our bundle has stopped: the framework was faster
        }
    }

    @Override
    public synchronized List<Plugin> plugins() {
        return plugins.values().stream().<Plugin>map(Installed::plugin).toList();
    }

    @Override
    public synchronized Optional<Plugin> plugin(String id) {
        return Optional.ofNullable(plugins.get(id)).map(Installed::plugin);
    }

    @Override
    public void event(String kind, String plugin, String message, Map<String, ?> details) {
        LOG.log(
                kind.equals("STATE") ? System.Logger.Level.INFO : System.Logger.Level.WARNING,
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
