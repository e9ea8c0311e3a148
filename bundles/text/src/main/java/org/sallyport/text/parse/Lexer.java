package org.sallyport.text.parse;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.sallyport.TextFormatException;
import org.sallyport.text.parse.Tokens.Annotation;
import org.sallyport.text.parse.Tokens.Kind;

/**
 * Cuts a text into tokens (WebAssembly 3.0, 6.3). A maximal run of identifier characters and strings is one token. What
 * fits no rule becomes RESERVED and is refused by the parser, since annotations may contain it.
 */
public final class Lexer {
    /** The annotations with a meaning here; others are checked for form and dropped. */
    private static final Set<String> ANNOTATIONS = Set.of("name", "custom", BranchHints.SECTION);

    private static final byte BAD = 0;
    private static final byte SPACE = 1;
    private static final byte IDCHAR = 2;
    private static final byte PUNCTUATION = 3;
    private static final byte QUOTE = 4;
    private static final byte[] CLASS = new byte[256];

    static {
        for (int c = '!'; c <= '~'; c++) {
            CLASS[c] = IDCHAR;
        }
        for (char c : "()[]{},;".toCharArray()) {
            CLASS[c] = PUNCTUATION;
        }
        for (char c : " \t\n\r".toCharArray()) {
            CLASS[c] = SPACE;
        }
        CLASS['"'] = QUOTE;
    }

    private final Source source;
    private final byte[] b;
    private final Tokens tokens;
    private Tokens out;
    private int pos;

    /** The annotation we are in, or null; and how many of its own parentheses are open. */
    private @Nullable Annotation annotation;

    private int annotationDepth;

    private Lexer(Source source) {
        this.source = source;
        b = source.bytes();
        tokens = new Tokens(source);
        out = tokens;
    }

    /** @throws TextFormatException where the text cannot be cut into tokens */
    public static Tokens lex(Source source) {
        return new Lexer(source).run();
    }

    private Tokens run() {
        while (pos < b.length) {
            switch (CLASS[b[pos] & 0xFF]) {
                case SPACE -> pos++;
                case IDCHAR, QUOTE -> run(pos);
                case PUNCTUATION -> punctuation();
                default -> throw illegal(pos);
            }
        }
        if (annotation != null) {
            throw source.error(annotation.offset(), "unclosed annotation", "(@" + annotation.id() + " has no end");
        }
        tokens.finish(pos);
        return tokens;
    }

    private TextFormatException illegal(int at) {
        if (Utf8.sequence(b, at, b.length) == 0) {
            return source.error(at, "malformed UTF-8 encoding", "");
        }
        return source.error(at, "illegal character", "only strings and comments may contain it");
    }

    private boolean next(int c) {
        return pos + 1 < b.length && b[pos + 1] == c;
    }

    private void punctuation() {
        int c = b[pos];
        if (c == '(' && next(';')) {
            blockComment();
        } else if (c == ';' && next(';')) {
            lineComment();
        } else if (c == '(' && next('@') && annotation == null) {
            openAnnotation();
        } else if (c == '(') {
            annotationDepth += annotation == null ? 0 : 1;
            out.addOpen(pos++);
        } else if (c == ')') {
            close();
        } else {
            out.add(Kind.RESERVED, pos, ++pos, 0);
        }
    }

    private void close() {
        if (annotation != null && --annotationDepth == 0) {
            out.finish(pos++);
            if (ANNOTATIONS.contains(annotation.id())) {
                tokens.annotations.add(annotation);
            }
            annotation = null;
            out = tokens;
        } else {
            out.addClose(pos++);
        }
    }

    private void openAnnotation() {
        int start = pos;
        pos += 2;
        String id;
        if (pos < b.length && b[pos] == '"') {
            id = annotationString(start);
        } else {
            int from = pos;
            while (pos < b.length && CLASS[b[pos] & 0xFF] == IDCHAR) {
                pos++;
            }
            id = new String(b, from, pos - from, StandardCharsets.US_ASCII);
        }
        if (id.isEmpty()) {
            throw source.error(start, "empty annotation id", "(@ is followed by the annotation's name at once");
        }
        out = new Tokens(source);
        annotation = new Annotation(id, tokens.count(), start, out);
        annotationDepth = 1;
    }

