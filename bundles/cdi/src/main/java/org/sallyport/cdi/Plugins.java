package org.sallyport.cdi;

import org.sallyport.host.Plugin;

/** The application's own way to its plugins: {@code @Inject Plugins}. Thread-safe. */
public interface Plugins {
    /**
     * Takes another module for a plugin of the settings, under its settings and grants: what is injected calls the new one
     * from then on. Nothing changes if the module does not load, validate or compile; but one that is not granted what it
     * imports, does not start, or does not fit what it is injected as, takes the old one's place all the same: look at the
     * state of what is returned. While the two change places, calls may find no plugin.
     *
     * @param id of the plugin
     * @param location where it comes from, for grants with a {@code location} and for people
     * @return the new one
     * @throws IllegalArgumentException if the settings have no such plugin
     * @throws org.sallyport.SallyportException if the module does not load, validate or compile, or is too large
     */
    Plugin replace(String id, byte[] wasm, String location);
}
