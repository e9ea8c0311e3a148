package org.sallyport.itests;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Dictionary;
import java.util.HashMap;
import java.util.Hashtable;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.osgi.framework.Constants;
import org.osgi.framework.FrameworkEvent;
import org.osgi.framework.ServiceReference;
import org.osgi.framework.launch.Framework;
import org.osgi.framework.launch.FrameworkFactory;
import org.osgi.framework.wiring.FrameworkWiring;
import org.osgi.service.cm.Configuration;
import org.osgi.service.cm.ConfigurationAdmin;

/**
 * A framework inside of this JVM with the bundles of {@code itest.bndrun}, but the tests: for what cannot be done from a bundle
 * inside, such as refreshing ours. Interfaces of {@code com.acme.itests} and Configuration Admin's API are the class path's,
 * so that they can be used here. Not for several threads.
 */
final class EmbeddedHost implements AutoCloseable {
    static final String GRANT = "org.sallyport.grant";
    private static final String SHARED = "com.acme.itests;version=1.0,org.osgi.service.cm;version=1.6";
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(60);
    private static final Pattern NAMED = Pattern.compile("(?m)^\\s+([\\w.-]+);version");
    private static final Map<String, Path> JARS = jars();

    private final Framework framework;
    private final List<Bundle> ours;

    /** @param kind {@code felix} or {@code equinox} */
    EmbeddedHost(String kind, Path storage) throws BundleException, IOException {
        this(kind, storage, Platform.PLAIN);
    }

    /**
     * What there is besides.
     *
     * @param loader of packages that bundles see
     * @param packages of that loader, as in {@code Export-Package}
     * @param bundles installed and started first
     */
    record Platform(ClassLoader loader, String packages, List<Path> bundles) {
        static final Platform PLAIN = new Platform(ClassLoader.getPlatformClassLoader(), "", List.of());
    }

    EmbeddedHost(String kind, Path storage, Platform platform) throws BundleException, IOException {
        framework = factory(kind, platform.loader()).newFramework(Map.of(
                Constants.FRAMEWORK_STORAGE, storage.toString(),
                Constants.FRAMEWORK_SYSTEMPACKAGES_EXTRA,
                platform.packages().isEmpty() ? SHARED : SHARED + "," + platform.packages(),
                "gosh.args", "--nointeractive"));
        framework.start();
        List<Path> all = new ArrayList<>(platform.bundles());
        for (String name : listed()) {
            all.add(jar(name));
        }
        List<Bundle> installed = new ArrayList<>();
        for (Path jar : all) {
            installed.add(context().installBundle(jar.toUri().toString()));
        }
        for (Bundle bundle : installed) {
            bundle.start();
        }
        installed.removeIf(each -> !each.getSymbolicName().startsWith("org.sallyport."));
        ours = List.copyOf(installed);
    }

    /** In a class loader of its own: both frameworks have the same packages inside, one's are signed. */
    private static FrameworkFactory factory(String kind, ClassLoader platform) throws IOException {
        Path jar = jar(kind.equals("felix") ? "org.apache.felix.framework" : "org.eclipse.osgi");
        ClassLoader shared = new ClassLoader(platform) {
            @Override
            protected Class<?> findClass(String name) throws ClassNotFoundException {
                if (name.startsWith("org.osgi.") || name.startsWith("com.acme.")) {
                    return EmbeddedHost.class.getClassLoader().loadClass(name);
                }
                throw new ClassNotFoundException(name);
            }
        };
        ClassLoader own = new URLClassLoader(new URL[] {jar.toUri().toURL()}, shared);
        return ServiceLoader.load(FrameworkFactory.class, own).findFirst().orElseThrow();
    }

    /** As {@code itest.bndrun} has them. */
    private static List<String> listed() throws IOException {
        String run = Files.readString(Path.of("itest.bndrun"));
        Matcher named = NAMED.matcher(run.substring(run.indexOf("-runbundles")));
        List<String> names = new ArrayList<>();
        while (named.find()) {
            String name = named.group(1);
            if (!name.matches("org\\.sallyport\\.itests.*|.*junit.*|.*assertj.*|.*byte-buddy|org\\.osgi\\.test.*")) {
                names.add(name);
            }
        }
        return names;
    }

