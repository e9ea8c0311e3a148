package org.sallyport.host;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Who a plugin is to a host function: attached to its store, never to a thread.
 *
 * @param id the plugin's id: its own word, as long as no grant names the origin
 * @param origin where it comes from: what its author could not choose
 * @param attributes properties of the grants by which this plugin reaches host modules: the slice it may see (a path
 *     prefix, a list of hosts). With several grants the attributes of all, the first grant's winning
 */
public record PluginIdentity(String id, PluginOrigin origin, Map<String, Object> attributes) {
    public PluginIdentity {
        attributes = Map.copyOf(attributes);
    }

    public @Nullable Object attribute(String name) {
        return attributes.get(name);
    }
}
