package org.sallyport.host.impl;

import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Collectors;
import org.apache.felix.fileinstall.ArtifactListener;
import org.apache.felix.fileinstall.ArtifactTransformer;
import org.jspecify.annotations.Nullable;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.sallyport.host.HostModule;
import org.sallyport.host.PluginManifest;
import org.sallyport.spi.LoadLimits;
import org.sallyport.spi.Loader;
import org.sallyport.wasm.Feature;
import org.sallyport.wasm.WasmModule;

/**
 * Makes plugin bundles of bare {@code .wasm} files in a folder that File Install watches. The manifest is the
 * properties file beside the module, else its
 * custom section {@value PluginManifest#SECTION}, else the id is the file's name.
 */
@Component(service = {ArtifactTransformer.class, ArtifactListener.class})
public final class WasmArtifacts implements ArtifactTransformer {
    private static final String SUFFIX = ".wasm";
    private static final String ENTRY = "plugin.wasm";

    private final Loader loader;

    @Activate
    public WasmArtifacts(@Reference Loader loader) {
        this.loader = loader;
    }

    @Override
    public boolean canHandle(File artifact) {
        return artifact.getName().endsWith(SUFFIX);
    }

    @Override
    public File transform(File artifact, File folder) throws IOException {
        byte[] wasm = Files.readAllBytes(artifact.toPath());
        WasmModule module = loader.load(wasm, Set.of(Feature.values()), LoadLimits.DEFAULT);
        String name = artifact.getName().substring(0, artifact.getName().length() - SUFFIX.length());
        String text = manifestText(artifact.toPath().resolveSibling(name + ".properties"), module);
        PluginManifest manifest = PluginManifest.parse(text == null ? "" : text, name);
        File bundle = new File(folder, artifact.getName() + ".jar");
        try (OutputStream out = Files.newOutputStream(bundle.toPath());
                JarOutputStream jar = new JarOutputStream(out, headers(manifest, module))) {
            jar.putNextEntry(new JarEntry(ENTRY));
            jar.write(wasm);
            jar.closeEntry();
        }
        return bundle;
    }

    private static @Nullable String manifestText(Path beside, WasmModule module) throws IOException {
        if (Files.isRegularFile(beside)) {
            return Files.readString(beside);
        }
        for (WasmModule.CustomSection section : module.customSections()) {
            if (section.name().equals(PluginManifest.SECTION)) {
                WasmModule.Range range = section.contents();
                return new String(module.binary(), range.start(), range.length(), StandardCharsets.UTF_8);
            }
        }
        return null;
    }

    static Manifest headers(PluginManifest plugin, WasmModule module) {
        Manifest manifest = new Manifest();
        Attributes headers = manifest.getMainAttributes();
        headers.put(Attributes.Name.MANIFEST_VERSION, "1.0");
        headers.putValue("Bundle-ManifestVersion", "2");
        headers.putValue("Bundle-SymbolicName", "sallyport.plugin." + plugin.id().replaceAll("[^A-Za-z0-9_.-]", "_"));
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
        if (plugin.memoryBytes() >= 0) {
            text.append(";memory=").append(plugin.memoryBytes());
        }
        text.append(";policy=").append(plugin.policy()).append(";pool=").append(plugin.pool());
        return text.append(";max-traps=").append(plugin.maxTraps()).toString();
    }

    /**
     * The extender, and the imports as needs that a provisioning resolver can see; services decide about them at run
     * time.
     */
    private static String requirements(WasmModule module) {
        Set<String> needs = new LinkedHashSet<>();
        String extender = "(&(osgi.extender=" + PluginExtender.NAME + ")(version>=0.1)(!(version>=1.0)))";
        needs.add("osgi.extender;filter:=\"" + extender + "\"");
        for (WasmModule.Import wanted : module.imports()) {
            if (wanted.module().matches("[\\w.:/@-]+")) {
                String filter = "(" + HostModule.MODULE + "=" + wanted.module() + ")";
                needs.add("sallyport.import;filter:=\"" + filter + "\";effective:=active");
            }
        }
        return String.join(",", needs);
    }
}