    static Path jar(String symbolicName) {
        Path jar = JARS.get(symbolicName);
        if (jar == null) {
            throw new AssertionError("no bundle " + symbolicName + " on the class path");
        }
        return jar;
    }

    private static Map<String, Path> jars() {
        Map<String, Path> jars = new HashMap<>();
        for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
            if (entry.endsWith(".jar")) {
                try (JarFile jar = new JarFile(entry)) {
                    String name = jar.getManifest() == null
                            ? null
                            : jar.getManifest().getMainAttributes().getValue(Constants.BUNDLE_SYMBOLICNAME);
                    if (name != null) {
                        jars.put(name.split(";")[0].strip(), Path.of(entry));
                    }
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }
        }
        return jars;
    }

    BundleContext context() {
        return framework.getBundleContext();
    }

    List<Bundle> ours() {
        return ours;
    }

    /** Refreshes ours, with all that depends on them; returns when the framework is done. */
    void refreshOurs() throws InterruptedException {
        CountDownLatch done = new CountDownLatch(1);
        framework.adapt(FrameworkWiring.class).refreshBundles(ours(), event -> {
            if (event.getType() == FrameworkEvent.PACKAGES_REFRESHED) {
                done.countDown();
            }
        });
        if (!done.await(PATIENCE_NANOS, TimeUnit.NANOSECONDS)) {
            throw new AssertionError("the framework has not refreshed our bundles");
        }
    }

    // ---- plugins

    /** A plugin's bundle, not started. */
    Bundle install(String id, String attributes, byte[] wasm) throws BundleException {
        return context().installBundle("test:" + id, new ByteArrayInputStream(bundle(id, attributes, wasm)));
    }

    /** @param attributes such as {@code ;services="com.acme.itests.Adder"} */
    static byte[] bundle(String id, String attributes, byte[] wasm) {
        Manifest manifest = new Manifest();
        Attributes headers = manifest.getMainAttributes();
        headers.put(Attributes.Name.MANIFEST_VERSION, "1.0");
        headers.putValue("Bundle-ManifestVersion", "2");
        headers.putValue("Bundle-SymbolicName", "test." + id);
        headers.putValue("Import-Package", "com.acme.itests");
        headers.putValue("Require-Capability", "osgi.extender;filter:=\"(osgi.extender=sallyport.plugin)\"");
        headers.putValue("Sallyport-Plugin", id + attributes + ";module=\"plugin.wasm\"");
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (JarOutputStream jar = new JarOutputStream(bytes, manifest)) {
            jar.putNextEntry(new JarEntry("plugin.wasm"));
            jar.write(wasm);
            jar.closeEntry();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    /** @param terms names and values */
    Configuration grant(String... terms) throws IOException {
        Configuration grant = configurations().createFactoryConfiguration(GRANT, "?");
        grant.update(dictionary(terms));
        return grant;
    }

    /** Likewise, of something that has one. */
    void configure(String pid, String... values) throws IOException {
        configurations().getConfiguration(pid, "?").update(dictionary(values));
    }

    private ConfigurationAdmin configurations() {
        return context().getService(context().getServiceReference(ConfigurationAdmin.class));
    }

    private static Dictionary<String, Object> dictionary(String... namesAndValues) {
        Dictionary<String, Object> properties = new Hashtable<>();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            properties.put(namesAndValues[i], namesAndValues[i + 1]);
        }
        return properties;
    }

    /** The service of a plugin, when it is there. */
    <S> S service(Class<S> type, String plugin) throws Exception {
        long end = System.nanoTime() + PATIENCE_NANOS;
        while (true) {
            for (ServiceReference<S> reference : context().getServiceReferences(type, "(sallyport.plugin=" + plugin + ")")) {
                S service = context().getService(reference);
                if (service != null) {
                    return service;
                }
            }
            if (System.nanoTime() > end) {
                throw new AssertionError("no service " + type.getName() + " of plugin " + plugin);
            }
            Thread.sleep(1);
        }
    }

    @Override
    public void close() throws BundleException {
        framework.stop();
        try {
            framework.waitForStop(TimeUnit.NANOSECONDS.toMillis(PATIENCE_NANOS));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
