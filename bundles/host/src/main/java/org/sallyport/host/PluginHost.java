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
    /** Ends calls in flight, takes services away, frees all memory. */
    void uninstall(Plugin plugin);

    /** Ordered by id; of those with the same id the one that holds it first. */
    List<Plugin> plugins();

    /**
     * What wants to be a plugin and is none, ordered by id: what is being compiled, or was refused, with the reason.
     */
    List<PluginCandidate> candidates();

    /** The plugin that holds the id. */
    Optional<Plugin> plugin(String id);
}
