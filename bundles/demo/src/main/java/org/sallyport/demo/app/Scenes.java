package org.sallyport.demo.app;

import com.acme.demo.Collatz;
import com.acme.demo.Eater;
import com.acme.demo.Shouter;
import com.acme.demo.Totals;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.Dictionary;
import java.util.Hashtable;
import java.util.concurrent.Callable;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.osgi.service.cm.Configuration;
import org.osgi.service.cm.ConfigurationAdmin;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.util.tracker.ServiceTracker;
import org.sallyport.Engine;
import org.sallyport.GuestFrame;
import org.sallyport.GuestInterruptedException;
import org.sallyport.TrapException;
import org.sallyport.host.Grant;
import org.sallyport.host.Plugin;
import org.sallyport.host.PluginManifest;
import org.sallyport.host.PluginState;
import org.sallyport.host.osgi.BundlePluginHost;

/** Five scenes, each a few lines. The launcher calls this service. */
@Component(service = Callable.class, property = "sallyport.demo=scenes")
public final class Scenes implements Callable<Integer> {
    private static final long PATIENCE_MILLIS = 10_000;
    private static final int WIDTH = 110;

    private final Engine engine;
    private final BundlePluginHost host;
    private final ConfigurationAdmin configurations;
    private final BundleContext context;

    @Activate
    public Scenes(
            @Reference Engine engine,
            @Reference BundlePluginHost host,
            @Reference ConfigurationAdmin configurations,
            BundleContext context) {
        this.engine = engine;
        this.host = host;
        this.configurations = configurations;
        this.context = context;
    }

    @Override
    public Integer call() throws Exception {
        say("engine: " + engine.backEnd());
        Bundle bundle = withoutGrant();
        granted();
        withdrawn(bundle);
        deadline();
        memoryLimit();
        outOfBounds();
        return 0;
    }

    private Bundle withoutGrant() throws Exception {
        say("\n1. A plugin bundle is installed. It imports log.info, and nobody has granted that.");
        Bundle bundle = context.installBundle("demo:shout", shoutBundle());
        bundle.start();
        Plugin shout = host.plugin("shout").orElseThrow();
        say("   plugin shout is " + shout.state());
        shout.unsatisfied().forEach(missing -> say("   because " + missing));
        say("   services of type Shouter: " + shouters());
        return bundle;
    }

    private void granted() throws Exception {
        say("\n2. The operator grants it the host module log, and to be a Shouter (a configuration of " + Grant.FACTORY_PID
                + ").");
        Configuration grant = configurations.createFactoryConfiguration(Grant.FACTORY_PID, "?");
        Dictionary<String, Object> properties = new Hashtable<>();
        properties.put("plugin", "shout");
        properties.put("allow", "(sallyport.module=log)");
        properties.put("offer", Shouter.class.getName());
        grant.update(properties);
        ServiceTracker<Shouter, Shouter> tracker = new ServiceTracker<>(context, Shouter.class, null);
        tracker.open();
        try {
            Shouter shouter = tracker.waitForService(PATIENCE_MILLIS);
            if (shouter == null) {
                throw new IllegalStateException("the service did not appear");
            }
            say("   plugin shout is " + stateOfShout() + ", used through its Java interface Shouter:");
            say("   shout(\"hello from java\") = " + shouter.shout("hello from java"));
        } finally {
            tracker.close();
        }
    }

    private void withdrawn(Bundle bundle) throws Exception {
        say("   The grant is deleted again:");
        String grants = "(service.factoryPid=" + Grant.FACTORY_PID + ")";
        for (Configuration grant : configurations.listConfigurations(grants)) {
            grant.delete();
        }
        long end = System.nanoTime() + PATIENCE_MILLIS * 1_000_000;
        while (shouters() != 0 && System.nanoTime() < end) {
            Thread.sleep(5);
        }
        say("   plugin shout is " + stateOfShout() + ", services of type Shouter: " + shouters());
        bundle.uninstall();
    }

