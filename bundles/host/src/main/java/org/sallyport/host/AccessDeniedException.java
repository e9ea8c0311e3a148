package org.sallyport.host;

import org.sallyport.wasm.Printable;

/**
 * A host function was called after its grant was withdrawn or its service had left. The plugin's call is ended with
 * it.
 */
public final class AccessDeniedException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final String plugin;
    private final String function;

    public AccessDeniedException(String plugin, String function, String why) {
        super("plugin " + plugin + " may not call " + Printable.name(function) + ": " + why);
        this.plugin = plugin;
        this.function = function;
    }

    public String plugin() {
        return plugin;
    }

    public String function() {
        return function;
    }
}
