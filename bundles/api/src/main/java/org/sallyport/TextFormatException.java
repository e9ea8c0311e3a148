package org.sallyport;

import java.nio.charset.StandardCharsets;
import org.sallyport.wasm.Printable;

/**
 * A text that is no module or script (WebAssembly 3.0, chapter 6). The message begins with the wording of the
 * specification's tests and shows the place:
 *
 * <pre>{@code
 * unexpected token: found ")", expected an index
 *   in app.wat:12:14
 *       (local.get )
 *                  ^
 * }</pre>
 */
public final class TextFormatException extends SallyportException {
    private static final long serialVersionUID = 1;
    private static final int SHOWN = 100;
    private static final String INDENT = "    ";

    private final String specText;
    private final String file;
    private final int line;
    private final int column;

    private TextFormatException(String specText, String message, String file, int line, int column) {
        super(message, null);
        this.specText = specText;
        this.file = file;
        this.line = line;
        this.column = column;
    }

    /**
     * @param specText the wording of the specification's tests
     * @param detail what was found and expected; may be empty
     * @param text the whole text
     * @param offset of the fault in {@code text}, in bytes
     */
    public static TextFormatException at(String specText, String detail, String file, byte[] text, int offset) {
        int at = Math.min(offset, text.length);
        int lineStart = at;
        while (lineStart > 0 && text[lineStart - 1] != '\n') {
            lineStart--;
        }
        int lineEnd = at;
        while (lineEnd < text.length && text[lineEnd] != '\n' && text[lineEnd] != '\r') {
            lineEnd++;
        }
        int line = 1;
        for (int i = 0; i < lineStart; i++) {
            if (text[i] == '\n') {
                line++;
            }
        }
        String before = decode(text, lineStart, at);
        int column = before.codePointCount(0, before.length()) + 1;
        String message = specText + (detail.isEmpty() ? "" : ": " + Printable.text(detail, 2 * Printable.NAME))
                + "\n  in " + file + ":" + line + ":" + column + "\n"
                + excerpt(before, decode(text, at, lineEnd));
        return new TextFormatException(specText, message, file, line, column);
    }

    /** The line, cut to what fits around the fault, and a caret below it. */
    private static String excerpt(String before, String after) {
        String left = before;
        if (left.length() > SHOWN / 2) {
            left = "..." + left.substring(left.length() - SHOWN / 2);
        }
        String right = after.length() > SHOWN / 2 ? after.substring(0, SHOWN / 2) + "..." : after;
        int caret = INDENT.length() + left.codePointCount(0, left.length());
        return INDENT + printable(left + right).stripTrailing() + "\n" + " ".repeat(caret) + "^";
    }

    private static String printable(String line) {
        StringBuilder out = new StringBuilder(line.length());
        line.codePoints().map(c -> Printable.isPrintable(c) ? c : ' ').forEach(out::appendCodePoint);
        return out.toString();
    }

    private static String decode(byte[] text, int from, int to) {
        return new String(text, from, to - from, StandardCharsets.UTF_8);
    }

    /** What the specification's tests call the fault. */
    public String specText() {
        return specText;
    }

    /** Name of the text, as the caller gave it. */
    public String file() {
        return file;
    }

    /** Line of the fault, from 1. */
    public int line() {
        return line;
    }

    /** Column of the fault in code points, from 1. */
    public int column() {
        return column;
    }
}
