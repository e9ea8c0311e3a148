package org.sallyport.host.impl;

import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
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
import org.sallyport.host.PluginHost;
import org.sallyport.host.PluginManifest;

/** Installs the plugins of started bundles that carry the header {@value PluginManifest#HEADER}. */
final class PluginExtender implements BundleTrackerCustomizer<Plugin> {
    private static final System.Logger LOG = System.getLogger("org.sallyport.host");
    private static final String EXTENDER = "osgi.extender";
    /** Name of our extender capability. */
    static final String NAME = "sallyport.plugin";

    private final BundleContext context;
    private final PluginHost host;
    private final BundleTracker<Plugin> tracker;

    PluginExtender(BundleContext context, PluginHost host) {
        this.context = context;
        this.host = host;
        this.tracker = new BundleTracker<>(context, Bundle.ACTIVE, this);
    }

    void open() {
        tracker.open();
    }

    void close() {
        tracker.close();
    }

    @Override
    public @Nullable Plugin addingBundle(Bundle bundle, @Nullable BundleEvent event) {
        String header = bundle.getHeaders("").get(PluginManifest.HEADER);
        if (header == null || !isOurs(bundle)) {
            return null;
        }
        try {
            PluginManifest manifest = PluginManifest.of(Header.parse(header), bundle.getSymbolicName());
            return host.install(manifest, module(bundle, manifest.module()), bundle.getBundleContext());
        } catch (SallyportException | IllegalArgumentException | IOException e) {
            LOG.log(
                    System.Logger.Level.ERROR,
                    () -> "plugin bundle " + bundle + " is not installed: " + e.getMessage());
            return null;
        } catch (RuntimeException | Error e) { // one bundle must not keep the others from their plugins
            LOG.log(System.Logger.Level.ERROR, "plugin bundle " + bundle + " is not installed", e);
            return null;
        }
    }

    @Override
    public void modifiedBundle(Bundle bundle, BundleEvent event, Plugin plugin) {}

    @Override
    public void removedBundle(Bundle bundle, BundleEvent event, Plugin plugin) {
        host.uninstall(plugin);
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

    private static byte[] module(Bundle bundle, String path) throws IOException {
        URL entry = path.isEmpty() ? null : bundle.getEntry(path);
        if (entry == null) {
            throw new IllegalArgumentException(
                    "the header's module=\"" + path + "\" is not in the bundle; name the .wasm by its path");
        }
        try (InputStream in = entry.openStream()) {
            return in.readAllBytes();
        }
    }
}
