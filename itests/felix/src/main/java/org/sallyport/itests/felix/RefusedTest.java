package org.sallyport.itests.felix;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.acme.itests.Adder;
import com.acme.itests.Notes;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import org.junit.jupiter.api.Test;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleException;
import org.osgi.service.event.EventConstants;
import org.osgi.service.event.EventHandler;
import org.sallyport.host.Plugin;
import org.sallyport.host.PluginCandidate;
import org.sallyport.host.PluginManifest;
import org.sallyport.host.PluginState;

/** What cannot be a plugin or a grant is seen by the operator, with the reason, until it is mended or gone. */
class RefusedTest extends PluginTest {
    private PluginCandidate only() {
        assertThat(host.plugins()).isEmpty();
        assertThat(host.candidates()).hasSize(1);
        return host.candidates().getFirst();
    }

    private void isRefused(String id, String... reason) throws Exception {
        assertThat(only().id()).isEqualTo(id);
        assertThat(only().state()).isEqualTo(PluginState.REFUSED);
        assertThat(only().reason()).contains(reason);
        assertThat(run("plugins")).containsPattern(id + " +REFUSED +").contains(reason);
        assertThat(run("plugin " + id)).startsWith(id + " is REFUSED, from ").contains(reason);
    }

    @Test
    void brokenModules() throws Exception {
        List<String> events = new CopyOnWriteArrayList<>();
        var handler = context.registerService(
                EventHandler.class,
                event -> events.add(event.getProperty(Plugin.ID) + " " + event.getProperty("message")),
                new java.util.Hashtable<>(
                        java.util.Map.of(EventConstants.EVENT_TOPIC, "org/sallyport/plugin/REFUSED")));
        afterwards(() -> {
            handler.unregister();
            return null;
        });
        byte[] whole = PluginBundles.wasm("adder");
        Bundle bundle = start("adder", "", java.util.Arrays.copyOf(whole, whole.length - 3));
        isRefused("adder", "length out of bounds: ", "; The binary is cut off or a length in it is wrong");
        assertThat(only().source()).isEqualTo("bundle " + bundle.getBundleId() + " test.adder (test:adder)");
        eventually(() -> events.size() == 1 && events.getFirst().startsWith("adder from bundle "));
        bundle.uninstall();
        assertThat(host.candidates()).isEmpty();

        bundle = start("empty", "", new byte[0]);
        isRefused("empty", "a plugin is a module in the binary format, and this is empty");
        offer("notes", Notes.class, (caller, value) -> {});
        grant("empty", "(sallyport.module=notes)");
        bundle.update(PluginBundles.bundle("test.empty", "empty" + services(Adder.class), whole));
        assertThat(service(Adder.class, "empty").add(1, 2)).as("mended").isEqualTo(3);
        assertThat(host.candidates()).isEmpty();
    }

    @Test
    void mistypedKeys() throws Exception {
        start("adder", ";timout=50");

        isRefused("adder", "plugin adder: unknown key timout (did you mean timeout?); known are ask.MODULE, fuel, id, ");
    }

    @Test
    void malformedFilters() throws Exception {
        start("adder", ";ask.notes=\"(a=b\"");

        isRefused("adder", "plugin adder: ask.notes is no LDAP filter");
    }

    @Test
    void valuesThatMakeNoSense() throws Exception {
        start("adder", ";policy=whatever");
        isRefused("adder", "policy must be confined, serialized, pooled or fresh, found \"whatever\"");
    }

    private static Manifest manifest(String... headers) {
        Manifest manifest = new Manifest();
        manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
        for (int i = 0; i < headers.length; i += 2) {
            manifest.getMainAttributes().putValue(headers[i], headers[i + 1]);
        }
        return manifest;
    }

