package org.sallyport.host;

import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.osgi.annotation.versioning.ProviderType;
import org.osgi.framework.BundleContext;

/**
 * Takes plugins in and out. Bundles with the header {@value PluginManifest#HEADER} are taken in by themselves, and
 * so are {@code .wasm} files in a folder that File
 * Install watches. Thread-safe.
 */
@ProviderType
public interface PluginHost {
    /**
     * Compiles a plugin and binds what it asks for as far as services and grants are there. If another plugin holds the id,
     * the new one is in state {@link PluginState#CONFLICT} until that one goes.
     *
     * @param context of the bundle that answers for the plugin: services are looked up and registered through it,
     *     interfaces are loaded
     *     from it
     * @throws org.sallyport.SallyportException if the module does not load, validate or compile
     */
    Plugin install(PluginManifest manifest, byte[] wasm, BundleContext context);

    /**
     * The bundle that File Install makes of a bare {@code .wasm}, for tools and shells: install it like any other.
     *
     * @param properties text of the manifest; null takes the module's custom section {@value PluginManifest#SECTION}, but
     *     not the id in it: a module does not say who it is
     * @param defaultId the plugin's id where {@code properties} has none
     * @return a jar
     * @throws org.sallyport.MalformedModuleException if the bytes are no module
     * @throws IllegalArgumentException if the manifest makes no sense
     */
    byte[] bundle(byte[] wasm, @Nullable String properties, String defaultId);

    /** Ends calls in flight, takes services away, frees all memory. */
    void uninstall(Plugin plugin);

    /** Ordered by id; of those with the same id the one that holds it first. */
    List<Plugin> plugins();

    /**
     * What wants to be a plugin and is none, ordered by id: bundles and files that are being compiled, or that were
     * refused, with the reason.
     */
    List<PluginCandidate> candidates();

    /** The plugin that holds the id. */
    Optional<Plugin> plugin(String id);
}
