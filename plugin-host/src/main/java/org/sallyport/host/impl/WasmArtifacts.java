package org.sallyport.host.impl;

import static java.lang.System.Logger.Level.DEBUG;
import static java.lang.System.Logger.Level.ERROR;

import java.io.ByteArrayInputStream;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.apache.felix.fileinstall.ArtifactInstaller;
import org.apache.felix.fileinstall.ArtifactListener;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.component.annotations.ReferencePolicyOption;
import org.sallyport.CompilationException;
import org.sallyport.CompileLimits;
import org.sallyport.LoadLimits;
import org.sallyport.SallyportException;
import org.sallyport.host.Plugin;
import org.sallyport.host.PluginManifest;
import org.sallyport.host.PluginOrigin;
import org.sallyport.host.PluginState;
import org.sallyport.host.PluginUpdate;
import org.sallyport.host.UpdateRefusedException;
import org.sallyport.host.core.HostSettings;
import org.sallyport.host.core.Limited;
import org.sallyport.host.osgi.BundlePluginHost;
import org.sallyport.spi.CompileBudget;
import org.sallyport.spi.Loader;
import org.sallyport.spi.Validator;
import org.sallyport.wasm.Feature;
import org.sallyport.wasm.WasmModule;

/**
 * Makes plugin bundles of bare {@code .wasm} files in a folder that File Install watches, and has plugins updated when their
 * files change. The manifest is the properties file beside the module, else its custom section {@value
 * PluginManifest#SECTION}, else there is none. The id is the file's name, or what the properties file says: both are put there by
 * whoever may write to the folder. What the module says of itself is no id.
 *
 * <p>What makes no plugin becomes a bundle, too: one that says why, and goes or is tried again with the file. A file of which
 * a plugin was made is that plugin's update, made beside what is in service; its bundle stays as it is.
 */
@Component(
        service = {ArtifactInstaller.class, ArtifactListener.class},
        configurationPid = HostSettings.PID)
public final class WasmArtifacts implements ArtifactInstaller {
    private static final System.Logger LOG = System.getLogger("org.sallyport.host");
    private static final String SUFFIX = ".wasm";
    /** File Install's thread waits so long for each of reading and checking; meanwhile it tells of no file or grant. */
    private static final CompileLimits LIMITS = CompileLimits.DEFAULT.withTime(Duration.ofSeconds(2));

    private final BundleContext context;
    private final Loader loader;
    private final Validator validator;
    private final int moduleBytes;
    /** In the order in which the files changed; File Install does not wait. */
    private final ExecutorService updates = Executors.newSingleThreadExecutor(
            Thread.ofPlatform().daemon().name("sallyport-files").factory());

    @Reference(
            cardinality = ReferenceCardinality.OPTIONAL,
            policy = ReferencePolicy.DYNAMIC,
            policyOption = ReferencePolicyOption.GREEDY)
    private volatile @Nullable BundlePluginHost host;

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

    @Deactivate
    void stop() {
        updates.shutdown();
    }

    @Override
    public boolean canHandle(File artifact) {
        return artifact.getName().toLowerCase(Locale.ROOT).endsWith(SUFFIX);
    }

    @Override
    public void install(File artifact) throws BundleException, IOException {
        String location = location(artifact);
        Bundle before = context.getBundle(location);
        byte[] jar = bundle(artifact);
        if (before == null) {
            context.installBundle(location, new ByteArrayInputStream(jar)).start();
        } else {
            before.update(new ByteArrayInputStream(jar));
            before.start();
        }
    }

    @Override
    public void update(File artifact) throws BundleException, IOException {
        BundlePluginHost known = host;
        String location = location(artifact);
        Optional<Plugin> plugin = known == null
                ? Optional.empty()
                : known.plugins().stream().filter(each -> each.origin().location().equals(location)).findFirst();
        if (plugin.isEmpty() || !update(known, plugin.get(), artifact, location)) {
            install(artifact);
        }
    }

    @Override
    public void uninstall(File artifact) throws BundleException {
        Bundle bundle = context.getBundle(location(artifact));
        if (bundle != null) {
            bundle.uninstall();
        }
    }

    /** The address of a file, as bundles of File Install's have it. */
    private static String location(File artifact) {
        return artifact.toURI().normalize().toString();
    }

    /** What a file says. */
    private record FilePlugin(PluginManifest manifest, WasmModule module) {}

