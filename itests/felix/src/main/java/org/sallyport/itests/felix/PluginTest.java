package org.sallyport.itests.felix;

import static org.assertj.core.api.Assertions.assertThat;

import com.acme.itests.Adder;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.Dictionary;
import java.util.Hashtable;
import java.util.List;
import java.util.concurrent.Callable;
import org.apache.felix.service.command.CommandProcessor;
import org.apache.felix.service.command.CommandSession;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.framework.ServiceRegistration;
import org.osgi.service.cm.Configuration;
import org.osgi.service.cm.ConfigurationAdmin;
import org.osgi.test.common.annotation.InjectBundleContext;
import org.osgi.test.common.annotation.InjectService;
import org.osgi.test.junit5.context.BundleContextExtension;
import org.osgi.test.junit5.service.ServiceExtension;
import org.sallyport.host.Grant;
import org.sallyport.host.HostModule;
import org.sallyport.host.Plugin;
import org.sallyport.host.PluginState;
import org.sallyport.host.osgi.BundlePluginHost;

/** What tests of plugins share: they install, grant, register, and wait; afterwards everything is taken back. */
@ExtendWith({BundleContextExtension.class, ServiceExtension.class})
@Timeout(120)
abstract class PluginTest {
    private static final long PATIENCE_MILLIS = 10_000;

    @InjectBundleContext
    BundleContext context;

    @InjectService
    ConfigurationAdmin configurations;

    @InjectService
    BundlePluginHost host;

    @InjectService
    CommandProcessor shell;

    private final Deque<Callable<?>> cleanUp = new ArrayDeque<>();

    @BeforeEach
    void startsClean() {
        assertThat(host.plugins()).isEmpty();
    }

    @AfterEach
    void takeEverythingBack() throws Exception {
        while (!cleanUp.isEmpty()) {
            cleanUp.pop().call();
        }
        eventually(() -> host.plugins().isEmpty());
        eventually(() -> context.getServiceReference(Grant.class) == null); // Configuration Admin takes its time
    }

    void afterwards(Callable<?> action) {
        cleanUp.push(action);
    }

    /** Installs and starts a plugin bundle around {@code wat/name.wat}; its id is that name. */
    Bundle start(String name, String attributes) throws BundleException {
        return start(name, attributes, PluginBundles.wasm(name));
    }

    Bundle start(String id, String attributes, byte[] wasm) throws BundleException {
        return startAt("test:" + id, PluginBundles.bundle("test." + id, id + attributes, wasm));
    }

    /** Installs a bundle and starts it. */
    Bundle startAt(String location, InputStream jar) throws BundleException {
        Bundle bundle = context.installBundle(location, jar);
        afterwards(() -> {
            if (bundle.getState() != Bundle.UNINSTALLED) {
                bundle.uninstall();
            }
            return null;
        });
        bundle.start();
        return bundle;
    }

    /** What the shell's command {@code sallyport:…} answers. */
    String run(String command) throws Exception {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (CommandSession session = shell.createSession(new ByteArrayInputStream(new byte[0]), out, out)) {
            return String.valueOf(session.execute("sallyport:" + command));
        }
    }

    static String services(Class<?> type) {
        return ";services=\"" + type.getName() + "\"";
    }

    Plugin plugin(String id) {
        return host.plugin(id).orElseThrow(() -> new AssertionError("no plugin " + id));
    }

    /** @param more names and values */
    Configuration grant(String plugin, String allow, Object... more) throws IOException {
        Configuration grant = configurations.createFactoryConfiguration(Grant.FACTORY_PID, "?");
        afterwards(() -> {
            delete(grant);
            return null;
        });
        update(grant, plugin, allow, more);
        return grant;
    }

    static void update(Configuration grant, String plugin, String allow, Object... more) throws IOException {
        Dictionary<String, Object> properties = new Hashtable<>();
        properties.put("plugin", plugin);
        properties.put("allow", allow);
        properties.put("offer", Adder.class.getPackageName() + ".*");
        for (int i = 0; i < more.length; i += 2) {
            properties.put((String) more[i], more[i + 1]);
        }
        grant.update(properties);
    }

    static void delete(Configuration grant) throws IOException {
        try {
            grant.delete();
        } catch (IllegalStateException e) {
            // a test has deleted it already
        }
    }

    /** @param more names and values of service properties */
    <S> ServiceRegistration<S> offer(String module, Class<S> contract, S service, Object... more) {
        Dictionary<String, Object> properties = new Hashtable<>();
        properties.put(HostModule.MODULE, module);
        for (int i = 0; i < more.length; i += 2) {
            properties.put((String) more[i], more[i + 1]);
        }
        ServiceRegistration<S> registration = context.registerService(contract, service, properties);
        afterwards(() -> {
            unregister(registration);
            return null;
        });
        return registration;
    }

    static void unregister(ServiceRegistration<?> registration) {
        try {
            registration.unregister();
        } catch (IllegalStateException e) {
            // a test has done so already
        }
    }

    /** The services of a plugin's interface that applications can see now. */
    <S> List<S> services(Class<S> type, String plugin) {
        try {
            Collection<org.osgi.framework.ServiceReference<S>> found =
                    context.getServiceReferences(type, "(" + Plugin.ID + "=" + plugin + ")");
            List<S> services = new ArrayList<>();
            for (var reference : found) {
                S service = context.getService(reference);
                if (service != null) { // it may have gone in between
                    services.add(service);
                }
            }
            return services;
        } catch (InvalidSyntaxException e) {
            throw new AssertionError(e);
        }
    }

    /** Waits for the one service of this interface that the plugin offers. */
    <S> S service(Class<S> type, String plugin) throws Exception {
        eventually(() -> services(type, plugin).size() == 1);
        return services(type, plugin).getFirst();
    }

    void becomes(String plugin, PluginState state) throws Exception {
        try {
            eventually(() -> plugin(plugin).state() == state);
        } catch (AssertionError e) {
            Plugin now = plugin(plugin);
            throw new AssertionError("plugin " + plugin + " is " + now.state() + " instead of " + state + ": "
                    + now.unsatisfied() + ", " + now.quarantinedBecause());
        }
    }

    static void eventually(Callable<Boolean> condition) throws Exception {
        long end = System.nanoTime() + PATIENCE_MILLIS * 1_000_000;
        while (!condition.call()) {
            if (System.nanoTime() > end) {
                throw new AssertionError("did not happen within " + PATIENCE_MILLIS + " ms");
            }
            Thread.sleep(2);
        }
    }

    /** Nothing changes for a while: for what must not happen. */
    static void stays(Callable<Boolean> condition) throws Exception {
        for (int i = 0; i < 20; i++) {
            assertThat(condition.call()).isTrue();
            Thread.sleep(5);
        }
    }

    /** Bytes of address space in use, as /proc/self/maps says. */
    static long mappedBytes() throws IOException {
        long bytes = 0;
        for (String line : Files.readAllLines(Path.of("/proc/self/maps"))) {
            int dash = line.indexOf('-');
            long start = Long.parseUnsignedLong(line.substring(0, dash), 16);
            bytes += Long.parseUnsignedLong(line.substring(dash + 1, line.indexOf(' ')), 16) - start;
        }
        return bytes;
    }
}
