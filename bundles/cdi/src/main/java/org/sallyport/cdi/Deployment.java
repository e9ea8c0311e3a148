package org.sallyport.cdi;

import java.io.IOException;
import java.io.InputStream;
import java.net.MalformedURLException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URL;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.sallyport.Engine;
import org.sallyport.host.Plugin;
import org.sallyport.host.PluginCandidate;
import org.sallyport.host.PluginEvent;
import org.sallyport.host.PluginHost;
import org.sallyport.host.PluginManifest;
import org.sallyport.host.PluginUpdate;
import org.sallyport.host.plain.PlainPluginHost;
import org.sallyport.text.Wat;
import org.sallyport.text.WatOptions;
import org.sallyport.wasm.Printable;

/** The plugins of one application, from its deployment until it is undeployed. Thread-safe. */
final class Deployment implements PluginHost, Plugins, AutoCloseable {
    private static final String TEXT = ".wat";
    private static final long LOOK_NANOS = 1_000_000;
    private static final long PATIENCE_NANOS = 120_000_000_000L;

    private final PlainPluginHost host;
    private final ClassLoader application;
    /** Of the settings. */
    private final Map<String, PluginManifest> manifests = new ConcurrentHashMap<>();

    /**
     * @param modules the application's host modules
     * @param listener must not wait
     * @throws IllegalArgumentException if settings or host modules cannot be read
     */
    Deployment(
            Engine engine,
            Settings settings,
            List<BeanModule> modules,
            ClassLoader application,
            Consumer<PluginEvent> listener) {
        this.application = application;
        host = PlainPluginHost.builder(engine)
                .settings(settings.host())
                .contracts(application)
                .listener(listener)
                .build();
        boolean done = false;
        try {
            modules.forEach(module -> module.offerTo(host));
            settings.grants().forEach(this::grant);
            done = true;
        } finally {
            if (!done) {
                host.close();
            }
        }
    }

    private void grant(String name, Map<String, String> terms) {
        try {
            host.grant(terms);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("settings " + Settings.GRANT + name + ".*: " + e.getMessage(), e);
        }
    }

    /**
     * Installs a plugin of the settings and waits until it is ready, or cannot be.
     *
     * @param terms its keys and values
     * @return why it is not ready, or null
     */
    @Nullable String install(String id, Map<String, String> terms) {
        String where = Settings.PLUGIN + id;
        String module = String.valueOf(terms.get("module"));
        PluginManifest manifest;
        try {
            manifest = PluginManifest.of(terms, id);
        } catch (IllegalArgumentException e) {
            return "settings " + where + ".*: " + e.getMessage();
        }
        try {
            URL address = address(module);
            Plugin plugin = host.install(manifest, binary(address), address.toString());
            manifests.put(id, manifest);
            return whyNotReady(plugin);
        } catch (IOException e) {
            return where + ".module: cannot read \"" + Printable.name(module) + "\": " + e.getMessage();
        } catch (RuntimeException e) { // the module is broken, too large, or takes too long
            return where + ".module=" + Printable.name(module) + ": " + e.getMessage();
        }
    }

    private URL address(String module) throws IOException {
        URL resource = application.getResource(module);
        if (resource != null) {
            return resource;
        }
        try {
            URI address = new URI(module);
            if (address.isAbsolute()) {
                return address.toURL();
            }
        } catch (URISyntaxException | MalformedURLException | IllegalArgumentException e) {
            // told below
        }
        throw new IOException("neither a resource on the application's class path nor a URL");
    }

    /** Of a file in the text format, too. */
    private static byte[] binary(URL address) throws IOException {
        try (InputStream in = address.openStream()) {
            byte[] bytes = in.readAllBytes();
            return address.getPath().endsWith(TEXT) ? Wat.compile(bytes, address.toString(), WatOptions.DEFAULT) : bytes;
        }
    }

    private static @Nullable String whyNotReady(Plugin plugin) {
        long begun = System.nanoTime();
        while (isBetween(plugin) && System.nanoTime() - begun < PATIENCE_NANOS) {
            LockSupport.parkNanos(LOOK_NANOS);
        }
        return switch (plugin.state()) {
            case ACTIVE -> null;
            case UNSATISFIED -> "what it asks for is not all there and granted: "
                    + (plugin.unsatisfied().isEmpty() ? plugin.unsatisfiedOffers() : plugin.unsatisfied());
            case QUARANTINED -> plugin.quarantinedBecause();
            case CONFLICT -> plugin.conflict();
            default -> "it is " + plugin.state();
        };
    }

    /** Starting, which has a limit of its own; or nobody has looked yet at what it asks for. */
    private static boolean isBetween(Plugin plugin) {
        return switch (plugin.state()) {
            case STARTING -> true;
            case UNSATISFIED -> plugin.unsatisfied().isEmpty() && plugin.unsatisfiedOffers().isEmpty();
            default -> false;
        };
    }

    @Override
    public synchronized PluginUpdate replace(String id, byte[] wasm, String location) {
        PluginManifest manifest = manifests.get(id);
        if (manifest == null) {
            throw new IllegalArgumentException(
                    "no plugin " + Printable.name(id) + " in the settings, found " + manifests.keySet());
        }
        Plugin plugin = host.plugin(id).orElseThrow(() -> new IllegalArgumentException(
                "plugin " + Printable.name(id) + " was uninstalled"));
        return host.update(plugin, manifest, wasm, location);
    }

    @Override
    public PluginUpdate rollback(String id) {
        return host.rollback(host.plugin(id).orElseThrow(
                () -> new IllegalArgumentException("there is no plugin " + Printable.name(id))));
    }

    @Override
    public PluginUpdate update(Plugin plugin, PluginManifest manifest, byte[] wasm, String location) {
        return host.update(plugin, manifest, wasm, location);
    }

    @Override
    public PluginUpdate rollback(Plugin plugin) {
        return host.rollback(plugin);
    }

    @Override
    public void uninstall(Plugin plugin) {
        host.uninstall(plugin);
    }

    @Override
    public List<Plugin> plugins() {
        return host.plugins();
    }

    /** Updates only: what is refused otherwise fails the deployment. */
    @Override
    public List<PluginCandidate> candidates() {
        return host.candidates();
    }

    @Override
    public Optional<Plugin> plugin(String id) {
        return host.plugin(id);
    }

    /** Takes all plugins out. */
    @Override
    public void close() {
        host.close();
    }
}
