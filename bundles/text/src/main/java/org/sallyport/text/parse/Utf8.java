package org.sallyport.text.parse;

/** UTF-8 as the specification defines it (WebAssembly 3.0, 5.2.4): shortest forms only, no surrogates. */
final class Utf8 {
    private static final int CONTINUATION = 0x80;

    private Utf8() {}

    /** Length in bytes of the well-formed sequence at {@code at}; 0 if there is none. */
    static int sequence(byte[] b, int at, int end) {
        int c = b[at] & 0xFF;
        if (c < 0x80) {
            return 1;
        }
        int length = c < 0xC2 ? 0 : c < 0xE0 ? 2 : c < 0xF0 ? 3 : c < 0xF5 ? 4 : 0;
        if (length == 0 || at + length > end) {
            return 0;
        }
        for (int i = 1; i < length; i++) {
            if ((b[at + i] & 0xC0) != CONTINUATION) {
                return 0;
            }
        }
        int second = b[at + 1] & 0xFF;
        boolean fits =
                switch (c) {
                    case 0xE0 -> second >= 0xA0;
                    case 0xED -> second < 0xA0;
                    case 0xF0 -> second >= 0x90;
                    case 0xF4 -> second < 0x90;
                    default -> true;
                };
        return fits ? length : 0;
    }

    static boolean isWellFormed(byte[] b) {
        for (int i = 0; i < b.length; ) {
            int length = sequence(b, i, b.length);
            if (length == 0) {
                return false;
            }
            i += length;
        }
        return true;
    }
}
