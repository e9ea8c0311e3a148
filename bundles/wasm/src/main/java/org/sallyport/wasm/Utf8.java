package org.sallyport.wasm;

/** Strict UTF-8 (WebAssembly 3.0, 5.2.4): shortest forms only, no surrogates, at most U+10FFFF. */
final class Utf8 {
    private Utf8() {}

    static boolean isValid(byte[] bytes, int start, int end) {
        int at = start;
        while (at < end) {
            int length = bytes[at] >= 0 ? 1 : sequence(bytes, at, end);
            if (length == 0) {
                return false;
            }
            at += length;
        }
        return true;
    }

    /** Length of the multi-byte sequence at {@code at}, or 0 if it is none. */
    private static int sequence(byte[] bytes, int at, int end) {
        int lead = bytes[at] & 0xFF;
        int length = lead < 0xC2 ? 0 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : lead < 0xF5 ? 4 : 0;
        if (length == 0 || length > end - at) {
            return 0;
        }
        int second = bytes[at + 1] & 0xFF;
        // The second byte tells longer forms than needed, surrogates and what lies beyond U+10FFFF.
        int low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
        int high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
        if (second < low || second > high) {
            return 0;
        }
        for (int i = 2; i < length; i++) {
            if ((bytes[at + i] & 0xC0) != 0x80) {
                return 0;
            }
        }
        return length;
    }
}
