package org.sallyport.cli;

import org.jspecify.annotations.Nullable;

/**
 * Colours of a terminal (ECMA-48, 8.3.117), or none.
 *
 * @param on whether to use them
 */
record Paint(boolean on) {
    private static final String END = "\u001b[0m";

    /**
     * Colours where people see them, and only there: {@code NO_COLOR} (no-color.org) and {@code TERM=dumb} say that they do
     * not want them, or cannot.
     */
    static Paint on(boolean isTerminal, @Nullable String noColor, @Nullable String term) {
        return new Paint(isTerminal && (noColor == null || noColor.isEmpty()) && !"dumb".equals(term));
    }

    /** What went wrong. */
    String error(String text) {
        return on ? "\u001b[1;31m" + text + END : text;
    }

    /** What a reader looks for. */
    String strong(String text) {
        return on ? "\u001b[1m" + text + END : text;
    }

    /** What can be passed over. */
    String faint(String text) {
        return on ? "\u001b[2m" + text + END : text;
    }
}
