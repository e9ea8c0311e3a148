package org.sallyport.host.impl;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.sallyport.wasm.Printable;

/**
 * Numbers and keys as they stand in configurations. Declarative Services would convert them, too, but a value that it
 * cannot convert makes it give up the component, and its message names no key.
 */
final class ConfigValues {
    /** Milliseconds: 31 years, which every clock can add to the time that it is. */
    static final long LONGEST_MILLIS = 1_000_000_000_000L;
    /** Of keys that Configuration Admin, Declarative Services and those who write configurations add. */
    private static final List<String> FRAMEWORK =
            List.of("service.", "component.", "felix.", "osgi.", "org.osgi.", "org.apache.", ".");

    private ConfigValues() {}

    /** Whether the key is not ours to read. */
    static boolean isOfFramework(String key) {
        return FRAMEWORK.stream().anyMatch(key::startsWith);
    }

    /**
     * @param value a whole number, or the text of one
     * @throws IllegalArgumentException names the key, what was found and what is allowed
     */
    static long number(String key, @Nullable Object value, long least, long most) {
        try {
            long number = Long.parseLong(String.valueOf(value).strip()); // also of an Integer or a Long
            if (number >= least && number <= most) {
                return number;
            }
        } catch (NumberFormatException e) {
            // told below
        }
        String to = most == Long.MAX_VALUE ? "" : " to " + most;
        throw new IllegalArgumentException(key + " must be a number from " + least + to + ", found \""
                + Printable.name(String.valueOf(value)) + "\"");
    }
}
