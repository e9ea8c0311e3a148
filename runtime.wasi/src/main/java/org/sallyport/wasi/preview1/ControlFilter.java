package org.sallyport.wasi.preview1;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * Replaces control characters by U+FFFD, so that text of a guest can be shown on a terminal or in a log without moving
 * the cursor, changing the title or feigning lines of others: C0 but tab, line feed and carriage return before a line
 * feed; DEL; C1 in UTF-8. All else, malformed UTF-8 too, passes unchanged. Characters may be cut between writes. Used
 * under the lock of one {@link Sink}.
 */
final class ControlFilter {
    private static final byte[] REPLACEMENT = "\uFFFD".getBytes(StandardCharsets.UTF_8);
    private static final int NONE = -1;
    /** First byte of U+0080 to U+00BF. */
    private static final int LATIN_LEAD = 0xC2;

    /** Most bytes that one byte can become: what was held before it, and itself. */
    static final int MOST = 2 * 3;

    /** A byte whose fate the next one decides: the lead of a C1 character, or a carriage return. */
    private int held = NONE;

    /** Takes bytes as long as there is room for what they may become. */
    void filter(ByteBuffer source, ByteBuffer clean) {
        while (source.hasRemaining() && clean.remaining() >= MOST) {
            filter(source.get() & 0xFF, clean);
        }
    }

    private void filter(int b, ByteBuffer clean) {
        int before = held;
        held = NONE;
        if (before == LATIN_LEAD && b >= 0x80 && b < 0xA0) {
            clean.put(REPLACEMENT);
            return;
        }
        if (before == LATIN_LEAD || before == '\r' && b == '\n') {
            clean.put((byte) before);
        } else if (before == '\r') {
            clean.put(REPLACEMENT);
        }
        if (b == LATIN_LEAD || b == '\r') {
            held = b;
        } else if (b < ' ' && b != '\t' && b != '\n' || b == 0x7F) {
            clean.put(REPLACEMENT);
        } else {
            clean.put((byte) b);
        }
    }
}