    private String annotationString(int start) {
        int from = pos + 1;
        pos = quoted(start, pos, "empty annotation id");
        return new String(Strings.decode(b, from, pos - 1), StandardCharsets.UTF_8);
    }

    /**
     * A string that names something: its text must be UTF-8, and one that is no string at all leaves the name empty.
     */
    private int quoted(int start, int at, String empty) {
        int end;
        try {
            end = Strings.skip(source, at);
        } catch (TextFormatException e) {
            throw e.specText().startsWith("malformed") ? e : source.error(start, empty, e.specText());
        }
        if (end == at + 2) {
            throw source.error(start, empty, "");
        }
        if (!Utf8.isWellFormed(Strings.decode(b, at + 1, end - 1))) {
            throw source.error(at, "malformed UTF-8 encoding", "");
        }
        return end;
    }

    private void lineComment() {
        while (pos < b.length && b[pos] != '\n' && b[pos] != '\r') {
            comment(pos);
        }
    }

    private void blockComment() {
        int start = pos;
        int depth = 0;
        do {
            if (pos >= b.length) {
                throw source.error(start, "unclosed comment", "");
            } else if (b[pos] == '(' && next(';')) {
                depth++;
                pos += 2;
            } else if (b[pos] == ';' && next(')')) {
                depth--;
                pos += 2;
            } else {
                comment(pos);
            }
        } while (depth > 0);
    }

    private void comment(int at) {
        int length = Utf8.sequence(b, at, b.length);
        if (length == 0) {
            throw source.error(at, "malformed UTF-8 encoding", "in a comment");
        }
        pos += length;
    }

    /** A maximal run of identifier characters and strings. */
    private void run(int start) {
        int strings = 0;
        while (pos < b.length) {
            int kind = CLASS[b[pos] & 0xFF];
            if (kind == IDCHAR) {
                pos++;
            } else if (kind == QUOTE) {
                strings++;
                pos = b[start] == '$' && pos == start + 1 && annotation == null
                        ? quoted(start, pos, "empty identifier")
                        : Strings.skip(source, pos);
            } else {
                break;
            }
        }
        if (strings == 0) {
            word(start);
        } else {
            out.add(withStrings(start, strings), start, pos, 0);
        }
    }

    private Kind withStrings(int start, int strings) {
        boolean endsQuoted = strings == 1 && b[pos - 1] == '"';
        if (endsQuoted && b[start] == '"') {
            return Kind.STRING;
        }
        return endsQuoted && b[start] == '$' && b[start + 1] == '"' ? Kind.ID : Kind.RESERVED;
    }

    private void word(int start) {
        int c = b[start];
        if (c == '$') {
            if (pos == start + 1 && annotation == null) {
                throw source.error(start, "empty identifier", "$ is followed by a name at once");
            }
            out.add(pos == start + 1 ? Kind.RESERVED : Kind.ID, start, pos, 0);
        } else if (c >= 'a' && c <= 'z') {
            keyword(start);
        } else {
            out.add(Literals.classify(b, start, pos), start, pos, 0);
        }
    }

    private void keyword(int start) {
        Kind literal = Literals.classify(b, start, pos);
        if (literal != Kind.RESERVED) {
            out.add(literal, start, pos, 0);
            return;
        }
        int number = Words.find(b, start, pos);
        if (number == Words.UNKNOWN) {
            number = assignment(start, Word.OFFSET_EQ);
        }
        if (number == Words.UNKNOWN) {
            number = assignment(start, Word.ALIGN_EQ);
        }
        out.add(Kind.KEYWORD, start, pos, number);
    }

    /** {@code offset=8}, one token. */
    private int assignment(int start, Word word) {
        byte[] text = word.text().getBytes(StandardCharsets.US_ASCII);
        int from = start + text.length;
        boolean fits = from < pos
                && Arrays.equals(b, start, from, text, 0, text.length)
                && Literals.classify(b, from, pos) == Kind.NAT;
        return fits ? Words.number(word) : Words.UNKNOWN;
    }
}
