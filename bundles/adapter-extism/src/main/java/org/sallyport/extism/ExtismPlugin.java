package org.sallyport.extism;

import java.nio.charset.StandardCharsets;
import org.sallyport.host.AdaptedBy;

/**
 * A plug-in written with one of Extism's kits: functions from bytes to bytes. By {@code
 * services=org.sallyport.extism.ExtismPlugin} in the manifest, or {@code plugin.as(ExtismPlugin.class)}; its grant allows
 * {@code (sallyport.module=extism:host/env)}, see {@link ExtismModule}. Thread-safe.
 */
@AdaptedBy(ExtismAdapter.class)
public interface ExtismPlugin {
    /** Whether there is a function of that name: an export of type {@code () -> i32}, or {@code () -> ()}. */
    boolean has(String function);

    /**
     * Calls a function.
     *
     * @return what it has set as its output; empty if nothing
     * @throws ExtismException if it fails; with the plug-in's message
     * @throws IllegalArgumentException if there is no such function
     * @throws org.sallyport.GuestException if it traps or is stopped
     * @throws org.sallyport.host.PluginUnavailableException while the plugin is not active
     */
    byte[] call(String function, byte[] input);

    /** With texts, as UTF-8. */
    default String call(String function, String input) {
        return new String(call(function, input.getBytes(StandardCharsets.UTF_8)), StandardCharsets.UTF_8);
    }
}
