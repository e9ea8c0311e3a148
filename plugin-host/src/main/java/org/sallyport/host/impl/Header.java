package org.sallyport.host.impl;

import java.util.LinkedHashMap;
import java.util.Map;
import org.sallyport.wasm.Printable;

/** One clause of a manifest header: {@code path;name=value;name="a, b";name:=value} (OSGi Core 3.2.4). */
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

    /** The value in quotes, so that {@link #parse} gives it back unchanged. */
    static String quote(String value) {
        return '"' + value.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }

    private Map<String, String> clause() {
        Map<String, String> map = new LinkedHashMap<>();
        map.put("id", until(";,").trim());
        while (at < text.length()) {
            if (text.charAt(at) == ',') {
                throw fault("only one plugin per bundle, but there is a second clause");
            }
            at++;
            String name = until("=;,");
            if (at >= text.length() || text.charAt(at) != '=') {
                throw fault("expected name=value");
            }
            at++;
            String key = name.strip();
            key = key.endsWith(":") ? key.substring(0, key.length() - 1).strip() : key;
            if (map.put(key, value()) != null) {
                throw fault(key + " is there twice");
            }
        }
        return map;
    }

    private String value() {
        while (at < text.length() && text.charAt(at) == ' ') {
            at++;
        }
        if (at >= text.length() || text.charAt(at) != '"') {
            return until(";,").trim();
        }
        at++;
        String quoted = quoted();
        if (!until(";,").isBlank()) {
            throw fault("expected ; behind a quoted value");
        }
        return quoted;
    }

    /** Up to the closing quote; a backslash makes the next character ordinary. */
    private String quoted() {
        StringBuilder value = new StringBuilder();
        while (at < text.length()) {
            char c = text.charAt(at++);
            if (c == '"') {
                return value.toString();
            }
            if (c == '\\' && at < text.length()) {
                c = text.charAt(at++);
            }
            value.append(c);
        }
        throw fault("a quoted value does not end");
    }

    private String until(String stops) {
        int start = at;
        while (at < text.length() && stops.indexOf(text.charAt(at)) < 0) {
            at++;
        }
        return text.substring(start, at);
    }

    private IllegalArgumentException fault(String what) {
        return new IllegalArgumentException(
                "header Sallyport-Plugin: " + what + ", at " + at + " in " + Printable.text(text, 500));
    }
}
