package org.sallyport.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The part of TOML 1.0 that options need: tables of one name, keys of one name, strings on one line, numbers and
 * booleans (as text), and arrays of them. What it reads means the same in TOML; the rest of TOML is refused.
 */
final class Toml {
    /** Of keys before the first table. */
    static final String ROOT = "";

    /** @param isList whether it was written as an array; else there is one text */
    record Value(int line, boolean isList, boolean isText, List<String> texts) {}

    private final String name;
    private final String text;
    private int at;
    private int line = 1;

    private Toml(String name, String text) {
        this.name = name;
        this.text = text;
    }

    /**
     * @param name of the file, printable
     * @return by table and key, in the order of the file
     * @throws UsageException names file and line
     */
    static Map<String, Map<String, Value>> parse(String name, String text) {
        return new Toml(name, text).tables();
    }

    private Map<String, Map<String, Value>> tables() {
        Map<String, Map<String, Value>> tables = new LinkedHashMap<>();
        String table = ROOT;
        tables.put(table, new LinkedHashMap<>());
        for (skipLines(); at < text.length(); skipLines()) {
            if (peek() == '[') {
                at++;
                table = word("the name of a subcommand");
                expect(']');
                if (tables.put(table, new LinkedHashMap<>()) != null) {
                    throw wrong("[" + table + "] is there twice");
                }
            } else {
                String key = word("an option without its dashes");
                expect('=');
                Value value = value();
                if (tables.get(table).put(key, value) != null) {
                    throw wrong(key + " is there twice");
                }
            }
            skipBlanks();
            if (at < text.length() && peek() != '\n') {
                throw wrong("expected the end of the line");
            }
        }
        return tables;
    }

    private Value value() {
        skipBlanks();
        int first = line;
        if (peek() != '[') {
            boolean isText = peek() == '"' || peek() == '\'';
            return new Value(first, false, isText, List.of(single()));
        }
        at++;
        List<String> texts = new ArrayList<>();
        for (skipLines(); peek() != ']'; skipLines()) {
            texts.add(single());
            skipLines();
            if (peek() == ',') {
                at++;
            } else if (peek() != ']') {
                throw wrong("expected , or ] in the list");
            }
        }
        at++;
        return new Value(first, true, true, texts);
    }

    private String single() {
        char quote = peek();
        if (quote == '"' || quote == '\'') {
            at++;
            return quoted(quote);
        }
        int start = at;
        while (at < text.length() && (Character.isLetterOrDigit(peek()) || "_.+-".indexOf(peek()) >= 0)) {
            at++;
        }
        String bare = text.substring(start, at);
        if (!bare.equals("true") && !bare.equals("false") && !bare.matches("[+-]?[0-9][0-9_]*(\\.[0-9_]+)?")) {
            throw wrong("expected a value: \"text\", a number, true, false, or a list of them in []");
        }
        return bare.replace("_", "");
    }

    private String quoted(char quote) {
        StringBuilder found = new StringBuilder();
        while (peek() != quote) {
            char c = peek();
            if (c == '\n' || c == 0) {
                throw wrong("the text has no end on its line");
            }
            at++;
            found.append(c == '\\' && quote == '"' ? escaped() : String.valueOf(c));
        }
        at++;
        return found.toString();
    }

    private String escaped() {
        char c = peek();
        at++;
        return switch (c) {
            case '"', '\\' -> String.valueOf(c);
            case 'n' -> "\n";
            case 't' -> "\t";
            case 'r' -> "\r";
            case 'u' -> unicode();
            default -> throw wrong("there is no escape \\" + c + " here; 'text' has none");
        };
    }

    private String unicode() {
        String digits = text.substring(at, Math.min(at + 4, text.length()));
        if (!digits.matches("[0-9A-Fa-f]{4}")) {
            throw wrong("expected four hexadecimal digits after \\u");
        }
        at += 4;
        return String.valueOf((char) Integer.parseInt(digits, 16));
    }

    private String word(String what) {
        skipBlanks();
        int start = at;
        while (at < text.length() && (Character.isLetterOrDigit(peek()) || peek() == '-' || peek() == '_')) {
            at++;
        }
        if (start == at) {
            throw wrong("expected " + what);
        }
        return text.substring(start, at);
    }

    private void expect(char c) {
        skipBlanks();
        if (peek() != c) {
            throw wrong("expected " + c);
        }
        at++;
    }

    /** 0 at the end. */
    private char peek() {
        return at < text.length() ? text.charAt(at) : 0;
    }

    private void skipBlanks() {
        while (peek() == ' ' || peek() == '\t' || peek() == '\r') {
            at++;
        }
        if (peek() == '#') {
            while (at < text.length() && peek() != '\n') {
                at++;
            }
        }
    }

    private void skipLines() {
        for (skipBlanks(); peek() == '\n'; skipBlanks()) {
            at++;
            line++;
        }
    }

    private UsageException wrong(String what) {
        return new UsageException(name + ":" + line + ": " + what);
    }
}
