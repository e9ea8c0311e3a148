package org.sallyport.text.wast;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.sallyport.TextFormatException;
import org.sallyport.text.WatOptions;
import org.sallyport.text.parse.Cursor;
import org.sallyport.text.parse.ModuleParser;
import org.sallyport.text.parse.Source;
import org.sallyport.text.parse.Tokens;

/** A module in a script: text, bytes, or quoted text. Compiled each time it is asked for. */
public final class Definition {

    /** How the script writes it. */
    public enum Form {
        TEXT,
        BINARY,
        QUOTE
    }

    private final Form form;
    private final @Nullable Tokens tokens;
    private final int start;
    private final Source source;
    private final WatOptions options;

    private Definition(Form form, @Nullable Tokens tokens, int start, Source source, WatOptions options) {
        this.form = form;
        this.tokens = tokens;
        this.start = start;
        this.source = source;
        this.options = options;
    }

    /** The module whose parenthesis is token {@code start}. */
    static Definition text(Tokens tokens, int start, Source source, WatOptions options) {
        return new Definition(Form.TEXT, tokens, start, source, options);
    }

    static Definition bytes(Form form, Source contents, WatOptions options) {
        return new Definition(form, null, 0, contents, options);
    }

    public Form form() {
        return form;
    }

    /** What the script writes: the module's text, the text that is quoted, or the bytes. A copy. */
    public byte[] written() {
        if (tokens == null) {
            return source.bytes().clone();
        }
        Cursor in = new Cursor(tokens);
        in.seek(start);
        int from = in.offset();
        in.seek(in.match());
        return Arrays.copyOfRange(source.bytes(), from, in.offset() + 1);
    }

    /**
     * The binary format.
     *
     * @throws TextFormatException if the text is malformed
     */
    public byte[] binary() {
        return switch (form) {
            case BINARY -> source.bytes().clone();
            case QUOTE -> ModuleParser.compile(source, options);
            case TEXT -> {
                if (tokens == null) {
                    throw new AssertionError("BUG: text without tokens");
                }
                Cursor in = new Cursor(tokens);
                in.seek(start);
                yield ModuleParser.module(in, options);
            }
        };
    }

    /** The form and the place. */
    @Override
    public String toString() {
        return form + " in " + source.name() + (tokens == null ? "" : ", token " + start);
    }
}
