package org.sallyport.text.parse;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.sallyport.TextFormatException;
import org.sallyport.text.parse.Tokens.Annotation;
import org.sallyport.text.parse.Tokens.Kind;
import org.sallyport.wasm.Opcode;

/** A place in the tokens of a text, and the elementary steps of a parser. */
public final class Cursor {
    private static final int U32_BITS = 32;

    private final Tokens tokens;
    private final BitSet claimed = new BitSet();
    private int pos;

    public Cursor(Tokens tokens) {
        this.tokens = tokens;
    }

    public Tokens tokens() {
        return tokens;
    }

    /** Number of the current token. */
    public int pos() {
        return pos;
    }

    public void seek(int token) {
        pos = token;
    }

    /** To the next token; the end of the text stays. */
    public void advance() {
        pos = Math.min(pos + 1, tokens.count() - 1);
    }

    // Looking

    public boolean at(Kind kind) {
        return tokens.kind(pos) == kind;
    }

    public boolean at(Word word) {
        return tokens.word(pos) == word;
    }

    /** Whether a parenthesis opens and the word follows. */
    public boolean atOpen(Word word) {
        return at(Kind.OPEN) && tokens.word(pos + 1) == word;
    }

    /** Whether an index or a name of one follows. */
    public boolean atIndex() {
        return at(Kind.NAT) || at(Kind.ID);
    }

    public @Nullable Word word() {
        return tokens.word(pos);
    }

    /** The word behind an opening parenthesis. */
    public @Nullable Word openWord() {
        return at(Kind.OPEN) ? tokens.word(pos + 1) : null;
    }

    public @Nullable Opcode opcode() {
        return tokens.opcode(pos);
    }

    /** The instruction behind an opening parenthesis here, or null. */
    public @Nullable Opcode openOpcode() {
        return at(Kind.OPEN) ? tokens.opcode(pos + 1) : null;
    }

    /** The number of the parenthesis that closes the one here; of the end of the text if there is none. */
    public int match() {
        return tokens.match(pos);
    }

    /** The number of the token behind {@link #match()}; the end of the text has nothing behind it. */
    public int afterMatch() {
        return Math.min(tokens.match(pos) + 1, tokens.count() - 1);
    }

    // Moving

    public boolean accept(Word word) {
        if (at(word)) {
            pos++;
            return true;
        }
        return false;
    }

    public boolean acceptOpen(Word word) {
        if (atOpen(word)) {
            pos += 2;
            return true;
        }
        return false;
    }

    public void expect(Word word) {
        if (!accept(word)) {
            throw unexpected(word.text());
        }
    }

    public void expectOpen(Word word) {
        if (!acceptOpen(word)) {
            throw unexpected("(" + word.text());
        }
    }

    public void open() {
        if (!at(Kind.OPEN)) {
            throw unexpected("(");
        }
        pos++;
    }

    public void close() {
        if (!at(Kind.CLOSE)) {
            throw unexpected(")");
        }
        pos++;
    }

    /** The name of the identifier here, or null without moving. */
    public @Nullable String optionalId() {
        return at(Kind.ID) ? tokens.id(pos++) : null;
    }

    /** The bytes of a string. */
    public byte[] bytes() {
        if (!at(Kind.STRING)) {
            throw unexpected("a string");
        }
        return tokens.bytes(pos++);
    }

    /** A string that must be UTF-8. */
    public String name() {
        byte[] utf8 = bytes();
        if (!Utf8.isWellFormed(utf8)) {
            pos--;
            throw error("malformed UTF-8 encoding", "names are UTF-8");
        }
        return new String(utf8, java.nio.charset.StandardCharsets.UTF_8);
    }

    /** Offset of the current token in the text. */
    public int offset() {
        return tokens.start(pos);
    }

    /** The bytes of any number of strings, joined. */
    public byte[] byteStrings() {
        return strings().toByteArray();
    }

    /** Any number of strings, joined. */
    BinaryWriter strings() {
        BinaryWriter out = new BinaryWriter();
        while (at(Kind.STRING)) {
            out.raw(bytes());
        }
        return out;
    }

    public int u32() {
        return (int) nat(U32_BITS, "an unsigned number");
    }

