package org.sallyport.host.impl;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Set;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.sallyport.host.HostModule;
import org.sallyport.host.PluginManifest;
import org.sallyport.host.PluginOrigin;
import org.sallyport.host.core.Limited;
import org.sallyport.wasm.Printable;
import org.sallyport.wasm.WasmModule;

/** The bundle around a bare module. The same input gives the same bytes. */
final class PluginBundle {
    private static final System.Logger LOG = System.getLogger("org.sallyport.host");
    private static final String ENTRY = "plugin.wasm";
    private static final int FAULT_LENGTH = 2_000;
    private static final String EXTENDER = "osgi.extender;filter:=\"(&(osgi.extender=" + PluginExtender.NAME
            + ")(version>=0.1)(!(version>=1.0)))\"";

    /** Header of a bundle that was made of a file: the file. */
    static final String FILE = "Sallyport-File";
    /** Header of a bundle that was made of a file that makes no plugin: why. */
    static final String FAULT = "Sallyport-Fault";

    private static final String SUFFIX = ".wasm";

    private PluginBundle() {}

    /** The id of a bare module: its file's name without the suffix. */
    static String idOf(String file) {
        String name = file.substring(file.lastIndexOf('/') + 1);
        return name.toLowerCase(Locale.ROOT).endsWith(SUFFIX) ? name.substring(0, name.length() - SUFFIX.length()) : name;
    }

    /**
     * A bundle for a file that makes no plugin. It is there for people to see: what is wrong, as long as the file is there.
     *
     * @return a jar
     */
    static byte[] refused(String file, String fault) {
        Manifest manifest = manifest("refused." + idOf(file), file, file);
        Attributes headers = manifest.getMainAttributes();
        headers.putValue("Bundle-Name", "Refused: " + Printable.name(idOf(file)));
        headers.putValue(FAULT, Candidates.oneLine(fault));
        headers.putValue("Require-Capability", EXTENDER);
        return jar(manifest, null);
    }

    /**
     * @param properties the manifest, or null: it is in the module's custom section, or the id is all there is
     * @param defaultId taken where {@code properties} have none; what the module calls itself does not count
     * @return as the bundle's header has it
     * @throws IllegalArgumentException if the manifest makes no sense
     */
    static PluginManifest manifest(WasmModule module, @Nullable String properties, String defaultId) {
        PluginManifest manifest = properties == null
                ? inner(module, defaultId)
                : PluginManifest.parse(properties, defaultId);
        return PluginManifest.of(Header.parse(clause(manifest)), manifest.id());
    }

    /**
     * @param properties the manifest, or null: it is in the module's custom section, or the id is all there is
     * @param defaultId taken where {@code properties} have none; what the module calls itself does not count
     * @param from where the module is, so that bundles of the same name from elsewhere do not keep this one out
     * @param file where people find it, if it is a file
     * @return a jar
     * @throws IllegalArgumentException if the manifest makes no sense
     */
    static byte[] of(
            WasmModule module, @Nullable String properties, String defaultId, String from, @Nullable String file) {
        return of(module, manifest(module, properties, defaultId), from, file);
    }

    /** Likewise. */
    static byte[] of(WasmModule module, PluginManifest manifest, String from, @Nullable String file) {
        return jar(headers(manifest, module, from, file), module.binary());
    }

    private static byte[] jar(Manifest manifest, byte @Nullable [] module) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (JarOutputStream jar = new JarOutputStream(bytes)) {
            entry(jar, "META-INF/MANIFEST.MF");
            manifest.write(jar);
            jar.closeEntry();
            if (module != null) {
                entry(jar, ENTRY);
                jar.write(module);
                jar.closeEntry();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    private static void entry(JarOutputStream jar, String name) throws IOException {
        JarEntry entry = new JarEntry(name);
        entry.setTimeLocal(java.time.LocalDateTime.of(2025, 1, 1, 0, 0));
        jar.putNextEntry(entry);
    }

    private static PluginManifest inner(WasmModule module, String id) {
        PluginManifest inner = PluginManifest.parse(section(module), id);
        if (!inner.id().equals(id)) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    () -> "the module of plugin " + id + " calls itself " + inner.id()
                            + ", which does not count: it is called as its file is");
        }
        return inner.withId(id);
    }

