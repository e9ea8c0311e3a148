package org.sallyport.wasm;

/**
 * Makes text that others chose fit for messages, logs and terminals. Names in a module may hold any characters and be
 * 100 000 bytes long: escape sequences that repaint a terminal, line ends that forge lines of a log, marks that turn
 * the direction of what follows. Everything that shows a foreign name goes through here.
 *
 * <p>Characters that have no picture of their own are written as the text format does, with a backslash and {@code
 * u{1b}}: control and format characters (among them those that turn the direction), separators of lines and paragraphs,
 * unpaired surrogates, characters without meaning. Making text printable a second time changes nothing.
 */
public final class Printable {
    /** Longer names are cut; characters of Java ({@code char}). */
    public static final int NAME = 200;
    /** Longer messages are cut; characters of Java ({@code char}). */
    public static final int MESSAGE = 20_000;

    private static final char CUT = '…';

    private Printable() {}

    /** A name on one line, cut behind {@value #NAME} characters. */
    public static String name(String foreign) {
        return text(foreign, NAME);
    }

    /**
     * One line, cut behind so many characters.
     *
     * @param longest at least 1
     */
    public static String text(String foreign, int longest) {
        return make(foreign, longest, false);
    }

    /** Text of several lines, cut behind {@value #MESSAGE} characters. Line ends stay: each foreign part is one line. */
    public static String message(String text) {
        return make(text, MESSAGE, true);
    }

    private static String make(String foreign, int longest, boolean lines) {
        int plain = 0;
        while (plain < foreign.length() && plain <= longest && isPlain(foreign.charAt(plain))) {
            plain++;
        }
        if (plain == foreign.length() && plain <= longest) {
            return foreign;
        }
        StringBuilder out = new StringBuilder(Math.min(foreign.length(), longest) + 16);
        for (int at = 0; at < foreign.length() && out.length() <= longest; ) {
            int c = foreign.codePointAt(at);
            at += Character.charCount(c);
            if (lines && c == '\n' || isPrintable(c)) {
                out.appendCodePoint(c);
            } else {
                out.append("\\u{").append(Integer.toHexString(c)).append('}');
            }
        }
        return out.length() <= longest ? out.toString() : cut(out, longest);
    }

    private static String cut(StringBuilder text, int longest) {
        int end = longest - 1;
        if (end > 0 && Character.isHighSurrogate(text.charAt(end - 1))) {
            end--;
        }
        text.setLength(end);
        return text.append(CUT).toString();
    }

    private static boolean isPlain(char c) {
        return c >= ' ' && c <= '~';
    }

    /** Whether the character shows as itself and changes nothing around it. */
    public static boolean isPrintable(int codePoint) {
        return switch (Character.getType(codePoint)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR,
                    Character.SURROGATE,
                    Character.PRIVATE_USE,
                    Character.UNASSIGNED -> false;
            default -> true;
        };
    }
}