    /** A number without sign; the error names {@code iN} as the testsuite does. */
    public long nat(int bits, String what) {
        if (!at(Kind.NAT)) {
            throw unexpected(what);
        }
        return integer(bits, "i" + bits + " constant out of range");
    }

    /** The integer of a constant instruction. */
    public long constant(int bits) {
        return integer(bits, "constant out of range");
    }

    /** The integer here, of {@code bits} bits. */
    long integer(int bits, String outOfRange) {
        if (!at(Kind.NAT) && !at(Kind.INT)) {
            throw unexpected("an integer");
        }
        try {
            long value = Literals.integer(tokens.source.bytes(), tokens.start(pos), tokens.end(pos), bits);
            pos++;
            return value;
        } catch (ArithmeticException e) {
            throw error(outOfRange, text() + " does not fit in " + bits + " bits");
        }
    }

    /** The number behind {@code offset=} or {@code align=}. */
    long assigned(Word word) {
        try {
            int from = tokens.start(pos) + word.text().length();
            long value = Literals.integer(tokens.source.bytes(), from, tokens.end(pos), 64);
            pos++;
            return value;
        } catch (ArithmeticException e) {
            throw error("i64 constant out of range", text());
        }
    }

    /** The floating-point number here, as bits; integers are numbers too. */
    public long real(boolean wide) {
        if (!at(Kind.NAT) && !at(Kind.INT) && !at(Kind.FLOAT)) {
            throw unexpected("a number");
        }
        byte[] b = tokens.source.bytes();
        try {
            int from = tokens.start(pos);
            int to = tokens.end(pos);
            long bits = wide ? Literals.f64(b, from, to) : Literals.f32(b, from, to);
            pos++;
            return bits;
        } catch (ArithmeticException e) {
            throw error("constant out of range", text() + " " + e.getMessage());
        }
    }

    public String text() {
        return tokens.text(pos);
    }

    // Annotations

    /** The annotations of that name just before the current token; they count as understood. */
    List<Annotation> annotations(String id) {
        return annotations(id, pos);
    }

    List<Annotation> annotations(String id, int token) {
        List<Annotation> all = tokens.annotations;
        if (all.isEmpty()) {
            return List.of();
        }
        List<Annotation> found = new ArrayList<>();
        for (int i = firstAnnotation(token); i < all.size() && all.get(i).token() == token; i++) {
            if (all.get(i).id().equals(id) && !claimed.get(i)) {
                claimed.set(i);
                found.add(all.get(i));
            }
        }
        return found;
    }

    /** Refuses annotations from token {@code from} to {@code to} (inclusive) that no part of the parser understood. */
    void checkAnnotations(int from, int to) {
        List<Annotation> all = tokens.annotations;
        for (int i = firstAnnotation(from); i < all.size() && all.get(i).token() <= to; i++) {
            if (!claimed.get(i)) {
                Annotation a = all.get(i);
                String fault = a.id().equals(BranchHints.SECTION)
                        ? "@" + a.id() + " annotation: not in a function"
                        : "misplaced @" + a.id() + " annotation";
                throw tokens.source.error(a.offset(), fault, "");
            }
        }
    }

    private int firstAnnotation(int token) {
        List<Annotation> all = tokens.annotations;
        int low = 0;
        int high = all.size();
        while (low < high) {
            int middle = low + high >>> 1;
            if (all.get(middle).token() < token) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    // Errors

    /** The token here is not what the grammar asks for. */
    public TextFormatException unexpected(String expected) {
        if (at(Kind.END)) {
            int open = tokens.lastUnclosed();
            String detail = "found the end of the text, expected " + expected;
            return open < 0
                    ? error("unexpected token", detail)
                    : errorAt(open, "unexpected token", detail + "; this parenthesis is not closed");
        }
        if (tokens.isUnknown(pos)) {
            String text = text();
            return error("unknown operator " + text, "expected " + expected + Nearest.hint(text, "", Words.all()));
        }
        return error("unexpected token", "found " + text() + ", expected " + expected);
    }

    public TextFormatException error(String specText, String detail) {
        return tokens.source.error(tokens.start(pos), specText, detail);
    }

    /** An error at an earlier token. */
    TextFormatException errorAt(int token, String specText, String detail) {
        return tokens.source.error(tokens.start(token), specText, detail);
    }
}
