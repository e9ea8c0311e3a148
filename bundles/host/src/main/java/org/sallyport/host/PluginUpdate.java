package org.sallyport.host;

import org.jspecify.annotations.Nullable;

/**
 * What has become of an update of a plugin. As long as it is not {@link PluginState#ACTIVE}, what was in service before is so
 * still.
 *
 * @param plugin the plugin's id
 * @param state {@link PluginState#COMPILING}: it is compiled, bound and started, beside what is in service; {@link
 *     PluginState#WAITING}: it asks for what is not granted, or not there; {@link PluginState#REFUSED}: it is none, or cannot
 *     start; {@link PluginState#ACTIVE}: it has taken the other one's place
 * @param origin where the new module comes from
 * @param reason why it waits or was refused, and what to do; else empty
 * @param cause what it was refused for, or null
 */
public record PluginUpdate(
        String plugin, PluginState state, PluginOrigin origin, String reason, @Nullable Throwable cause) {
    @Override
    public String toString() {
        return "update of plugin " + plugin + " from " + origin + " is " + state + (reason.isEmpty() ? "" : " because " + reason);
    }
}
