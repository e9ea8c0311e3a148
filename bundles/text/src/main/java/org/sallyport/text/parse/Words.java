package org.sallyport.text.parse;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.sallyport.wasm.Opcode;

/**
 * Numbers for all keywords: the {@link Word}s from 1, then the {@link Opcode}s, 0 for anything else. Looked up by the
 * bytes of the text, so that the lexer makes no strings.
 */
final class Words {
    static final int UNKNOWN = 0;

    private static final Word[] WORDS = Word.values();
    private static final Opcode[] OPCODES = Opcode.values();
    private static final int SLOTS = Integer.highestOneBit(WORDS.length + OPCODES.length) * 4;
    private static final byte[][] TEXTS = new byte[WORDS.length + OPCODES.length + 1][];
    private static final short[] TABLE = new short[SLOTS];

    static {
        for (Word word : WORDS) {
            put(number(word), word.text());
        }
        for (Opcode op : OPCODES) {
            if (Opcode.named(op.text()) == op) {
                put(WORDS.length + 1 + op.ordinal(), op.text());
            }
        }
    }

    private Words() {}

    static int number(Word word) {
        return word.ordinal() + 1;
    }

    static @Nullable Word word(int number) {
        return number > UNKNOWN && number <= WORDS.length ? WORDS[number - 1] : null;
    }

    static @Nullable Opcode opcode(int number) {
        return number > WORDS.length ? OPCODES[number - WORDS.length - 1] : null;
    }

    static int find(byte[] b, int from, int to) {
        int slot = hash(b, from, to);
        while (TABLE[slot] != 0) {
            byte[] text = TEXTS[TABLE[slot]];
            if (java.util.Arrays.equals(text, 0, text.length, b, from, to)) {
                return TABLE[slot];
            }
            slot = slot + 1 & SLOTS - 1;
        }
        return UNKNOWN;
    }

    /** All keywords, for suggestions. */
    static List<String> all() {
        return Stream.concat(Stream.of(WORDS).map(Word::text), Stream.of(OPCODES).map(Opcode::text)).toList();
    }

    private static void put(int number, String text) {
        byte[] b = text.getBytes(StandardCharsets.US_ASCII);
        TEXTS[number] = b;
        int slot = hash(b, 0, b.length);
        while (TABLE[slot] != 0) {
            slot = slot + 1 & SLOTS - 1;
        }
        TABLE[slot] = (short) number;
    }

    private static int hash(byte[] b, int from, int to) {
        int h = to - from;
        for (int i = from; i < to; i++) {
            h = h * 31 + b[i];
        }
        return (h ^ h >>> 15) * 0x9E37_79B1 >>> 16 & SLOTS - 1;
    }
}
