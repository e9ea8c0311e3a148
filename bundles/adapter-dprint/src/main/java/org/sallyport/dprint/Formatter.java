package org.sallyport.dprint;

import org.sallyport.host.AdaptedBy;

/**
 * A formatter of dprint: a plugin of its ABI, version 4, such as {@code @dprint/json}. By {@code
 * services=org.sallyport.dprint.Formatter} in the manifest, or {@code plugin.as(Formatter.class)}. Thread-safe; what a call
 * sets up is its own.
 */
@AdaptedBy(FormatterAdapter.class)
public interface Formatter {
    /** What the plugin says of itself: a JSON object with its name, version and file extensions. */
    String info();

    /**
     * What the plugin has against settings.
     *
     * @param settings a JSON object of the plugin's own settings
     * @return a JSON array; empty if there is nothing
     */
    String diagnostics(String settings);

    /**
     * Formats a text.
     *
     * @param path of the file, which need not be there: the plugin goes by its extension
     * @param settings a JSON object of the plugin's own settings
     * @return the same text where there is nothing to change
     * @throws FormatException if the plugin cannot read the text
     * @throws org.sallyport.GuestException if it traps or is stopped
     * @throws org.sallyport.host.PluginUnavailableException while the plugin is not active
     */
    String format(String path, String text, String settings);

    /** With the plugin's own defaults. */
    default String format(String path, String text) {
        return format(path, text, "{}");
    }
}
