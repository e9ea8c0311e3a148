package org.sallyport.host;

import java.lang.reflect.Array;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.IntPredicate;
import java.util.function.Predicate;
import org.sallyport.wasm.Printable;

/**
 * An LDAP filter over the properties of host modules, as OSGi has it (Core 3.2.7, after RFC 1960): {@code
 * (&(sallyport.module=log)(|(level=info)(level=warn*))(!(test=*)))}. Names of properties are compared without regard to case.
 * Numbers are compared as numbers, of lists and arrays one element has to fit, everything else is compared as text. Immutable;
 * equal to those of the same text but for blanks that mean nothing.
 */
public final class ModuleFilter {
    private static final int MAX_DEPTH = 100;

    private final String text;
    private final Predicate<Map<String, ?>> test;

    private ModuleFilter(String text, Predicate<Map<String, ?>> test) {
        this.text = text;
        this.test = test;
    }

    /** @throws IllegalArgumentException if it is none; says where and what was expected */
    public static ModuleFilter of(String filter) {
        Parser parser = new Parser(filter);
        ModuleFilter parsed = parser.filter(0);
        parser.end();
        return parsed;
    }

    /** Of host modules of that name, whatever characters are in it. */
    public static ModuleFilter module(String name) {
        return of("(" + HostModule.MODULE + "=" + escape(name) + ")");
    }

    /** A value as it stands in filters, so that none of its characters means anything. */
    public static String escape(String value) {
        return value.replace("\\", "\\\\").replace("*", "\\*").replace("(", "\\(").replace(")", "\\)");
    }

    public boolean matches(Map<String, ?> properties) {
        return test.test(properties);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof ModuleFilter filter && filter.text.equals(text);
    }

    @Override
    public int hashCode() {
        return text.hashCode();
    }

    /** Without blanks that mean nothing. */
    @Override
    public String toString() {
        return text;
    }

    // ---- values

    private static Object value(Map<String, ?> properties, String name) {
        Object exact = properties.get(name);
        if (exact != null) {
            return exact;
        }
        for (Map.Entry<String, ?> entry : properties.entrySet()) {
            if (entry.getKey().equalsIgnoreCase(name)) {
                return entry.getValue();
            }
        }
        return null;
    }

    /** Whether the value, or one of its elements, passes. */
    private static boolean any(Object value, Predicate<Object> test) {
        if (value instanceof Collection<?> several) {
            return several.stream().anyMatch(one -> one != null && test.test(one));
        }
        if (value != null && value.getClass().isArray()) {
            for (int i = 0; i < Array.getLength(value); i++) {
                Object one = Array.get(value, i);
                if (one != null && test.test(one)) {
                    return true;
                }
            }
            return false;
        }
        return value != null && test.test(value);
    }

    private static boolean compare(Object own, String wanted, IntPredicate passes) {
        try {
            if (own instanceof Long || own instanceof Integer || own instanceof Short || own instanceof Byte) {
                return passes.test(Long.compare(((Number) own).longValue(), Long.parseLong(wanted.strip())));
            }
            if (own instanceof Double || own instanceof Float) {
                return passes.test(Double.compare(((Number) own).doubleValue(), Double.parseDouble(wanted.strip())));
            }
        } catch (NumberFormatException e) {
            return false;
        }
        return own instanceof Boolean flag
                ? passes.test(Boolean.compare(flag, Boolean.parseBoolean(wanted.strip())))
                : passes.test(own.toString().compareTo(wanted));
    }

    /** Whether the text is of these parts, with something, or nothing, between them. */
    private static boolean hasParts(String text, List<String> parts) {
        String first = parts.getFirst();
        String last = parts.getLast();
        if (text.length() < first.length() + last.length() || !text.startsWith(first) || !text.endsWith(last)) {
            return false;
        }
        int at = first.length();
        int end = text.length() - last.length();
        for (String part : parts.subList(1, parts.size() - 1)) {
            int found = text.indexOf(part, at);
            if (found < 0 || found + part.length() > end) {
                return false;
            }
            at = found + part.length();
        }
        return true;
    }

    private static String loose(String text) {
        return text.replaceAll("\\s+", "").toLowerCase(Locale.ROOT);
    }

    // ---- text

    private static final class Parser {
        private final String text;
        private int at;

        Parser(String text) {
            this.text = text;
        }

