package org.sallyport.itests.felix;

import com.acme.itests.Adder;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import org.sallyport.host.PluginManifest;
import org.sallyport.itests.support.Binary;
import org.sallyport.text.Wat;

/** Plugin bundles as a build would make them. */
final class PluginBundles {
    private PluginBundles() {}

    /** The module of {@code wat/name.wat}. */
    static byte[] wasm(String name) {
        try (InputStream in = PluginBundles.class.getResourceAsStream("/wat/" + name + ".wat")) {
            return Wat.compile(new String(in.readAllBytes(), StandardCharsets.UTF_8), name + ".wat");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * @param header the clause without {@code module}, such as {@code adder;pool=3}
     * @return the jar
     */
    static InputStream bundle(String symbolicName, String header, byte[] wasm) {
        return bundle(symbolicName, header, wasm, Adder.class.getPackageName());
    }

    /** @param packages of its interfaces */
    static InputStream bundle(String symbolicName, String header, byte[] wasm, String packages) {
        Manifest manifest = new Manifest();
        Attributes headers = manifest.getMainAttributes();
        headers.put(Attributes.Name.MANIFEST_VERSION, "1.0");
        headers.putValue("Bundle-ManifestVersion", "2");
        headers.putValue("Bundle-SymbolicName", symbolicName);
        headers.putValue("Import-Package", packages);
        headers.putValue("Require-Capability", "osgi.extender;filter:=\"(osgi.extender=sallyport.plugin)\"");
        headers.putValue(PluginManifest.HEADER, header + ";module=\"code/plugin.wasm\"");
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (JarOutputStream jar = new JarOutputStream(bytes, manifest)) {
            jar.putNextEntry(new JarEntry("code/plugin.wasm"));
            jar.write(wasm);
            jar.closeEntry();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new ByteArrayInputStream(bytes.toByteArray());
    }

    /** The module with a custom section at its end. */
    static byte[] withSection(byte[] wasm, String name, String contents) {
        byte[] text = contents.getBytes(StandardCharsets.UTF_8);
        return new Binary().add(wasm).section(0, section -> section.name(name).add(text)).toBytes();
    }
}
