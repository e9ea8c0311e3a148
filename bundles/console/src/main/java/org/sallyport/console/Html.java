package org.sallyport.console;

import org.sallyport.wasm.Printable;

/** A piece of a page. What comes from plugins, modules and people goes through {@link #text}, which leaves no markup in it. */
final class Html {
    private static final int LONGEST = 4_000;

    private final StringBuilder page = new StringBuilder();

    /** Markup of ours. */
    Html raw(String markup) {
        page.append(markup);
        return this;
    }

    /** Anything. */
    Html text(Object value) {
        page.append(escape(String.valueOf(value)));
        return this;
    }

    /** An element with text in it. */
    Html element(String name, Object text) {
        return element(name, "", text);
    }

    /** Likewise. @param style its class, or empty */
    Html element(String name, String style, Object text) {
        page.append('<').append(name);
        if (!style.isEmpty()) {
            page.append(" class=\"").append(escape(style)).append('"');
        }
        page.append('>');
        return text(text).raw("</" + name + ">");
    }

    /** An input that is not seen. */
    Html hidden(String name, String value) {
        return raw("<input type=\"hidden\" name=\"" + escape(name) + "\" value=\"" + escape(value) + "\">");
    }

    /** For text and for attributes in quotes: nothing but printable characters, line ends and blanks. */
    static String escape(String text) {
        StringBuilder escaped = new StringBuilder();
        for (String line : text.split("\n", -1)) {
            escaped.append(escaped.isEmpty() ? "" : "\n").append(escapeLine(Printable.text(line, LONGEST)));
        }
        return escaped.toString();
    }

    /** Dollars and backslashes, too: the web console has variables of its own. */
    private static String escapeLine(String line) {
        return line.replace("&", "&amp;").replace("$", "&#36;").replace("\\", "&#92;")
                .replace("<", "&lt;").replace(">", "&gt;").replace("\"", "&quot;").replace("'", "&#39;");
    }

    @Override
    public String toString() {
        return page.toString();
    }
}
