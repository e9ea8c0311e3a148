package org.sallyport.host.impl;

import java.util.LinkedHashMap;
import java.util.Map;

/** Reads one clause of a manifest header: {@code path;name=value;name="a, b";name:=value} (OSGi Core 3.2.4). */
final class Header {
    private final String text;
    private int at;

    private Header(String text) {
        this.text = text;
    }

    /**
     * @return the path under {@code id}, and the attributes and directives
     * @throws IllegalArgumentException where the text is no single clause
     */
    static Map<String, String> parse(String text) {
        return new Header(text).clause();
    }

    private Map<String, String> clause() {
        Map<String, String> map = new LinkedHashMap<>();
        map.put("id", until(";,").trim());
        while (at < text.length()) {
            if (text.charAt(at) == ',') {
                throw new IllegalArgumentException("only one plugin per bundle: found a second clause at " + at + " in " + text);
            }
            at++;
            String name = until("=;,");
            if (at >= text.length() || text.charAt(at) != '=') {
                throw new IllegalArgumentException("expected name=value at " + at + " in " + text);
            }
            at++;
            String key = name.endsWith(":") ? name.substring(0, name.length() - 1) : name;
            map.put(key.trim(), value());
        }
        return map;
    }

    private String value() {
        while (at < text.length() && text.charAt(at) == ' ') {
            at++;
        }
        if (at < text.length() && text.charAt(at) == '"') {
            at++;
            String quoted = until("\"");
            if (at >= text.length()) {
                throw new IllegalArgumentException("a quoted value does not end in " + text);
            }
            at++;
            until(";,");
            return quoted;
        }
        return until(";,").trim();
    }

    private String until(String stops) {
        int start = at;
        while (at < text.length() && stops.indexOf(text.charAt(at)) < 0) {
            at++;
        }
        return text.substring(start, at);
    }
}
