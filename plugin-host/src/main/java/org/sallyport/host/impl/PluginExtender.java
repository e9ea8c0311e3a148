package org.sallyport.host.impl;

import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.util.Dictionary;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleEvent;
import org.osgi.framework.wiring.BundleWire;
import org.osgi.framework.wiring.BundleWiring;
import org.osgi.util.tracker.BundleTracker;
import org.osgi.util.tracker.BundleTrackerCustomizer;
import org.sallyport.SallyportException;
import org.sallyport.host.Plugin;
import org.sallyport.host.PluginManifest;
import org.sallyport.host.core.Limited;
import org.sallyport.host.osgi.BundlePluginHost;

/** Installs the plugins of started bundles that carry the header {@value PluginManifest#HEADER}. */
final class PluginExtender implements BundleTrackerCustomizer<Object> {
    private static final System.Logger LOG = System.getLogger("org.sallyport.host");
    private static final String EXTENDER = "osgi.extender";
    /** Stands for a bundle whose plugin was refused. */
    private static final Object REFUSED = new Object();
    /** Name of our extender capability. */
    static final String NAME = "sallyport.plugin";

    private final BundleContext context;
    private final BundlePluginHost host;
    private final Candidates candidates;
    private final int moduleBytes;
    private final BundleTracker<Object> tracker;

    /** @param moduleBytes of a plugin's module at most */
    PluginExtender(BundleContext context, BundlePluginHost host, Candidates candidates, int moduleBytes) {
        this.context = context;
        this.host = host;
        this.candidates = candidates;
        this.moduleBytes = moduleBytes;
        this.tracker = new BundleTracker<>(context, Bundle.ACTIVE, this);
    }

    void open() {
        tracker.open();
    }

    void close() {
        tracker.close();
    }

    /** @return the plugin, or {@link #REFUSED}, or null where the bundle has nothing to do with us */
    @Override
    public @Nullable Object addingBundle(Bundle bundle, @Nullable BundleEvent event) {
        Dictionary<String, String> headers = bundle.getHeaders("");
        String header = headers.get(PluginManifest.HEADER);
        String fault = headers.get(PluginBundle.FAULT);
        if (header == null && fault == null || !isOurs(bundle)) {
            return null;
        }
        String id = nameOf(bundle);
        try {
            if (header == null) {
                throw new IllegalArgumentException(fault);
            }
            if (bundle.getSymbolicName() == null) {
                throw new IllegalArgumentException("the bundle has no name; give it the headers Bundle-ManifestVersion: 2 and"
                        + " Bundle-SymbolicName");
            }
            Map<String, String> clause = Header.parse(header);
            id = clause.get("id");
            PluginManifest manifest = PluginManifest.of(clause, bundle.getSymbolicName());
            candidates.compiling(bundle, id, source(bundle));
            Plugin plugin =
                    host.install(manifest, module(bundle, manifest.module()), bundle.getBundleContext());
            candidates.forget(bundle);
            return plugin;
        } catch (SallyportException | IllegalArgumentException | IOException e) {
            candidates.refused(bundle, name(headers, id), source(bundle), String.valueOf(e.getMessage()));
            return REFUSED;
        } catch (RuntimeException | Error e) { // one bundle must not keep the others from their plugins
            LOG.log(System.Logger.Level.ERROR, "plugin bundle " + bundle + " is not installed", e);
            candidates.refused(bundle, name(headers, id), source(bundle), String.valueOf(e));
            return REFUSED;
        }
    }

    /** Of a bundle that was made of a file, the file's. */
    private static String name(Dictionary<String, String> headers, String id) {
        String file = headers.get(PluginBundle.FILE);
        return headers.get(PluginBundle.FAULT) == null || file == null ? id : PluginBundle.idOf(file);
    }

    /** A bundle of the framework's older versions may have none. */
    static String nameOf(Bundle bundle) {
        String name = bundle.getSymbolicName();
        return name != null ? name : "bundle-" + bundle.getBundleId();
    }

    static String source(Bundle bundle) {
        String file = bundle.getHeaders("").get(PluginBundle.FILE);
        return file != null
                ? "file " + file
                : "bundle " + bundle.getBundleId() + " " + nameOf(bundle) + " (" + bundle.getLocation() + ")";
    }

    @Override
    public void modifiedBundle(Bundle bundle, BundleEvent event, Object plugin) {}

    @Override
    public void removedBundle(Bundle bundle, BundleEvent event, Object known) {
        candidates.forget(bundle);
        if (known instanceof Plugin plugin) {
            host.uninstall(plugin);
        }
    }

    /** A bundle that requires the extender and is wired to another one is not ours. */
    private boolean isOurs(Bundle bundle) {
        BundleWiring wiring = bundle.adapt(BundleWiring.class);
        for (BundleWire wire : wiring.getRequiredWires(EXTENDER)) {
            if (NAME.equals(wire.getCapability().getAttributes().get(EXTENDER))) {
                return wire.getProvider().getBundle().equals(context.getBundle());
            }
        }
        return true;
    }

    private byte[] module(Bundle bundle, String path) throws IOException {
        URL entry = path.isEmpty() ? null : bundle.getEntry(path);
        if (entry == null) {
            throw new IllegalArgumentException(
                    "the header's module=\"" + path + "\" is not in the bundle; name the .wasm by its path");
        }
        try (InputStream in = entry.openStream()) {
            return Limited.module(in, moduleBytes);
        }
    }
}
