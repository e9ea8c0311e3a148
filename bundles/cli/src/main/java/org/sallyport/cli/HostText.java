package org.sallyport.cli;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.sallyport.wasm.Printable;

/**
 * Texts of the operating system as strings: arguments, variables of the environment, names of files. There they are
 * bytes, mostly but not always UTF-8. Here a byte that belongs to no character of UTF-8 is an unpaired surrogate, {@code
 * U+DC80} for 0x80 to {@code U+DCFF} for 0xFF, so that strings and bytes correspond one to one (as Python does, PEP
 * 383). No file name of Java's and no UTF-8 can be made of such a string by accident: what has not heard of it fails.
 */
final class HostText {
    private static final char ESCAPE = 0xDC00;
    private static final char FIRST = 0xDC80;
    private static final char LAST = 0xDCFF;

    private HostText() {}

    static String decode(byte[] bytes) {
        CharsetDecoder decoder = StandardCharsets.UTF_8
                .newDecoder()
                .onMalformedInput(CodingErrorAction.REPORT)
                .onUnmappableCharacter(CodingErrorAction.REPORT);
        ByteBuffer in = ByteBuffer.wrap(bytes);
        CharBuffer out = CharBuffer.allocate(bytes.length);
        while (true) {
            CoderResult result = decoder.decode(in, out, true);
            if (result.isUnderflow()) {
                return out.flip().toString();
            }
            out.put((char) (ESCAPE | in.get() & 0xFF));
        }
    }

    /**
     * The bytes that {@link #decode} made the text of, or UTF-8.
     *
     * @throws IllegalArgumentException if another unpaired surrogate is in it, which no bytes stand for
     */
    static byte[] bytes(String text) {
        byte[] bytes = new byte[3 * text.length()];
        int n = 0;
        for (int i = 0; i < text.length(); ) {
            int c = text.codePointAt(i);
            i += Character.charCount(c);
            if (isEscape(c)) {
                bytes[n++] = (byte) c;
            } else if (c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE) {
                throw new IllegalArgumentException("unpaired surrogate U+" + Integer.toHexString(c));
            } else {
                byte[] utf8 = Character.toString(c).getBytes(StandardCharsets.UTF_8);
                System.arraycopy(utf8, 0, bytes, n, utf8.length);
                n += utf8.length;
            }
        }
        return Arrays.copyOf(bytes, n);
    }

    private static boolean isEscape(int c) {
        return c >= FIRST && c <= LAST;
    }

    /** Whether it is text all through: no byte in it is anything but UTF-8. */
    static boolean isUtf8(String text) {
        return text.codePoints().noneMatch(HostText::isEscape);
    }

    /** One line for messages, {@linkplain Printable printable}: bytes that are no text as {@code \xe9}. */
    static String shown(String text) {
        return Printable.text(withoutEscapes(text), Printable.MESSAGE);
    }

    /** For messages of several lines. */
    static String message(String text) {
        return Printable.message(withoutEscapes(text));
    }

    private static String withoutEscapes(String text) {
        if (isUtf8(text)) {
            return text;
        }
        StringBuilder out = new StringBuilder();
        text.codePoints().forEach(c -> {
            if (isEscape(c)) {
                out.append("\\x").append(Integer.toHexString(c & 0xFF));
            } else {
                out.appendCodePoint(c);
            }
        });
        return out.toString();
    }
}