    /** @return whether it is the plugin's affair: false if the file is of another plugin now */
    private boolean update(BundlePluginHost known, Plugin plugin, File artifact, String location) throws IOException {
        FilePlugin next;
        try {
            next = read(artifact.toPath());
        } catch (IllegalArgumentException e) {
            updates.execute(() -> quietly(() -> known.refuse(plugin, new byte[0], location, e.getMessage())));
            return true;
        }
        if (!next.manifest().id().equals(plugin.id())) {
            return false;
        }
        byte[] wasm = next.module().binary();
        updates.execute(() -> {
            if (!isInService(plugin, next, wasm)) {
                quietly(() -> known.update(plugin, next.manifest(), wasm, location));
            }
        });
        return true;
    }

    /** When the framework starts, each file is told as one that has changed. */
    private static boolean isInService(Plugin plugin, FilePlugin next, byte[] wasm) {
        PluginUpdate last = plugin.update();
        return (last == null || last.state() == PluginState.ACTIVE)
                && plugin.origin().digest().equals(PluginOrigin.digest(wasm))
                && plugin.manifest().equals(next.manifest());
    }

    /** What becomes of an update is told to everybody. */
    private static void quietly(Runnable update) {
        try {
            update.run();
        } catch (UpdateRefusedException | IllegalArgumentException e) {
            LOG.log(DEBUG, "a file is no update", e);
        } catch (RuntimeException | Error e) {
            LOG.log(ERROR, "a file could not be taken as an update", e);
        }
    }

    /** The bundle for a file. */
    byte[] bundle(File artifact) throws IOException {
        String path = artifact.getAbsolutePath();
        try {
            FilePlugin plugin = read(artifact.toPath());
            return PluginBundle.of(plugin.module(), plugin.manifest(), path, path);
        } catch (IllegalArgumentException e) {
            return PluginBundle.refused(path, e.getMessage());
        }
    }

    /** @throws IllegalArgumentException says why it is no plugin, and what to do */
    private FilePlugin read(Path file) throws IOException {
        try {
            WasmModule module = module(file);
            return new FilePlugin(manifest(file, module), module);
        } catch (CompilationException e) {
            throw new IllegalArgumentException(
                    "reading it took longer than " + LIMITS.time().toSeconds()
                            + " s; write the file again, and it is tried again", e);
        } catch (SallyportException e) {
            throw new IllegalArgumentException(e.getMessage() + "; replace the file, and it is tried again", e);
        }
    }

    private WasmModule module(Path file) throws IOException {
        byte[] binary;
        try (InputStream in = Files.newInputStream(regular(file))) {
            binary = Limited.module(in, moduleBytes);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(e.getMessage() + "; replace the file, and it is tried again", e);
        }
        WasmModule module = loader.load(binary, Set.of(Feature.values()), LoadLimits.DEFAULT, budget(binary));
        check(module);
        return module;
    }

    private static Path regular(Path file) {
        if (!Files.isRegularFile(file)) {
            throw new IllegalArgumentException(file.getFileName() + " is no regular file");
        }
        return file;
    }

    /** Interruption does not count: what it leaves would be a bundle. */
    private static CompileBudget budget(byte[] binary) {
        return CompileBudget.begin(LIMITS, new CompileBudget.Shared(), binary.length, () -> false);
    }

    /** Refuses what is not valid now, while nothing has changed. What takes long the plugin host judges. */
    private void check(WasmModule module) {
        CompileBudget budget = budget(module.binary());
        try {
            validator.validate(module, Set.of(Feature.values()), LoadLimits.DEFAULT, budget, Runnable::run);
        } catch (CompilationException e) {
            LOG.log(DEBUG, "not checked here, the plugin host will: {0}", e.getMessage());
        }
    }

    private static PluginManifest manifest(Path file, WasmModule module) throws IOException {
        String name = PluginBundle.idOf(file.getFileName().toString());
        Path beside = file.resolveSibling(name + ".properties");
        if (!Files.isRegularFile(beside)) {
            if (!PluginManifest.isId(name)) {
                throw new IllegalArgumentException("the name of the file is no plugin's id (1 to 128 letters, digits and . _ -);"
                        + " rename it, or put id = NAME into " + beside.getFileName() + " beside it");
            }
            return manifest(module, null, name);
        }
        try {
            return PluginBundle.manifest(module, Limited.manifest(beside), name);
        } catch (SallyportException | IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "the properties file beside it, " + beside.toAbsolutePath() + ", makes no sense: " + e.getMessage()
                            + "; mend that file, then write the .wasm again, and it is tried again", e);
        }
    }

    private static PluginManifest manifest(WasmModule module, @Nullable String properties, String id) {
        try {
            return PluginBundle.manifest(module, properties, id);
        } catch (SallyportException | IllegalArgumentException e) {
            throw new IllegalArgumentException(e.getMessage() + "; replace the file, and it is tried again", e);
        }
    }
}