    private Bundle install(String location, Manifest manifest) throws Exception {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (JarOutputStream jar = new JarOutputStream(bytes, manifest)) {
            jar.putNextEntry(new JarEntry("adder.wasm"));
            jar.write(PluginBundles.wasm("adder"));
        }
        Bundle bundle = context.installBundle(location, new ByteArrayInputStream(bytes.toByteArray()));
        afterwards(() -> {
            bundle.uninstall();
            return null;
        });
        return bundle;
    }

    /** As those of the framework's third release may be. */
    @Test
    void bundlesWithoutAName() throws Exception {
        Bundle bundle = install("test:nameless", manifest(PluginManifest.HEADER, "adder;module=\"adder.wasm\""));
        bundle.start();

        isRefused("bundle-" + bundle.getBundleId(), "the bundle has no name", "Bundle-SymbolicName");
    }

    @Test
    void bundlesThatAreNotResolved() throws Exception {
        Bundle bundle = install("test:needy", manifest(
                "Bundle-ManifestVersion", "2", "Bundle-SymbolicName", "test.needy",
                "Import-Package", "com.acme.nowhere,com.acme.neither;resolution:=optional",
                PluginManifest.HEADER, "adder;module=\"adder.wasm\""));
        assertThat(host.candidates()).as("nobody wants it to run").isEmpty();
        assertThatThrownBy(bundle::start).isInstanceOf(BundleException.class);

        isRefused("test.needy", "its bundle is not resolved: nobody provides package", "com.acme.nowhere");
        assertThat(only().reason()).doesNotContain("neither");
        bundle.stop();
        assertThat(host.candidates()).isEmpty();
    }

    /** A few bytes of the bundle that inflate to more than a module may have. */
    @Test
    void bundleEntriesThatInflate() throws Exception {
        Manifest manifest = new Manifest();
        Attributes headers = manifest.getMainAttributes();
        headers.put(Attributes.Name.MANIFEST_VERSION, "1.0");
        headers.putValue("Bundle-ManifestVersion", "2");
        headers.putValue("Bundle-SymbolicName", "test.bomb");
        headers.putValue(PluginManifest.HEADER, "bomb;module=\"bomb.wasm\"");
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (JarOutputStream jar = new JarOutputStream(bytes, manifest)) {
            jar.putNextEntry(new JarEntry("bomb.wasm"));
            jar.write(new byte[] {0, 'a', 's', 'm', 1, 0, 0, 0});
            for (int i = 0; i < 65; i++) {
                jar.write(new byte[1 << 20]);
            }
        }
        assertThat(bytes.size()).isLessThan(100_000);
        Bundle bundle = context.installBundle("test:bomb", new ByteArrayInputStream(bytes.toByteArray()));
        afterwards(() -> {
            bundle.uninstall();
            return null;
        });
        bundle.start();

        isRefused("bomb", "bytes of a plugin's module limit: asked for 67108865, allowed 67108864"
                + " (set by moduleBytes of the configuration org.sallyport.host)");
    }

    @Test
    void grantsWithMistypedKeysGrantNothing() throws Exception {
        offer("notes", Notes.class, (caller, value) -> {});
        start("adder", services(Adder.class));
        var grant = grant("adder", "(sallyport.module=notes)", "alow", "(sallyport.module=*)");
        eventually(() -> run("grants").contains("REFUSED"));

        assertThat(run("grants")).contains("unknown key alow (did you mean allow?); known are allow, attribute.NAME, ");
        assertThat(plugin("adder").state()).isEqualTo(PluginState.UNSATISFIED);
        update(grant, "adder", "(sallyport.module=notes)", "attribute.alow", "fine");
        becomes("adder", PluginState.ACTIVE);
        assertThat(run("grants")).doesNotContain("REFUSED").contains("{alow=fine}");
        update(grant, "adder", "(sallyport.module=notes)", "timeout", "5O");
        becomes("adder", PluginState.UNSATISFIED);
        assertThat(run("grants")).contains("REFUSED", "timeout must be a number from 0 to 1000000000000, found \"5O\"");
    }
}