    private static String section(WasmModule module) {
        for (WasmModule.CustomSection section : module.customSections()) {
            if (section.name().equals(PluginManifest.SECTION)) {
                WasmModule.Range range = section.contents();
                if (range.length() > Limited.MANIFEST_BYTES) {
                    throw Limited.tooLong("bytes of a plugin's manifest", range.length(), Limited.MANIFEST_BYTES, "Sallyport");
                }
                return new String(module.binary(), range.start(), range.length(), StandardCharsets.UTF_8);
            }
        }
        return "";
    }

    private static Manifest manifest(String name, String from, @Nullable String file) {
        Manifest manifest = new Manifest();
        Attributes headers = manifest.getMainAttributes();
        headers.put(Attributes.Name.MANIFEST_VERSION, "1.0");
        headers.putValue("Bundle-ManifestVersion", "2");
        headers.putValue("Bundle-SymbolicName", "sallyport.plugin." + name.replaceAll("[^A-Za-z0-9_.-]", "_"));
        headers.putValue("Bundle-Version", "0.0.0.from-" + PluginOrigin.digest(from.getBytes(StandardCharsets.UTF_8)));
        if (file != null) {
            headers.putValue(FILE, Printable.text(file, FAULT_LENGTH));
        }
        return manifest;
    }

    private static Manifest headers(
            PluginManifest plugin, WasmModule module, String from, @Nullable String file) {
        Manifest manifest = manifest(plugin.id(), from, file);
        Attributes headers = manifest.getMainAttributes();
        headers.putValue("Bundle-Name", "Plugin " + plugin.id());
        headers.putValue(PluginManifest.HEADER, clause(plugin));
        headers.putValue("Require-Capability", requirements(module));
        String packages = plugin.services().stream()
                .filter(name -> name.contains("."))
                .map(name -> name.substring(0, name.lastIndexOf('.')))
                .distinct()
                .collect(Collectors.joining(","));
        if (!packages.isEmpty()) {
            headers.putValue("Import-Package", packages);
        }
        return manifest;
    }

    private static String clause(PluginManifest plugin) {
        StringBuilder text = new StringBuilder(plugin.id()).append(";module=").append(Header.quote(ENTRY));
        text.append(";services=").append(Header.quote(String.join(",", plugin.services())));
        plugin.asks().forEach((name, filter) ->
                text.append(";ask.").append(name).append("=").append(Header.quote(filter)));
        if (plugin.timeout() != null) {
            text.append(";timeout=").append(plugin.timeout().toMillis());
        }
        if (plugin.fuel() >= 0) {
            text.append(";fuel=").append(plugin.fuel());
        }
        if (plugin.memoryBytes() >= 0) {
            text.append(";memory=").append(plugin.memoryBytes());
        }
        plugin.properties().forEach((name, value) ->
                text.append(";property.").append(name).append("=").append(Header.quote(value)));
        text.append(";ranking=").append(plugin.ranking());
        text.append(";policy=").append(plugin.policy()).append(";pool=").append(plugin.pool());
        return text.append(";max-traps=").append(plugin.maxTraps()).toString();
    }

    /**
     * The extender, and the imports as needs that a provisioning resolver can see; services decide about them at run
     * time.
     */
    private static String requirements(WasmModule module) {
        Set<String> needs = new LinkedHashSet<>();
        needs.add(EXTENDER);
        for (WasmModule.Import wanted : module.imports()) {
            if (wanted.module().matches("[\\w.:/@-]+")) {
                String filter = "(" + HostModule.MODULE + "=" + wanted.module() + ")";
                needs.add("sallyport.import;filter:=\"" + filter + "\";effective:=active");
            }
        }
        return String.join(",", needs);
    }
}
