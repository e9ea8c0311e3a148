package org.sallyport.cdi;

import org.sallyport.host.PluginUpdate;

/** The application's own way to its plugins: {@code @Inject Plugins}. Thread-safe. */
public interface Plugins {
    /**
     * Takes another module for a plugin of the settings, under its settings and grants, without an outage: it is prepared beside
     * the one in service and takes its place when it is ready ({@link org.sallyport.host.PluginHost#update}). What is injected
     * calls the new one from then on. Nothing changes if it is refused; one that asks for what is not granted waits for it.
     *
     * @param id of the plugin
     * @param location where it comes from, for grants with a {@code location} and for people
     * @return what has become of it: {@code ACTIVE} or {@code WAITING}
     * @throws IllegalArgumentException if the settings have no such plugin, or it was uninstalled
     * @throws org.sallyport.host.UpdateRefusedException if the module is broken, does not start, or does not fit what it is
     *     injected as
     */
    PluginUpdate replace(String id, byte[] wasm, String location);

    /**
     * Likewise with the version before.
     *
     * @throws IllegalArgumentException if there is no such plugin
     * @throws IllegalStateException if there is no version before
     */
    PluginUpdate rollback(String id);
}
