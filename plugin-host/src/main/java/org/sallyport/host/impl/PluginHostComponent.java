package org.sallyport.host.impl;

import java.util.Dictionary;
import java.util.HashMap;
import java.util.Hashtable;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
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
import org.sallyport.host.PluginOrigin;
import org.sallyport.spi.Loader;
import org.sallyport.wasm.Printable;
import org.sallyport.wasm.WasmModule;

/** The plugin host as a component: grants come and go, plugins are told. */
@Component(service = PluginHost.class)
public final class PluginHostComponent implements PluginHost, Audit {
    private static final String TOPIC = "org/sallyport/plugin/";
    private static final System.Logger LOG = System.getLogger("org.sallyport.host");

    private final Engine engine;
    private final Loader loader;
    private final BundleContext context;
    private final Grants grants = new Grants();
    private final Map<String, Installed> plugins = new TreeMap<>();
    /** The same plugins, for whoever has neither heap nor a lock. */
    private volatile PluginImpl[] all = {};
    private final PluginExtender extender;
    private volatile boolean stopped;

    @Reference(
            cardinality = ReferenceCardinality.OPTIONAL,
            policy = ReferencePolicy.DYNAMIC,
            policyOption = ReferencePolicyOption.GREEDY)
    private volatile @Nullable EventAdmin events;

    /** A plugin and its registration, which may come after the plugin has gone. */
    private static final class Installed {
        final PluginImpl plugin;
        private @Nullable ServiceRegistration<Plugin> registration;
        private boolean gone;

        Installed(PluginImpl plugin) {
            this.plugin = plugin;
        }

        void registered(ServiceRegistration<Plugin> made) {
            synchronized (this) {
                registration = made;
                if (!gone) {
                    return;
                }
            }
            unregister();
        }

        void unregister() {
            ServiceRegistration<Plugin> made;
            synchronized (this) {
                gone = true;
                made = registration;
                registration = null;
            }
            try {
                if (made != null) {
                    made.unregister();
                }
            } catch (IllegalStateException e) {
                // our bundle has stopped: the framework was faster
            }
        }
    }

    @Activate
    public PluginHostComponent(@Reference Engine engine, @Reference Loader loader, BundleContext context) {
        this.engine = engine;
        this.loader = loader;
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
        stopped = true;
        extender.close();
        plugins().forEach(this::uninstall);
    }

    @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC, updated = "updatedGrant")
    void addGrant(Grant grant) {
        grants.add(grant);
        tellPlugins();
    }

    /** What was withdrawn is out of reach first; everything that may fail or take long comes after. */
    void removeGrant(Grant grant) {
        grants.withdraw(grant);
        for (PluginImpl plugin : all) {
            plugin.withdraw(grant);
        }
        try {
            grants.clear();
        } finally {
            tellPlugins();
        }
    }

    void updatedGrant(Grant grant) {
        for (PluginImpl plugin : all) {
            plugin.withdrawUnlessSame(grant);
        }
        tellPlugins();
    }

    /** All of them: a change may take a grant from one plugin to another. One with the same rights does nothing. */
    private void tellPlugins() {
        for (PluginImpl plugin : all) {
            plugin.update();
        }
    }

    /** With the lock. */
    private void publish() {
        all = plugins.values().stream().map(each -> each.plugin).toArray(PluginImpl[]::new);
    }

    @Override
    public Plugin install(PluginManifest manifest, byte[] wasm, BundleContext owner) {
        Module module = engine.compile(wasm, manifest.id());
        try {
            PluginOrigin origin = Origins.of(owner.getBundle(), wasm);
            PluginImpl plugin = new PluginImpl(manifest, origin, module, engine, owner, this, grants);
            Installed installed = new Installed(plugin);
            synchronized (this) {
                if (stopped) {
                    throw new IllegalStateException("the plugin host has stopped");
                }
                if (plugins.putIfAbsent(manifest.id(), installed) != null) {
                    throw new IllegalArgumentException(
                            "a plugin with the id " + manifest.id() + " is installed already");
                }
                publish();
            }
            Dictionary<String, Object> properties = new Hashtable<>();
            properties.put(Plugin.ID, manifest.id());
            installed.registered(context.registerService(Plugin.class, plugin, properties));
            plugin.update();
            return plugin;
        } catch (RuntimeException | Error e) {
            forget(manifest.id(), module);
            module.close();
            throw e;
        }
    }

    @Override
    public byte[] bundle(byte[] wasm, @Nullable String properties, String defaultId) {
        WasmModule module = loader.load(wasm.clone(), engine.config().features(), engine.config().limits());
        return PluginBundle.of(module, properties, defaultId);
    }

    /** Takes back an entry whose plugin did not come to life. */
    private synchronized void forget(String id, Module module) {
        Installed installed = plugins.get(id);
        if (installed != null && installed.plugin.module() == module) {
            plugins.remove(id);
            publish();
        }
    }

    @Override
    public void uninstall(Plugin plugin) {
        Installed installed;
        synchronized (this) {
            installed = plugins.get(plugin.id());
            if (installed == null || installed.plugin != plugin) {
                return;
            }
            plugins.remove(plugin.id());
            publish();
        }
        installed.plugin.uninstall();
        installed.unregister();
    }

    @Override
    public synchronized List<Plugin> plugins() {
        return plugins.values().stream().<Plugin>map(installed -> installed.plugin).toList();
    }

    @Override
    public synchronized Optional<Plugin> plugin(String id) {
        return Optional.ofNullable(plugins.get(id)).map(installed -> installed.plugin);
    }

    @Override
    public void event(String kind, String plugin, String text, Map<String, ?> details) {
        String message = Printable.message(text);
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
