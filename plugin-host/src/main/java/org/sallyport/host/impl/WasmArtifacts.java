package org.sallyport.host.impl;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import org.apache.felix.fileinstall.ArtifactListener;
import org.apache.felix.fileinstall.ArtifactTransformer;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
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
@Component(service = {ArtifactTransformer.class, ArtifactListener.class})
public final class WasmArtifacts implements ArtifactTransformer {
    private static final String SUFFIX = ".wasm";

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
        WasmModule module =
                loader.load(Files.readAllBytes(artifact.toPath()), Set.of(Feature.values()), LoadLimits.DEFAULT);
        String name = artifact.getName().substring(0, artifact.getName().length() - SUFFIX.length());
        Path beside = artifact.toPath().resolveSibling(name + ".properties");
        String properties = Files.isRegularFile(beside) ? Files.readString(beside) : null;
        File bundle = new File(folder, artifact.getName() + ".jar");
        Files.write(bundle.toPath(), PluginBundle.of(module, properties, name, artifact.getAbsolutePath()));
        return bundle;
    }
}
