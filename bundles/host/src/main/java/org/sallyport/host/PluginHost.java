package org.sallyport.host;

import java.util.List;
import java.util.Optional;
import org.osgi.annotation.versioning.ProviderType;

/**
 * Has plugins, and takes them out. How they come in is the way in which it is fed: bundles and files in OSGi, calls of
 * {@code org.sallyport.host.plain.PlainPluginHost} in plain Java. Thread-safe.
 */
@ProviderType
public interface PluginHost {
    /**
     * Takes another module for a plugin, without an outage: it is compiled, bound under the plugin's grants and started beside
     * the one in service, and takes its place when it is ready. Calls that come then enter the new one, calls in flight end
     * in the old one, within their timeout or a minute. State of the old one's instances is lost. Objects that were made of the
     * plugin ({@link Plugin#as}) and its services stay the same.
     *
     * <p>Nothing changes if the module is refused. One that asks for what is not granted or not there waits for it, as {@link
     * Plugin#update} says, until another update comes; then it takes the place by itself. Where nothing is in service, because
     * the plugin itself is unsatisfied, it takes the place at once.
     *
     * @param manifest with the plugin's id
     * @param location where the module comes from, for grants: the caller answers for it
     * @return what has become of it: {@link PluginState#ACTIVE} or {@link PluginState#WAITING}; {@link PluginState#COMPILING}
     *     if it takes longer than compiling and starting may take
     * @throws UpdateRefusedException if the module is broken, does not fit the interfaces by which the plugin is called, or
     *     traps or does not end when it is started; says why
     * @throws IllegalArgumentException if the manifest is for another id, or the plugin is not of this host
     */
    PluginUpdate update(Plugin plugin, PluginManifest manifest, byte[] wasm, String location);

    /**
     * Likewise with the version that was in service before the last update, which was kept. Rolling back twice leads back.
     *
     * @throws IllegalStateException if there is none
     * @throws UpdateRefusedException if it cannot be started any more; says why
     */
    PluginUpdate rollback(Plugin plugin);

    /** Ends calls in flight, takes services away, frees all memory. */
    void uninstall(Plugin plugin);

    /** Ordered by id; of those with the same id the one that holds it first. */
    List<Plugin> plugins();

    /**
     * What wants to be a plugin and is none, ordered by id: what is being compiled, waits, or was refused, with the reason;
     * updates among them.
     */
    List<PluginCandidate> candidates();

    /** The plugin that holds the id. */
    Optional<Plugin> plugin(String id);
}
