package org.sallyport.host.impl;

import static java.lang.System.Logger.Level.DEBUG;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.apache.felix.fileinstall.ArtifactListener;
import org.apache.felix.fileinstall.ArtifactTransformer;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.sallyport.CompilationException;
import org.sallyport.CompileLimits;
import org.sallyport.LoadLimits;
import org.sallyport.SallyportException;
import org.sallyport.host.PluginManifest;
import org.sallyport.host.PluginOrigin;
import org.sallyport.host.core.HostSettings;
import org.sallyport.host.core.Limited;
import org.sallyport.spi.CompileBudget;
import org.sallyport.spi.Loader;
import org.sallyport.spi.Validator;
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
    private static final System.Logger LOG = System.getLogger("org.sallyport.host");
    private static final String SUFFIX = ".wasm";
    /** File Install's thread waits so long for each of reading and checking; meanwhile it tells of no file or grant. */
    private static final CompileLimits LIMITS = CompileLimits.DEFAULT.withTime(Duration.ofSeconds(2));

    private final BundleContext context;
    private final Loader loader;
    private final Validator validator;
    private final int moduleBytes;

    @Activate
    public WasmArtifacts(
            BundleContext context,
            @Reference Loader loader,
            @Reference Validator validator,
            Map<String, Object> config) {
        this.context = context;
        this.loader = loader;
        this.validator = validator;
        this.moduleBytes = HostSettings.of(config, _ -> {}).moduleBytes(); // the plugin host tells of faults
    }

    @Override
    public boolean canHandle(File artifact) {
        return artifact.getName().toLowerCase(Locale.ROOT).endsWith(SUFFIX);
    }

    /**
     * What makes no plugin becomes a bundle, too: one that says why, and goes or is tried again with the file. If a plugin
     * was made of the file before, the bundle holds that one still.
     */
    @Override
    public File transform(File artifact, File folder) throws IOException {
        byte[] jar;
        try {
            jar = bundle(artifact.toPath());
        } catch (CompilationException e) {
            jar = refused(
                    artifact,
                    "reading it took longer than " + LIMITS.time().toSeconds()
                            + " s; write the file again, and it is tried again");
        } catch (SallyportException | IllegalArgumentException e) {
            jar = refused(artifact, e.getMessage() + "; replace the file, and it is tried again");
        }
        File bundle = new File(folder, PluginOrigin.digest(artifact.getPath().getBytes(StandardCharsets.UTF_8)) + ".jar");
        Files.write(bundle.toPath(), jar);
        return bundle;
    }

    private byte[] refused(File artifact, String fault) throws IOException {
        Bundle before = context.getBundle(artifact.toURI().normalize().toString());
        byte[] kept = before == null ? null : PluginBundle.kept(before, fault);
        return kept == null ? PluginBundle.refused(artifact.getAbsolutePath(), fault) : kept;
    }

    /** Interruption does not count: what it leaves would be a bundle. */
    private static CompileBudget budget(byte[] binary) {
        return CompileBudget.begin(LIMITS, new CompileBudget.Shared(), binary.length, () -> false);
    }

    /** Refuses what is not valid now, while the plugin of before is still there. What takes long the plugin host judges. */
    private void check(WasmModule module) {
        CompileBudget budget = budget(module.binary());
        try {
            validator.validate(module, Set.of(Feature.values()), LoadLimits.DEFAULT, budget, Runnable::run);
        } catch (CompilationException e) {
            LOG.log(DEBUG, "not checked here, the plugin host will: {0}", e.getMessage());
        }
    }

    private byte[] bundle(Path file) throws IOException {
        byte[] binary;
        if (!Files.isRegularFile(file)) {
            throw new IllegalArgumentException(file.getFileName() + " is no regular file");
        }
        try (InputStream in = Files.newInputStream(file)) {
            binary = Limited.module(in, moduleBytes);
        }
        WasmModule module = loader.load(binary, Set.of(Feature.values()), LoadLimits.DEFAULT, budget(binary));
        check(module);
        String name = PluginBundle.idOf(file.getFileName().toString());
        Path beside = file.resolveSibling(name + ".properties");
        String path = file.toAbsolutePath().toString();
        if (!Files.isRegularFile(beside)) {
            if (!PluginManifest.isId(name)) {
                throw new IllegalArgumentException("the name of the file is no plugin's id (1 to 128 letters, digits and . _ -);"
                        + " rename it, or put id = NAME into " + beside.getFileName() + " beside it");
            }
            return PluginBundle.of(module, null, name, path, path);
        }
        String properties;
        try {
            properties = Limited.manifest(beside);
            PluginManifest.parse(properties, name);
        } catch (SallyportException | IllegalArgumentException e) {
            return refused(
                    file.toFile(),
                    "the properties file beside it, " + beside.toAbsolutePath() + ", makes no sense: " + e.getMessage()
                            + "; mend that file, then write the .wasm again, and it is tried again");
        }
        return PluginBundle.of(module, properties, name, path, path);
    }
}
