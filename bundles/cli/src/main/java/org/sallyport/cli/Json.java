package org.sallyport.cli;

import java.util.Collection;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.sallyport.wasm.Printable;

/** Writes maps, collections, records of them, strings, numbers, booleans and null as JSON (RFC 8259), indented. */
final class Json {
    private static final String INDENT = "  ";

    private Json() {}

    static String write(@Nullable Object value) {
        StringBuilder out = new StringBuilder();
        write(value, "", out);
        return out.append('\n').toString();
    }

    private static void write(@Nullable Object value, String indent, StringBuilder out) {
        switch (value) {
            case null -> out.append("null");
            case Map<?, ?> map -> writeMap(map, indent, out);
            case Collection<?> list -> writeList(list, indent, out);
            case Number number -> out.append(number);
            case Boolean bool -> out.append(bool);
            default -> writeString(value.toString(), out);
        }
    }

    private static void writeMap(Map<?, ?> map, String indent, StringBuilder out) {
        out.append('{');
        String separator = "\n";
        for (Map.Entry<?, ?> entry : map.entrySet()) {
            out.append(separator).append(indent).append(INDENT);
            writeString(String.valueOf(entry.getKey()), out);
            out.append(": ");
            write(entry.getValue(), indent + INDENT, out);
            separator = ",\n";
        }
        out.append(map.isEmpty() ? "}" : "\n" + indent + "}");
    }

    private static void writeList(Collection<?> list, String indent, StringBuilder out) {
        out.append('[');
        String separator = "\n";
        for (Object element : list) {
            out.append(separator).append(indent).append(INDENT);
            write(element, indent + INDENT, out);
            separator = ",\n";
        }
        out.append(list.isEmpty() ? "]" : "\n" + indent + "]");
    }

    private static void writeString(String text, StringBuilder out) {
        out.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '"' -> out.append("\\\"");
                case '\\' -> out.append("\\\\");
                case '\n' -> out.append("\\n");
                case '\t' -> out.append("\\t");
                case '\r' -> out.append("\\r");
                default -> {
                    if (!Printable.isPrintable(c)) { // valid JSON all the same, and harmless on a terminal
                        out.append(String.format("\\u%04x", (int) c));
                    } else {
                        out.append(c);
                    }
                }
            }
        }
        out.append('"');
    }
}
