package org.sallyport.text.parse;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.sallyport.wasm.Opcode;

/**
 * The tokens of a text, in arrays. Spaces and comments are gone; annotations stand in a list of their own, each with
 * the number of the token before which it was found, so that a parser that knows nothing of annotations sees none.
 */
public final class Tokens {

    /** What a token is (WebAssembly 3.0, 6.3.1). */
    public enum Kind {
        OPEN,
        CLOSE,
        KEYWORD,
        ID,
        /** An integer without sign: also the form of indices. */
        NAT,
        INT,
        FLOAT,
        STRING,
        RESERVED,
        END
    }

    /**
     * {@code (@id ...)}, one of those with a meaning.
     *
     * @param token number of the token before which it stands
     * @param offset in the text
     */
    record Annotation(String id, int token, int offset, Tokens contents) {}

    private static final Kind[] KINDS = Kind.values();

    final Source source;
    final List<Annotation> annotations = new ArrayList<>();
    private int count;
    private byte[] kinds = new byte[256];
    private int[] starts = new int[256];
    private int[] ends = new int[256];
    /** The number of the matching parenthesis of an OPEN, or the number of a KEYWORD. */
    private int[] extra = new int[256];

    private int[] open = new int[16];
    private int depth;

    Tokens(Source source) {
        this.source = source;
    }

    void add(Kind kind, int start, int end, int more) {
        if (count == kinds.length) {
            int length = count * 2;
            kinds = Arrays.copyOf(kinds, length);
            starts = Arrays.copyOf(starts, length);
            ends = Arrays.copyOf(ends, length);
            extra = Arrays.copyOf(extra, length);
        }
        kinds[count] = (byte) kind.ordinal();
        starts[count] = start;
        ends[count] = end;
        extra[count++] = more;
    }

    void addOpen(int at) {
        if (depth == open.length) {
            open = Arrays.copyOf(open, depth * 2);
        }
        open[depth++] = count;
        add(Kind.OPEN, at, at + 1, -1);
    }

    void addClose(int at) {
        if (depth > 0) {
            extra[open[--depth]] = count;
        }
        add(Kind.CLOSE, at, at + 1, 0);
    }

    /** Ends the list; parentheses still open match the end. */
    void finish(int at) {
        while (depth > 0) {
            extra[open[--depth]] = count;
        }
        add(Kind.END, at, at, 0);
        open = new int[0];
    }

    /** The number of the last parenthesis that is not closed, or -1. */
    int lastUnclosed() {
        for (int i = count - 1; i >= 0; i--) {
            if (kind(i) == Kind.OPEN && extra[i] == count - 1) {
                return i;
            }
        }
        return -1;
    }

    /** The final END included. */
    int count() {
        return count;
    }

    Kind kind(int i) {
        return KINDS[kinds[i]];
    }

    int start(int i) {
        return starts[i];
    }

    int end(int i) {
        return ends[i];
    }

    /** Of an OPEN: the number of the matching CLOSE, or of END. */
    int match(int i) {
        return extra[i];
    }

    @Nullable Word word(int i) {
        return kinds[i] == Kind.KEYWORD.ordinal() ? Words.word(extra[i]) : null;
    }

    @Nullable Opcode opcode(int i) {
        return kinds[i] == Kind.KEYWORD.ordinal() ? Words.opcode(extra[i]) : null;
    }

    /** Whether the token is a keyword of no meaning or fits no rule of the lexer. */
    boolean isUnknown(int i) {
        return kinds[i] == Kind.RESERVED.ordinal() || kinds[i] == Kind.KEYWORD.ordinal() && extra[i] == Words.UNKNOWN;
    }

    String text(int i) {
        return new String(source.bytes(), starts[i], ends[i] - starts[i], StandardCharsets.UTF_8);
    }

    /** The bytes that a STRING stands for. */
    byte[] bytes(int i) {
        return Strings.decode(source.bytes(), starts[i] + 1, ends[i] - 1);
    }

    /** The name of an ID, without the dollar sign; {@code $a} and {@code $"a"} are the same. */
    String id(int i) {
        byte[] b = source.bytes();
        int from = starts[i] + 1;
        if (b[from] == '"') {
            return new String(Strings.decode(b, from + 1, ends[i] - 1), StandardCharsets.UTF_8);
        }
        return new String(b, from, ends[i] - from, StandardCharsets.US_ASCII);
    }
}