        ModuleFilter filter(int depth) {
            if (depth > MAX_DEPTH) {
                throw fault("at most " + MAX_DEPTH + " filters inside of each other");
            }
            blanks();
            expect('(');
            blanks();
            ModuleFilter made = switch (peek()) {
                case '&' -> several('&', depth);
                case '|' -> several('|', depth);
                case '!' -> not(depth);
                default -> comparison();
            };
            blanks();
            expect(')');
            blanks();
            return made;
        }

        private ModuleFilter several(char operator, int depth) {
            at++;
            List<ModuleFilter> parts = new ArrayList<>();
            StringBuilder own = new StringBuilder("(").append(operator);
            blanks();
            do {
                ModuleFilter part = filter(depth + 1);
                parts.add(part);
                own.append(part);
            } while (peek() == '(');
            List<ModuleFilter> all = List.copyOf(parts);
            return new ModuleFilter(own.append(')').toString(), operator == '&'
                    ? properties -> all.stream().allMatch(part -> part.matches(properties))
                    : properties -> all.stream().anyMatch(part -> part.matches(properties)));
        }

        private ModuleFilter not(int depth) {
            at++;
            ModuleFilter part = filter(depth + 1);
            return new ModuleFilter("(!" + part + ")", properties -> !part.matches(properties));
        }

        private ModuleFilter comparison() {
            int start = at;
            while (at < text.length() && "=~<>()".indexOf(text.charAt(at)) < 0) {
                at++;
            }
            String name = text.substring(start, at).strip();
            if (name.isEmpty()) {
                throw fault("the name of a property");
            }
            String operator = peek() == '=' ? "=" : text.startsWith("~=", at) || text.startsWith("<=", at)
                    || text.startsWith(">=", at) ? text.substring(at, at + 2) : "";
            if (operator.isEmpty()) {
                throw fault("one of = ~= <= >=");
            }
            at += operator.length();
            start = at;
            List<String> parts = value(operator.equals("="));
            if (at == start && !operator.equals("=")) {
                throw fault("a value");
            }
            String raw = text.substring(start, at);
            return operator.equals("=") && raw.startsWith("*") && raw.substring(1).isBlank()
                    ? new ModuleFilter("(" + name + "=*)", properties -> ModuleFilter.value(properties, name) != null)
                    : comparison(name, operator, parts, "(" + name + operator + raw + ")");
        }

        private static ModuleFilter comparison(String name, String operator, List<String> parts, String own) {
            String wanted = parts.getFirst();
            Predicate<Object> test = switch (operator) {
                case "~=" -> value -> value instanceof String || value instanceof Character
                        ? loose(value.toString()).equals(loose(wanted))
                        : compare(value, wanted, order -> order == 0);
                case "<=" -> value -> compare(value, wanted, order -> order <= 0);
                case ">=" -> value -> compare(value, wanted, order -> order >= 0);
                default -> parts.size() == 1
                        ? value -> compare(value, wanted, order -> order == 0)
                        : value -> value instanceof String string && hasParts(string, parts);
            };
            return new ModuleFilter(own, properties -> any(ModuleFilter.value(properties, name), test));
        }

        /** @return what stands between stars that mean anything */
        private List<String> value(boolean stars) {
            List<String> parts = new ArrayList<>();
            StringBuilder part = new StringBuilder();
            for (; at < text.length() && text.charAt(at) != ')'; at++) {
                char c = text.charAt(at);
                if (c == '(') {
                    throw fault("a value without (, or \\(");
                } else if (c == '\\') {
                    if (++at == text.length()) {
                        throw fault("a character after \\");
                    }
                    part.append(text.charAt(at));
                } else if (c == '*' && stars) {
                    parts.add(part.toString());
                    part.setLength(0);
                } else {
                    part.append(c);
                }
            }
            parts.add(part.toString());
            return parts;
        }

        void end() {
            if (at < text.length()) {
                throw fault("the end");
            }
        }

        private void blanks() {
            while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
                at++;
            }
        }

        private char peek() {
            return at < text.length() ? text.charAt(at) : '\0';
        }

        private void expect(char c) {
            if (peek() != c) {
                throw fault("\"" + c + "\"");
            }
            at++;
        }

        private IllegalArgumentException fault(String expected) {
            return new IllegalArgumentException("expected " + expected + " at character " + (at + 1) + " of \""
                    + Printable.name(text) + "\"");
        }
    }
}
