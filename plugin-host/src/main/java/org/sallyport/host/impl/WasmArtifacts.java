package org.sallyport.host.impl;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import org.apache.felix.fileinstall.ArtifactListener;
import org.apache.felix.fileinstall.ArtifactTransformer;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.sallyport.SallyportException;
import org.sallyport.host.PluginManifest;
import org.sallyport.spi.LoadLimits;
import org.sallyport.spi.Loader;
import org.sallyport.wasm.Feature;
import org.sallyport.wasm.WasmModule;

/**
 * Makes plugin bundles of bare {@code .wasm} files in a folder that File Install watches. The manifest is the
 * properties file beside the module, else its custom section {@value PluginManifest#SECTION}, else there is none. The id is
 * the file's name, or what the properties file says: both are put there by whoever may write to the folder. What the
 * module says of itself is no id.
 */
@Component(
        service = {ArtifactTransformer.class, ArtifactListener.class},
        configurationPid = HostSettings.PID)
public final class WasmArtifacts implements ArtifactTransformer {
    private static final String SUFFIX = ".wasm";

    private final Loader loader;
    private final int moduleBytes;

    @Activate
    public WasmArtifacts(@Reference Loader loader, Map<String, Object> config) {
        this.loader = loader;
        this.moduleBytes = HostSettings.of(config, _ -> {}).moduleBytes(); // the plugin host tells of faults
    }

    @Override
    public boolean canHandle(File artifact) {
        return artifact.getName().endsWith(SUFFIX);
    }

    /** What makes no plugin becomes a bundle, too: one that says why, and goes or is tried again with the file. */
    @Override
    public File transform(File artifact, File folder) throws IOException {
        byte[] jar;
        try {
            jar = bundle(artifact.toPath());
        } catch (SallyportException | IllegalArgumentException e) {
            jar = PluginBundle.refused(
                    artifact.getAbsolutePath(), e.getMessage() + "; replace the file, and it is tried again");
        }
        File bundle = new File(folder, artifact.getName() + ".jar");
        Files.write(bundle.toPath(), jar);
        return bundle;
    }

    private byte[] bundle(Path file) throws IOException {
        byte[] binary;
        if (!Files.isRegularFile(file)) {
            throw new IllegalArgumentException(file.getFileName() + " is no regular file");
        }
        try (InputStream in = Files.newInputStream(file)) {
            binary = Limited.module(in, moduleBytes);
        }
        WasmModule module = loader.load(binary, Set.of(Feature.values()), LoadLimits.DEFAULT);
        String name = PluginBundle.idOf(file.getFileName().toString());
        Path beside = file.resolveSibling(name + ".properties");
        String path = file.toAbsolutePath().toString();
        if (!Files.isRegularFile(beside)) {
            return PluginBundle.of(module, null, name, path, path);
        }
        String properties;
        try {
            properties = Limited.manifest(beside);
            PluginManifest.parse(properties, name);
        } catch (SallyportException | IllegalArgumentException e) {
            return PluginBundle.refused(
                    path,
                    "the properties file beside it, " + beside.toAbsolutePath() + ", makes no sense: " + e.getMessage()
                            + "; mend that file, then write the .wasm again, and it is tried again");
        }
        return PluginBundle.of(module, properties, name, path, path);
    }
}