    private PluginState stateOfShout() {
        return host.plugin("shout").orElseThrow().state();
    }

    private void deadline() throws IOException {
        say("\n3. A plugin loops for ever. Calls to it may take 100 ms.");
        Plugin spin = install(PluginManifest.of("spin").withTimeout(Duration.ofMillis(100)));
        long start = System.nanoTime();
        try {
            spin.as(Collatz.class).search(27);
        } catch (GuestInterruptedException e) {
            say("   stopped after " + (System.nanoTime() - start) / 1_000_000 + " ms: " + e.getMessage());
            say("   it was in " + e.frames().getFirst());
        }
        host.uninstall(spin);
    }

    private void memoryLimit() throws IOException {
        say("\n4. A plugin allocates without end. It may have 8 MiB.");
        Plugin hog = install(PluginManifest.of("hog").withMemoryBytes(8 << 20));
        int got = hog.as(Eater.class).eat();
        say("   memory.grow was refused after " + got + " MiB; the plugin took it well, and its instance has "
                + hog.counters().memoryBytes() / 1024 + " KiB");
        host.uninstall(hog);
    }

    private void outOfBounds() throws IOException {
        say("\n5. A plugin follows a pointer that leads out of its memory.");
        Plugin wild = install(PluginManifest.of("wild"));
        try {
            wild.as(Totals.class).total(0x7fff0000);
        } catch (TrapException e) {
            say("   trap: " + e.getMessage());
            for (GuestFrame frame : e.frames()) {
                say("     at " + frame);
            }
        }
        say("   and again, in a fresh instance: total(0) = " + wild.as(Totals.class).total(0));
        host.uninstall(wild);
    }

    private Plugin install(PluginManifest manifest) throws IOException {
        return host.install(manifest, resource(manifest.id()), context);
    }

    private int shouters() {
        try {
            return context.getServiceReferences(Shouter.class, null).size();
        } catch (org.osgi.framework.InvalidSyntaxException e) {
            throw new AssertionError("BUG: no filter", e);
        }
    }

    private byte[] resource(String plugin) throws IOException {
        try (InputStream in = context.getBundle().getEntry("plugins/" + plugin + ".wasm").openStream()) {
            return in.readAllBytes();
        }
    }

    /** What a build would make: a jar with the module and the header. */
    private InputStream shoutBundle() throws IOException, BundleException {
        Manifest manifest = new Manifest();
        Attributes headers = manifest.getMainAttributes();
        headers.put(Attributes.Name.MANIFEST_VERSION, "1.0");
        headers.putValue("Bundle-ManifestVersion", "2");
        headers.putValue("Bundle-SymbolicName", "demo.shout");
        headers.putValue("Import-Package", Shouter.class.getPackageName());
        headers.putValue("Require-Capability", "osgi.extender;filter:=\"(osgi.extender=sallyport.plugin)\"");
        headers.putValue(
                PluginManifest.HEADER, "shout;module=\"shout.wasm\";services=\"" + Shouter.class.getName() + "\"");
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (JarOutputStream jar = new JarOutputStream(bytes, manifest)) {
            jar.putNextEntry(new JarEntry("shout.wasm"));
            jar.write(resource("shout"));
            jar.closeEntry();
        }
        return new ByteArrayInputStream(bytes.toByteArray());
    }

    /** Prints a paragraph; what does not fit a line goes on below, further in. */
    private static void say(String text) {
        int indent = text.length() - text.stripLeading().length();
        StringBuilder line = new StringBuilder();
        for (String word : text.stripTrailing().split("(?<=\\S) ")) {
            if (line.length() + 1 + word.length() > WIDTH && line.length() > indent) {
                System.out.println(line);
                line.setLength(0);
                line.append(" ".repeat(indent + 3)).append(word);
            } else {
                line.append(line.isEmpty() ? "" : " ").append(word);
            }
        }
        System.out.println(line);
    }
}
