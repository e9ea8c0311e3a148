package org.sallyport.host.osgi;

import org.jspecify.annotations.Nullable;
import org.osgi.annotation.versioning.ProviderType;
import org.osgi.framework.BundleContext;
import org.sallyport.host.Plugin;
import org.sallyport.host.PluginHost;
import org.sallyport.host.PluginManifest;
import org.sallyport.host.PluginState;
import org.sallyport.host.PluginUpdate;

/**
 * The plugin host as a service. Bundles with the header {@value PluginManifest#HEADER} are taken in by themselves, and so are
 * {@code .wasm} files in a folder that File Install watches. Thread-safe.
 */
@ProviderType
public interface BundlePluginHost extends PluginHost {
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

    /**
     * Has people see that what was to be an update of a plugin is none, until another update comes. The plugin is what it was.
     *
     * @param wasm what there is of it
     * @param location where it is
     * @param reason for people: what is wrong with it, and what to do
     */
    PluginUpdate refuse(Plugin plugin, byte[] wasm, String location, String reason);
}
