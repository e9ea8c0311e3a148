package org.sallyport.text.parse;

import java.nio.charset.StandardCharsets;

/** String literals (WebAssembly 3.0, 6.3.3): where they end, and what they stand for. */
final class Strings {
    private static final int MAX_CODE_POINT = 0x10FFFF;
    private static final String ESCAPES = "known are \\t \\n \\r \\\" \\' \\\\ \\u{hex} and two hexadecimal digits";

    private Strings() {}

    /**
     * Checks a literal.
     *
     * @param at offset of the opening quote
     * @return offset behind the closing quote
     */
    static int skip(Source source, int at) {
        byte[] b = source.bytes();
        int i = at + 1;
        while (i < b.length) {
            int c = b[i] & 0xFF;
            if (c == '"') {
                return i + 1;
            } else if (c == '\\') {
                i = skipEscape(source, i);
            } else if (c == '\n') {
                break;
            } else if (c < ' ' || c == 0x7F) {
                throw source.error(i, "illegal character", String.format("control characters are written \\%02x", c));
            } else {
                int length = Utf8.sequence(b, i, b.length);
                if (length == 0) {
                    throw source.error(i, "malformed UTF-8 encoding", "");
                }
                i += length;
            }
        }
        throw source.error(at, "unclosed string", "no \" before the end of the line");
    }

    private static int skipEscape(Source source, int at) {
        byte[] b = source.bytes();
        int c = at + 1 < b.length ? b[at + 1] : 0;
        if ("tnr\"'\\".indexOf(c) >= 0) {
            return at + 2;
        }
        if (Character.digit(c, 16) >= 0 && at + 2 < b.length && Character.digit(b[at + 2], 16) >= 0) {
            return at + 3;
        }
        if (c == 'u' && at + 2 < b.length && b[at + 2] == '{') {
            return skipCodePoint(source, at);
        }
        throw source.error(at, "illegal escape", ESCAPES);
    }

    private static int skipCodePoint(Source source, int at) {
        byte[] b = source.bytes();
        int i = at + 3;
        int value = 0;
        boolean digitBefore = false;
        for (; i < b.length && b[i] != '}'; i++) {
            int digit = Character.digit(b[i], 16);
            if (digit < 0 && !(b[i] == '_' && digitBefore)) {
                throw source.error(at, "illegal escape", "\\u{...} takes hexadecimal digits");
            }
            digitBefore = digit >= 0;
            value = digit < 0 ? value : Math.min(value << 4 | digit, MAX_CODE_POINT + 1);
        }
        if (!digitBefore || i == b.length) {
            throw source.error(at, "illegal escape", "\\u{...} takes hexadecimal digits");
        }
        if (value > MAX_CODE_POINT || value >= Character.MIN_SURROGATE && value <= Character.MAX_SURROGATE) {
            throw source.error(at, "malformed UTF-8 encoding", "no Unicode scalar value");
        }
        return i + 1;
    }

    /** The bytes between two quotes that {@link #skip} found. */
    static byte[] decode(byte[] b, int from, int to) {
        byte[] out = new byte[to - from];
        int n = 0;
        for (int i = from; i < to; ) {
            if (b[i] != '\\') {
                out[n++] = b[i++];
                continue;
            }
            int c = b[i + 1];
            int plain = "tnr\"'\\".indexOf(c);
            if (plain >= 0) {
                out[n++] = (byte) "\t\n\r\"'\\".charAt(plain);
                i += 2;
            } else if (c == 'u') {
                int close = i + 3;
                int value = 0;
                for (; b[close] != '}'; close++) {
                    value = b[close] == '_' ? value : value << 4 | Character.digit(b[close], 16);
                }
                byte[] utf8 = Character.toString(value).getBytes(StandardCharsets.UTF_8);
                System.arraycopy(utf8, 0, out, n, utf8.length);
                n += utf8.length;
                i = close + 1;
            } else {
                out[n++] = (byte) (Character.digit(c, 16) << 4 | Character.digit(b[i + 2], 16));
                i += 3;
            }
        }
        return java.util.Arrays.copyOf(out, n);
    }
}
